"""Pure functions on Brian2 equations: parse, rename, join, check, evaluate.

Everything here maps equations to equations (or to numbers) and changes neither
its arguments nor any state of Brian2.
"""

import difflib

import numpy as np
from brian2 import DEFAULT_FUNCTIONS, Equations
from brian2.core.functions import DEFAULT_CONSTANTS
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant, Variable
from brian2.equations.equations import (
    DIFFERENTIAL_EQUATION,
    PARAMETER,
    SUBEXPRESSION,
)
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.parsing.rendering import NumpyNodeRenderer
from brian2.units.fundamentalunits import (
    DimensionMismatchError,
    get_dimensions,
)
from brian2.utils.stringtools import get_identifiers, word_substitute

from brianmem.errors import DeviceError
from brianmem.units import dimension_of, si_unit_name

# Candidates for "this parameter must be in ...", most likely first.
_LIKELY_UNITS = ("1", "volt", "ohm", "amp", "second", "siemens", "metre", "kelvin", "1/volt",
                 "1/second", "metre/second", "volt/metre", "kelvin/watt", "farad", "joule",
                 "watt", "metre**2/(volt*second)", "1/metre", "volt**0.5")
# What an expression may use without anybody defining it.
BUILTIN_NAMES = (frozenset(DEFAULT_FUNCTIONS) | frozenset(DEFAULT_CONSTANTS) | frozenset(DEFAULT_UNITS)
                 | {"t", "dt", "xi", "and", "or", "not", "True", "False"})


def parse(text, owner):
    """Return `text` as Brian2 `Equations`; `owner` is named in errors."""
    if isinstance(text, Equations):
        return text
    try:
        return Equations(text)
    except Exception as error:  # Brian2's own, pyparsing's or Python's, by version
        raise DeviceError(f"{owner}: cannot read the equations: {_one_line(error)}") from None


def states(equations):
    """Return the names with a differential equation, in order of appearance."""
    return tuple(n for n in equations if equations[n].type == DIFFERENTIAL_EQUATION)


def subexpressions(equations):
    """Return the names defined by a subexpression, in order of appearance."""
    return tuple(n for n in equations if equations[n].type == SUBEXPRESSION)


def parameters(equations):
    """Return the names that the text declares as parameters."""
    return tuple(n for n in equations if equations[n].type == PARAMETER)


def rename(equations, names):
    """Return `equations` with every identifier in the mapping `names` replaced."""
    lines = []
    for eq in equations.values():
        flags = f" ({', '.join(eq.flags)})" if eq.flags else ""
        unit = si_unit_name(eq.dim) if eq.var_type == "float" else eq.var_type
        lines.append(f"{_left_side(eq, names)} : {unit}{flags}")
    return Equations("\n".join(lines))


def _left_side(eq, names):
    name = names.get(eq.varname, eq.varname)
    if eq.type == PARAMETER:
        return name
    code = word_substitute(eq.expr.code, names)
    return f"d{name}/dt = {code}" if eq.type == DIFFERENTIAL_EQUATION else f"{name} = {code}"


def flatten(equations, name):
    """Return the right-hand side of `name` with all subexpressions inserted."""
    code = equations[name].expr.code
    known = {n: equations[n].expr.code for n in subexpressions(equations)}
    while any(n in known for n in get_identifiers(code)):
        code = word_substitute(code, {n: f"({known[n]})" for n in get_identifiers(code) & known.keys()})
    return code


def check_names(equations, defined, owner):
    """Raise `DeviceError` for the first name that is used but not in `defined`."""
    for line in equations.values():
        if line.expr is None:
            continue
        known = BUILTIN_NAMES | set(equations) | set(defined)
        unknown = {n for n in get_identifiers(line.expr.code) - known if not n.startswith("xi_")}
        for name in sorted(unknown):
            close = difflib.get_close_matches(name, [*defined, *equations], 1)
            hint = f" Did you mean '{close[0]}'?" if close else \
                " Add it to the parameters or define it in the equations."
            raise DeviceError(f"{owner}: '{name}' in the equation for '{line.varname}' "
                              f"is not defined.{hint}")


def check_dimensions(equations, quantities, owner):
    """Check every line against the dimensions of `quantities` (name -> value or dimension).

    Raises `DeviceError` that names the parameter at fault where exactly one
    explains all mismatches, else the line and both units.
    """
    dims = {n: get_dimensions(q) for n, q in quantities.items()}
    fault = _first_mismatch(equations, dims)
    if fault is None:
        return
    for name in quantities:
        for unit in _LIKELY_UNITS:
            trial = dims | {name: dimension_of(unit)}
            if trial[name] is not dims[name] and _first_mismatch(equations, trial) is None:
                raise ParameterUnit(name, unit)
    raise DeviceError(f"{owner}: {fault}")


