"""Pulse maps over the quantiles of a physical parameter that differs between devices.

A network cannot hold one table per synapse. It holds a few, at the mid-quantiles of
the parameter, and each synapse uses that of its nearest value.
"""

import numpy as np
from scipy.special import ndtri

from brianmem.errors import VariationError
from brianmem.reduction import PulseMap


def quantile_values(device, parameter, spread, quantiles=8):
    """Return `parameter` at probabilities (k + 1/2)/quantiles of `spread`, ascending."""
    if parameter not in device.parameters:
        raise VariationError(f"Variation: {device} has no parameter '{parameter}' "
                             f"(parameters: {', '.join(device.parameters)}).")
    if quantiles < 1:
        raise VariationError(f"{device}: quantiles must be at least 1, got {quantiles}.")
    values = device.parameters[parameter] * _mid_quantiles(spread, quantiles)
    return values[np.argsort(np.asarray(values))]


def nearest(values, drawn):
    """Return the index of the nearest of the ascending `values` for each of `drawn`."""
    values = np.asarray(values)
    return np.searchsorted((values[1:] + values[:-1]) / 2, np.asarray(drawn, dtype=float))


def quantile_maps(device, voltage, width, parameter, values, **options):
    """Derive the map of one pulse for each value of `parameter`."""
    fixed = dict(options.pop("parameters", None) or {})
    return tuple(PulseMap.from_device(device, voltage, width, **options,
                                      parameters={**fixed, parameter: value})
                 for value in values)


def quantile_error(maps, parameter, spread, samples=100, seed=0):
    """Return the (rms, largest) error that the nearest of `maps` makes in one pulse.

    Measured on `samples` devices drawn from `spread`, each against its own map on the
    whole grid; in units of the largest change of state that the nominal pulse makes.
    """
    first = maps[0]
    device = first.device
    nominal = device.parameters[parameter]
    drawn = nominal * spread.factors(samples, np.random.default_rng(seed))
    options = {**first.options, "points": first.points}
    own = quantile_maps(device, first.voltage, first.width, parameter, [nominal, *drawn], **options)
    index = nearest([float(m.options["parameters"][parameter]) for m in maps], drawn)
    shown = np.clip([m.table for m in own], 0, 1)
    scale = np.max(np.abs(shown[0] - np.linspace(0, 1, first.points)))
    used = np.clip([maps[q].table for q in index], 0, 1)
    differences = (shown[1:] - used) / scale
    return float(np.sqrt(np.mean(differences**2))), float(np.max(np.abs(differences)))


def _mid_quantiles(spread, quantiles):
    p = (np.arange(quantiles) + 0.5) / quantiles
    if spread.distribution == "uniform":
        return 1 + spread.width * (2 * p - 1)
    z = spread.width * ndtri(p)
    return np.exp(z) if spread.distribution == "lognormal" else 1 + z
