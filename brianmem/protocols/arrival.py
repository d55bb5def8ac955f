"""When a constant voltage first takes a device to a level, over decades of time.

A deterministic device is followed with a step of its own for each copy (Dormand and
Prince, as in `brianmem.flow`): the step grows as fast as the device allows, so that
nanoseconds and hours need equally many. Noise, events, stiff equations and those of
`t` are integrated in segments whose length grows until every copy has arrived.
"""

from dataclasses import dataclass, replace

import numpy as np
from brian2 import volt

from brianmem.errors import InputError, ProtocolError, StepError
from brianmem.flow import check_mappable, device_rates, trial_step
from brianmem.protocols.copies import subset
from brianmem.protocols.simulation import MAX_STEPS, Segment, simulate

_TOLERANCE, _MOST_STEPS = 1e-9, 4000
#: Largest move in one step, of the range: a level is not jumped over.
_LARGEST_MOVE = 0.1
_BISECTIONS = 50
#: Without noise the first segment is this part of the time, the next GROWTH times longer.
_FIRST, _GROWTH, _UNITS = 4.0**-10, 4, 256
#: A segment of a noisy device has at most this many recorded values.
_MOST_VALUES = 4_000_000


@dataclass(frozen=True, eq=False)
class Level:
    """A level, and what is compared with it.

    `observe` maps states, name to (copies, points), and the numbers of those copies
    to values (copies, points).
    """

    observe: object
    value: float


@dataclass(frozen=True)
class ConstantVoltages:
    """One constant source voltage (V) for each copy."""

    values: np.ndarray

    def source(self, _n, _dt, _steps, _midpoint):
        """Return expression text, namespace and per-step code for `ode_group`."""
        return "source_level", {"source_level": self.values * volt}, ""


def first_arrival(setup, voltage, states, level, max_time, dt=None):
    """Return time (s) and energy (J) of arrival, and whether there was one, per copy.

    Where there was none, both are those of `max_time`.
    """
    if dt is None and not setup.device.events and not setup.device.stiff:
        try:
            check_mappable(setup.device)
            return _followed(setup, voltage, states, level, max_time)
        except (InputError, StepError):
            pass  # the general way below says what is wrong, if anything is
    return _in_segments(setup, voltage, states, level, max_time, dt)


def _followed(setup, voltage, states, level, max_time):
    device = setup.device
    rates = _rates(setup, voltage)
    low, high = np.array([[float(b) for b in device.bounds[s]] for s in device.states]).T[:, :, None]
    x = np.array([states[s] for s in device.states], dtype=float)
    path = _Path(rates, x, low, high, max_time)
    start_side = _side(device, level, x)
    for _ in range(_MOST_STEPS):
        busy = ~path.arrived & (path.time < max_time * (1 - 1e-14))
        if not busy.any():
            break
        h = np.where(busy, np.minimum(path.step, max_time - path.time), 0.0)
        change, good = path.attempt(h)
        there = busy & good & (_side(device, level, path.moved(change)) != start_side)
        path.take(change, h, busy & good & ~there)
        path.arrived |= there
        path.last = np.where(there, h, path.last)
        if np.any(path.step[busy] < 1e-15 * max_time):
            raise StepError(f"{device}: too stiff to follow with explicit steps.")
    else:
        raise StepError(f"{device}: too many steps to follow.")
    return path.refine(lambda x: _side(device, level, x) != start_side)


class _Path:
    """Where each copy is: states, time, energy, the next step, and the step that arrives."""

    def __init__(self, rates, x, low, high, max_time):
        copies = x.shape[1]
        self.rates, self.x, self.low, self.high, self.max_time = rates, x, low, high, max_time
        self.time, self.energy, self.last = np.zeros((3, copies))
        self.step = np.full(copies, max_time * 1e-3)
        self.arrived = np.zeros(copies, dtype=bool)

    def attempt(self, h):
        """Return the change over `h` and where it is accurate; set the next step."""
        change, error, pinned = trial_step(self.rates, self.x, h, self.low, self.high)
        span = self.high - self.low
        error = np.where(pinned, 0, error[:-1]) / (_TOLERANCE * span)
        moved = np.abs(self.moved(change) - self.x) / (_LARGEST_MOVE * span)
        worst = np.nan_to_num(np.max(np.abs(error), axis=0), nan=np.inf)
        far = np.nan_to_num(np.max(moved, axis=0), nan=np.inf)
        growth = np.minimum(0.9 * np.maximum(worst, 1e-10)**-0.2, 0.9 / np.maximum(far, 0.01))
        self.step = np.where(h > 0, h * np.clip(growth, 0.05, 5), self.step)
        return change, (worst <= 1) & (far <= 1)

    def moved(self, change):
        return np.clip(self.x + change[:-1], self.low, self.high)

    def take(self, change, h, which):
        self.x = np.where(which, self.moved(change), self.x)
        self.energy += np.where(which, change[-1], 0)
        self.time += np.where(which, h, 0)

    def refine(self, crossed):
        """Halve the arriving step until the level is met; return time, energy, arrived."""
        short, long = np.zeros_like(self.last), self.last.copy()
        for _ in range(_BISECTIONS):
            middle = (short + long) / 2
            change = trial_step(self.rates, self.x, middle, self.low, self.high)[0]
            beyond = crossed(self.moved(change))
            long = np.where(beyond, middle, long)
            short = np.where(beyond, short, middle)
        self.take(trial_step(self.rates, self.x, long, self.low, self.high)[0], long, self.arrived)
        return np.where(self.arrived, self.time, self.max_time), self.energy, self.arrived


