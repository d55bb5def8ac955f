"""How even and how distinguishable the steps of a pulse train are."""

import numpy as np
from scipy.optimize import minimize_scalar

#: NeuroSim's labels of non-linearity and the A/P_max each stands for (Chen2018).
LABELS = np.array([0.5, 1, 2, 2.4, 3, 4, 4.88, 5, 6, 8])
WIDTHS = np.array([2.520, 1.2517, 0.6090, 0.4992, 0.3868, 0.2691, 0.2003, 0.1924, 0.1356, 0.0528])
#: Largest P_max/A that is told from a single step.
_STEEPEST = 200.0
#: Two levels are told apart where each is this many standard deviations from their border.
SEPARATION = 2.0


def train_metrics(g, count, read_noise):
    """Return the metrics of conductances (n, 2*count + 1) after SET and RESET pulses."""
    middle = g.mean(axis=0)
    up, down = middle[:count + 1], middle[count:]
    found = {}
    for name, curve in (("ltp", up), ("ltd", down)):
        if count > 1 and not np.isclose(curve[-1], curve[0], rtol=1e-9, atol=0):
            steepness, residual = fit(curve)
            found[f"{name}_nonlinearity"] = label(steepness)
            found[f"{name}_fit_residual"] = residual
    if np.ptp(middle) > 1e-9 * np.abs(middle).max():
        found["symmetry_area"] = area(up, down)
    for name, part in (("set", slice(0, count + 1)), ("reset", slice(count, None))):
        spread = g[:, part].std(axis=0, ddof=1) if len(g) > 1 else 0.0
        noise = np.hypot(read_noise * np.abs(middle[part]), spread)
        found[f"levels_{name}"] = levels(middle[part], noise)
    return found


def fit(curve):
    """Fit progress = (1 - exp(-s p))/(1 - exp(-s)), p = 0..1, to a curve between its ends.

    Returns s = P_max/A, positive where the curve saturates in its own direction, and
    the rms residual as a fraction of the whole change.
    """
    p = np.linspace(0, 1, len(curve))
    progress = (curve - curve[0]) / (curve[-1] - curve[0])

    def square(s):
        return float(np.mean((_model(s, p) - progress)**2))

    # asinh spreads the steepness evenly, from straight to a single step.
    reach = np.arcsinh(_STEEPEST)
    tries = np.linspace(-reach, reach, 81)
    best = tries[np.argmin([square(np.sinh(x)) for x in tries])]
    step = tries[1] - tries[0]
    found = minimize_scalar(lambda x: square(np.sinh(x)), bounds=(best - step, best + step),
                            method="bounded", options={"xatol": 1e-10})
    return float(np.sinh(found.x)), float(np.sqrt(found.fun))


def _model(s, p):
    if abs(s) < 1e-8:
        return p
    # For s < 0 the same curve from its other end, so that nothing overflows.
    return np.expm1(-s * p) / np.expm1(-s) if s > 0 else 1 - np.expm1(s * (1 - p)) / np.expm1(s)


def label(steepness):
    """Return NeuroSim's label of non-linearity for s = P_max/A, with the sign of s.

    Between the rows of its table the logarithms are interpolated, beyond them
    continued.
    """
    if steepness == 0:
        return 0.0
    x, rows = np.log(1 / abs(steepness)), np.log(WIDTHS)
    if x >= rows[0]:  # the label is inversely proportional to A
        size = LABELS[0] * WIDTHS[0] * abs(steepness)
    elif x <= rows[-1]:
        slope = (np.log(LABELS[-1]) - np.log(LABELS[-2])) / (rows[-1] - rows[-2])
        size = np.exp(np.log(LABELS[-1]) + slope * (x - rows[-1]))
    else:
        size = np.exp(np.interp(x, rows[::-1], np.log(LABELS[::-1])))
    return float(np.copysign(size, steepness))


def area(up, down):
    """Return the area between potentiation and reversed depression; 0: one retraces the other.

    Both are counted from the lowest to the highest conductance of the mean curve,
    against the share of the pulses.
    """
    low, high = min(up.min(), down.min()), max(up.max(), down.max())
    gap = np.abs(up - down[::-1]) / (high - low)
    return float(np.sum((gap[1:] + gap[:-1]) / 2) / (len(gap) - 1))


def levels(curve, noise):
    """Return how many conductances of `curve` can be told apart, its start included.

    From the start on, the next level is the first whose distance from the last
    one is at least `SEPARATION` times the sum of both standard deviations `noise`.
    """
    found, last = 1, 0
    sign, smallest = np.sign(curve[-1] - curve[0]), 1e-9 * np.abs(curve).max()
    for k in range(1, len(curve)):
        needed = max(SEPARATION * (noise[last] + noise[k]), smallest)
        if sign * (curve[k] - curve[last]) >= needed:
            found, last = found + 1, k
    return found
