"""The outcome of a run: named arrays with units, and everything needed to repeat it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem import hdf5
from brianmem.errors import ResultError, UnknownNameError
from brianmem.units import format_quantity, si_unit_name, unit_label

_LABELS = {"t": ("time",)}


@dataclass(frozen=True, repr=False, eq=False)
class Result(Mapping):
    """Hold named arrays with their axes, the parameters and the provenance.

    Parameters
    ----------
    data : dict
        Name to `Quantity` or array; ``result[name]`` returns it. Dimensionless
        ones come back as plain arrays.
    axes : dict, optional
        Name to the names of its dimensions, e.g. ``{"v": ("instance", "time")}``. An
        array labels the axis that has its own name, and ``t`` labels ``time``.
    parameters : dict, optional
        What the run was given.
    attrs : dict, optional
        Provenance, see `brianmem.provenance.collect`.
    metrics : dict, optional
        Headline numbers, printed by the command line as JSON.

    Raises `ResultError` for axes that do not fit the arrays.
    """

    data: dict
    axes: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    attrs: dict = field(default_factory=dict)
    metrics: dict = field(default_factory=dict)

    def __post_init__(self):
        data = {k: _plain(v) for k, v in self.data.items()}
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "axes", _complete_axes(data, self.axes))
        for name in ("parameters", "attrs", "metrics"):
            object.__setattr__(self, name, dict(getattr(self, name)))
        for name in (*data, *self.parameters):
            if "/" in name or name in ("", "."):
                raise ResultError(f"Result: '{name}' cannot name an array or a parameter.")

    def __getitem__(self, name):
        try:
            return self.data[name]
        except KeyError:
            known = ", ".join(self.data) or "nothing"
            raise UnknownNameError(f"Result: no '{name}'. It holds {known}.") from None

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        lines = [f"<Result{self._title()}>"]
        lines += [f"  {n} ({', '.join(f'{a}: {s}' for a, s in _shape(self, n))})"
                  f" [{unit_label(get_dimensions(v))}] {v.dtype}" for n, v in self.data.items()]
        lines += [f"  metrics: {', '.join(f'{k}={_short(v)}' for k, v in self.metrics.items())}"
                  ] * bool(self.metrics)
        lines += [f"  parameters: {', '.join(self.parameters)}"] * bool(self.parameters)
        lines += [f"  attrs: {', '.join(self.attrs)}"] * bool(self.attrs)
        return "\n".join(lines)

    def _title(self):
        names = [str(self.attrs[k]) for k in ("experiment", "protocol", "device", "neuron")
                 if k in self.attrs]
        return f" {', '.join(names)}" if names else ""

    def with_attrs(self, **attrs):
        """Return a copy with attributes added or replaced."""
        return replace(self, attrs={**self.attrs, **attrs})

    def with_metrics(self, **metrics):
        """Return a copy with headline numbers added or replaced."""
        return replace(self, metrics={**self.metrics, **metrics})

    def save(self, path):
        """Write an HDF5 file and return its path; an older file stays until it is complete.

        Raises `ResultError` if the folder is missing, not writable or full.
        """
        path = Path(os.fspath(path))
        hdf5.write(path, self.data, self.axes, self.parameters, self.attrs, self.metrics)
        return path

    @classmethod
    def load(cls, path):
        """Read what `save` wrote. Raises `ResultError` for any other file."""
        return cls(**hdf5.read(path))

    def to_xarray(self):
        """Return an `xarray.Dataset` in SI base units, each variable with a `units` attribute."""
        import xarray as xr  # slow to import, and few runs need it

        variables = {n: (self.axes[n], np.asarray(v), {"units": _units(v)})
                     for n, v in self.data.items()}
        labels = [n for n in variables if self.axes[n] in {(n,), _LABELS.get(n)}]
        attrs = {k: hdf5.encode(v) for k, v in {**self.attrs, **self.metrics}.items()}
        # netCDF, which xarray writes, knows no booleans.
        attrs = {k: int(v) if isinstance(v, bool) else v for k, v in attrs.items()}
        return xr.Dataset({n: v for n, v in variables.items() if n not in labels},
                          coords={n: variables[n] for n in labels}, attrs=attrs)


def _plain(value):
    dim = get_dimensions(value)
    if dim is not DIMENSIONLESS:
        return value if isinstance(value, Quantity) else Quantity(value)
    array = np.asarray(value)
    return np.array(array, dtype=str) if array.dtype.kind == "O" else array


def _complete_axes(data, given):
    unknown = set(given) - set(data)
    if unknown:
        raise ResultError(f"Result: axes given for {sorted(unknown)}, which is not in the data.")
    axes = {n: tuple(given.get(n, _default_axes(n, np.ndim(v)))) for n, v in data.items()}
    sizes = {}
    for name, value in data.items():
        if len(axes[name]) != np.ndim(value):
            raise ResultError(f"Result: '{name}' has {np.ndim(value)} dimensions but axes "
                              f"{axes[name]}.")
        for axis, size in zip(axes[name], np.shape(value), strict=True):
            first = sizes.setdefault(axis, (name, size))
            if first[1] != size:
                raise ResultError(f"Result: axis '{axis}' is {first[1]} long in '{first[0]}' but "
                                  f"{size} in '{name}'. Give them different axis names.")
    return axes


def _default_axes(name, ndim):
    return (name,) if ndim == 1 else tuple(f"{name}_{k}" for k in range(ndim))


def _shape(result, name):
    return zip(result.axes[name], np.shape(result[name]), strict=True)


def _short(value):
    return format_quantity(value, 4) if isinstance(value, (float, Quantity)) else str(value)


def _units(value):
    dim = get_dimensions(value)
    return "1" if dim is DIMENSIONLESS else si_unit_name(dim)
