"""Processes that run tasks one at a time, and may be killed without harm to the others."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import wait

from tqdm import tqdm

#: How a process of the pool is kept to one thread, whatever its libraries like to do.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Bars of the points would cover that of the study.
_SILENT = "TQDM_DISABLE"
#: What a process sends once it has its task, its code imported: from then on time counts.
_BEGUN = "begun"
#: Seconds that an idle process has to end.
_GOODBYE = 5.0


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its value, or why there is none ("died", "time limit")."""

    task: object
    value: object = None
    fault: str = None
    seconds: float = 0.0


class _Worker:
    def __init__(self, context, function):
        self.pipe, child = context.Pipe()
        self.process = context.Process(target=_serve, args=(function, child), daemon=True)
        with _single_threaded(), _without_interrupts():
            self.process.start()
        child.close()
        self.task = self.given = self.started = None

    def give(self, task):
        self.task, self.given, self.started = task, time.monotonic(), None
        self.pipe.send(task)

    def stop(self):
        self.pipe.close()
        if self.task is None:  # it ends by itself, and cleans up
            self.process.join(_GOODBYE)
        self.process.kill()
        self.process.join()


@contextlib.contextmanager
def _single_threaded():
    before = {name: os.environ.get(name) for name in (*_ONE_THREAD, _SILENT)}
    os.environ.update(dict.fromkeys(before, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _without_interrupts():
    """Start a process that never sees Ctrl-C, not even while it imports: the parent decides."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(function, pipe):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The usual lock is a semaphore of the system, which a process that is killed leaves behind.
    tqdm.set_lock(threading.RLock())
    while True:
        try:
            task = pipe.recv()
            pipe.send(_BEGUN)
            pipe.send(function(task))
        except (EOFError, OSError):  # the parent has gone
            return


def run_tasks(function, tasks, jobs, limit=None):
    """Run ``function(task)`` for each task in `jobs` processes and yield an `Outcome` each.

    A process that dies, or takes longer than `limit` seconds over a task, is replaced,
    and its task comes back with a fault; importing what the task needs is not counted.
    `function` must be importable, must not raise and must not return `_BEGUN`.
    """
    context = multiprocessing.get_context("spawn")
    waiting, workers = deque(tasks), []
    try:
        while waiting or any(w.task is not None for w in workers):
            _staff(workers, context, function, jobs, waiting)
            ready = wait([*(w.pipe for w in workers if w.task is not None),
                          *(w.process.sentinel for w in workers)], _patience(workers, limit))
            for worker in list(workers):
                outcome = _outcome(worker, ready, limit)
                if outcome is None:
                    continue
                if outcome.fault is not None:
                    worker.stop()
                    workers.remove(worker)
                if outcome.task is not None:
                    yield outcome
    finally:
        for worker in workers:
            worker.stop()


def _staff(workers, context, function, jobs, waiting):
    busy = sum(w.task is not None for w in workers)
    while len(workers) < min(jobs, busy + len(waiting)):
        workers.append(_Worker(context, function))
        busy = sum(w.task is not None for w in workers)
    for worker in workers:
        if worker.task is None and waiting:
            task = waiting.popleft()
            try:
                worker.give(task)
            except (BrokenPipeError, OSError):
                worker.task = task  # seen as dead below


def _patience(workers, limit):
    if limit is None:
        return None
    left = [w.started + limit - time.monotonic() for w in workers if _is_timed(w)]
    return max(min(left), 0.0) if left else None


def _is_timed(worker):
    return worker.task is not None and worker.started is not None


def _death(worker):
    return f"its process died (exit code {worker.process.exitcode})"


def _outcome(worker, ready, limit):
    """Return what happened to the task of `worker`, None if it is still busy or idle."""
    seconds = time.monotonic() - (worker.started or worker.given) if worker.task is not None else 0.0
    if worker.task is not None and worker.pipe in ready:
        try:
            value = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(10)
            return Outcome(worker.task, None, _death(worker), seconds)
        if isinstance(value, str) and value == _BEGUN:
            worker.started = time.monotonic()
            return None
        task, worker.task = worker.task, None
        return Outcome(task, value, None, seconds)
    if worker.process.sentinel in ready:
        worker.process.join(10)  # the exit code may be a moment behind
        return Outcome(worker.task, None, _death(worker), seconds)
    if limit is not None and _is_timed(worker) and seconds > limit:
        return Outcome(worker.task, None, f"it took longer than the limit of {limit:g} s", seconds)
    return None
