"""What is compared: the measured points, and what candidates predict for them."""

import time

import numpy as np
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import FitError
from brianmem.fitting.simulate import Candidates, LinearRate, SweepGroup, hold, linear_texts, stepped
from brianmem.flow import check_mappable
from brianmem.protocols.measure import cell
from brianmem.protocols.segments import Setup
from brianmem.protocols.waveform import PiecewiseLinear

#: Residual of a point that a candidate cannot predict, and the largest of any.
LARGEST = 100.0
#: Error of the integration that is let pass, as a residual (so in the unit of the weights).
STEP_TOLERANCE = 2e-3


class OutOfTime(Exception):
    """End a search whose time is over."""


class Task:
    """Measured points `y` (SI), and their prediction by many candidates.

    `x` is what they are drawn over, as (name, SI values); `quantity` names what was
    measured. Residuals are differences of asinh(y/(2 floor)): relative for values far
    above `floor`, absolute below, and defined for either sign.
    """

    #: Subdivision of time that `settle` doubles until it does not matter; None: exact.
    resolution = None
    logarithmic_x = False
    most_steps = 2**16

    def __init__(self, y, floor, quantity, x):
        self.y, self.quantity, self.x = np.asarray(y, dtype=float), quantity, x
        self.floor = float(floor)

    def compare(self, predicted):
        """Return the residuals of predictions (n, points), all finite."""
        with np.errstate(all="ignore"):
            found = np.arcsinh(predicted / (2 * self.floor)) - np.arcsinh(self.y / (2 * self.floor))
        return np.clip(np.where(np.isfinite(found), found, LARGEST), -LARGEST, LARGEST)

    def give_up_steps(self):
        """Raise, or change to a method that chooses its steps itself."""
        raise FitError(f"{self.device}: no time step up to {self.most_steps} steps gives a converged "
                       f"{self.quantity}. Fit a slower part or fewer cycles of the data.")

    def residuals(self, values):
        """Return the residuals (n, points) of candidates, name to SI array (n,)."""
        return self.compare(self.predict(values))


def settle(task, values, deadline=np.inf):
    """Refine the time step until it does not matter for `values`; return its error.

    The error is the root mean square change of the residuals under another halving.
    Raises `OutOfTime` at `deadline`, in `time.monotonic`.
    """
    if task.resolution is None:
        return 0.0
    coarse = task.residuals(values)
    while True:
        task.resolution *= 2
        fine = task.residuals(values)
        error = float(np.sqrt(np.mean((fine - coarse)**2)))
        solved = np.all(np.abs(fine) < LARGEST)
        if solved and error < STEP_TOLERANCE:
            task.resolution //= 2
            return error
        if task.steps > task.most_steps:
            task.give_up_steps()
            return 0.0
        if time.monotonic() > deadline:
            raise OutOfTime
        coarse = fine


class Sweep(Task):
    """Current under a measured voltage over time; `keep` selects the points that count."""

    resolution = 1

    def __init__(self, device, t, v, current, floor, series_resistance=None, compliance=None,
                 keep=slice(None)):
        super().__init__(current[keep], floor, "current", ("voltage", v[keep]))
        self.device, self.t, self.v, self.keep = device, t - t[0], v, keep
        limits = {"series_resistance": series_resistance, "compliance": compliance}
        self.limits = {k: q for k, q in limits.items() if q is not None}
        self.linear = LinearRate(device) if not self.limits and linear_texts(device) else None
        # An uneven record needs steps as short as its shortest typical interval.
        self.pieces = int(min(max(400, len(t) - 1, self.t[-1] / np.quantile(np.diff(t), 0.1)),
                              8192))
        self.groups = {}

    @property
    def steps(self):
        """Number of time steps."""
        return self.resolution * ((len(self.t) - 1) if self.linear else self.pieces)

    def predict(self, values):
        """Return the current (n, points)."""
        candidates = Candidates(self.device, values)
        if not self.device.states:
            return candidates.current(self.v, [])[:, self.keep]
        states = self._exact(candidates)[None] if self.linear \
            else self._integrated(candidates, values)
        if self.limits:
            return self._behind(candidates, states)[:, self.keep]
        return candidates.current(self.v, states)[:, self.keep]

    def _exact(self, candidates):
        m = self.resolution
        share = (np.arange(m) + 0.5) / m
        middle = (self.v[:-1, None] + np.diff(self.v)[:, None] * share).ravel()
        widths = np.repeat(np.diff(self.t) / m, m)
        after = self.linear.run(candidates, middle, widths)[:, m - 1::m]
        return np.concatenate([candidates.start[0][:, None], after], axis=1)

    def _integrated(self, candidates, values):
        key = (candidates.n, self.steps, *values)
        if key not in self.groups:
            # One group for the population, one for the Jacobian; others are steps given up.
            self.groups = {k: g for k, g in self.groups.items() if k[1] == self.steps}
            self.groups[key] = SweepGroup(
                self.device, candidates.n, list(values), PiecewiseLinear(self.t, self.v),
                self.t[-1], self.steps, self.limits)
        states = self.groups[key].run(candidates)
        place = self.t / self.t[-1] * self.steps
        k = np.minimum(place.astype(int), self.steps - 1)
        share = place - k
        return states[:, :, k] * (1 - share) + states[:, :, k + 1] * share

    def _behind(self, candidates, states):
        setup = Setup(self.device, candidates.n, parameters=candidates.parameters, **self.limits)
        with np.errstate(all="ignore"):
            return cell(setup, self.v, dict(zip(self.device.states, states, strict=True)))[1]


