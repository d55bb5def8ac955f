"""What jumps in a device: conditions, and statements that are done when they hold.

An event is looked at after every step, so its time is known to one step: a device
with events converges with order 1. Statements may draw numbers, ``rand()`` and
``randn()``: what is redrawn at every switching.
"""

import re

import numpy as np
from brian2 import volt
from brian2.core.namespace import DEFAULT_UNITS
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity
from brian2.utils.stringtools import get_identifiers

from brianmem import equations as eq
from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import DeviceError, suggestion
from brianmem.units import format_quantity, si_unit_name
from brianmem.vocabulary import RANDOM

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
        check_expression(known, owner, f"int({condition})", DIMENSIONLESS, shown=condition)
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
                             RANDOM)
            _check_inside(device, owner, name, expression)


def _check_inside(device, owner, name, expression):
    """Raise where a number that an event sets is outside the bounds; others show in a run."""
    fixed = {k: float(q) for k, q in device.namespace.items()}
    if name not in device.bounds or not get_identifiers(expression) <= {*fixed, *DEFAULT_UNITS}:
        return
    low, high = device.bounds[name]
    try:
        with np.errstate(all="ignore"):
            value = float(eq.compile_numpy(expression, tuple(fixed))(**fixed))
    except ArithmeticError:  # of plain Python numbers
        value = np.nan
    if not float(low) <= value <= float(high):
        found, low, high = (format_quantity(Quantity(q, dim=device.dimension(name)), 4)
                            for q in (value, low, high))
        raise DeviceError(f"{owner} sets '{name}' to {found}, outside its bounds {low}..{high}. "
                          "Correct the event or the bounds.")


def draws(device):
    """Tell whether an event of `device` draws a random number."""
    return any(get_identifiers(text) & set(RANDOM) for _condition, text in device.events)


def set_by_events(device):
    """Return the states that events set, with the numbers of those events."""
    found = {}
    for k, (_condition, text) in enumerate(device.events):
        for name, _expression in statements(text):
            found.setdefault(name, []).append(k)
    return found


def check_expression(known, owner, expression, dim, functions=(), shown=None):
    """Raise `DeviceError` unless `expression` of the quantities `known` has dimension `dim`."""
    definition = f"checked_value = {expression} : {si_unit_name(dim)}"
    shown = shown or expression
    try:
        line = eq.parse(definition, owner)
        eq.check_names(line, {*known, *functions}, owner)
    except DeviceError as error:  # it speaks of a line that nobody wrote
        text = str(error).replace(" in the equation for 'checked_value'", "")
        text = text.split(" is not 'name = expression")[0] if definition in text else text
        raise DeviceError(text.replace(f"the equations: '{definition}'", f"'{shown}'")
                          .replace("the equation for 'checked_value'", f"'{shown}'")
                          .replace(definition, shown)) from None
    try:
        check_dimensions(line, known, owner)
    except (ParameterUnit, DeviceError):
        unit = "a plain number" if dim is DIMENSIONLESS else f"in {si_unit_name(dim)}"
        raise DeviceError(f"{owner}: '{shown}' must be {unit}, and its units must "
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
