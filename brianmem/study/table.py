"""The points of a study as columns of JSON: exact, and quick to read for 100 000 of them."""

import json

from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity

from brianmem.hdf5 import decode, encode
from brianmem.study.points import Point
from brianmem.units import dimension_of, si_unit_name

#: Stands for a parameter that a point does not have.
_ABSENT = {"absent": True}


def to_table(points):
    """Write points as text that `from_table` reads."""
    names = dict.fromkeys(n for p in points for n in p.parameters)
    columns = {name: _packed([p.parameters.get(name, _ABSENT) for p in points]) for name in names}
    return json.dumps({"ids": [p.id for p in points], "columns": columns})


def from_table(text):
    """Return the points that `to_table` was given; tuples come back as lists."""
    table = json.loads(text)
    columns = {name: _unpacked(column, len(table["ids"])) for name, column in table["columns"].items()}
    return tuple(Point({n: values[k] for n, values in columns.items() if values[k] is not _ABSENT}, i)
                 for k, i in enumerate(table["ids"]))


def _packed(values):
    units = {v.dim if isinstance(v, Quantity) and v.ndim == 0 else None for v in values}
    dim = units.pop() if len(units) == 1 else None
    if dim is not None:
        numbers = [float(v) for v in values]
        return {"unit": si_unit_name(dim), **_short("values", numbers)}
    if all(type(v) in (int, float, str, bool) for v in values):
        return _short("values", values)
    return _short("encoded", [v if v is _ABSENT else encode(v) for v in values])


def _short(key, values):
    """A column of one value is that value."""
    same = len(values) > 1 and all(type(v) is type(values[0]) and v == values[0] for v in values)
    return {key: values[:1] if same else values}


def _unpacked(column, count):
    values = column.get("values", column.get("encoded"))
    if "encoded" in column:
        values = [_ABSENT if v == _ABSENT else decode(v) for v in values]
    elif "unit" in column:
        dim = DIMENSIONLESS if column["unit"] == "1" else dimension_of(column["unit"])
        values = [Quantity(v, dim=dim) for v in values]
    return values * count if len(values) == 1 else values
