"""How well the data determine each parameter.

A parameter that ends at a bound is held there: the errors of the others hold with it.
"""

from dataclasses import dataclass

import numpy as np

#: A parameter is identified if its 95 % interval lies within this share of its value.
PRECISION = 0.03
_INTERVAL = 1.96  # standard errors to either side
#: A standard error beyond this share of the value says that the data do not determine it at all.
LARGEST_ERROR = 0.5
#: Two parameters correlated beyond this act as one.
LARGEST_CORRELATION = 0.9999
_AT_BOUND = 2e-3
# Smallest singular value that finite differences can tell from 0, of the largest.
_NOISE_OF_JACOBIAN = 1e-8


@dataclass(frozen=True, eq=False)
class Statistics:
    """Standard errors (SI), correlation, and in words what is not identifiable."""

    errors: np.ndarray
    correlation: np.ndarray
    status: tuple
    noise: float
    chi2: float
    degrees: int


def statistics(found, free, noise=None, precision=PRECISION):
    """Return the `Statistics` of a `Found`; `noise` is the stated one of a residual, if known."""
    degrees = max(1, len(found.residuals) - len(free))
    squares = float(np.sum(found.residuals**2))
    estimated = float(np.sqrt(squares / degrees))
    sigma = estimated if noise is None else float(noise)
    covariance = _covariance(found.jacobian, _at_bound(found.u)) * sigma**2
    spread = np.sqrt(np.diag(covariance))
    correlation = np.clip(covariance / np.maximum(np.outer(spread, spread), 1e-300), -1, 1)
    slopes = np.array([p.slope(u) for p, u in zip(free, found.u, strict=True)])
    errors = np.abs(slopes) * spread
    status = tuple(_status(k, free, found.u, errors, correlation, precision)
                   for k in range(len(free)))
    return Statistics(errors, correlation, status, estimated, squares / sigma**2 if sigma else 0.0,
                      degrees)


def _at_bound(u):
    return np.minimum(u, 1 - u) < _AT_BOUND


def _covariance(jacobian, fixed):
    """Return the inverse of J'J; what is at a bound counts as fixed for the others."""
    covariance = np.zeros((len(fixed), len(fixed)))
    for part in (np.flatnonzero(~fixed), *(np.array([k]) for k in np.flatnonzero(fixed))):
        if part.size:
            _u, s, vt = np.linalg.svd(jacobian[:, part], full_matrices=False)
            s = np.maximum(s, max(_NOISE_OF_JACOBIAN * s[0], 1e-150))
            covariance[np.ix_(part, part)] = (vt.T / s**2) @ vt
    return covariance


def _status(k, free, u, errors, correlation, precision):
    p, value = free[k], free[k].value(u[k])
    if _at_bound(u)[k]:
        which = "lower" if u[k] < 0.5 else "upper"
        return f"not identifiable: at its {which} bound"
    relative = errors[k] / max(abs(value), 1e-300)
    others = np.abs(correlation[k]).copy()
    others[k] = 0
    partner = int(np.argmax(others))
    if others[partner] > LARGEST_CORRELATION:
        return f"not identifiable: acts as {free[partner].name} (correlation " \
               f"{correlation[k, partner]:.5f})"
    shown = f"standard error {100 * relative:.2g} %" if relative < 10 else \
        "standard error above 1000 %"
    # An initial state is known in units of its range, as long as it can be told from 0.
    scale = abs(value) if p.logarithmic else max(abs(value), (p.high - p.low) / 2)
    if errors[k] > LARGEST_ERROR * scale or relative > 1:
        return f"not identifiable: {shown}"
    if _INTERVAL * relative > precision:
        return f"not identifiable to {100 * precision:g} %: {shown}"
    return "identified"
