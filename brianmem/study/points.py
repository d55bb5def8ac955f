"""The points of a study: grids, explicit lists and random draws as dicts of parameters."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import StudyError
from brianmem.units import check_unit

#: More points than this are asked for by mistake.
MOST_POINTS = 10_000_000


@dataclass(frozen=True)
class Point:
    """One run: its parameters (with the seed, if the run takes one) and its id."""

    parameters: dict = field(hash=False)
    id: str = ""


def expand(grid=None, points=None, random=None, samples=None, random_seed=0):
    """Return the list of parameter dicts that a `Study` is given, without seeds.

    `grid` maps a name to values, or a tuple of names to tuples of values that go together;
    a list of such grids is their union. `random` maps a name to ``(low, high)`` or
    ``(low, high, "log")``, of which `samples` are drawn.
    """
    given = [kind for kind, value in (("grid", grid), ("points", points), ("random", random))
             if value is not None]
    if len(given) > 1:
        raise StudyError(f"Study: give one of grid, points and random, not {' and '.join(given)}.")
    if points is not None:
        found = [_checked_point(point) for point in points]
    elif random is not None:
        found = _drawn(random, samples, random_seed)
    else:
        grids = [grid or {}] if not isinstance(grid, (list, tuple)) else grid
        found = [point for each in grids for point in _product(each)]
    if not found:
        raise StudyError("Study: there are no points. Give every name of the grid at least one value.")
    return found


def _checked_point(point):
    if not hasattr(point, "items"):
        raise StudyError(f"Study: points must be dicts of parameters, got {point!r}.")
    return dict(point)


def _product(grid):
    if not hasattr(grid, "items"):
        raise StudyError(f"Study: a grid is a dict of names to values, got {grid!r}.")
    axes = []
    for names, values in grid.items():
        together = names if isinstance(names, tuple) else (names,)
        values = _values(names, values)
        rows = values if isinstance(names, tuple) else [(v,) for v in values]
        for row in rows:
            if not isinstance(row, (tuple, list)) or len(row) != len(together):
                raise StudyError(f"Study: each value of {names} must be a tuple of {len(together)}, "
                                 f"got {row!r}.")
        axes.append([dict(zip(together, row, strict=True)) for row in rows])
    names = [n for key in grid for n in (key if isinstance(key, tuple) else (key,))]
    if len(set(names)) < len(names):
        raise StudyError(f"Study: {max(names, key=names.count)} is in the grid twice.")
    count = int(np.prod([float(len(a)) for a in axes])) if axes else 1
    if count > MOST_POINTS:
        raise StudyError(f"Study: {count:.3g} points are more than {MOST_POINTS:.0e}. Use random= or "
                         "fewer values.")
    return [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*axes)]


def _values(name, values):
    if isinstance(values, str) or not np.iterable(values):
        raise StudyError(f"Study: the values of '{name}' must be a list, got {values!r}.")
    if isinstance(values, Quantity):
        return [Quantity(v, dim=values.dim) for v in np.asarray(values)]
    return [v.item() if isinstance(v, np.generic) and not isinstance(v, Quantity) else v
            for v in values]


def _drawn(random, samples, seed):
    if not isinstance(samples, (int, np.integer)) or samples < 1:
        raise StudyError(f"Study: random= needs samples=, a whole number above 0, got {samples!r}.")
    rng = np.random.default_rng(seed)
    columns = {name: _column(name, spec, int(samples), rng) for name, spec in random.items()}
    return [{name: values[k] for name, values in columns.items()} for k in range(int(samples))]


def _column(name, spec, samples, rng):
    words = tuple(spec) if isinstance(spec, (tuple, list)) else ()
    if len(words) not in (2, 3) or words[2:] not in ((), ("log",)):
        raise StudyError(f"Study: '{name}' must be (low, high) or (low, high, 'log'), got {spec!r}.")
    low, high = words[:2]
    check_unit(high, low, f"Study: '{name}', high")
    a, b = float(low), float(high)
    if not a < b or (words[2:] and a <= 0):
        raise StudyError(f"Study: '{name}' needs low < high{', both above 0' if words[2:] else ''}, "
                         f"got {spec!r}.")
    share = rng.random(samples)
    values = a * (b / a)**share if words[2:] else a + (b - a) * share
    if isinstance(low, (int, np.integer)) and isinstance(high, (int, np.integer)):
        return [int(v) for v in np.floor(values)]
    return [Quantity(v, dim=get_dimensions(low)) if isinstance(low, Quantity) else float(v)
            for v in values]
