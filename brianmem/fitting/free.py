"""Which parameters are free, between which bounds, and how they are scaled."""

from dataclasses import dataclass

import numpy as np
from brian2 import volt
from brian2.units import constants
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem.errors import FitError, UnitError, suggestion
from brianmem.units import check_unit, format_quantity, parse_quantity, si_unit_name

#: The most parameters that are freed where nobody says which.
MOST_FREE = 10
_CONSTANT_NAMES = {"k_B", "kB", "k_b", "boltzmann", "q", "q_e", "e_charge", "h", "hbar", "eps_0",
                   "eps0", "epsilon_0", "c_0", "m_e", "m_0", "N_A", "R_gas"}
#: Voltages and their inverse stand in exponents, plain numbers are often exponents: a
#: factor of ten there changes a rate by tens of decades.
_NARROW, _WIDE = 3.0, 10.0
_LEAST_EFFECT = 2e-3  # root mean square residual for a change by a tenth
_USUAL_NOISE = 0.05
# Standard error, given the parameters taken before: a wrong value held fixed would bias them.
_LARGEST_EXPECTED = 0.3


@dataclass(frozen=True)
class Free:
    """One free parameter or initial state: SI numbers; u = 0..1 between the bounds."""

    name: str
    dim: object
    start: float
    low: float
    high: float

    @property
    def logarithmic(self):
        """Tell whether u is linear in the logarithm: both bounds have one sign."""
        return self.low * self.high > 0

    def value(self, u):
        """Return SI values for u = 0..1."""
        if not self.logarithmic:
            return self.low + (self.high - self.low) * u
        return self.low * (self.high / self.low) ** u

    def u(self, value):
        """Return where a value lies between the bounds, 0..1."""
        if not self.logarithmic:
            return (value - self.low) / (self.high - self.low)
        return np.log(value / self.low) / np.log(self.high / self.low)

    def slope(self, u):
        """Return d value / du."""
        if not self.logarithmic:
            return self.high - self.low + 0 * u
        return self.value(u) * np.log(self.high / self.low)

    def quantity(self, value):
        """Return an SI number with its unit."""
        return Quantity(value, dim=self.dim) if self.dim is not DIMENSIONLESS else float(value)


def values_of(free, u):
    """Return name to values for u of shape (parameters, candidates)."""
    return {p.name: np.atleast_1d(p.value(row)) for p, row in zip(free, u, strict=True)}


def make_free(device, names, bounds):
    """Return `Free` for the named parameters and states; `bounds` overrides the usual ones."""
    known = [*device.parameters, *device.states]
    for name in (*names, *bounds):
        if name not in known:
            raise FitError(f"{device}: no parameter '{name}' to fit{suggestion(str(name), known)} "
                           f"Parameters: {', '.join(device.parameters)}; states: "
                           f"{', '.join(device.states) or 'none'}.")
    if len(set(names)) < len(tuple(names)):
        raise FitError(f"{device}: a free parameter is named twice ({', '.join(names)}).")
    for name in bounds:
        if name not in names:
            raise FitError(f"{device}: bounds for '{name}', which is not free. Add it to free.")
    return [_free(device, name, bounds.get(name)) for name in names]


def _free(device, name, bounds):
    dim = device.dimension(name)
    start = float(device.parameters[name] if name in device.parameters else device.initial[name])
    if bounds is not None:
        low, high = _checked(device, name, dim, bounds)
    elif name in device.states:
        if name not in device.bounds:
            raise FitError(f"{device}: the initial {name} has no bounds. Say bounds of '{name}'.")
        low, high = map(float, device.bounds[name])
    elif start == 0:
        raise FitError(f"{device}: {name} is 0, which tells nothing of its size. Say bounds of "
                       f"'{name}', e.g. --bounds \"{name}=...\".")
    else:
        narrow = dim is DIMENSIONLESS or dim is volt.dim or dim is (1 / volt).dim
        factor = _NARROW if narrow else _WIDE
        low, high = sorted((start / factor, start * factor))
    return Free(name, dim, float(np.clip(start, low, high)), low, high)


