"""Measured data: named columns with units, read from a text file or given as arrays."""

import codecs
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from brian2 import amp, kelvin, ohm, second, siemens, volt
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem.errors import DatasetError, UnitError, suggestion
from brianmem.units import check_unit, parse_quantity, reads_as_number, si_unit_name

#: What a column may be: its unit, and the names under which a header is understood.
COLUMNS = {
    "time": (second, ("t", "time")),
    "voltage": (volt, ("v", "u", "voltage", "bias")),
    "current": (amp, ("i", "current")),
    "conductance": (siemens, ("g", "conductance")),
    "resistance": (ohm, ("r", "resistance")),
    "pulse": (1, ("pulse", "pulse number", "n", "number")),
    "amplitude": (volt, ("amplitude", "pulse amplitude", "pulse voltage")),
    "width": (second, ("width", "pulse width")),
    "delay": (second, ("delay", "t_switch", "switching time", "t_set", "t_reset")),
    "temperature": (kelvin, ("temperature", "temp")),
}
_CELSIUS = ("°C", "degC", "C", "celsius")
_HEADERS = (re.compile(r"(?P<name>[^()\[\]/]+)\((?P<unit>.*)\)"),
            re.compile(r"(?P<name>[^()\[\]/]+)\[(?P<unit>.*)\]"),
            re.compile(r"(?P<name>[^()\[\]/]+)/(?P<unit>.+)"),
            re.compile(r"(?P<name>[^()\[\]/]+)"))
_LARGEST = 200 * 2**20


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length by name, each finite; `lines` says where a row stands in `source`."""

    columns: dict
    source: str = "arrays"
    digest: str = None
    lines: np.ndarray = field(default=None, repr=False)

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __contains__(self, name):
        return name in self.columns

    def values(self, name):
        """Return a column in SI numbers. Raises `DatasetError` if it is missing."""
        if name not in self.columns:
            raise DatasetError(
                f"{self.source}: no column '{name}' (found: {', '.join(self.columns)}). Name it in "
                f"the header, e.g. '{_example(name)}', or say --columns {name}=NUMBER.")
        return np.asarray(self.columns[name], dtype=float)

    def where(self, row):
        """Return file and line of a row, for messages."""
        return f"{self.source}, row {row + 1}" if self.lines is None \
            else f"{self.source}, line {self.lines[row]}"


def _example(name):
    unit = get_dimensions(COLUMNS[name][0])
    return name if unit is DIMENSIONLESS else f"{name} ({si_unit_name(unit)})"


def as_table(data, columns=None, units=None):
    """Return a `Table` from a path, a dict of quantities, or a `Table` as it is.

    `columns` maps names to the number (from 1) or the heading of a column, `units`
    names to units; both only for files.
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, dict):
        return _from_arrays(data)
    return read_table(data, columns, units)


def _from_arrays(data):
    if not data:
        raise DatasetError("data: no columns. Give e.g. {'voltage': v*volt, 'current': i*amp}.")
    found, digest = {}, hashlib.sha256()
    for name, values in data.items():
        _check_name(name, "data")
        try:
            check_unit(values, COLUMNS[name][0], f"data: column '{name}'")
        except UnitError as error:
            raise DatasetError(str(error)) from None
        array = np.atleast_1d(np.asarray(values, dtype=float))
        if array.ndim != 1:
            raise DatasetError(f"data: column '{name}' has shape {array.shape}; give one dimension.")
        bad = np.flatnonzero(~np.isfinite(array))
        if bad.size:
            raise DatasetError(f"data, row {bad[0] + 1}, column '{name}': {array[bad[0]]} is no "
                               "measurement. Leave the row out.")
        digest.update(name.encode() + array.tobytes())
        found[name] = Quantity(array, dim=get_dimensions(COLUMNS[name][0]))
    lengths = {name: len(array) for name, array in found.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{k} {n}" for k, n in lengths.items())
        raise DatasetError(f"data: columns of different lengths ({shown}).")
    return Table(found, digest=digest.hexdigest())


def _check_name(name, owner):
    if name not in COLUMNS:
        raise DatasetError(f"{owner}: no column is called '{name}'{suggestion(str(name), COLUMNS)} "
                           f"Known: {', '.join(COLUMNS)}.")


def read_table(path, columns=None, units=None):
    """Read a CSV file whose header names columns and units; see `as_table`.

    Columns may be separated by comma, semicolon or tab; after the latter two a
    decimal comma is understood. Lines that start with ``#`` are comments. Raises
    `DatasetError` naming file, line, column, fault and remedy.
    """
    path, columns, units = Path(path), dict(columns or {}), dict(units or {})
    for name in (*columns, *units):
        _check_name(name, str(path))
    raw = _bytes(path)
    rows = _rows(_text(raw, path), path)
    header, rows = _header(rows, path)
    chosen = _chosen(header, columns, path)
    scales = {name: _scale(name, units.get(name, unit), path, label)
              for name, (_k, label, unit) in chosen.items()}
    if not rows:
        raise DatasetError(f"{path}: a header, but no data below it.")
    found = {name: Quantity(_column(rows, k, label, path) * scales[name][0] + scales[name][1],
                            dim=get_dimensions(COLUMNS[name][0]))
             for name, (k, label, _unit) in chosen.items()}
    lines = np.array([number for number, _cells in rows])
    return Table(found, str(path), hashlib.sha256(raw).hexdigest(), lines)


def _bytes(path):
    try:
        if path.stat().st_size > _LARGEST:
            raise DatasetError(f"{path}: larger than {_LARGEST >> 20} MB. Keep the columns and "
                               "points that the fit needs.")
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}.") from None
    except ValueError:  # a NUL in the name
        raise DatasetError(f"{str(path)!r} is not a file name.") from None


