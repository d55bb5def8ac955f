"""Tasks in the processes of others: `concurrent.futures` executors and Dask clusters."""

import concurrent.futures
import contextlib
import itertools
import uuid

from brianmem.errors import EngineError, StudyError
from brianmem.study.pool import Outcome

#: Tasks that are handed over at a time: memory stays bounded, workers never wait.
_WINDOW = 2000
_AGAIN = "What is done is kept; run the study again to continue."


def in_executor(executor, function, tasks):
    """Run ``function(task)`` for each task and yield an `Outcome` each."""
    if getattr(executor, "submit", None) is None:
        raise StudyError(f"Study: an executor has submit(), {executor!r} has not.")
    run = _dask if type(executor).__module__.startswith("distributed") else _futures
    return run(executor, function, iter(tasks))


def _futures(executor, function, tasks):
    waiting = {}
    try:
        while _fill(waiting, tasks, lambda task: executor.submit(function, task)):
            done, _ = concurrent.futures.wait(waiting, return_when="FIRST_COMPLETED")
            for future in done:
                yield _outcome(waiting.pop(future), future)
    except concurrent.futures.BrokenExecutor as error:
        raise EngineError(f"Study: the executor broke: {error} {_AGAIN}") from error
    finally:
        for future in waiting:
            future.cancel()


def _fill(waiting, tasks, submit):
    while len(waiting) < _WINDOW:
        task = next(tasks, None)
        if task is None:
            break
        waiting[submit(task)] = task
    return waiting


def _outcome(task, future):
    try:
        return Outcome(task, future.result())
    except concurrent.futures.BrokenExecutor:
        raise
    except Exception as error:
        return Outcome(task, None, f"{type(error).__name__}: {error}")


def _dask(client, function, tasks):
    from distributed import as_completed

    def submit(task):
        # Points are kept in files, so that a worker that dies costs a run of one batch.
        return client.submit(function, task, key=f"{task[0].id}-{uuid.uuid4().hex[:8]}", pure=False)

    waiting = {}
    try:
        completed = as_completed(list(_fill(waiting, tasks, submit)))
        for future in completed:
            if future.status in ("cancelled", "lost") or client.status != "running":
                raise EngineError(f"Study: the scheduler was lost. {_AGAIN}")
            task = waiting.pop(future)
            yield _outcome(task, future)
            known = len(waiting)
            for new in itertools.islice(_fill(waiting, tasks, submit), known, None):
                completed.add(new)
    finally:
        with contextlib.suppress(Exception):
            client.cancel(list(waiting))
