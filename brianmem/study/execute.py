"""Drive the points of a study through processes, executors or a cluster."""

import concurrent.futures
import contextlib

from tqdm import tqdm

from brianmem.errors import StudyError
from brianmem.study.pool import run_tasks
from brianmem.study.store import Store
from brianmem.study.work import Task, run_point


def execute(study, folder, *, jobs, executor, retries, time_limit, progress):
    """Run the points that have no file yet; see `Study.run`."""
    _check(study, jobs, retries, time_limit, executor)
    store = Store(folder)
    store.make(study.description())
    store.tidy()
    left = _left(study, store, retries)
    run = _in_executor(executor) if executor is not None else \
        lambda tasks: run_tasks(run_point, tasks, jobs, time_limit)
    again = {}
    with _bar(study, store, left, progress) as bar:
        while left:
            retry = []
            for task, fault in _outcomes(run([_task(study, p, folder) for p in left])):
                if fault is not None:
                    attempts = store.fail(task.id, task.parameters, *fault)
                    again.setdefault(task.id, attempts)
                    if attempts <= retries:
                        retry.append(next(p for p in left if p.id == task.id))
                        continue
                bar.failed += fault is not None
                bar.update()
                bar.set_postfix_str(f"{bar.failed} failed" if bar.failed else "")
            left = retry
    return study.status(folder)


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
    done, failed = store.done(), store.failures()
    return [p for p in study.points if p.id not in done and
            failed.get(p.id, {}).get("attempts", 0) <= retries]


def _task(study, point, folder):
    return Task(study.function, point.parameters, point.id, folder, study.name)


def _outcomes(outcomes):
    """Yield each task with None, or with its error and traceback."""
    for outcome in outcomes:
        if outcome.fault is not None:
            yield outcome.task, (f"{outcome.fault}.", "")
        else:
            yield outcome.task, outcome.value


@contextlib.contextmanager
def _bar(study, store, left, progress):
    total = len(study.points)
    with tqdm(total=total, initial=total - len(left), desc=study.name, unit="point",
              disable=not progress or not left, smoothing=0.1) as bar:
        bar.failed = 0
        yield bar


def _in_executor(executor):
    """Return a driver of tasks for a `concurrent.futures` executor or a Dask client."""
    from brianmem.study.pool import Outcome

    submit = getattr(executor, "submit", None)
    if submit is None:
        raise StudyError(f"Study: an executor has submit(), {executor!r} has not.")
    dask = type(executor).__module__.startswith("distributed")

    def run(tasks):
        if dask:
            from distributed import as_completed
            # Points are kept in files, so that a worker that dies costs one run each.
            futures = {executor.submit(run_point, t, key=t.id, pure=False, retries=2): t for t in tasks}
            completed = as_completed(futures)
        else:
            futures = {submit(run_point, t): t for t in tasks}
            completed = concurrent.futures.as_completed(futures)
        for future in completed:
            try:
                yield Outcome(futures[future], future.result())
            except Exception as error:
                yield Outcome(futures[future], None, f"{type(error).__name__}: {error}")

    return run
