"""What is known of the points of a study, from its folder alone."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from brian2.units.fundamentalunits import Quantity

from brianmem.errors import StudyError
from brianmem.study import collect
from brianmem.study.store import Store


@dataclass(frozen=True)
class Status:
    """How many points a study has, and how many are done, failed and left."""

    points: int
    done: int
    failed: int

    @property
    def left(self):
        """Points without a result."""
        return self.points - self.done

    def __str__(self):
        return f"{self.done} of {self.points} points done, {self.failed} failed, {self.left} left"


class Record:
    """Name, points and fixed arguments of a study, and what a folder holds of them.

    Without `folder` it is the one of the last `run`.
    """

    folder = None

    def _store(self, folder):
        folder = self.folder if folder is None else folder
        if folder is None:
            raise StudyError(f"Study '{self.name}' has not run here. Name the folder of its points.")
        return Store(Path(folder))

    @cached_property
    def varied(self):
        """Names that differ between points, in order."""
        names = dict.fromkeys(n for p in self.points for n in p.parameters)
        return tuple(n for n in names if n == "seed" or len(
            {collect.key(p.parameters.get(n)) for p in self.points}) > 1)

    def status(self, folder=None):
        """Return the `Status` of the study in `folder`."""
        store = self._store(folder)
        done, failed = store.done(), store.failed()
        ids = [p.id for p in self.points]
        return Status(len(ids), sum(i in done for i in ids),
                      sum(i in failed and i not in done for i in ids))

    def failures(self, folder=None):
        """Return a list of (point, record) of the points that failed; a record says error,
        traceback and attempts."""
        store = self._store(folder)
        done, failed = store.done(), store.failures()
        return [(p, failed[p.id]) for p in self.points if p.id in failed and p.id not in done]

    def collect(self, folder=None, arrays=(), save=True):
        """Return all metrics as a labelled `xarray.Dataset`; see `brianmem.study.collect`."""
        return collect.dataset(self, self._store(folder), arrays, save)

    def to_pandas(self, folder=None):
        """Return one row for each point: its parameters, then its metrics."""
        return collect.frame(self, self._store(folder))


class StoredStudy(Record):
    """The study that a folder holds, whatever became of the code that made it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        store = Store(self.folder)
        self.about = store.description()
        if self.about is None:
            raise StudyError(f"{folder} holds no study. Name the --out folder of a sweep.")
        self.name, self.points = self.about["name"], store.points()
        constant = set(self.about.get("fixed", ()))
        self.fixed = {k: v for k, v in self.points[0].parameters.items() if k in constant}

    def description(self):
        """Return what ``study.json`` says."""
        return self.about


def shown(parameters):
    """Write parameters as one line."""
    from brianmem.units import format_quantity

    return ", ".join(f"{k}={format_quantity(v) if isinstance(v, Quantity) and v.ndim == 0 else v}"
                     for k, v in parameters.items())
