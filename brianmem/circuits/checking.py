"""Whether what a netlist says has a meaning: units, names, and finite values at the start."""

import ast

import numpy as np
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant, Variable
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import equations as eq
from brianmem import vocabulary
from brianmem.circuits.cards import GROUND
from brianmem.circuits.values import check_size
from brianmem.errors import CircuitError, suggestion
from brianmem.units import dimension_of, format_quantity, si_unit_name


def check_written(circuit, parts, known):
    """Check each expression of the netlist on its own against the unit of its place.

    `known` maps the names of parameters and inputs to their values or functions.
    """
    units = _units_of_names(parts)
    variables = {**vocabulary.builtins(), **{n: Variable(n, dimensions=dimension_of(u))
                                     for n, u in units.items()},
                 **{n: _variable(n, v) for n, v in known.items()}}
    for name in units.keys() & known.keys():
        raise CircuitError(f"{circuit}: '{name}' is both a value and a voltage, current or state of "
                           "the circuit. Rename the element or parameter.")
    for written in parts.checked:
        _check_names(circuit, written, variables)
        wanted, found = dimension_of(written.unit), _dimension(written, variables)
        if found is not wanted:
            raise CircuitError(f"{written} is {_in(found)}, but must be {_in(wanted)}.")
        if written.element.kind in "CL" and "t" in _identifiers(written.code):
            raise CircuitError(f"{written} depends on t. The charge of such a capacitor, or the flux "
                               "of such an inductor, needs a B element.")


def _units_of_names(parts):
    nodes = dict.fromkeys(n for b in parts.branches for n in (b.a, b.b) if n != GROUND)
    return {**{f"v_{n}": "volt" for n in nodes}, **{f"i_{b.name}": "amp" for b in parts.branches},
            **{n: u for n, (_, u) in (*parts.lines.items(), *parts.rates.items())}}


def _variable(name, value):
    return value if isinstance(value, Function) else \
        Constant(name, float(value), dimensions=get_dimensions(value))


def _identifiers(code):
    return {n.id for n in ast.walk(ast.parse(code, mode="eval")) if isinstance(n, ast.Name)}


def _check_names(circuit, written, variables):
    own = [n for n in variables if n not in vocabulary.builtins()]
    for name in sorted(_identifiers(written.code) - variables.keys()):
        if name.startswith(("v_", "i_")):
            what = "node" if name[0] == "v" else "element"
            hint = suggestion(name, own).replace(f"'{name[:2]}", f"'{name[0]}(").replace("'?", ")'?")
            raise CircuitError(f"{written} reads {name[0]}({name[2:]}), but there is no such "
                               f"{what}{hint}")
        if name in DEFAULT_FUNCTIONS or name in ("dt", "xi"):
            raise CircuitError(f"{written} uses {name}, which has no place in a circuit's equations.")
        if name == "time":
            raise CircuitError(f"{written} has 'time', which is called t here.")
        raise CircuitError(f"{written} has '{name}', which is not defined{suggestion(name, own)} Pass "
                           f"it as parameters={{'{name}': ...}} or inputs=.")


def _dimension(written, variables):
    powers = [n for n in ast.walk(ast.parse(written.code, mode="eval"))
              if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    try:
        found = parse_expression_dimensions(written.code, variables)
        exponents = [parse_expression_dimensions(ast.unparse(n.right), variables) for n in powers]
    except Exception as error:  # Brian2's parser has no class of errors of its own
        raise CircuitError(f"{written} has no meaning: {eq.one_line(error)}") from None
    if any(e is not dimension_of("1") for e in exponents):
        raise CircuitError(f"{written} has an exponent with a unit.")
    return found


def _in(dimension):
    return "a plain number" if dimension is dimension_of("1") else f"in {si_unit_name(dimension)}"


def check_start(circuit, model, parts, values, initial):
    """Check that every line, and every value of an element, is a number at the start.

    `values` holds all parameters and inputs, `initial` all states, scalar or one for
    each copy.
    """
    states = eq.states(model)
    lines = eq.subexpressions(model)
    functions = {n: _called(v) for n, v in values.items() if callable(v)}
    outputs = [*(w.code for w in parts.checked), *lines, *(f"_rate_{n}" for n in states)]
    given = {k: np.asarray(v, dtype=float)[()] for k, v in {**values, **initial}.items()
             if not callable(v)}
    noises = {n: np.float64(0) for n in eq.noise(model)}
    given |= {"t": np.float64(0), **noises}
    system = eq.compile_system(model, ("_start", "0"), outputs, list(given), functions)
    with np.errstate(all="ignore"):
        try:
            found = system(**given)
        except ZeroDivisionError:  # of constants alone, which Python computes
            raise _division(circuit, parts) from None
    for written, value in zip(parts.checked, found, strict=False):
        _check_written_value(written, value)
    for name, value in zip((*lines, *states), found[len(parts.checked):], strict=True):
        wrong, where = _first(value, ~np.isfinite(value))
        if wrong is not None:
            what = f"the rate of '{name}'" if name in states else _owner(name, parts)
            raise CircuitError(f"{circuit}: {what} is {wrong:g} at the start{where}: its value does "
                               "not exist, or nothing determines it. Check what its equation divides "
                               "by.")


def _first(values, bad):
    """Return the first of `values` that is `bad`, None without one, and which copy's it is."""
    if not np.any(bad):
        return None, ""
    copy = int(np.argmax(bad))
    return np.ravel(values)[copy], f" in copy {copy}" if np.ndim(values) else ""


def _division(circuit, parts):
    for written in parts.checked:
        if not _identifiers(written.code) - DEFAULT_UNITS.keys():
            try:
                _check_written_value(written, eq.compile_numpy(written.code, ())())
            except ZeroDivisionError:
                return CircuitError(f"{written} divides by 0.")
    return CircuitError(f"{circuit}: an expression divides by the constant 0.")


def _called(function):
    units = getattr(function, "_arg_units", None) or ()

    def call(*arguments):
        given = [Quantity(a, dim=get_dimensions(u)) for a, u in zip(arguments, units, strict=True)]
        return np.float64(np.asarray(function(*given), dtype=float))

    return call


def _check_written_value(written, value):
    wrong, where = _first(value, ~np.isfinite(value))
    if wrong is not None:
        raise CircuitError(f"{written} is {wrong:g} at the start{where}.")
    check_size(value, written.text, str(written.element))
    wrong, where = _first(value, np.asarray(value) <= 0)
    if written.positive and wrong is not None:
        shown = format_quantity(Quantity(wrong, dim=dimension_of(written.unit)))
        raise CircuitError(f"{written} must be above 0, and is {shown} at the start{where}.")


def _owner(name, parts):
    """Return the words for a line of the equations: the node or element it belongs to."""
    if name.startswith("v_"):
        return f"the voltage of node '{name[2:]}'"
    for branch in parts.branches:
        if name in (f"i_{branch.name}", f"e_{branch.name}"):
            return f"the {'voltage' if name[0] == 'e' else 'current'} of {branch.element}"
        if name.startswith(f"{branch.name}_"):
            return f"'{name}' of {branch.element}"
    return f"'{name}'"
