"""Read and write the HDF5 file of a `Result`, exactly and atomically.

Layout: attributes of ``/`` are the provenance, ``/metrics`` holds the headline
numbers as attributes, ``/parameters`` and ``/data`` hold data sets with a ``unit``
(and ``/data`` an ``axes``) attribute. Values are in SI base units.
"""

import contextlib
import json
import math
import os
import tempfile
from pathlib import Path

import h5py
import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import BrianmemError, ResultError
from brianmem.units import dimension_of, si_unit_name

FORMAT = 1
_FORMAT_KEY = "brianmem_format"
_JSON = "json:"
_COMPRESS_FROM = 4096  # elements; below this gzip costs more than it saves
# What h5py raises for files that are cut off or overwritten inside.
_H5_FAULTS = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError)


def write(path, data, axes, parameters, attrs, metrics):
    """Write one file by way of a temporary one beside it, so that none is ever half written."""
    path = Path(path)
    # Built in memory: HDF5 on a full disk leaves objects behind that complain when collected.
    # "latest" stores attributes beyond 64 kB, which the equations of a network can reach.
    with h5py.File(path.name, "w", libver="latest", driver="core", backing_store=False) as file:
        _fill(file, data, axes, parameters, attrs, metrics)
        file.flush()
        write_bytes(path, file.id.get_file_image())


def write_bytes(path, content):
    """Put `content` at `path` in one step. Raises `ResultError` if that cannot be done."""
    path = Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise ResultError(f"cannot write {path}: {_reason(error)}. Choose another folder or "
                          "free some space.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.remove(temporary)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error):
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error).splitlines()[0]


def _fill(file, data, axes, parameters, attrs, metrics):
    for group, values in (("data", data), ("parameters", parameters)):
        file.create_group(group)
        for name, value in values.items():
            _write_value(file[group], name, value)
    for name in data:
        file["data"][name].attrs["axes"] = list(axes[name])
    file.create_group("metrics").attrs.update({k: encode(v) for k, v in metrics.items()})
    file.attrs.update({k: encode(v) for k, v in attrs.items()})
    file.attrs[_FORMAT_KEY] = FORMAT


def _write_value(group, name, value):
    is_array = isinstance(value, (Quantity, np.ndarray)) and np.asarray(value).dtype.kind in "biufcU"
    if not is_array:
        group.create_dataset(name, data=encode(value)).attrs["unit"] = "1"
        return
    array = np.asarray(value)
    kind = h5py.string_dtype() if array.dtype.kind == "U" else array.dtype
    packed = {"compression": "gzip", "shuffle": True} if array.size >= _COMPRESS_FROM else {}
    stored = array.astype(object) if array.dtype.kind == "U" else array
    dataset = group.create_dataset(name, data=stored, dtype=kind, **packed)
    dataset.attrs["unit"] = si_unit_name(get_dimensions(value))
    # Tells an array of one number from the number that `encode` stored.
    dataset.attrs["array"] = True


def read(path):
    """Return the five dicts that `write` was given, `axes` included."""
    path = Path(path)
    if not path.is_file():
        raise ResultError(f"{path} does not exist. Name a .h5 file written by brianmem.")
    try:
        with h5py.File(path, "r") as file:
            if _FORMAT_KEY not in file.attrs:
                raise ResultError(f"{path} was not written by brianmem.")
            if file.attrs[_FORMAT_KEY] > FORMAT:
                raise ResultError(f"{path} was written by a newer brianmem; update brianmem.")
            return _parts(file)
    except BrianmemError:
        raise
    except _H5_FAULTS as error:
        raise ResultError(f"{path} is not a readable HDF5 file (corrupt, truncated or "
                          f"unreadable): {_reason(error)}.") from error


def read_metrics(path):
    """Return only the headline numbers of what `write` wrote; quicker than `read`."""
    try:
        with h5py.File(path, "r") as file:
            return {k: decode(v) for k, v in file["metrics"].attrs.items()}
    except _H5_FAULTS as error:
        raise ResultError(f"{path} is not a readable HDF5 file (corrupt, truncated or "
                          f"unreadable): {_reason(error)}.") from error


def _parts(file):
    return {
        "data": {k: _read_value(d) for k, d in file["data"].items()},
        "axes": {k: tuple(d.attrs["axes"]) for k, d in file["data"].items()},
        "parameters": {k: _read_value(d) for k, d in file["parameters"].items()},
        "metrics": {k: decode(v) for k, v in file["metrics"].attrs.items()},
        "attrs": {k: decode(v) for k, v in file.attrs.items() if k != _FORMAT_KEY}}


def _read_value(dataset):
    if not dataset.attrs.get("array", False):
        value = dataset[()]
        return decode(value.decode() if isinstance(value, bytes) else value)
    if h5py.check_string_dtype(dataset.dtype):
        return np.array(dataset.asstr()[()], dtype=str)
    unit = dataset.attrs["unit"]
    array = dataset[()]
    return np.asarray(array) if unit == "1" else Quantity(array, dim=dimension_of(unit))


def encode(value):
    """Turn any value into what an HDF5 attribute holds: number, bool or text."""
    if isinstance(value, np.generic) and not isinstance(value, Quantity):
        value = value.item()
    plain = (isinstance(value, (bool, float))
             or (isinstance(value, int) and -2**63 <= value < 2**63)
             or (isinstance(value, str) and _storable(value)))
    return value if plain else _JSON + json.dumps(value, default=_jsonable)


def _storable(text):
    # A file name that is not UTF-8 reaches the command line as lone surrogates.
    clean = text.encode(errors="replace").decode() == text and "\0" not in text
    return clean and not text.startswith(_JSON)


def _jsonable(value):
    if isinstance(value, Quantity):
        return {"quantity": np.asarray(value).tolist(), "unit": si_unit_name(value.dim)}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else str(value)


def decode(value):
    """Undo `encode`; tuples come back as lists."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value.startswith(_JSON):
        return json.loads(value[len(_JSON):], object_hook=_quantity)
    return value


def _quantity(mapping):
    if mapping.keys() != {"quantity", "unit"}:
        return mapping
    if mapping["unit"] == "1":
        return np.asarray(mapping["quantity"])
    return Quantity(mapping["quantity"], dim=dimension_of(mapping["unit"]))


def json_line(metrics):
    """Return one line of strict JSON; numbers that JSON cannot spell become null."""
    return json.dumps(_strict(metrics), default=_jsonable)


def _strict(value):
    if isinstance(value, dict):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, (Quantity, np.ndarray, np.generic)):
        return _strict(np.asarray(value).tolist())
    if isinstance(value, (list, tuple)):
        return [_strict(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
