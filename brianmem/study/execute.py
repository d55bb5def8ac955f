"""Drive the points of a study through processes, executors or a cluster."""

import contextlib
import time

from tqdm import tqdm

from brianmem.errors import EngineError, ResultError, StudyError
from brianmem.study.executors import in_executor
from brianmem.study.identity import canonical
from brianmem.study.pool import run_tasks
from brianmem.study.store import Store
from brianmem.study.work import Fault, Task, run_batch

#: At most this many points are copies in one group.
_COPIES = 64
#: Seconds until a file written elsewhere must be seen.
_PATIENCE = 10.0


def execute(study, folder, *, jobs, executor, retries, time_limit, progress):
    """Run the points that have no file yet; see `Study.run`."""
    _check(study, jobs, retries, time_limit, executor)
    store = Store(folder)
    store.make(study.description(), study.points)
    store.tidy()
    tasks = {p.id: Task(study.function, p.parameters, p.id, folder, study.name)
             for p in _left(study, store, retries)}
    batches = _batches(study, list(tasks.values()), jobs)
    with _bar(study, tasks, progress) as bar:
        while batches:
            again = []
            for batch, faults in _outcomes(batches, jobs, executor, time_limit):
                if faults is None:  # not the fault of each of them
                    again += [[task] for task in batch]
                    continue
                for task, fault in zip(batch, faults, strict=True):
                    if fault is not None and _record(store, task, fault) <= retries:
                        again.append([task])
                        continue
                    bar.failed += fault is not None
                    bar.update()
                    bar.set_postfix_str(f"{bar.failed} failed" if bar.failed else "")
            batches = again
    return study.status(folder)


def _record(store, task, fault):
    """Keep the fault and return the number of attempts."""
    if fault.storage:
        raise ResultError(f"{fault.error.rstrip('.')}. The study stopped; the same call continues it.")
    return store.fail(task.id, task.parameters, fault.error, fault.traceback)


def _check(study, jobs, retries, time_limit, executor):
    if not isinstance(jobs, int) or jobs < 1:
        raise StudyError(f"{study}: jobs must be a whole number above 0, got {jobs!r}.")
    if not isinstance(retries, int) or retries < 0:
        raise StudyError(f"{study}: retries must be a whole number, at least 0, got {retries!r}.")
    if time_limit is not None and not time_limit > 0:
        raise StudyError(f"{study}: time_limit must be above 0 s, got {time_limit!r}.")
    if time_limit is not None and executor is not None:
        raise StudyError(f"{study}: an executor's processes cannot be stopped from here. Leave "
                         "time_limit= out.")


def _left(study, store, retries):
    """Return the points to run, those of equal structure one after the other."""
    done, failed = store.done(), store.failures()
    left = [p for p in study.points if p.id not in done and
            failed.get(p.id, {}).get("attempts", 0) <= retries]
    first = {}
    for k, point in enumerate(left):
        first.setdefault(_structure(study, point), k)
    return sorted(left, key=lambda p: first[_structure(study, p)])


def _structure(study, point):
    return str([canonical(point.parameters.get(n)) for n in study.structure])


def _batches(study, tasks, jobs):
    """Return lists of tasks; those of a list run as copies in one group."""
    alike = getattr(study.function, "alike", None)
    if alike is None:
        return [[task] for task in tasks]
    groups = {}
    for task in tasks:
        mark = alike(task.parameters)
        groups.setdefault(task.id if mark is None else mark, []).append(task)
    size = max(1, min(_COPIES, -(-len(tasks) // jobs)))
    return [group[k:k + size] for group in groups.values() for k in range(0, len(group), size)]


def _outcomes(batches, jobs, executor, time_limit):
    """Yield each batch with a fault or None for each of its tasks.

    None in place of the list: a batch of several was lost as a whole.
    """
    run = run_tasks(run_batch, batches, jobs, time_limit) if executor is None else \
        in_executor(executor, run_batch, batches)
    with contextlib.closing(run):
        for outcome in run:
            if outcome.fault is None:
                if executor is not None:
                    _check_shared(outcome)
                yield outcome.task, outcome.value
            elif len(outcome.task) > 1:
                yield outcome.task, None
            else:
                yield outcome.task, [Fault(f"{outcome.fault}.")]


def _check_shared(outcome):
    """Make sure that what a worker elsewhere wrote is seen here; a network drive may take a while."""
    for task, fault in zip(outcome.task, outcome.value, strict=True):
        limit = time.monotonic() + _PATIENCE
        while fault is None and not Store(task.folder).is_done(task.id):
            if time.monotonic() > limit:
                raise EngineError(f"Study: a worker has run a point, but its file is not in "
                                  f"{task.folder}. Use a folder that all workers share, under "
                                  "the same path.")
            time.sleep(0.1)


@contextlib.contextmanager
def _bar(study, left, progress):
    total = len(study.points)
    with tqdm(total=total, initial=total - len(left), desc=study.name, unit="point",
              disable=not progress or not left, smoothing=0.1) as bar:
        bar.failed = 0
        yield bar
