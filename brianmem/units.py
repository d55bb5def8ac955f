"""Quantities as text: exact source code, and what a user types on a command line."""

import ast
import functools
import operator
import re
import unicodedata

import brian2
import numpy as np
from brian2.units.fundamentalunits import (
    DIMENSIONLESS,
    Quantity,
    Unit,
    get_dimensions,
)

from brianmem.errors import UnitError

# Base or derived SI units that a dimension is written in, most readable first. Without
# parentheses, which Brian2 does not read in equations.
_NAMED = ("ohm", "siemens", "volt", "amp", "second", "metre", "kelvin", "joule", "watt",
          "farad", "coulomb", "hertz", "kilogram", "mole")
_COMPOUND = ("metre**2/volt/second", "volt/metre", "1/volt", "metre/second", "kelvin/watt",
             "1/second", "volt/second", "1/metre", "joule/kelvin", "amp/metre**2",
             "amp*second/metre**3", "ohm*metre", "volt**0.5", "1/watt", "amp/volt**2",
             "watt/metre**2", "farad/metre**2", "siemens/metre**2", "farad/metre", "siemens/metre",
             "watt/kelvin", "watt/metre/kelvin", "joule/metre**3", "joule/metre**3/kelvin",
             "volt/kelvin", "joule*second", "kilogram/metre**3", "kilogram*metre/second", "1/kelvin",
             "1/metre**3", "1/volt/second", "1/amp/second", "ohm/amp**2", "volt**3",
             "amp/metre**2/kelvin**2")
_BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candle")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_SIMPLE = re.compile(r"[^\W\d]+(\^\d)?")
_OPERATORS = {ast.Mult: operator.mul, ast.Div: operator.truediv}
_LONGEST, _LARGEST_POWER = 100, 20
# Smaller numbers lose digits, and their inverse is infinite.
_SMALLEST = 1e-300


@functools.cache
def si_unit_name(dimensions):
    """Spell `dimensions` as a product of Brian2 unit names, "1" if dimensionless."""
    if dimensions is DIMENSIONLESS:
        return "1"
    for name in _NAMED:
        if getattr(brian2, name).dim is dimensions:
            return name
    for text in _COMPOUND:
        if get_dimensions(_evaluate_unit(text)) is dimensions:
            return text
    powers = [(n, dimensions._dims[k]) for k, n in enumerate(_BASE)]
    return "*".join(n if p == 1 else f"{n}**{_power(p)}" for n, p in powers if p)


def _power(exponent):
    return int(exponent) if float(exponent).is_integer() else repr(float(exponent))


@functools.cache
def dimension_of(unit_name):
    """Return the Brian2 dimension that `si_unit_name` spelt."""
    return get_dimensions(_evaluate_unit(unit_name)) if unit_name != "1" else DIMENSIONLESS


def quantity_source(value):
    """Write a scalar quantity or plain value so that `eval` restores it exactly."""
    if not isinstance(value, Quantity) or value.dim is DIMENSIONLESS:
        return repr(value.item() if isinstance(value, (np.generic, np.ndarray)) else value)
    name = si_unit_name(value.dim)
    return f"{float(value)!r}{name[1:]}" if name.startswith("1/") else f"{float(value)!r}*{name}"


def format_quantity(value, digits=6):
    """Show a scalar with a readable prefix, e.g. ``16 kohm``."""
    dim = get_dimensions(value)
    if dim is DIMENSIONLESS:
        return f"{float(value):.{digits}g}"
    if dim is brian2.kelvin.dim:
        return f"{float(value):.{digits}g} K"
    unit = None if si_unit_name(dim) in _COMPOUND else value.get_best_unit()
    if not isinstance(unit, Unit) or not _SIMPLE.fullmatch(str(unit)):
        return f"{float(value):.{digits}g} {unit_label(dim)}"
    return f"{float(value / unit):.{digits}g} {unit}"


@functools.cache
def unit_label(dimensions):
    """Return the symbols of the SI unit, which can be read back, e.g. ``V`` or ``m^2/(V*s)``."""
    top, *under = si_unit_name(dimensions).replace("**", "^").split("/")
    if top == "1" and under:  # "2 V^-1" rather than "2 1/V"
        name = "*".join(f"{f}^-{p or 1}" for f, _, p in (factor.partition("^") for factor in under))
    else:
        name = "/".join([top, f"({'*'.join(under)})" if len(under) > 1 else "".join(under)]).strip("/")
    return re.sub(r"[a-z]+", lambda word: _unit_names()[word[0]].dispname, name)