class ParameterUnit(Exception):
    """Signal that parameter `name` would make all lines consistent in `unit`."""

    def __init__(self, name, unit):
        super().__init__(name, unit)
        self.name, self.unit = name, unit


def _first_mismatch(equations, dims):
    variables = _variables(equations, dims)
    for name, eq in equations.items():
        if eq.expr is None:
            continue
        expected = eq.dim / dimension_of("second") if eq.type == DIFFERENTIAL_EQUATION else eq.dim
        try:
            found = _expression_dimension(eq.expr, variables)
        except DimensionMismatchError as error:
            return f"the equation for '{name}' mixes units: {_one_line(error)}"
        except (ValueError, TypeError, SyntaxError, KeyError, NotImplementedError) as error:
            return f"cannot read the equation for '{name}': {_one_line(error)}"
        if found is not expected:
            left = f"d{name}/dt" if eq.type == DIFFERENTIAL_EQUATION else name
            return (f"the equation for '{name}' is in {si_unit_name(found)}, but {left} "
                    f"must be in {si_unit_name(expected)}.")
    return None


def _expression_dimension(expression, variables):
    deterministic, stochastic = expression.split_stochastic()
    if stochastic is not None:
        root = dimension_of("1/second") ** 0.5
        for code in stochastic.values():
            _ = parse_expression_dimensions(code.code, variables) * root
        if deterministic is None:
            return parse_expression_dimensions(next(iter(stochastic.values())).code, variables) * root
    return parse_expression_dimensions(deterministic.code, variables)


def _variables(equations, dims):
    second = dimension_of("second")
    found = {n: Variable(n, dimensions=d) for n, d in (dims | {"t": second, "dt": second}).items()}
    found.update({n: Variable(n, dimensions=eq.dim) for n, eq in equations.items()})
    found.update(DEFAULT_FUNCTIONS)
    found.update({n: Constant(n, float(u), dimensions=u.dim) for n, u in DEFAULT_UNITS.items()
                  if n not in found})
    found.update({n: v if isinstance(v, Constant) else Constant(n, v)
                  for n, v in DEFAULT_CONSTANTS.items()})
    return found


def compile_numpy(expression, arguments):
    """Return a vectorised function of `arguments` (names) for a flat `expression`.

    Values are plain numbers in SI units; the result broadcasts over them.
    """
    code = NumpyNodeRenderer().render_expr(expression)
    body = f"lambda {', '.join(arguments)}: {code}"
    units = {n: float(DEFAULT_UNITS[n]) for n in get_identifiers(code) & DEFAULT_UNITS.keys()}
    return eval(body, {**_NUMPY_FUNCTIONS, **units})


def compile_system(equations, first, outputs, arguments, functions=None):
    """Return a numpy function of `arguments` that evaluates all lines once, in order.

    `first` is a (name, expression) that the lines may need; `outputs` are
    expressions over all names, where ``_rate_x`` stands for the rate of state x.
    """
    render = NumpyNodeRenderer().render_expr
    lines = [f"    {first[0]} = {render(first[1])}"]
    ordered = [line for line in equations.ordered if line.type != PARAMETER]
    for line in sorted(ordered, key=lambda line: line.type == DIFFERENTIAL_EQUATION):
        name = f"_rate_{line.varname}" if line.type == DIFFERENTIAL_EQUATION else line.varname
        lines.append(f"    {name} = {render(line.expr.code)}")
    body = "\n".join([f"def system({', '.join(arguments)}):", *lines,
                      f"    return ({', '.join(outputs)},)"])
    units = {n: float(DEFAULT_UNITS[n]) for n in get_identifiers(body) & DEFAULT_UNITS.keys()}
    namespace = {**_NUMPY_FUNCTIONS, **units, **(functions or {})}
    exec(body, namespace)
    return namespace["system"]


def _int(value):
    return np.trunc(np.asarray(value, dtype=float))


_NUMPY_FUNCTIONS = {
    "int": _int, "clip": np.clip, "abs": np.abs, "sign": np.sign,
    "exp": np.exp, "log": np.log, "log10": np.log10, "expm1": np.expm1, "log1p": np.log1p,
    "sqrt": np.sqrt, "ceil": np.ceil, "floor": np.floor, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "arcsin": np.arcsin,
    "arccos": np.arccos, "arctan": np.arctan, "logical_and": np.logical_and,
    "logical_or": np.logical_or, "logical_not": np.logical_not, "pi": np.pi, "e": np.e,
    "inf": np.inf, "exprel": DEFAULT_FUNCTIONS["exprel"].pyfunc, "mod": np.mod,
}


def _one_line(error):
    return " ".join(str(error).split())
