"""One point of a study, in whatever process it is run."""

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


def run_point(task):
    """Run a point, write its file and return None, or the error as text and its traceback."""
    store = Store(task.folder)
    if store.is_done(task.id):
        return None  # another process was quicker
    started = time.perf_counter()
    try:
        result = as_result(task.run(**task.parameters))
        seconds = time.perf_counter() - started
        store.save(task.id, _stamped(result, task, seconds))
    except (Exception, SystemExit) as error:
        kind = "" if isinstance(error, BrianmemError) else f"{type(error).__name__}: "
        return f"{kind}{' '.join(str(error).split())}", traceback.format_exc()
    return None


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