@functools.lru_cache(maxsize=1)
def _unit_names():
    from brian2.units import allunits

    names = {k: u for k, u in vars(allunits).items() if isinstance(u, Unit)}
    for unit in list(names.values()):
        symbol = unit.dispname
        if symbol.isidentifier():
            names.setdefault(symbol, unit)
    names.update(kOhm=brian2.kohm, Ohm=brian2.ohm, MOhm=brian2.Mohm, s=brian2.second,
                 K=brian2.kelvin, m=brian2.metre, min=60 * brian2.second)
    return names


def _evaluate_unit(text):
    """Read a product of powers of unit names; nothing else is computed or executed."""
    # One code point each for the two micro signs and the two ohm signs of Unicode.
    cleaned = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("Ω", "ohm")
    cleaned = cleaned.replace("^", "**").strip()
    # "2or V" is two words to Python, with a warning.
    if len(text) > _LONGEST or re.search(r"[^\w*/().\s-]|(?<!\w)[\d.]+[^\W\d]", cleaned):
        raise UnitError(f"'{_clipped(text)}' is not a unit.")
    try:
        return _product(ast.parse(cleaned, mode="eval").body)
    except (SyntaxError, ValueError, KeyError, TypeError, ArithmeticError):
        raise UnitError(f"'{_clipped(text)}' is not a unit.") from None


def _clipped(text):
    return " ".join(text[:_LONGEST].split())


def _product(node):
    if isinstance(node, ast.Name):
        return _unit_names()[node.id]
    if isinstance(node, ast.Constant) and node.value == 1:
        return 1  # as in 1/second
    if not isinstance(node, ast.BinOp):
        raise ValueError
    if isinstance(node.op, ast.Pow):
        exponent = ast.literal_eval(node.right)
        if not abs(exponent) <= _LARGEST_POWER:
            raise ValueError
        return _product(node.left) ** exponent
    return _OPERATORS[type(node.op)](_product(node.left), _product(node.right))


def parse_quantity(text, like=None, name="value"):
    """Read text such as ``1.6 V``, ``100ns`` or ``2*kohm`` as a Brian2 quantity.

    `like` is a quantity, unit or dimension that the result must agree with; a
    value that is not text is only compared with it.
    Raises `UnitError` naming `name`, the fault and the expected unit.
    """
    value = _read(text, name) if isinstance(text, str) else text
    return check_unit(value, like, name) if like is not None else value


def _read(text, name):
    stripped = text.strip()
    match = _NUMBER.match(stripped)
    if not match:
        raise UnitError(f"{name}: '{_clipped(text)}' is not a number with a unit, such as '1.2 V'.")
    # "2*volt", "2/volt" and "2 volt"
    rest = stripped[match.end():].strip()
    try:
        unit = _evaluate_unit(f"1{rest}" if rest[:1] == "/" else rest.removeprefix("*")) if rest else 1
    except UnitError as error:
        raise UnitError(f"{name}: {error} Write for example '1.2 V', '2 kohm' or '100ns'.") from None
    number = float(match[0]) * float(unit)
    if not np.isfinite(number):
        raise UnitError(f"{name}: '{_clipped(text)}' is too large a number.")
    if 0 < abs(number) < _SMALLEST:
        raise UnitError(f"{name}: '{_clipped(text)}' is too small a number to compute with.")
    return Quantity(number, dim=unit.dim) if rest else number


def reads_as_number(text):
    """Tell whether `text` is what Python reads as a plain number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_number(value):
    """Tell whether `value` is one real number or scalar quantity; truth values are not."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63  # the largest of Brian2
    if isinstance(value, np.ndarray):  # every Quantity is one
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, (float, np.integer, np.floating))


def check_unit(value, like, name):
    """Return `value` if its dimension is that of `like`, else raise `UnitError`."""
    expected = get_dimensions(like)
    if not is_number(value) and np.asarray(value).dtype.kind not in "iuf":
        raise UnitError(f"{name} must be {_wanted(expected)}, got {value!r}.")
    if get_dimensions(value) is not expected:
        raise UnitError(f"{name} must be {_wanted(expected)}, got {_shown(value)}.")
    return value


def _wanted(dimensions):
    return "a plain number" if dimensions is DIMENSIONLESS else f"in {si_unit_name(dimensions)}"


def _shown(value):
    return format_quantity(value) if np.ndim(value) == 0 else \
        f"an array in {si_unit_name(get_dimensions(value))}"