def _text(raw, path):
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):  # "Unicode text" of a spreadsheet
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise DatasetError(f"{path}: begins as UTF-16 text and does not go on so. Export the data "
                               "as CSV in UTF-8.") from None
    if b"\0" in raw:
        raise DatasetError(f"{path}: not a text file. Export the data as CSV.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:  # older instruments
        return raw.decode("latin-1")


def _rows(text, path):
    """Return (line number, cells) of each line that holds something."""
    lines = [(k, line) for k, line in enumerate(text.splitlines(), 1)
             if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise DatasetError(f"{path}: the file is empty.")
    first = lines[0][1]
    separator = next((s for s in ";\t," if s in first), None)
    if separator is None:
        raise DatasetError(f"{path}, line {lines[0][0]}: '{first.strip()[:60]}' has one column. "
                           "Separate columns by comma, semicolon or tab.")
    cells = [(k, [c.strip().strip('"') for c in line.split(separator)]) for k, line in lines]
    if separator != ",":
        cells = [cells[0], *((k, [c.replace(",", ".") for c in row]) for k, row in cells[1:])]
    for k, row in cells[1:]:
        if any(row[len(cells[0][1]):]):
            raise DatasetError(f"{path}, line {k}: {len(row)} values under {len(cells[0][1])} "
                               "headings. With decimal commas, separate the columns by semicolons "
                               "or tabs.")
    # A line of separators alone is what a spreadsheet makes of an empty row at the end.
    while len(cells) > 1 and not any(cells[-1][1]):
        cells.pop()
    return cells


def _header(rows, path):
    """Return the headings as (label, name, unit), and the rows below them."""
    first = rows[0][1]
    if all(reads_as_number(cell.replace(",", ".")) for cell in first if cell):
        return [(f"{k}", None, None) for k in range(1, len(first) + 1)], rows
    return [(label, *_parsed(label)) for label in first], rows[1:]


def _parsed(label):
    """Return the known name (or None) and the unit (or None) that a heading states."""
    for pattern in _HEADERS:
        match = pattern.fullmatch(label.strip())
        if match:
            name, unit = match["name"].strip(), match.groupdict().get("unit")
            if name == "T":
                return "temperature", unit
            key = name.lower().replace("_", " ")
            for column, (_unit, names) in COLUMNS.items():
                if key in names or name.lower() in names:
                    return column, unit
            return None, unit
    return None, None


def _chosen(header, columns, path):
    """Return name to (index, label, unit) of the columns that are understood."""
    chosen = {}
    for k, (label, name, unit) in enumerate(header):
        if name is None or name in columns:
            continue
        if name in chosen:
            raise DatasetError(f"{path}: '{chosen[name][1]}' and '{label}' both are the {name}. Say "
                               f"which: --columns {name}=NUMBER.")
        chosen[name] = (k, label, unit)
    for name, asked in columns.items():
        k = _index(header, name, str(asked).strip(), path)
        chosen[name] = (k, header[k][0], header[k][2])
    if not chosen:
        heads = ", ".join(label for label, *_ in header)
        raise DatasetError(f"{path}: no column is understood ({heads}). Add a header such as "
                           "'voltage (V), current (A)', or say --columns \"voltage=1,current=2\" "
                           "--units \"voltage=V,current=A\".")
    return chosen


def _index(header, name, asked, path):
    labels = [label for label, *_ in header]
    if asked in labels and not (asked.isdigit() and header[0][1] is None):
        return labels.index(asked)
    bare = [re.split(r"[(\[/]", label)[0].strip() for label in labels]
    if asked in bare:
        return bare.index(asked)
    if asked.isdigit() and 1 <= int(asked) <= len(labels):
        return int(asked) - 1
    raise DatasetError(f"{path}: no column '{asked}' for the {name}; there are {len(labels)}: "
                       f"{', '.join(labels)}.")


def _scale(name, unit, path, label):
    """Return factor and offset that turn a column into SI."""
    like = get_dimensions(COLUMNS[name][0])
    if like is DIMENSIONLESS:
        return 1.0, 0.0
    if unit is None or not unit.strip():
        raise DatasetError(f"{path}: column '{label}' states no unit. Write '{_example(name)}', or "
                           f"say --units {name}={si_unit_name(like)}.")
    if name == "temperature" and unit.strip() in _CELSIUS:
        return 1.0, 273.15
    try:
        value = parse_quantity(f"1 {unit.strip()}", like, f"{path}: column '{label}'")
    except UnitError:
        raise DatasetError(f"{path}: column '{label}': '{unit.strip()}' is not a unit of {name}. "
                           f"Use for example {_example(name)}, or say --units "
                           f"{name}={si_unit_name(like)}.") from None
    return float(value), 0.0


def _column(rows, k, label, path):
    return np.array([_number(number, cells, k, label, path) for number, cells in rows])


def _number(number, cells, k, label, path):
    where = f"{path}, line {number}, column '{label}'"
    if k >= len(cells) or not cells[k]:
        raise DatasetError(f"{where}: empty. Fill it in or delete the line.")
    try:
        value = float(cells[k])
    except ValueError:
        raise DatasetError(f"{where}: '{cells[k][:40]}' is not a number. Correct it, or put # before "
                           "the line.") from None
    if not np.isfinite(value):
        raise DatasetError(f"{where}: {cells[k]} is no measurement. Delete the line or put # before "
                           "it.")
    return value
