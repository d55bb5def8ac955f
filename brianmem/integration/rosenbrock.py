"""Rodas3 for many copies at once in numpy, each with its own error-controlled step.

An L-stable Rosenbrock method of order 3 with an embedded order 2 (Sandu et al.,
Atmos. Environ. 31, 3459, 1997). The C++ of `cpp` does the same, one copy at a time.
"""

import numpy as np

from brianmem import budget

GAMMA = 0.5
A = ((), (0.0,), (2.0, 0.0), (2.0, 0.0, 1.0))
C = ((), (4.0,), (1.0, -1.0), (1.0, -1.0, -8.0 / 3.0))
NODES, TIME_WEIGHTS = (0.0, 0.0, 1.0, 1.0), (0.5, 1.5, 0.0, 0.0)
RESULT, ERROR = (2.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
#: Steps per clock step before a copy is given up; how much looser a loose state is held.
MAX_STEPS, LOOSER = 200_000, 100.0
#: Longest step where a state grows by itself, in time constants of its growth: twice as long
#: a step would lose it, and from here on most steps are refused.
GROWTH = 0.7
#: Logarithm of an error, in tolerances, below which none is told from another.
SMALLEST = -4.6
#: How far, as a share of a step, it may end beyond a bound.
ARRIVAL = 1e-3

#: What is nothing, by SI unit: a state that leaves zero has no size to be relative to.
SMALL = {"1": 1e-12, "volt": 1e-9, "amp": 1e-18, "kelvin": 1e-6, "metre": 1e-18, "siemens": 1e-18,
         "coulomb": 1e-24, "second": 1e-18}


def advance(system, time, duration, step, y, p, tolerance, crossings=None):
    """Integrate `system` over `duration` and return the states and the next step sizes.

    y: (states, copies). p: values of ``system.inputs``, scalars or (copies,). step:
    (copies,) first step to try. tolerance: a `Tolerance`. A copy that cannot be
    integrated ends as NaN. crossings: `Crossings` to be told of every step.
    """
    y, step = np.array(y, dtype=float), np.array(step, dtype=float)
    copies = y.shape[1]
    p = [np.broadcast_to(np.asarray(v, dtype=float), copies) for v in p]
    gone, last_h, last_log = (np.zeros(copies) for _ in range(3))
    step = np.where(step > 0, np.minimum(step, duration), duration)
    with np.errstate(all="ignore"):
        for _ in range(MAX_STEPS):
            budget.check()
            budget.count()
            busy = np.flatnonzero(gone < duration * (1 - 1e-12))
            if crossings is not None:
                crossings.look(time, gone, y, p, busy if busy.size else np.arange(copies))
            if busy.size == 0:
                return y, step
            left = duration - gone[busy]
            h = np.minimum(step[busy], left)
            now = y[:, busy]
            before = h
            after, error, h, shrink = attempt(system, time + gone[busy], h, now,
                                           [v[busy] for v in p], tolerance, duration)
            good = (error <= 1) & (shrink == 1)
            taken = busy[good]
            y[:, taken] = after[:, good]
            gone[taken] += h[good]
            log = np.log(np.maximum(error, 1e-10))
            factor = _factor(log, h, last_h[busy], last_log[busy])
            last_h[taken], last_log[taken] = h[good], np.maximum(log[good], SMALLEST)
            factor = np.where(shrink < 1, np.minimum(shrink, factor), factor)
            # A step cut short by the end of the clock step says little about the next.
            keep = good & (h == before) & (h < step[busy]) & (h * factor < step[busy])
            step[busy] = np.where(keep, step[busy], h * factor)
            lost = busy[step[busy] < 1e-16 * duration]
            y[:, lost], gone[lost] = np.nan, duration
    y[:, gone < duration * (1 - 1e-12)] = np.nan
    return y, step


def _factor(log, h, last_h, last_log):
    """Return by how much the next step may be longer, from the logarithm of this one's error.

    Predictive controller of Gustafsson, ACM Trans. Math. Softw. 20, 496 (1994).
    """
    factor = 0.9 * np.exp(-log / 3)
    # Where the error grows from step to step, the next is foreseen to have more.
    grown = 0.9 * h / last_h * np.exp((last_log - 2 * np.maximum(log, SMALLEST)) / 3)
    factor = np.where((log <= 0) & (last_h > 0), np.minimum(factor, grown), factor)
    return np.where(np.isfinite(log), np.clip(factor, 0.2, 5), 0.1)


def attempt(system, t, h, y, p, tolerance, duration):
    """Make one step of length h (copies,), or less.

    Return the states after it, its error in tolerances, its length, and by how much it
    must shrink to end at a bound that it passed (1 where none was).
    """
    rate, slopes = system.numpy_functions
    f, jacobian, by_time = slopes(t, y, p)
    held = tolerance.held(y, f)
    f, jacobian, by_time = np.where(held, 0, f), np.where(held[:, None], 0, jacobian), \
        np.where(held, 0, by_time)
    k = len(y)
    growth = np.max(jacobian[np.arange(k), np.arange(k)], axis=0)
    h = np.where(growth * h > GROWTH, GROWTH / growth, h)
    inverse = _inverse(np.eye(k)[:, :, None] / (GAMMA * h) - jacobian)
    stages, fresh, found = [], f, f
    for a, c, node, weight in zip(A, C, NODES, TIME_WEIGHTS, strict=True):
        if any(a):
            trial = y + sum(w * s for w, s in zip(a, stages, strict=True))
            found = rate(t + node * h, tolerance.inside(trial), p)
            fresh = np.where(held, 0, found)
        right = fresh + sum((w * s for w, s in zip(c, stages, strict=True)), np.zeros_like(y)) / h \
            + weight * h * by_time
        stages.append(np.einsum("ijn,jn->in", inverse, right))
    after = y + sum(w * s for w, s in zip(RESULT, stages, strict=True))
    error = sum(w * s for w, s in zip(ERROR, stages, strict=True))
    # A bound that lets go within the step: what was missed of the way back is the error.
    inwards = np.where(y >= tolerance.high[:, None], -found, found)
    error = np.where(held, h * np.maximum(inwards, 0), error)
    # What an energy may be wrong by is measured on the power over the clock step.
    largest = np.maximum(np.abs(f), np.abs(fresh)) * duration
    inside = tolerance.inside(after)
    return inside, tolerance.error(y, inside, error, largest), h, \
        tolerance.shrink(y, after, inside)


def _inverse(matrix):
    """Invert (k, k, copies); a singular or infinite one gives NaN, so that the step is refused."""
    k, copies = matrix.shape[0], matrix.shape[2]
    if k == 1:
        return 1.0 / matrix
    found = np.full(matrix.shape, np.nan)
    sound = np.flatnonzero(np.all(np.isfinite(matrix), axis=(0, 1)))
    try:
        found[:, :, sound] = np.moveaxis(np.linalg.inv(np.moveaxis(matrix[:, :, sound], 2, 0)), 0, 2)
    except np.linalg.LinAlgError:
        for n in range(copies):
            try:
                found[:, :, n] = np.linalg.inv(matrix[:, :, n])
            except np.linalg.LinAlgError:
                continue
    return found


class Tolerance:
    """What errors are measured by, and the bounds that states are held in.

    `loose` names states that no rate depends on, such as an energy: they are held a
    hundred times looser, relative to their rate over a clock step.
    """

    def __init__(self, system, relative, absolute=None, bounds=None, loose=()):
        limits = bounds or {}
        self.relative = relative
        self.loose = np.array([LOOSER if s in loose else 1.0 for s in system.states])
        self.low, self.high = (np.array([float(limits.get(s, (-np.inf, np.inf))[k])
                                         for s in system.states]) for k in (0, 1))
        span = np.where(np.isfinite(self.high - self.low), self.high - self.low, 0.0)
        given = absolute or {}
        self.absolute = np.array([
            float(given.get(s, relative * width if width else SMALL.get(unit, 0.0)))
            for s, width, unit in zip(system.states, span, system.units, strict=True)])

    def inside(self, y):
        """Return `y` clipped to the bounds; NaN stays NaN."""
        return np.clip(y, self.low[:, None], self.high[:, None])

    def held(self, y, f):
        """Tell where a bound holds a state against a rate that points outwards."""
        return ((y >= self.high[:, None]) & (f > 0)) | ((y <= self.low[:, None]) & (f < 0))

    def shrink(self, before, after, inside):
        """Return the share of a step (copies,) that ends at the bound which it passed.

        A step that only just arrives is whole. What lies beyond a bound may be an artefact
        of a long step: a rate that falls by decades has no straight line through it.
        """
        moved, beyond = np.abs(after - before), np.abs(after - inside)
        passed = beyond > ARRIVAL * moved + self.absolute[:, None]
        share = np.where(passed, 1 - beyond / np.where(passed, moved, 1), 1.0)
        sound = np.all(np.isfinite(after), axis=0)
        return np.where(sound & passed.any(axis=0), np.clip(share.min(axis=0), 0.1, 0.95), 1.0)

    def error(self, before, after, error, largest):
        """Return the largest error (copies,) in tolerances."""
        size = np.maximum(np.abs(before), np.abs(after)) + np.abs(after - before)
        size = size + np.where(self.loose[:, None] > 1, largest, 0)
        scale = (self.relative * size + self.absolute[:, None]) * self.loose[:, None] + 1e-300
        worst = np.abs(error) / scale
        # NaN must win over any number.
        return np.where(np.all(np.isfinite(after), axis=0), worst.max(axis=0), np.inf)


def euler_step(system, time, dt, y, noise, p):
    """Return the states after one linearly implicit Euler step with added `noise`."""
    f, jacobian, by_time = system.numpy_functions[1](np.full(y.shape[1], time), y, list(p))
    inverse = _inverse(np.eye(len(y))[:, :, None] - dt * jacobian)
    return y + np.einsum("ijn,jn->in", inverse, dt * (f + dt * by_time) + np.stack(noise))
