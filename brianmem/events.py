"""What jumps in a device: conditions, and statements that are done when they hold.

An event is looked at after every step, so its time is known to one step: a device
with events converges with order 1. Statements may draw numbers, ``rand()`` and
``randn()``: what is redrawn at every switching.
"""

import re

from brian2 import volt
from brian2.core.namespace import DEFAULT_UNITS
from brian2.units.fundamentalunits import DIMENSIONLESS
from brian2.utils.stringtools import get_identifiers

from brianmem import equations as eq
from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import DeviceError, suggestion
from brianmem.units import si_unit_name

_STATEMENT = re.compile(r"\s*(\w+)\s*=(?!=)\s*(.+)")


def statements(text):
    """Split ``a = b`` statements, one a line or between semicolons, into (name, expression)."""
    found = []
    for line in re.split(r"[;\n]", text):
        bare = line.split("#")[0].strip()
        if bare:
            match = _STATEMENT.fullmatch(bare)
            found.append((match[1], match[2]) if match else (None, bare))
    return found


def check_events(device, known=None):
    """Raise `DeviceError` for an event that does not fit the states and units of `device`.

    `known` maps what an expression may use to values or dimensions.
    """
    known = known or {"v": volt.dim, **device.namespace,
                      **{name: device.dimension(name) for name in device.model}}
    for condition, text in device.events:
        owner = f"{device}: event '{condition}'"
        check_expression(known, owner, f"int({condition})", DIMENSIONLESS)
        changes = statements(text)
        if not changes:
            raise DeviceError(f"{owner} changes nothing. Write 'state = expression'.")
        for name, expression in changes:
            if name is None:
                raise DeviceError(f"{owner}: '{expression}' is not 'state = expression'.")
            if name not in device.states:
                raise DeviceError(f"{owner} sets '{name}', which is not a state"
                                  f"{suggestion(name, device.states)}")
            check_expression(known, f"{owner}, '{name}'", expression, device.dimension(name),
                             eq.RANDOM)


def draws(device):
    """Tell whether an event of `device` draws a random number."""
    return any(get_identifiers(text) & set(eq.RANDOM) for _condition, text in device.events)


def check_expression(known, owner, expression, dim, functions=()):
    """Raise `DeviceError` unless `expression` of the quantities `known` has dimension `dim`."""
    line = eq.parse(f"checked_value = {expression} : {si_unit_name(dim)}", owner)
    eq.check_names(line, {*known, *functions}, owner)
    try:
        check_dimensions(line, known, owner)
    except (ParameterUnit, DeviceError):
        unit = "a plain number" if dim is DIMENSIONLESS else f"in {si_unit_name(dim)}"
        raise DeviceError(f"{owner}: '{expression}' must be {unit}, and its units must "
                          "fit together.") from None


def jumping(device):
    """Return the states that only events change: their rate is the constant 0."""
    rates = {name: device.model[name].expr.code for name in device.states} if device.events else {}
    return tuple(name for name, code in rates.items()
                 if get_identifiers(code) <= DEFAULT_UNITS.keys() and not device.evaluate(name))


def event_code(device, where=""):
    """Return the statements that Brian2 runs after each step; empty without events.

    `device` may be what `Device.scoped` returns, for a group of your own. `where` is a
    factor 0 or 1 on every condition.
    """
    lines = []
    for k, (condition, text) in enumerate(device.events):
        lines.append(f"_event_{k} = int({condition}){where}")
        # Not a difference, in which a small new value would be lost beside a large old one.
        lines += [f"{name} = _event_{k}*({expression}) + (1 - _event_{k})*{name}"
                  for name, expression in statements(text)]
    return "\n".join(lines)