def _check_held(device, what):
    """Raise unless constant voltages alone decide where `device` goes."""
    check_mappable(device)
    if device.events:
        raise FitError(f"{device}: {what} are fitted without its events. Fit an I-V sweep instead.")


class Pulses(Task):
    """Conductance after each of many pulses, read at one voltage.

    `pulses` are (voltage, width, series resistance or None), SI; `rows` says after how
    many of them each point was read.
    """

    def __init__(self, device, pulses, rows, conductance, read, floor, rest=0.0):
        super().__init__(conductance, floor, "conductance", ("pulse", rows))
        _check_held(device, "pulses")
        self.device, self.pulses, self.rows, self.read = device, pulses, rows, read
        self.rest = rest
        exact = linear_texts(device) and all(p[2] is None for p in pulses)
        self.linear = LinearRate(device) if exact else None
        self.resolution = None if exact or device.stiff else 1
        self.most_steps = 64 * len(pulses)

    @property
    def steps(self):
        """Number of time steps."""
        return self.resolution * len(self.pulses)

    def give_up_steps(self):
        """Let each candidate choose its steps in each pulse."""
        self.resolution = None

    def predict(self, values):
        """Return the conductance (n, points)."""
        candidates = Candidates(self.device, values)
        if self.linear:
            states = self._exact(candidates)[None]
        elif self.resolution:
            states = stepped(candidates, self.pulses, self.rest, self.resolution)
        else:
            states = self._adaptive(candidates)
        read = np.full(len(self.rows), self.read)
        return candidates.current(read, states[:, :, self.rows]) / self.read

    def _exact(self, candidates):
        v, widths = (np.array([p[k] for p in self.pulses]) for k in (0, 1))
        if self.rest:
            v = np.stack([v, np.zeros_like(v)], axis=1).ravel()
            widths = np.stack([widths, np.full_like(widths, self.rest)], axis=1).ravel()
        after = self.linear.run(candidates, v, widths)[:, bool(self.rest)::1 + bool(self.rest)]
        return np.concatenate([candidates.start[0][:, None], after], axis=1)

    def _adaptive(self, candidates):
        found = [candidates.start]
        for voltage, width, resistance in self.pulses:
            states = hold(candidates, voltage, width, found[-1], resistance)
            found.append(hold(candidates, 0.0, self.rest, states) if self.rest else states)
        return np.stack(found, axis=-1)


class Decay(Task):
    """Conductance over time at one held voltage, from the initial state at the first time."""

    logarithmic_x = True

    def __init__(self, device, t, conductance, read, floor, held=0.0):
        super().__init__(conductance, floor, "conductance", ("time", t))
        _check_held(device, "relaxations")
        self.device, self.t, self.read, self.held = device, t, read, held
        self.linear = LinearRate(device) if linear_texts(device) else None

    def predict(self, values):
        """Return the conductance (n, points)."""
        candidates = Candidates(self.device, values)
        widths = np.diff(self.t)
        if self.linear:
            after = self.linear.run(candidates, np.full(len(widths), self.held), widths)
            states = np.concatenate([candidates.start[0][:, None], after], axis=1)[None]
        else:
            found = [candidates.start]
            for width in widths:
                found.append(hold(candidates, self.held, width, found[-1]))
            states = np.stack(found, axis=-1)
        return candidates.current(np.full(len(self.t), self.read), states) / self.read


class Switching(Task):
    """Time from the initial state to a share of the way to the bound, at constant voltage."""

    _NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)

    def __init__(self, device, v, delay, share):
        super().__init__(delay, 1e-6 * np.min(delay), "delay", ("voltage", v))
        if len(device.states) != 1 or device.states[0] not in device.bounds or device.events:
            raise FitError(f"{device}: a switching time is fitted for one state between bounds and "
                           f"without events, and it has {len(device.states)} "
                           f"({', '.join(device.states) or 'none'}). Fit an I-V sweep instead.")
        self.device, self.v, self.share = device, v, share

    def predict(self, values):
        """Return the delay (n, points): the integral of dx/rate over the way."""
        candidates = Candidates(self.device, values)
        start = candidates.start[0][:, None, None]
        low, high = map(float, self.device.bounds[self.device.states[0]])
        first = self._rate(candidates, start)
        way = self.share * np.where(first > 0, high - start, low - start)
        rate = self._rate(candidates, start + way * (1 + self._NODES) / 2)
        with np.errstate(all="ignore"):
            time = way[..., 0] / 2 * np.sum(self._WEIGHTS / rate, axis=-1)
        stopped = np.any(rate * way <= 0, axis=-1)
        return np.where(stopped, np.nan, time)

    def _rate(self, candidates, x):
        state = self.device.states[0]
        shaped = {k: q.reshape(-1, 1, 1) for k, q in candidates.parameters.items()}
        x = np.broadcast_to(x, (candidates.n, len(self.v), x.shape[-1]))
        given = {state: Quantity(x, dim=self.device.dimension(state))}
        v = Quantity(self.v[None, :, None], dim=self.device.dimension("v"))
        with np.errstate(all="ignore"):
            found = np.asarray(self.device.evaluate(state, v=v, **shaped, **given))
        return np.broadcast_to(found, x.shape)