def _rates(setup, voltage):
    rates = device_rates(setup.device, voltage, setup.series_resistance, setup.compliance,
                         setup.parameters)
    if setup.stuck is None:
        return rates
    # The last row is the power, which a stuck device takes as well.
    is_rate = np.arange(len(setup.device.states) + 1)[:, None] < len(setup.device.states)
    moves = np.where(is_rate & setup.stuck[0], 0.0, 1.0)
    return lambda x: rates(x) * moves


def _side(device, level, x):
    states = {s: values[:, None] for s, values in zip(device.states, x, strict=True)}
    return level.observe(states, np.arange(x.shape[1]))[:, 0] > level.value


def _in_segments(setup, voltage, states, level, max_time, dt):
    """Integrate in growing segments and drop the copies that arrived after each."""
    n, began = setup.n, 0.0
    time, energy, arrived = np.full(n, max_time), np.zeros(n), np.zeros(n, dtype=bool)
    side = level.observe({k: v[:, None] for k, v in states.items()}, np.arange(n))[:, 0] \
        > level.value
    for index, (length, units) in enumerate(_lengths(setup, max_time, dt)):
        alive = np.flatnonzero(~arrived)
        if alive.size == 0:
            break
        part = replace(subset(setup, alive), seed=_seed(setup.seed, index))
        segment = Segment(ConstantVoltages(voltage[alive]), length, units, index=index)
        trace = simulate(part, segment, states, dt)
        beyond = (level.observe(trace.states, alive) > level.value) != side[alive, None]
        found = beyond.any(axis=1)
        at, share = _crossing(level.observe(trace.states, alive), level.value, beyond)
        rows = np.arange(alive.size)
        spent = trace.energy[rows, at - 1] * (1 - share) + trace.energy[rows, at] * share
        energy[alive] += np.where(found, spent, trace.energy[:, -1])
        when = trace.t[at - 1] + share * (trace.t[at] - trace.t[at - 1])
        time[alive] = np.where(found, began + when, max_time)
        arrived[alive] = found
        states, began = {k: v[~found] for k, v in trace.final.items()}, began + length
    return time, energy, arrived


def _crossing(values, level, beyond):
    """Return the first point beyond the level and the share of the interval before it."""
    at = np.maximum(np.argmax(beyond, axis=1), 1)
    rows = np.arange(len(at))
    before, after = values[rows, at - 1], values[rows, at]
    gap = np.where(after == before, 1.0, after - before)
    return at, np.clip((level - before) / gap, 0, 1)


def _lengths(setup, max_time, dt):
    device = setup.device
    if not device.is_stochastic:
        ends = max_time * np.append(_FIRST * _GROWTH**np.arange(10.0), 1.0)
        yield from ((end - start, _UNITS) for start, end in zip([0, *ends], ends, strict=False))
        return
    step = device.suggested_dt if dt is None else dt
    if step is None:
        raise ProtocolError(f"{device}: its noise needs a time step, and it suggests none. Give dt=.")
    left = int(np.ceil(max_time / float(step) - 1e-9))
    if left > 64 * MAX_STEPS:
        raise ProtocolError(f"{device}: max_time takes {left} steps of {float(step):g} s, more than "
                            f"{64 * MAX_STEPS}. Shorten max_time or give a longer dt.")
    step, units = max_time / left, 1024
    while left > 0:
        units = min(left, units, max(1024, _MOST_VALUES // setup.n))
        yield units * step, units
        left, units = left - units, 2 * units


def _seed(seed, index):
    # Each segment starts the generator anew, and must not see the same noise.
    return None if seed is None else int(np.random.default_rng([seed, index]).integers(2**32))
