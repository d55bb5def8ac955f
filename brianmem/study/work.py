"""Points of a study, in whatever process they are run."""

import time
import traceback
from dataclasses import dataclass

from brianmem import provenance
from brianmem.errors import BrianmemError, StudyError
from brianmem.result import Result
from brianmem.study.store import Store

#: Attributes that differ between two runs of one point: when, where and how long.
TIMES = ("wall_time_s", "date", "command_line", "platform", "study_seconds")


@dataclass(frozen=True)
class Task:
    """A point to run: ``run(**parameters)``, stored in `folder` under `id`."""

    run: object
    parameters: dict
    id: str
    folder: object
    name: str


@dataclass(frozen=True)
class Fault:
    """Why a point has no result; `storage`: the folder is at fault, not the point."""

    error: str
    traceback: str = ""
    storage: bool = False


def run_batch(tasks):
    """Run points, write their files and return None or a `Fault` for each.

    More than one are run as copies in one group by ``run.together``; if that fails,
    one by one.
    """
    left = [t for t in tasks if not Store(t.folder).is_done(t.id)]  # another process was quicker
    results = _together(left) if len(left) > 1 else {}
    return [_finish(t, results.get(t.id)) if t in left else None for t in tasks]


def _together(tasks):
    started = time.perf_counter()
    try:
        results = tasks[0].run.together([t.parameters for t in tasks])
    except (Exception, SystemExit):
        return {}
    seconds = (time.perf_counter() - started) / len(tasks)
    return {t.id: (r, seconds) for t, r in zip(tasks, results, strict=True) if r is not None}


def _finish(task, made=None):
    started = time.perf_counter()
    try:
        result, seconds = made or (as_result(task.run(**task.parameters)), None)
        seconds = time.perf_counter() - started if seconds is None else seconds
        result = _stamped(result, task, seconds)
    except (Exception, SystemExit) as error:
        return _fault(error)
    try:
        Store(task.folder).save(task.id, result)
    except (OSError, MemoryError) as error:
        return _fault(error, storage=True)
    except Exception as error:
        return _fault(error)
    return None


def _fault(error, storage=False):
    kind = "" if isinstance(error, BrianmemError) else f"{type(error).__name__}: "
    text = f"{kind}{' '.join(str(error).split())}"
    return Fault(text, "" if storage else traceback.format_exc(), storage)


def _stamped(result, task, seconds):
    """Return the result with what made it, of which the result's own word stays."""
    found = provenance.collect(references=result.attrs.get("references", ()), wall_time=seconds)
    stated = {k: v for k, v in result.attrs.items() if v is not None and k != "references"}
    parameters = {**task.parameters, **result.parameters}
    return Result(result.data, result.axes, parameters,
                  {**found, **stated, "study": task.name, "study_point": task.id,
                   "study_parameters": task.parameters, "study_seconds": seconds},
                  result.metrics)


def as_result(value):
    """Return what a run returned as a `Result`: numbers become metrics."""
    if isinstance(value, Result):
        return value
    if isinstance(value, dict):
        return Result({}, metrics=value)
    if isinstance(value, (int, float)) or getattr(value, "ndim", None) == 0:
        return Result({}, metrics={"value": float(value)})
    raise StudyError("Study: a run must return a Result, a dict of numbers or a number, got "
                     f"{type(value).__name__}.")