def _checked(device, name, dim, bounds):
    what = f"{device}: bounds of {name}"
    try:
        low, high = bounds
        low, high = (float(check_unit(b, dim, what)) for b in (low, high))
    except UnitError as error:
        raise FitError(str(error)) from None
    except (TypeError, ValueError):
        raise FitError(f"{what} must be (low, high), got {bounds!r}.") from None
    if not low < high or not np.isfinite([low, high]).all():
        raise FitError(f"{what} must be low < high and finite, got "
                       f"{', '.join(format_quantity(b, 4) for b in bounds)}.")
    if name in device.bounds:
        lowest, highest = map(float, device.bounds[name])
        if low < lowest or high > highest:
            raise FitError(f"{what} leave those of the state, {lowest:g}..{highest:g}.")
    return low, high


def parse_bounds(device, text):
    """Read ``R_on=10ohm..1kohm, alpha=1..5`` as name to (low, high)."""
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, values = (w.strip() for w in part.partition("="))
        low, dots, high = values.partition("..")
        if not (equals and dots and name.isidentifier()):
            raise FitError(f"--bounds needs NAME=LOW..HIGH, got '{part}'.")
        known = [*device.parameters, *device.states] if device is not None else ()
        if device is not None and name not in known:
            raise FitError(f"{device}: no parameter '{name}'{suggestion(name, known)}")
        like = device.dimension(name) if device is not None else None
        found[name] = tuple(parse_quantity(v.strip(), like, f"--bounds {name}") for v in (low, high))
    return found


def may_be_free(device, name):
    """Tell whether a parameter is worth a try: no constant of nature, and not 0."""
    value = device.parameters[name]
    if name in _CONSTANT_NAMES or float(value) == 0:
        return False
    return not any(get_dimensions(c) is get_dimensions(value)
                   and np.isclose(float(c), float(value), rtol=2e-3) for c in _constants())


def _constants():
    return [v for v in vars(constants).values() if isinstance(v, Quantity)
            and si_unit_name(v.dim) != "1"]


def choose(device, task, bounds, noise=None):
    """Return the names that the data can tell apart, and name to reason for those left out.

    All are moved a little, in one run. Then they are taken in the order of their
    effects, initial states last, as long as the part that those before cannot imitate
    promises a small standard error at the given or usual noise.
    """
    names = [n for n in device.parameters if may_be_free(device, n) or n in bounds]
    names += [s for s in device.states if s in device.bounds or s in bounds]
    effects = _effects(task, make_free(device, names, bounds))
    size = np.sqrt(np.mean(effects**2, axis=0))
    left = {n: "no effect on these data" for n, s in zip(names, size, strict=True)
            if s < _LEAST_EFFECT}
    rest = [k for k in range(len(names)) if names[k] not in left]
    least = 0.1 * (noise or _USUAL_NOISE) / _LARGEST_EXPECTED
    chosen, basis = [], np.zeros((len(task.y), 0))
    while rest and len(chosen) < MOST_FREE:
        own = effects - basis @ (basis.T @ effects)
        norms = np.linalg.norm(own, axis=0)
        best = max(rest, key=lambda k: (names[k] in bounds, names[k] not in device.states, norms[k]))
        rest.remove(best)
        if norms[best] < least and names[best] not in bounds:
            left[names[best]] = f"its effect is that of {', '.join(chosen)}" if chosen \
                else "little effect on these data"
            continue
        chosen.append(names[best])
        basis = np.column_stack([basis, own[:, best] / max(norms[best], 1e-300)])
    left.update({names[k]: "less effect than the others" for k in rest})
    if not chosen:
        raise FitError(f"{device}: no parameter has an effect on these data. Check their voltages "
                       "and times, or choose with free.")
    return chosen, left


def _effects(task, free):
    """Return the change of the residuals, (points, parameters), per tenth of each parameter.

    From a change by a thousandth: what acts as one in the limit must look so.
    """
    values = {p.name: np.full(len(free) + 1, p.start) for p in free}
    scale = np.ones(len(free))
    for k, p in enumerate(free):
        step = 1e-3 * p.start if p.logarithmic else 5e-4 * (p.high - p.low)
        scale[k] = 100 if p.start + step < p.high else -100
        values[p.name][k] += step * np.sign(scale[k])
    residuals = task.residuals(values)
    return (residuals[:-1] - residuals[-1]).T * scale
