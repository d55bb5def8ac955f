"""Copies at constant voltages, each followed with steps of its own until it passes a level.

The step grows as fast as the device allows, so that nanoseconds and hours need equally
many: explicit steps (Dormand and Prince, as in `brianmem.flow`), or implicit ones
(`brianmem.integration.rosenbrock`) where the rates of a device span many decades.
"""

import numpy as np

from brianmem.errors import StepError
from brianmem.flow import device_rates, implicit_system, trial_step
from brianmem.integration.rosenbrock import Tolerance, attempt

#: Tolerances of a step, of the range of a state; an implicit one is of lower order.
_EXPLICIT_TOLERANCE, _IMPLICIT_TOLERANCE = 1e-9, 1e-7
_MOST_STEPS = 4000
#: Largest move in one step, of the range: a level is not jumped over.
_LARGEST_MOVE = 0.1
_BISECTIONS = 50


class _Explicit:
    """Steps of Dormand and Prince."""

    #: The first step, of the longest time.
    first = 1e-3

    def __init__(self, device, voltage, limits, parameters, bounds):
        self.rates = device_rates(device, voltage, **limits, parameters=parameters)
        self.low, self.high = bounds

    def __call__(self, x, _time, h, copies):
        """Return states after h, energy, h, whether it is accurate, and a factor for the next."""
        change, error, pinned = trial_step(lambda y: self.rates(y, copies), x, h, self.low, self.high)
        worst = np.max(np.abs(np.where(pinned, 0, error[:-1]))
                       / (_EXPLICIT_TOLERANCE * (self.high - self.low)), axis=0)
        worst = np.nan_to_num(worst, nan=np.inf)
        return np.clip(x + change[:-1], self.low, self.high), change[-1], h, worst <= 1, \
            np.clip(0.9 * np.maximum(worst, 1e-10)**-0.2, 0.05, 5)


class _Implicit:
    """Steps of Rodas3, which a stiff law does not shorten."""

    # An implicit step over a whole switching would look accurate.
    first = 1e-9

    def __init__(self, device, voltage, limits, parameters, _bounds):
        self.system, values = implicit_system(device, voltage, limits, parameters)
        self.inputs = [np.asarray(v, dtype=float) for v in values]
        limits_of = {s: tuple(float(b) for b in device.bounds[s]) for s in device.states}
        self.tolerance = Tolerance(self.system, _IMPLICIT_TOLERANCE, None, limits_of, ("energy",))

    def __call__(self, x, time, h, copies):
        """Do the same."""
        y = np.vstack([x, np.zeros(x.shape[1])])
        inputs = [np.broadcast_to(v[copies] if v.ndim else v, len(copies)) for v in self.inputs]
        # The energy is held relative to the power over all the time so far.
        with np.errstate(all="ignore"):
            after, error, h, shrink = attempt(self.system, time, h, y, inputs, self.tolerance,
                                              time + h)
            factor = np.where(np.isfinite(error),
                              np.clip(0.9 * np.maximum(error, 1e-10)**(-1 / 3), 0.2, 5), 0.1)
        return after[:-1], after[-1], h, (error <= 1) & (shrink == 1), np.where(
            shrink < 1, np.minimum(shrink, factor), factor)


def follow(setup, voltage, states, level, max_time, implicit):
    """Return time (s) and energy (J) of arrival, and whether there was one, per copy.

    Raises `StepError` where the steps become too many or too short.
    """
    device, limits = setup.device, {"series_resistance": setup.series_resistance,
                                    "compliance": setup.compliance}
    bounds = np.array([[float(b) for b in device.bounds[s]] for s in device.states]).T[:, :, None]
    move = (_Implicit if implicit else _Explicit)(device, voltage, limits, setup.parameters, bounds)
    x = np.array([states[s] for s in device.states], dtype=float)
    path = _Path(move, x, bounds, level, device.states, max_time)
    if setup.stuck is not None:
        power = device_rates(device, voltage, **limits, parameters=setup.parameters)(x)[-1]
        path.time = np.where(setup.stuck[0], max_time, path.time)
        path.energy = np.where(setup.stuck[0], power * max_time, path.energy)
    for _ in range(_MOST_STEPS):
        busy = path.busy
        if busy.size == 0:
            return path.refined()
        path.step_on(busy)
        if np.any(path.step[busy] < 1e-15 * max_time):
            raise StepError(f"{device}: too stiff to follow step by step.")
    raise StepError(f"{device}: too many steps to follow.")


class _Path:
    """Where each copy is: states, time, energy, the next step, and the step that arrives."""

    def __init__(self, move, x, bounds, level, names, max_time):
        copies = x.shape[1]
        self.move, self.x, self.level, self.names, self.max_time = move, x, level, names, max_time
        self.span = bounds[1] - bounds[0]
        self.time, self.energy, self.last = np.zeros((3, copies))
        self.step = np.full(copies, max_time * move.first)
        self.arrived = np.zeros(copies, dtype=bool)
        self.began = self._side(x, np.arange(copies))

    @property
    def busy(self):
        """The copies that are still on their way."""
        return np.flatnonzero(~self.arrived & (self.time < self.max_time * (1 - 1e-14)))

    def _side(self, x, copies):
        states = {s: values[:, None] for s, values in zip(self.names, x, strict=True)}
        return self.level.observe(states, copies)[:, 0] > self.level.value

    def step_on(self, busy):
        """Try one step of each of the copies `busy`, and set the next."""
        h = np.minimum(self.step[busy], self.max_time - self.time[busy])
        x, spent, h, good, factor = self.move(self.x[:, busy], self.time[busy], h, busy)
        far = np.max(np.abs(x - self.x[:, busy]) / (_LARGEST_MOVE * self.span), axis=0)
        far = np.nan_to_num(far, nan=np.inf)
        self.step[busy] = h * np.clip(np.minimum(factor, 0.9 / np.maximum(far, 0.01)), 0.05, 5)
        good &= far <= 1
        there = np.zeros_like(good)
        there[good] = self._side(x[:, good], busy[good]) != self.began[busy[good]]
        self.arrived[busy[there]], self.last[busy[there]] = True, h[there]
        on = good & ~there
        self._take(busy[on], x[:, on], spent[on], h[on])

    def _take(self, copies, x, spent, h):
        self.x[:, copies] = x
        self.energy[copies] += spent
        self.time[copies] += h

    def refined(self):
        """Halve the arriving step until the level is met; return time, energy, arrived."""
        there = np.flatnonzero(self.arrived)
        if there.size:
            short, long = np.zeros(there.size), self.last[there]
            for _ in range(_BISECTIONS):
                middle = (short + long) / 2
                x = self.move(self.x[:, there], self.time[there], middle, there)[0]
                beyond = self._side(x, there) != self.began[there]
                long, short = np.where(beyond, middle, long), np.where(beyond, short, middle)
            x, spent, *_ = self.move(self.x[:, there], self.time[there], long, there)
            self._take(there, x, spent, long)
        return np.where(self.arrived, self.time, self.max_time), self.energy, self.arrived
