"""The part of the conformance suite that drives a device: what pulses and reads do to it."""

import numpy as np
from brian2 import Network, second
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import get_identifiers

from brianmem.integration import RELATIVE
from brianmem.ode import ode_group
from brianmem.protocols.segments import Segment, Setup
from brianmem.protocols.simulation import simulate
from brianmem.protocols.surroundings import short_collections, untouched_random_state
from brianmem.protocols.transient import Transient
from brianmem.protocols.waveform import PiecewiseLinear, pulses
from brianmem.variation import Variation

#: The share of its range by which a read may move a state.
READ_TOLERANCE = 1e-3
#: Orders accepted of rk4: on smooth equations, and where a rate jumps.
SMOOTH_ORDER, THRESHOLD_ORDER = 3.0, 0.6
_KINKS = frozenset({"int", "abs", "sign", "clip", "floor", "ceil", "mod"})
_COPIES = 8


class Failed(Exception):
    """Signal that one check failed, with the reason."""


def kinds(device):
    """Return what moves the device there and back: RESET, or time where it forgets."""
    return ("set", "relax") if device.is_volatile else ("set", "reset")


def random_states(device, n=_COPIES):
    """Return states spread over their bounds, both ends included: name to (n,), SI."""
    rng = np.random.default_rng(0)
    states = {}
    for key in device.states:
        low, high = (float(b) for b in device.bounds.get(key, (device.initial[key],) * 2))
        share = np.concatenate([[0.0, 1.0], rng.random(n - 2)])
        states[key] = np.clip(low + (high - low) * rng.permutation(share), low, high)
    return states


def convergence(device):
    """Check that a shorter step or a tighter tolerance changes less and less."""
    return _distribution(device) if device.is_stochastic else _halving(device)


def bounds(device):
    """Drive copies from all over the range by pulses of random height."""
    rng = np.random.default_rng(1)
    setup, states, hits = Setup(device, _COPIES, seed=1), random_states(device), 0
    for kind in kinds(device):
        voltage, width, *resistance = device.operation[kind]
        setup.series_resistance = resistance[0] if resistance else None
        train = pulses(1.0, 1.0, 0.5, 4)
        heights = float(voltage) * np.repeat(rng.uniform(0.5, 1.0, 4), 4)
        waveform = PiecewiseLinear(train.times * float(width), train.values * heights)
        trace = simulate(setup, Segment(waveform, 6 * float(width), 48), states)
        states, hits = trace.final, hits + sum(int(h.sum()) for h in trace.hits.values())
        for key, (low, high) in device.bounds.items():
            x, slack = trace.states[key], 1e-9 * (float(high) - float(low))
            if not np.all((x >= float(low) - slack) & (x <= float(high) + slack)):
                raise Failed(f"state '{key}' left its bounds under {kind} pulses.")
    return f"kept under random pulses ({hits} steps stopped at a bound)"


def read(device):
    voltage, width, *_ = (float(x) for x in device.operation["read"])
    start = random_states(device)
    if device.is_stochastic:
        return "not tested: the state moves by noise"
    waveform = PiecewiseLinear(np.array([0.0, width]), np.array([voltage, voltage]))
    end = _after(device, waveform, width, start)
    if device.is_volatile:
        # What it forgets meanwhile is not the fault of the read.
        start = _after(device, PiecewiseLinear(waveform.times, np.zeros(2)), width, start)
    moved = {key: float(np.max(np.abs(device.fraction(key, end[key])
                                      - device.fraction(key, start[key])))) for key in end}
    worst = max(moved, key=moved.get)
    if moved[worst] > READ_TOLERANCE:
        raise Failed(f"a read of {voltage:g} V for {width:.3g} s moves state '{worst}' by "
                      f"{moved[worst]:.2g} of its range. Read at a lower voltage or the other "
                      "polarity.")
    return f"moves a state by at most {moved[worst]:.1g} of its range"


def _after(device, waveform, width, start):
    return simulate(Setup(device, _COPIES), Segment(waveform, width, 8), start).final


def _final(device, kind, steps, n=1, initial=None, seed=0, relative=RELATIVE):
    """Return the states (n,) after one smooth pulse, integrated in `steps` steps."""
    voltage, width, *resistance = device.operation[kind]
    shape = f"{float(voltage)!r}*volt"
    if kind != "relax":
        shape += f"*sin(pi*t/({float(width)!r}*second))**2"
    made = ode_group(device, n, shape, dt=width / steps, energy=False, target="numpy",
                     initial=initial, relative=relative,
                     series_resistance=resistance[0] if resistance else None)
    with untouched_random_state(seed), short_collections():
        Network(*made.objects).run(float(width) * second, namespace={})
    return {k: np.array(getattr(made.group, f"{k}_")) for k in device.states}


