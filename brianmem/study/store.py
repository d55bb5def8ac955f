"""The folder of a study: one file for each finished point, one for each failure.

``points/ab/ID.h5`` is a `Result`, written in one step, so that it is whole or absent;
``failures/ID.json`` says what went wrong, and how often. ``study.json`` says what the
study is, ``points.json`` which points it has, so that status and collection need no
code. Nothing else is state: whatever has a file is done.
"""

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from brianmem.errors import ResultError, StudyError
from brianmem.hdf5 import read_metrics, write_bytes
from brianmem.result import Result
from brianmem.study.table import from_table, to_table

_POINTS, _FAILURES, _STUDY, _TABLE = "points", "failures", "study.json", "points.json"


@dataclass(frozen=True)
class Store:
    """Read and write the folder of a study."""

    folder: Path

    def make(self, description, points):
        """Create the folder, or check that it belongs to the study of the same name."""
        old = self.description()
        if old is not None and old["name"] != description["name"]:
            raise StudyError(f"{self.folder} holds the study '{old['name']}', not "
                             f"'{description['name']}'. Choose another folder.")
        if old is None and self._holds_others():
            raise StudyError(f"{self.folder} is not empty and holds no study. Choose another folder.")
        try:
            for name in (_POINTS, _FAILURES):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultError(f"cannot write to the folder {self.folder}: "
                              f"{os.strerror(error.errno)}. Choose another one.") from error
        write_bytes(self.folder / _TABLE, to_table(points).encode())
        write_bytes(self.folder / _STUDY, json.dumps(description, indent=1).encode())

    def _holds_others(self):
        # What `make` has begun, here before a kill or in another process now, is no other's.
        ours = (_POINTS, _FAILURES, _STUDY, _TABLE)
        temporary = tuple(f".{name}-" for name in ours)
        return any(e.name not in ours and not e.name.startswith(temporary) for e in _scan(self.folder))

    def points(self):
        """Return the points that `make` was given."""
        try:
            return from_table((self.folder / _TABLE).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError) as error:
            raise ResultError(f"{self.folder / _TABLE} cannot be read: {error}.") from error

    def description(self):
        """Return what `make` wrote, None where there is no study."""
        try:
            return json.loads((self.folder / _STUDY).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ResultError(f"{self.folder / _STUDY} cannot be read: {error}.") from error

    def path(self, point):
        """Return the file of the point with the id `point`."""
        return self.folder / _POINTS / point[:2] / f"{point}.h5"

    def save(self, point, result):
        """Write the result of a point and forget its failures."""
        path = self.path(point)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultError(f"cannot write {path}: {os.strerror(error.errno)}.") from error
        result.save(path)
        with contextlib.suppress(OSError):
            self._failure_path(point).unlink()

    def load(self, point):
        """Return the `Result` of a point."""
        return Result.load(self.path(point))

    def metrics(self, point):
        """Return the headline numbers of a point."""
        return read_metrics(self.path(point))

    def done(self):
        """Return the ids of all finished points."""
        found = set()
        for entry in _scan(self.folder / _POINTS):
            if entry.is_dir():
                found |= {e.name[:-3] for e in _scan(entry.path)
                          if e.name.endswith(".h5") and not e.name.startswith(".")}
        return found

    def failures(self):
        """Return id to what `fail` wrote."""
        found = {}
        for entry in _scan(self.folder / _FAILURES):
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                with contextlib.suppress(OSError, ValueError):
                    found[entry.name[:-5]] = json.loads(Path(entry.path).read_text(encoding="utf-8"))
        return found

    def failed(self):
        """Return the ids of all points that failed."""
        return {e.name[:-5] for e in _scan(self.folder / _FAILURES)
                if e.name.endswith(".json") and not e.name.startswith(".")}

    def fail(self, point, parameters, error, traceback=""):
        """Record that a point failed; return how often it has."""
        path = self._failure_path(point)
        attempts = 1
        with contextlib.suppress(OSError, ValueError, KeyError):
            attempts += json.loads(path.read_text(encoding="utf-8"))["attempts"]
        record = {"error": error, "traceback": traceback, "attempts": attempts,
                  "parameters": {k: str(v) for k, v in parameters.items()}}
        write_bytes(path, json.dumps(record, indent=1).encode())
        return attempts

    def _failure_path(self, point):
        return self.folder / _FAILURES / f"{point}.json"

    def is_done(self, point):
        """Tell whether a point has its file; another process may have made it."""
        return self.path(point).exists()

    def tidy(self, older_than=3600.0):
        """Remove temporary files that a killed process left behind longer ago than that (s)."""
        limit = time.time() - older_than
        for entry in _scan(self.folder / _POINTS):
            for inner in _scan(entry.path) if entry.is_dir() else ():
                with contextlib.suppress(OSError):
                    if inner.name.endswith(".tmp") and inner.stat().st_mtime < limit:
                        os.remove(inner.path)


def _scan(folder):
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
