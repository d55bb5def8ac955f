"""When a constant voltage first takes a device to a level, over decades of time.

A deterministic device is followed with a step of its own for each copy (`followed`).
Noise, events and equations of `t` are integrated in segments whose length grows until
every copy has arrived.
"""

import contextlib
from dataclasses import dataclass, replace

import numpy as np
from brian2 import volt

from brianmem.errors import InputError, ProtocolError, StepError
from brianmem.flow import check_mappable
from brianmem.protocols.copies import subset
from brianmem.protocols.followed import follow
from brianmem.protocols.segments import Segment
from brianmem.protocols.simulation import MAX_STEPS, simulate

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
    if dt is None and can_follow(setup.device):
        # The general way below says what is wrong, if anything is.
        for implicit in (True,) if setup.device.stiff else (False, True):
            with contextlib.suppress(InputError, StepError):
                return follow(setup, voltage, states, level, max_time, implicit)
    return _in_segments(setup, voltage, states, level, max_time, dt)


def can_follow(device):
    """Tell whether `device` has no noise, events or ``t``, and bounds on every state."""
    try:
        check_mappable(device)
    except InputError:
        return False
    return True


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
