"""The nonlinearity of pulsed conductance updates, as NeuroSim labels it.

Over its P_max pulses a branch runs as w(p) = (1 - exp(-k p))/(1 - exp(-k)), where p is
the share of the pulses done, w that of the range covered and k = P_max/A its curvature.
NeuroSim tabulates A/P_max against a label NL. The table is the inverse of a closed
relation, met to all its digits: NL is the largest distance of the curve from the
straight line, measured perpendicularly to that line, in units of 0.07.

Sign: positive where a branch saturates in the direction of its own pulses, negative
where it accelerates. NeuroSim writes both branches over one axis of conductance, so
that its depression saturates at negative labels: change the sign of that one.
"""

import numpy as np
from scipy.optimize import brentq

from brianmem.errors import InputError

#: Distance from the straight line that is labelled 1.
_UNIT = 0.07
#: A step, k = inf, lies 1/sqrt(2) off the line: label 10.1. NeuroSim's labels end at 9.
LARGEST = 10.0


def pulse_nonlinearity(curvature):
    """Return NeuroSim's label of a branch of `curvature` k = P_max/A, odd in k."""
    k = np.abs(np.asarray(curvature, dtype=float))
    if not np.all(np.isfinite(k)):
        raise InputError(f"curvature must be finite, got {curvature!r}.")
    small = np.clip(k, None, 0.01)
    large = np.clip(k, 0.01, None)
    height = -1 / np.expm1(-large)
    # The largest rise above the line is where the slope is 1.
    farthest = height - 1 / large - np.log(large * height) / large
    rise = np.where(k < 0.01, small / 8 - small**3 / 576, farthest)
    found = np.sign(curvature) * rise / (np.sqrt(2) * _UNIT)
    return float(found) if np.ndim(curvature) == 0 else found


def pulse_curvature(nonlinearity):
    """Return the curvature k = P_max/A of NeuroSim's label `nonlinearity`, 0 for a straight line.

    NeuroSim's normalised A is 1/k. Raises `InputError` beyond `LARGEST`.
    """
    label = abs(float(nonlinearity))
    if not label <= LARGEST:
        raise InputError(f"nonlinearity must lie between -{LARGEST:g} and {LARGEST:g} (10.1 is a "
                         f"step), got {nonlinearity!r}.")
    if label == 0:
        return 0.0
    k = brentq(lambda k: pulse_nonlinearity(k) - label, 0, 2000, xtol=1e-14, rtol=1e-14)
    return float(np.copysign(k, nonlinearity))
