"""Find the candidate that fits best: everywhere between the bounds, then downhill.

Every call of the task predicts a whole population, or all columns of a Jacobian.
"""

import logging
import time
from dataclasses import dataclass

import numpy as np
from scipy.optimize import differential_evolution, least_squares

from brianmem.errors import BrianmemError, FitError
from brianmem.fitting.free import values_of
from brianmem.fitting.tasks import LARGEST, OutOfTime

_STEP = 1e-4  # of the finite differences, in u
_PER_PARAMETER, _LEAST = 12, 24  # candidates in a generation
_SHARE = 0.6  # of the time that the search between the bounds may take
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Found:
    """The best candidate, its residuals and their Jacobian d r / d u, and how it was found.

    `late`: the time was over before the search was.
    """

    u: np.ndarray
    residuals: np.ndarray
    jacobian: np.ndarray
    evaluations: int
    interrupted: bool
    late: bool = False


class Search:
    """Counts, remembers the best of all that was tried, and stops in time."""

    def __init__(self, task, free, seed, deadline, report=None):
        self.task, self.free, self.seed, self.deadline = task, free, seed, deadline
        self.soon = time.monotonic() + _SHARE * (deadline - time.monotonic())
        self.best_u = np.array([p.u(p.start) for p in free])
        self.best_cost, self.evaluations, self.report = np.inf, 0, report
        self.memory, self.cut = None, False

    def residuals(self, u):
        """Return residuals (candidates, points) for u (parameters, candidates)."""
        found = self.task.residuals(values_of(self.free, u))
        cost = np.mean(found**2, axis=1)
        k = int(np.argmin(cost))
        if cost[k] < self.best_cost:
            self.best_cost, self.best_u = float(cost[k]), u[:, k].copy()
        self.evaluations += len(cost)
        return found

    def _in_time(self):
        # What has begun is finished: without one candidate there is nothing to hand back.
        if self.evaluations and time.monotonic() > self.deadline:
            raise OutOfTime

    def cost(self, u):
        """Return the mean squares, (candidates,), for scipy's vectorised search."""
        self._in_time()
        u = np.clip(np.reshape(u, (len(self.free), -1)), 0, 1)
        return np.mean(self.residuals(u)**2, axis=1)

    def everywhere(self, generations):
        """Search between the bounds by differential evolution; the start is one candidate."""
        count = max(_LEAST, _PER_PARAMETER * len(self.free))
        rng = np.random.default_rng(self.seed)
        # Latin hypercube: every share of each range is tried once.
        shares = np.array([rng.permutation(count) for _ in self.free]).T
        first = (shares + rng.random(shares.shape)) / count
        first[0] = np.clip(self.best_u, 0, 1)
        with np.errstate(all="ignore"):
            differential_evolution(
                self.cost, [(0, 1)] * len(self.free), init=first, maxiter=generations, seed=rng,
                vectorized=True, updating="deferred", polish=False, tol=0.05, atol=1e-8,
                mutation=(0.4, 0.9), recombination=0.8, callback=self._tell)
        if self.best_cost > LARGEST**2 / 2:
            raise FitError(
                f"{self.task.device}: none of {self.evaluations} candidates gives finite values for "
                "most of these data. Narrow the bounds, fewer free parameters, or check voltages "
                "and times.")

    def _tell(self, _u, convergence):
        if self.report:
            self.report(np.sqrt(self.best_cost))
        self.cut = time.monotonic() > self.soon
        return self.cut

    def downhill(self):
        """Go downhill from the best candidate, with Jacobians from one run each."""
        def both(u):
            self._in_time()
            return self._both(u)

        least_squares(lambda u: both(u)[0], np.clip(self.best_u, 1e-6, 1 - 1e-6),
                      jac=lambda u: both(u)[1], bounds=(0, 1), x_scale="jac", max_nfev=60,
                      xtol=1e-9, ftol=1e-9, gtol=1e-12)

    def _both(self, u):
        """Return residuals (points,) and Jacobian (points, parameters) at `u`."""
        if self.memory is None or not np.array_equal(self.memory[0], u):
            steps = np.eye(len(u)) * _STEP
            around = np.concatenate([u[:, None], u[:, None] + steps, u[:, None] - steps], axis=1)
            around = np.clip(around, 0, 1)
            found = self.residuals(around)
            width = np.diagonal(around[:, 1:len(u) + 1] - around[:, len(u) + 1:])
            slopes = (found[1:len(u) + 1] - found[len(u) + 1:]) / width[:, None]
            self.memory = u.copy(), found[0], slopes.T
        return self.memory[1:]

    def found(self, interrupted=False, late=False):
        """Return the best candidate, with its Jacobian."""
        u = np.clip(self.best_u, 0, 1)
        residuals, jacobian = self._both(u)
        return Found(u, residuals, jacobian, self.evaluations, interrupted, late)


def search(task, free, seed=0, generations=40, deadline=np.inf, report=None):
    """Return what fits best as `Found`. After Ctrl-C that is the best so far.

    At `deadline`, in `time.monotonic`, nothing more is tried than what the errors of the
    best candidate need; the search between the bounds ends before that.
    """
    run = Search(task, free, seed, deadline, report)
    interrupted, late = False, False
    try:
        run.everywhere(generations)
        run.downhill()
    except OutOfTime:
        late = True
    except RuntimeError as error:  # how scipy reports an error of ours
        late = isinstance(error.__cause__, OutOfTime)
        if isinstance(error.__cause__, BrianmemError):
            raise error.__cause__ from None
        if not late:
            raise
    except KeyboardInterrupt:
        interrupted = True
        if not np.isfinite(run.best_cost):
            raise
        _log.warning("Interrupted: going on with the best candidate so far.")
    return run.found(interrupted, late or run.cut)


