"""Search for the best point with Optuna: ask and tell, every point kept like those of a study."""

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions
from tqdm import tqdm

from brianmem.errors import StudyError
from brianmem.study.execute import _check, _outcomes, _record
from brianmem.study.identity import code_digest, point_id
from brianmem.study.points import Point
from brianmem.study.store import Store
from brianmem.study.work import Task

#: Optuna's journal of all trials, in the folder of the study.
JOURNAL = "search.log"


def search(study, space, metric, trials, folder, *, jobs=1, executor=None, minimize=False, retries=1,
           time_limit=None, seed=0, progress=False):
    """Try `trials` points of `space` and return the best, as a dict.

    `space` is as ``random=`` of a `Study`, whose other points are ignored. A call that
    was stopped is continued by the same call; a point that was done is not run again.
    Points are asked for in rounds of `jobs` (8 for an executor).
    """
    _check(study, jobs, retries, time_limit, executor)
    if not isinstance(trials, int) or trials < 1:
        raise StudyError(f"{study}: trials must be a whole number above 0, got {trials!r}.")
    folder = Path(folder).absolute()
    store = Store(folder)
    code = code_digest(study.function)
    about = {**study.description(), "search": {"metric": metric, "minimize": minimize}}
    store.make(about, store.points() if store.description() else ())
    with _quiet():
        found = _open(folder, f"{study.name} {metric} {code}", minimize)
        sampler = _Search(study, space, metric, found, store, code, retries, seed)
        with tqdm(total=trials, initial=min(trials, sampler.finished()), desc=study.name, unit="trial",
                  disable=not progress) as bar:
            while sampler.finished() < trials:
                many = min(jobs if executor is None else 8, trials - sampler.finished())
                sampler.round(many, jobs, executor, time_limit)
                store.make({**about, "varied": list(space)}, sampler.points())
                bar.update(sampler.finished() - bar.n)
                bar.set_postfix_str(f"best {sampler.best()['best']}")
    return sampler.best()


def _open(folder, name, minimize):
    import optuna
    from optuna.storages.journal import JournalFileBackend

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(folder / JOURNAL)))
    return optuna.create_study(study_name=name, storage=storage, load_if_exists=True,
                               direction="minimize" if minimize else "maximize")


@contextlib.contextmanager
def _quiet():
    try:
        import optuna
    except ImportError:
        raise StudyError("A search needs the extra: pip install 'brianmem[sweep]'.") from None
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


class _Search:
    """One search: its trials in Optuna's journal, its points in the store."""

    def __init__(self, study, space, metric, found, store, code, retries, seed):
        self.study, self.space, self.metric, self.found = study, space, metric, found
        self.store, self.code, self.retries, self.seed = store, code, retries, seed
        self._resume()

    def _resume(self):
        """Trials that were running when an earlier call was stopped are tried again first."""
        from optuna.trial import TrialState

        for trial in self.found.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.found.tell(trial.number, state=TrialState.PRUNED)
            if trial.params:
                self.found.enqueue_trial(trial.params)

    def _trials(self):
        from optuna.trial import TrialState

        return self.found.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))

    def finished(self):
        return len(self._trials())

    def points(self):
        """All points that were tried, each once."""
        return tuple({p.id: p for p in map(self._point, self._trials())}.values())

    def _point(self, trial):
        parameters = {**self.study.fixed,
                      **{n: _value(trial.params[n], *spec) for n, spec in self.space.items()}}
        return Point(parameters, point_id(self.code, parameters))

    def round(self, many, jobs, executor, time_limit):
        """Ask for `many` points, run what is not done, and tell."""
        asked = [self._ask() for _ in range(many)]
        done, batches = {}, {}
        for _, point in asked:
            if self.store.is_done(point.id):
                done[point.id] = True
            else:
                batches[point.id] = [Task(self.study.function, point.parameters, point.id,
                                          self.store.folder, self.study.name)]
        while batches:
            again = {}
            for batch, faults in _outcomes(list(batches.values()), jobs, executor, time_limit):
                task, fault = batch[0], faults[0]
                if fault is not None and _record(self.store, task, fault) <= self.retries:
                    again[task.id] = batch
                done[task.id] = fault is None
            batches = again
        for trial, point in asked:
            self._tell(trial, point, done[point.id])

    def _ask(self):
        import warnings

        import optuna

        # Afresh for each trial, from its number: a search that was stopped draws what it would have.
        number = len(self.found.get_trials(deepcopy=False))
        text = json.dumps([self.seed, number]).encode()
        seed = int.from_bytes(hashlib.sha256(text).digest()[:4], "little")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # options that Optuna calls experimental
            self.found.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        trial = self.found.ask()
        for name, (low, high, *log) in self.space.items():
            if _whole(low, high):
                trial.suggest_int(name, int(low), int(high) - 1, log=bool(log))
            else:
                trial.suggest_float(name, float(low), float(high), log=bool(log))
        return trial, self._point(trial)

    def _tell(self, trial, point, done):
        from optuna.trial import TrialState

        value = self.store.metrics(point.id).get(self.metric) if done else None
        if done and value is None:
            known = ", ".join(self.store.metrics(point.id)) or "none"
            raise StudyError(f"{self.study}: no metric '{self.metric}'. There are {known}.")
        if value is None or not np.isfinite(float(value)):
            self.found.tell(trial, state=TrialState.FAIL)
        else:
            self.found.tell(trial, float(value))

    def best(self):
        """Return metric, best value, its point and how many were tried."""
        trials = [t for t in self._trials() if t.value is not None]
        found = {"metric": self.metric, "trials": self.finished(), "best": None}
        if trials:
            choose = min if self.found.direction.name == "MINIMIZE" else max
            trial = choose(trials, key=lambda t: t.value)
            point = self._point(trial)
            found |= {"best": trial.value, "id": point.id,
                      **{n: point.parameters[n] for n in self.space}}
        return found


def _whole(low, high):
    return isinstance(low, (int, np.integer)) and isinstance(high, (int, np.integer))


def _value(number, low, high, *_log):
    if _whole(low, high):
        return int(number)
    return Quantity(number, dim=get_dimensions(low)) if isinstance(low, Quantity) else float(number)
