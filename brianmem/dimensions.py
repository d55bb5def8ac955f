"""The dimension of every line of some equations, and which value is to blame."""

import ast

from brian2.core.variables import Constant, Variable
from brian2.equations.equations import DIFFERENTIAL_EQUATION
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.units.fundamentalunits import (
    DIMENSIONLESS,
    DimensionMismatchError,
    Quantity,
    get_dimensions,
)

from brianmem import equations as eq
from brianmem.errors import DeviceError
from brianmem.units import dimension_of, si_unit_name
from brianmem.vocabulary import builtins, random_functions

# Candidates for "this parameter must be in ...", most likely first.
_LIKELY_UNITS = ("1", "volt", "ohm", "amp", "second", "siemens", "metre", "kelvin", "1/volt",
                 "1/second", "metre/second", "volt/metre", "kelvin/watt", "farad", "joule",
                 "watt", "metre**2/volt/second", "1/metre", "volt**0.5", "second**-0.5",
                 "metre*second**-0.5")


def check_dimensions(equations, quantities, owner):
    """Check every line against `quantities` (name -> value, function, or dimension if it varies).

    Raises `ParameterUnit` where another unit of exactly one value, or else of what
    varies, explains all mismatches; else `DeviceError` that names the line and both units.
    """
    fault = _first_mismatch(equations, quantities)
    if fault is None:
        return
    for varying in (False, True):
        names = [n for n, q in quantities.items() if not callable(q) and _varies(q) is varying]
        units = {n: _unit_that_fits(equations, quantities, n) for n in names}
        found = [(name, unit) for name, unit in units.items() if unit]
        if len(found) == 1:
            raise ParameterUnit(*found[0])
        if found:
            break
    raise DeviceError(f"{owner}: {fault}")


def expression_dimension(expression, quantities):
    """Return the dimension of an `expression` whose units fit, of `quantities` as above."""
    variables = {**builtins(), **{n: _variable(n, q) for n, q in quantities.items()}}
    return parse_expression_dimensions(expression, variables)


class ParameterUnit(Exception):
    """Signal that parameter `name` would make all lines consistent in `unit`."""

    def __init__(self, name, unit):
        super().__init__(name, unit)
        self.name, self.unit = name, unit


def _unit_that_fits(equations, quantities, name):
    value = quantities[name]
    for unit in _LIKELY_UNITS:
        dimension = dimension_of(unit)
        trial = dimension if _varies(value) else Quantity(float(value), dim=dimension)
        if _first_mismatch(equations, {**quantities, name: trial}) is None:
            return unit
    return None


def _first_mismatch(equations, quantities):
    variables = {**builtins(), **random_functions(),
                 **{n: _variable(n, q) for n, q in quantities.items()},
                 **{n: Variable(n, dimensions=line.dim) for n, line in equations.items()}}
    root = dimension_of("second**-0.5")
    variables.update((n, Variable(n, dimensions=root)) for n in eq.noise(equations))
    for name, line in equations.items():
        if line.expr is None:
            continue
        expected = line.dim / dimension_of("second") if line.type == DIFFERENTIAL_EQUATION else line.dim
        try:
            found = parse_expression_dimensions(line.expr.code, variables)
            exponent = _exponent_with_unit(line.expr.code, variables)
        except DimensionMismatchError as error:
            return f"the equation for '{name}' mixes units: {eq.one_line(error)}"
        except Exception as error:  # Brian2's parser has no class of errors of its own
            return f"cannot read the equation for '{name}': {eq.one_line(error)}"
        if exponent is not None:
            return f"the equation for '{name}' has an exponent with a unit: '{exponent}'."
        if found is not expected:
            left = f"d{name}/dt" if line.type == DIFFERENTIAL_EQUATION else name
            return (f"the equation for '{name}' is in {si_unit_name(found)}, but {left} "
                    f"must be in {si_unit_name(expected)}.")
    return None


def _exponent_with_unit(code, variables):
    # Brian2 looks at exponents only where the base has a unit.
    for node in ast.walk(ast.parse(f"({code})", mode="eval")):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            text = ast.unparse(node.right)
            if parse_expression_dimensions(text, variables) is not DIMENSIONLESS:
                return text
    return None


def _variable(name, value):
    if callable(value):
        return value
    # Brian2 needs the value where it is the exponent of a quantity.
    dimension = get_dimensions(value)
    return Variable(name, dimensions=dimension) if _varies(value) else \
        Constant(name, float(value), dimensions=dimension)


def _varies(value):
    return value is get_dimensions(value)
