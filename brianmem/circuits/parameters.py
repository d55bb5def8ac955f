"""The values of a circuit: those of its elements, its ``.param`` and those given in Python."""

import numpy as np
from brian2.core.functions import Function
from brian2.core.namespace import DEFAULT_UNITS

from brianmem import equations as eq
from brianmem import vocabulary
from brianmem.circuits.cards import NUMBER, POWERS, check_ending
from brianmem.circuits.elements import check_value
from brianmem.circuits.values import check_size, expression, number
from brianmem.errors import CircuitError, DeviceError, UnitError, suggestion
from brianmem.units import format_quantity, is_number, parse_quantity
from brianmem.validation import check_name

_FUNCTIONS = {n: f for n, f in vars(np).items() if n in (
    "exp", "log", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "clip", "sign")}


def check_arguments(circuit):
    """Raise `CircuitError` unless the fields of `circuit` are of the kinds that it needs."""
    if not (isinstance(circuit.name, str) and circuit.name.isidentifier()):
        raise CircuitError("Circuit: name must be a word of letters, digits and _, got "
                           f"{circuit.name!r}.")
    for kind in ("parameters", "inputs"):
        check_dict(circuit, kind, getattr(circuit, kind))
    for name, value in circuit.parameters.items():
        if callable(value) and not isinstance(value, Function):
            raise CircuitError(f"{circuit}: parameters['{name}'] must be a TimedArray or a Function of "
                               f"Brian2, got {value!r}. Or write '{{...}}' with t in the netlist.")
    if not isinstance(circuit.vary, (str, list, tuple, set, frozenset)):
        raise CircuitError(f"{circuit}: vary must be names of values, got {circuit.vary!r}.")


def check_dict(circuit, kind, value):
    """Raise `CircuitError` unless `value` maps names to values."""
    if not hasattr(value, "items"):
        raise CircuitError(f"{circuit}: {kind} must be a dict of names to values, got {value!r}.")


def given_values(circuit, netlist):
    """Return the values that ``.param`` and `circuit.parameters` give; the latter overrule."""
    found = {}
    for name, (text, line) in netlist.parameters.items():
        where = f"Line {line}, .param {name}"
        _check_identifier(name, where)
        found[name] = circuit.parameters.get(name, None)
        if found[name] is None:
            found[name] = _parameter(text, where, found)
        else:
            check_value(f"{circuit}: {name}", found[name], _parameter(text, where, found))
    for kind in ("parameters", "inputs"):
        for name, value in getattr(circuit, kind).items():
            _check_identifier(name, f"{circuit}: {kind}")
            if kind == "inputs" or not callable(value):
                check_value(f"{circuit}: {kind}['{name}']", value, None)
    for name in circuit.inputs:
        if name in circuit.parameters or name in netlist.parameters:
            raise CircuitError(f"{circuit}: '{name}' is both an input and a parameter.")
    return {**found, **circuit.parameters}


def all_values(circuit, netlist, parts, given):
    """Return the values of elements, overruled by those `given`."""
    for name, value in given.items():
        if name not in parts.namespace:
            continue
        if name in netlist.parameters:
            raise CircuitError(f"Line {netlist.parameters[name][1]}, .param {name}: the netlist gives "
                               f"the element {name} a value of its own. Rename the parameter.")
        if callable(value):
            raise CircuitError(f"{circuit}: {name} must be one value. Write a function as "
                               f"'{{{name.lower()}(t)}}' in the netlist.")
        check_value(f"{circuit}: {name}", value, parts.namespace[name])
        if name in parts.positive and not float(value) > 0:
            _refuse(circuit, name, value)
    for name in circuit.inputs:
        if name in parts.namespace:
            raise CircuitError(f"{circuit}: the input '{name}' has the name of a value of the netlist"
                               ". Rename it.")
    for name in parts.namespace:
        _check_identifier(name, str(circuit))
    return {**parts.namespace, **given}


def check_positive(circuit, name, value):
    """Raise `CircuitError` if `name` must be above 0 and a `value` is not."""
    if name in circuit.positive and not np.all(np.asarray(value, dtype=float) > 0):
        _refuse(circuit, name, value)


def _refuse(circuit, name, value):
    low = np.min(np.asarray(value, dtype=float))
    shown = format_quantity(value) if np.ndim(value) == 0 else f"{low:g} in SI units"
    raise CircuitError(f"{circuit}: {name} must be above 0, got {shown}.")


def _check_identifier(name, where):
    try:
        check_name(where, name)
    except DeviceError as error:
        raise CircuitError(str(error)) from None
    check_ending(name, where)
    if name in vocabulary.builtins():
        raise CircuitError(f"{where}: '{name}' cannot be a name: it is a function, constant or unit.")


def _parameter(text, where, known):
    match = NUMBER.fullmatch(text)
    if match and match[2].lower() in POWERS:
        return number(text, "1", where)
    if match:
        try:
            value = parse_quantity(text, name=where)
        except UnitError as error:
            raise CircuitError(str(error)) from None
    else:
        value = _computed(expression(text, where), text, where, known)
    check_size(value, text, where)
    return value


def _computed(code, text, where, known):
    names = {**DEFAULT_UNITS, **_FUNCTIONS, "pi": np.pi, "int": int,
             **{k: v for k, v in known.items() if v is not None}}
    for name in sorted(eq.get_identifiers(code) - names.keys()):
        raise CircuitError(f"{where}: '{text}' has '{name}', which is no .param before it"
                           f"{suggestion(name, known)}")
    try:
        with np.errstate(all="ignore"):
            value = eval(code, {"__builtins__": {}}, names)
    except Exception as error:  # units that do not fit, or a division by 0
        raise CircuitError(f"{where}: '{text}' has no value: {eq.one_line(error)}") from None
    if not is_number(value):
        raise CircuitError(f"{where}: '{text}' is no number.")
    return value
