"""A study: a named set of runs with lasting ids."""

import inspect
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from brianmem.errors import StudyError, suggestion
from brianmem.hdf5 import encode
from brianmem.study.identity import code_digest, fresh, point_id
from brianmem.study.points import Point, expand
from brianmem.study.record import Record, shown


@dataclass(frozen=True, eq=False)
class Study(Record):
    """Run a function over parameters and seeds, so that nothing is lost and nothing done twice.

    Parameters
    ----------
    name : str
    run : callable
        Returns a `Result`, a dict of numbers or a number; importable by name, since
        other processes run it: an experiment's ``main``, or a function of a module.
    grid, points, random : dict or list
        The values: see `brianmem.study.points.expand`. Quantities keep their units.
    samples, random_seed : int
        How many points ``random=`` draws, and from which seed.
    seeds : iterable of int
        Each point is run with each, as ``run(seed=)``; None leaves the argument out.
    fixed : dict
        Arguments that all points share.
    structure : tuple of str
        Arguments that decide what is compiled; points that agree in them run one after
        the other. Default: ``STRUCTURE`` of the module of `run`.

    A point's id is a digest of its parameters, its seed, the version of brianmem, the
    code of `run` and of the models that it imports, and the equations of devices it
    names: an edit of those makes other points, any other edit does not.
    Raises `StudyError`.
    """

    name: str
    function: object
    grid: object = None
    points_: object = field(default=None, repr=False)
    random: dict = None
    samples: int = None
    random_seed: int = 0
    seeds: object = None
    fixed: dict = field(default_factory=dict)
    structure: tuple = ()
    about: dict = field(default_factory=dict, repr=False)

    def __init__(self, name, run, grid=None, *, points=None, random=None, samples=None,
                 random_seed=0, seeds=None, fixed=None, structure=None, about=None):
        values = {"name": name, "function": run, "grid": grid, "points_": points, "random": random,
                  "samples": samples, "random_seed": random_seed,
                  "seeds": None if seeds is None else tuple(seeds), "fixed": dict(fixed or {}),
                  "about": dict(about or {}),
                  "structure": _structure(run) if structure is None else tuple(structure)}
        for key, value in values.items():
            object.__setattr__(self, key, value)
        if not callable(run):
            raise StudyError(f"Study '{name}': run must be callable, got {run!r}.")
        _check_arguments(self)

    def __str__(self):
        return f"Study '{self.name}'"

    @cached_property
    def points(self):
        """All `Point` of the study, in the order of the grid, seeds innermost."""
        found = expand(self.grid, self.points_, self.random, self.samples, self.random_seed)
        seeds = [{}] if self.seeds is None else [{"seed": int(s)} for s in self.seeds]
        fresh()
        code = code_digest(self.function)
        made = [Point(p, point_id(code, p)) for p in
                ({**self.fixed, **point, **seed} for point in found for seed in seeds)]
        repeated, count = Counter(p.id for p in made).most_common(1)[0]
        if count > 1:
            twice = next(p.parameters for p in made if p.id == repeated)
            raise StudyError(f"{self}: the point {shown(twice)} is given {count} times.")
        return tuple(made)

    def run(self, folder, *, jobs=1, executor=None, retries=1, time_limit=None, progress=True):
        """Run what is left, and return the `Status`.

        Parameters
        ----------
        folder : path
            Where the points are kept; made if need be.
        jobs : int
            Processes of the pool, one thread each.
        executor : concurrent.futures.Executor or dask.distributed.Client
            Runs the points instead; its workers must see `folder`.
        retries : int
            How often a point that failed before, here or in an earlier call, is tried again.
        time_limit : float
            Seconds for one point, after which its process is killed. Not with `executor`.

        A failed point is recorded and does not stop the others. Ctrl-C leaves a folder
        that the same call continues.
        """
        from brianmem.study.execute import execute

        object.__setattr__(self, "folder", Path(folder).absolute())
        return execute(self, self.folder, jobs=jobs, executor=executor, retries=retries,
                       time_limit=time_limit, progress=progress)

    def description(self):
        """Return what ``study.json`` says."""
        run = f"{getattr(self.function, '__module__', '')}." \
              f"{getattr(self.function, '__qualname__', repr(self.function))}"
        return {"name": self.name, "run": run, "points": len(self.points), "varied": list(self.varied),
                "fixed": {k: encode(v) for k, v in self.fixed.items()}, **self.about}


def _structure(run):
    module = sys.modules.get(getattr(run, "__module__", None))
    return tuple(getattr(module, "STRUCTURE", ()))


def _check_arguments(study):
    try:
        signature = inspect.signature(study.function)
    except (TypeError, ValueError):
        return
    takes = signature.parameters
    if any(p.kind is p.VAR_KEYWORD for p in takes.values()):
        return
    if study.seeds is not None and "seed" not in takes:
        raise StudyError(f"{study}: its run takes no seed=. Leave seeds= out, or add the argument.")
    for name in _names(study):
        if name not in takes:
            raise StudyError(f"{study}: its run takes no '{name}'{suggestion(name, takes)}")


def _names(study):
    grids = study.grid if isinstance(study.grid, (list, tuple)) else [study.grid or {}]
    keys = [k for g in grids for k in g] + list(study.random or {}) + list(study.fixed)
    keys += [k for p in study.points_ or () if hasattr(p, "items") for k in p]
    return dict.fromkeys(n for k in keys for n in (k if isinstance(k, tuple) else (k,)))
