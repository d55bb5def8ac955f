"""All points of a study in one labelled data set, one table, one file."""

import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem.errors import StudyError
from brianmem.hdf5 import encode, write_bytes
from brianmem.units import format_quantity, si_unit_name

FILE = "study.h5"


def dataset(study, store, arrays=(), save=True):
    """Return an `xarray.Dataset` of the metrics of all points, NaN where there is none.

    Dimensions are the varied parameters in SI units (and ``seed``), with ``units``
    attributes; points that form no grid have the one dimension ``point``. `arrays` names
    arrays of the results to add, which must have one shape. With `save` it is also
    written as ``study.h5``, netCDF that xarray and h5py open.
    """
    import xarray as xr

    done = store.done()
    rows = [(p.parameters, store.metrics(p.id) if p.id in done else None) for p in study.points]
    axes = {name: _distinct([p.parameters.get(name) for p in study.points]) for name in study.varied}
    is_grid = int(np.prod([len(v) for v in axes.values()])) == len(rows)
    shape = tuple(map(len, axes.values())) if is_grid else (len(rows),)
    dims = tuple(axes) if is_grid else ("point",)
    places = _places(axes, rows) if is_grid else [(k,) for k in range(len(rows))]
    variables = _metrics(rows, places, dims, shape, set(study.varied))
    if arrays:
        results = [store.load(p.id) if p.id in done else None for p in study.points]
        variables |= {name: _array(name, results, places, dims, shape) for name in arrays}
    coords = {n: (n, *_coordinate(v)) for n, v in axes.items()} if is_grid else \
        {n: ("point", *_coordinate([p.get(n) for p, _ in rows])) for n in study.varied}
    found = xr.Dataset(variables, coords=coords, attrs={
        "study": study.name, "run": study.description()["run"], "points": len(rows),
        "done": len(done & {p.id for p in study.points}),
        **{f"fixed_{k}": encode(v) for k, v in study.fixed.items()}})
    if save:
        write_bytes(store.folder / FILE, bytes(found.to_netcdf(engine="h5netcdf")))
    return found


def _distinct(values):
    found = {}
    for value in values:
        found.setdefault(key(value), value)
    return list(found.values())


def key(value):
    """Return what is equal for equal values of a parameter."""
    return (str(get_dimensions(value)), float(value)) if isinstance(value, Quantity) and \
        value.ndim == 0 else value if isinstance(value, (int, float, str, bool)) else repr(value)


def _places(axes, rows):
    index = {name: {key(v): k for k, v in enumerate(values)} for name, values in axes.items()}
    return [tuple(numbers[key(parameters.get(name))] for name, numbers in index.items())
            for parameters, _ in rows]


def _coordinate(values):
    if all(isinstance(v, Quantity) for v in values):
        dims = {v.dim for v in values}
        if len(dims) == 1:
            dim = dims.pop()
            return np.array([float(v) for v in values]), {"units": _unit(dim)}
    if all(isinstance(v, (int, float, np.number)) and not isinstance(v, bool) for v in values):
        return np.array(values), {"units": "1"}
    return np.array([format_quantity(v) if isinstance(v, Quantity) else str(v) for v in values]), {}


def _unit(dim):
    return "1" if dim is DIMENSIONLESS else si_unit_name(dim)


def _metrics(rows, places, dims, shape, parameters):
    # A run may repeat what it was given, such as its seed, among its metrics.
    names = dict.fromkeys(n for _, metrics in rows for n, v in (metrics or {}).items()
                          if _is_number(v) and n not in parameters)
    variables = {}
    for name in names:
        values = np.full(shape, np.nan)
        for place, (_, metrics) in zip(places, rows, strict=True):
            if metrics is not None and _is_number(metrics.get(name)):
                values[place] = float(metrics[name])
        variables[name] = (dims, values)
    return variables


def _is_number(value):
    return isinstance(value, (int, float, np.number, np.bool_)) or (
        isinstance(value, Quantity) and value.ndim == 0)


def _array(name, results, places, dims, shape):
    for result in results:
        if result is not None and name not in result:
            raise StudyError(f"Study: no array '{name}' in a point, which holds "
                             f"{', '.join(result) or 'none'}.")
    found = {np.shape(r[name]) for r in results if r is not None}
    if len(found) != 1:
        raise StudyError(f"Study: '{name}' has different shapes in different points: "
                         f"{', '.join(map(str, sorted(found))) or 'none is done'}.")
    first = next(r for r in results if r is not None)
    values = np.full((*shape, *found.pop()), np.nan)
    for place, result in zip(places, results, strict=True):
        if result is not None:
            values[place] = np.asarray(result[name], dtype=float)
    inner = tuple(f"{name}_{axis}" for axis in first.axes[name])
    return (*dims, *inner), values, {"units": _unit(get_dimensions(first[name]))}


def frame(study, store):
    """Return a `pandas.DataFrame`: a row for each point, its parameters, then its metrics."""
    try:
        import pandas as pd
    except ImportError:
        raise StudyError("to_pandas needs pandas: pip install pandas. collect() does "
                         "without.") from None

    done, rows = store.done(), []
    for point in study.points:
        metrics = store.metrics(point.id) if point.id in done else {}
        row = {n: float(v) if isinstance(v, Quantity) else v for n, v in point.parameters.items()}
        rows.append({**row, **{n: v for n, v in metrics.items() if _is_number(v) and n not in row}})
    return pd.DataFrame(rows, index=[p.id for p in study.points])