def _middle(device):
    return {key: Quantity((float(low) + float(high)) / 2, dim=device.dimension(key))
            for key, (low, high) in device.bounds.items()}


def _halving(device):
    if device.stiff:
        return _tightening(device)
    smooth = not device.events and not any(_KINKS & get_identifiers(line.expr.code)
                                           for line in device.model.values())
    needed, coarsest, levels = (SMOOTH_ORDER, 4, 5) if smooth else (THRESHOLD_ORDER, 16, 7)
    found = {}
    for kind in kinds(device):
        runs = [_final(device, kind, coarsest * 2**k, initial=_middle(device))
                for k in range(levels)]
        for key in device.states:
            values = [float(device.fraction(key, run[key])[0]) for run in runs]
            found[f"{key} ({kind})"] = _order(values)
    for name, order in found.items():
        if order is not None and not order >= needed:
            raise Failed(f"halving the step improves {name} with order {order:.2g}, not "
                          f"{'3 or more (smooth equations)' if smooth else '1 (threshold)'}: a "
                          "rate that is no function of state and voltage, a guard that bends the "
                          f"solution, or a pulse too strong for {coarsest} steps.")
    measured = [order for order in found.values() if order is not None]
    return f"order {min(measured):.1f} or better under halving" if measured else \
        "exact to rounding at every step"


def _tightening(device):
    """Compare tolerances instead of steps: the error-controlled method chooses its own."""
    worst, name = 0.0, ""
    for kind in kinds(device):
        # What an event does is known to one clock step, so these are refined as well.
        runs = [_final(device, kind, 64 * 4**k if device.events else 64, initial=_middle(device),
                       relative=tolerance) for k, tolerance in enumerate((1e-5, 1e-6, 1e-7))]
        for key in device.states:
            a, b, c = (float(device.fraction(key, run[key])[0]) for run in runs)
            limit = 1e-2 if device.events else 1e-3
            if not abs(b - c) <= max(0.6 * abs(a - b), limit / 10) or not abs(b - c) <= limit:
                raise Failed(f"{key} ({kind}) does not settle as the tolerance tightens "
                             f"({a:.6g}, {b:.6g}, {c:.6g} of its range at 1e-5, 1e-6, 1e-7): a rate "
                             "that is no function of state and voltage, or a jump in it.")
            if abs(b - c) >= worst:
                worst, name = abs(b - c), f"{key} ({kind})"
    return f"tightening the tolerance from 1e-6 to 1e-7 moves {name} by {worst:.1g} of its range"


def _order(values):
    """Return the order fitted to all halvings, None if their effect is only rounding.

    Where a rate jumps, a single difference depends on where the jump lies in a step.
    """
    differences = np.abs(np.diff(values))
    if not np.all(np.isfinite(differences[1:])):
        return -np.inf
    clear = np.flatnonzero(differences > 1e-12)
    if len(clear) < 3:
        return None
    return float(-np.polyfit(clear, np.log2(differences[clear]), 1)[0])


def _distribution(device, copies=400):
    """Compare mean and spread at two step sizes: paths of noise cannot be compared."""
    runs = [_final(device, "set", steps, copies, _middle(device), seed) for steps, seed in
            ((100, 1), (200, 2))]
    for key in device.states:
        a, b = (device.fraction(key, run[key]) for run in runs)
        error = np.sqrt((a.var() + b.var()) / copies) + 1e-12
        if not abs(a.mean() - b.mean()) < 5 * error + 1e-3:
            raise Failed(f"the mean of '{key}' depends on the time step ({a.mean():.4g} and "
                          f"{b.mean():.4g} of the range at half of it).")
        if not 0.7 < (a.std() + 1e-9) / (b.std() + 1e-9) < 1.4:
            raise Failed(f"the spread of '{key}' depends on the time step ({a.std():.3g} and "
                          f"{b.std():.3g} of the range at half of it): noise must be written "
                          "with xi.")
    return "mean and spread do not depend on the time step"


def seed(device):
    voltage, width, *_ = device.operation["set"]
    protocol = Transient(np.array([0.0, 1.0, 1.0, 0.0]) * voltage, duration=width)
    name = next(iter(device.parameters), None)
    variation = Variation(**{name: 0.01}) if name else None
    before = np.random.get_state()[1].copy()
    first, again = (protocol.run(device, n=2, variation=variation, seed=5) for _ in range(2))
    if not all(np.array_equal(first[key], again[key]) for key in ("I", *device.states)):
        raise Failed("two runs with the same seed differ.")
    if not np.array_equal(before, np.random.get_state()[1]):
        raise Failed("a run changes numpy's global random state.")
    return "same seed, same trace"
