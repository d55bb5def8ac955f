"""How much of a metric's variance each parameter explains."""

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import StudyError
from brianmem.units import check_unit

#: Parts of equal size into which many drawn values are put.
_BINS = 16


def main_effects(dataset, y):
    """Return name to ``{"first": share}``, Var(E[y|x])/Var(y), from any study.

    Many drawn values are put into bins; the share that so many bins of pure noise would
    explain is taken off.
    """
    values, columns = _columns(dataset, y)
    total = np.var(values)
    if not total > 0:
        raise StudyError(f"Study: '{y}' is the same in all points; nothing explains it.")
    return {name: {"first": _share(column, values, total)} for name, column in columns.items()}


def _columns(dataset, y):
    if y not in dataset:
        raise StudyError(f"Study: no metric '{y}'. There are {', '.join(map(str, dataset))}.")
    names = [str(c) for c in dataset.coords if c != "point"]
    table = dataset[y].broadcast_like(dataset[y])
    values = table.values.ravel()
    columns = {n: dataset[n].broadcast_like(table).transpose(*table.dims).values.ravel() for n in names}
    known = np.isfinite(values)
    return values[known], {n: c[known] for n, c in columns.items()}


def _share(column, values, total):
    levels, index = np.unique(column, return_inverse=True)
    if len(levels) > max(_BINS, len(values) // 4):
        order = np.argsort(np.argsort(column, kind="stable"), kind="stable")
        index = order * _BINS // len(values)
    counts = np.bincount(index)
    means = np.bincount(index, weights=values)[counts > 0] / counts[counts > 0]
    between = np.sum(counts[counts > 0] * (means - values.mean())**2) / len(values)
    groups = int(np.sum(counts > 0))
    if groups == len(values):
        return float(between / total)
    within = (total - between) * len(values) / (len(values) - groups)
    return float(max(0.0, (between - within * (groups - 1) / len(values)) / total))


def sobol_points(ranges, samples, seed=0):
    """Return points, in the order of SALib's Sobol sampling, for `sobol_indices`.

    `ranges` as for a random study; 2**k `samples` make ``samples*(parameters + 2)`` points.
    """
    sampler = _salib("sample.sobol")
    if not isinstance(samples, int) or samples < 2 or samples & (samples - 1):
        raise StudyError(f"Study: Sobol sampling needs a power of 2 of samples, got {samples!r}.")
    bounds = []
    for name, (low, high, *log) in ranges.items():
        check_unit(high, low, f"Study: '{name}', high")
        a, b = float(low), float(high)
        if not a < b or (log and a <= 0):
            raise StudyError(f"Study: '{name}' needs low < high, got {low}, {high}.")
        if isinstance(low, int):
            raise StudyError(f"Study: '{name}' is a whole number; Sobol indices need a "
                             "continuous one.")
        bounds.append([np.log(a), np.log(b)] if log else [a, b])
    rows = sampler.sample(_problem(ranges, bounds), samples, calc_second_order=False, seed=seed)
    return [{name: _value(x, *ranges[name]) for name, x in zip(ranges, row, strict=True)}
            for row in rows]


def _value(x, low, _high, *log):
    number = float(np.exp(x) if log else x)
    return Quantity(number, dim=get_dimensions(low)) if isinstance(low, Quantity) else number


def _problem(names, bounds):
    return {"num_vars": len(bounds), "names": list(names), "bounds": bounds}


def sobol_indices(dataset, y, names, seed=0):
    """Return name to first and total index with 95 % intervals, of points by `sobol_points`."""
    analyzer = _salib("analyze.sobol")
    if y not in dataset:
        raise StudyError(f"Study: no metric '{y}'. There are {', '.join(map(str, dataset))}.")
    values = dataset[y].values.ravel()
    if not np.all(np.isfinite(values)):
        missing = np.sum(~np.isfinite(values))
        raise StudyError(f"Study: {missing} of {len(values)} points have no '{y}'. Sobol indices need "
                         "all.")
    if not np.var(values) > 0:
        raise StudyError(f"Study: '{y}' is the same in all points; nothing explains it.")
    found = analyzer.analyze(_problem(names, [[0, 1]] * len(names)), values, calc_second_order=False,
                             seed=seed, print_to_console=False)
    return {n: {"first": float(found["S1"][k]), "first_interval": float(found["S1_conf"][k]),
                "total": float(found["ST"][k]), "total_interval": float(found["ST_conf"][k])}
            for k, n in enumerate(names)}


def _salib(name):
    import importlib
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(f"SALib.{name}")
    except ImportError:
        raise StudyError("Sobol indices need the extra: pip install 'brianmem[sweep]'.") from None


def indices(study, folder, y):
    """Return Sobol indices where the study was drawn for them, else main effects."""
    dataset = study.collect(folder, save=False)
    drawn = study.description().get("sobol")
    if drawn:
        return sobol_indices(dataset, y, drawn["names"])
    return main_effects(dataset, y)
