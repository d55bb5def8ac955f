"""Quantities as text: exact source code, and what a user types on a command line."""

import functools
import re

import brian2
import numpy as np
from brian2.units.fundamentalunits import (
    DIMENSIONLESS,
    Quantity,
    Unit,
    get_dimensions,
    get_unit,
    get_unit_for_display,
)

from brianmem.errors import UnitError

# Base or derived SI units that a dimension is written in, most readable first.
_NAMED = ("ohm", "siemens", "volt", "amp", "second", "metre", "kelvin", "joule", "watt",
          "farad", "coulomb", "hertz", "kilogram", "mole")
_COMPOUND = ("metre**2/(volt*second)", "volt/metre", "1/volt", "metre/second", "kelvin/watt",
             "1/second", "volt/second", "1/metre", "joule/kelvin", "amp/metre**2",
             "amp*second/metre**3", "ohm*metre", "volt**0.5", "1/watt", "amp/volt**2")
_BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candle")
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(.*?)\s*$")


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
    unit = value.get_best_unit()
    if not isinstance(unit, Unit) or str(unit)[:1].isdigit():
        return f"{float(value):.{digits}g} {si_unit_name(dim).removeprefix('1')}"
    return f"{float(value / unit):.{digits}g} {unit}"


def unit_label(dimensions):
    """Return the short symbol of the SI unit, e.g. ``V`` or ``A/m``."""
    return "1" if dimensions is DIMENSIONLESS else str(get_unit_for_display(dimensions))


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
    cleaned = text.replace("^", "**").replace("µ", "u").replace("Ω", "ohm").strip()
    if not re.fullmatch(r"[A-Za-z0-9_*/().\s-]+", cleaned):
        raise UnitError(f"'{text}' is not a unit. Write for example 'V', 'kohm' or 'ns'.")
    try:
        return eval(cleaned, {"__builtins__": {}}, dict(_unit_names()))
    except Exception:
        raise UnitError(f"'{text}' is not a unit. Write for example 'V', 'kohm' or 'ns'.") from None


def parse_quantity(text, like=None, name="value"):
    """Read text such as ``1.6 V``, ``100ns`` or ``2*kohm`` as a Brian2 quantity.

    `like` is a quantity, unit or dimension that the result must agree with.
    Raises `UnitError` naming `name`, the fault and the expected unit.
    """
    if isinstance(text, Quantity) or not isinstance(text, str):
        value = text
    else:
        match = _NUMBER.match(text)
        if not match:
            raise UnitError(f"{name}: '{text}' is not a number with a unit, such as '1.2 V'.")
        number, unit = float(match[1]), match[2]
        value = number * _evaluate_unit(unit) if unit else number
    return check_unit(value, like, name) if like is not None else value


def check_unit(value, like, name):
    """Return `value` if its dimension is that of `like`, else raise `UnitError`."""
    expected = get_dimensions(like)
    if get_dimensions(value) is not expected:
        what = "a plain number" if expected is DIMENSIONLESS else f"in {si_unit_name(expected)}"
        raise UnitError(f"{name} must be {what}, got {_shown(value)}.")
    return value


def _shown(value):
    if np.ndim(value) == 0:
        return format_quantity(value)
    return f"an array in {get_unit(get_dimensions(value))!r}"
