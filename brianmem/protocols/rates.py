"""How the voltage at which a device switches moves with the rate of the sweep."""

import logging

import numpy as np
from brian2 import amp, joule, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.protocols.copies import widen, widen_states
from brianmem.protocols.drive import ramps
from brianmem.protocols.measure import cell, scan_result
from brianmem.protocols.paced import simulate_paced
from brianmem.protocols.watched import bounded_state

logger = logging.getLogger(__name__)

#: Points of each quarter of a sweep.
_POINTS = 512


def compare_rates(protocol, setup, states, seed):
    """Sweep all copies at all rates of an `IVSweep` and return its `Result`."""
    device, state = setup.device, bounded_state(protocol, setup.device, protocol.state)
    amplitude, negative, _ = protocol.resolved(device)
    rates = np.array([float(r) for r in protocol.rates])
    corners = np.array([0.0, *[amplitude, 0.0, -negative, 0.0] * protocol.cycles])
    wide, start = widen(setup, len(rates)), widen_states(states, len(rates))
    durations = np.tile(np.abs(np.diff(corners)) / rates[:, None], (setup.n, 1))
    marks = simulate_paced(wide, ramps(durations, corners), start,
                           None if protocol.dt is None else float(protocol.dt), _POINTS, _POINTS)
    pieces = np.linspace(0, len(corners) - 1, marks.trace.t.size)
    source = np.interp(pieces, np.arange(len(corners)), corners)
    v, current = cell(wide, source, marks.trace.states)
    shape = (setup.n, len(rates), -1)
    arrays = {"I": (current, amp.dim), **{k: (a, device.dimension(k))
                                          for k, a in marks.trace.states.items()}}
    if not np.array_equal(np.broadcast_to(source, v.shape), v):
        arrays["v_cell"] = (v, volt.dim)
    data = {k: Quantity(a.reshape(shape), dim=dim) for k, (a, dim) in arrays.items()}
    axes = dict.fromkeys(data, ("instance", "rate", "v"))
    middle = float(np.mean([float(b) for b in device.bounds[state]]))
    found = _crossings(source, marks.trace.states[state], middle)
    if not found["switched"].any():
        logger.warning("%s: '%s' crossed %.3g at no rate. Raise the amplitude or sweep slower.",
                       device, state, middle)
    found = {k: Quantity(a.reshape(shape[:2]), dim=volt.dim) if "voltage" in k
             else a.reshape(shape[:2]) for k, a in found.items()}
    found["energy"] = marks.energy[:, -1].reshape(shape[:2]) / protocol.cycles * joule
    axes |= dict.fromkeys(found, ("instance", "rate")) | {"v": ("v",), "rate": ("rate",)}
    data |= found | {"v": source * volt, "rate": Quantity(rates, dim=protocol.rates[0].dim)}
    return scan_result(protocol, setup, seed, data, axes, _metrics(rates, data), [marks.trace],
                       kind="iv_rates", state=state, state_level=middle)


def _crossings(v, x, level):
    """Return where each row first crosses `level`, and where next, along `v`."""
    beyond = x > level
    change = beyond[:, 1:] != beyond[:, :-1]
    found = {}
    for voltage, done in (("switching_voltage", "switched"), ("return_voltage", "returned")):
        k, rows = np.argmax(change, axis=1), np.arange(len(x))
        found[done] = change.any(axis=1)
        gap = x[rows, k + 1] - x[rows, k]
        share = (level - x[rows, k]) / np.where(gap == 0, 1.0, gap)
        found[voltage] = np.where(found[done], v[k] + share * (v[k + 1] - v[k]), 0.0)
        change[rows, k] = False
    return found


def _metrics(rates, data):
    metrics = {"switched_fraction": float(data["switched"].mean()),
               "mean_energy_per_cycle_J": float(np.asarray(data["energy"]).mean())}
    for prefix, voltage, done in (("", "switching_voltage", "switched"),
                                  ("return_", "return_voltage", "returned")):
        every = data[done].all(axis=0)
        if every.sum() > 1:
            mean = np.abs(np.asarray(data[voltage]))[:, every].mean(axis=0)
            slope = np.polyfit(np.log10(rates[every]), mean, 1)[0]
            metrics[f"{prefix}mV_per_decade"] = float(1e3 * slope)
    return metrics
