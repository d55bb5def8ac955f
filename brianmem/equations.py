"""Pure functions on Brian2 equations: parse, rename, check, evaluate.

Everything here maps equations to equations (or to numbers) and changes neither
its arguments nor any state of Brian2.
"""

import ast
import re

from brian2 import DEFAULT_FUNCTIONS, Equations
from brian2.core.namespace import DEFAULT_UNITS
from brian2.equations.equations import (
    DIFFERENTIAL_EQUATION,
    FLOAT,
    PARAMETER,
    SUBEXPRESSION,
)
from brian2.parsing.rendering import NumpyNodeRenderer
from brian2.utils.stringtools import get_identifiers, word_substitute

from brianmem.errors import DeviceError, InputError, suggestion
from brianmem.units import si_unit_name
from brianmem.vocabulary import NUMPY_FUNCTIONS, builtins

#: Characters of an equation with its lines inserted; the laws of devices have hundreds.
_LONGEST = 10_000


def parse(text, owner):
    """Return `text` as Brian2 `Equations`; `owner` is named in errors."""
    for statement in _statements(text):
        if not statement.isascii():
            raise DeviceError(f"{owner}: Brian2 cannot read {statement!a}. Write Greek letters "
                              "and symbols as words.")
    try:
        equations = Equations(text)
    except Exception as error:  # Brian2's own, pyparsing's or Python's, by version
        fault = next(filter(None, map(_fault, _statements(text))), one_line(error))
        raise DeviceError(f"{owner}: cannot read the equations: {fault}") from None
    for line in equations.values():
        if line.expr is not None and _has_vanishing_power(line.expr.code):
            raise DeviceError(f"{owner}: the equation for '{line.varname}' raises an integer to a "
                              "negative integer, which is 0 in Brian2. Write 10.0**-9 or 1e-9.")
    return equations


def _has_vanishing_power(code):
    powers = [n for n in ast.walk(ast.parse(f"({code})", mode="eval"))
              if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    return any(_is_integer(n.left) and _is_integer(n.right) and
               any(isinstance(m, (ast.USub, ast.Sub)) for m in ast.walk(n.right)) for n in powers)


def _is_integer(node):
    leaves = [n for n in ast.walk(node) if isinstance(n, (ast.Constant, ast.Name))]
    return all(isinstance(n, ast.Constant) and isinstance(n.value, int) for n in leaves)


def _statements(text):
    """Split `text` after each line that holds a colon: an expression may span lines."""
    statement = ""
    for line in text.splitlines():
        statement = f"{statement} {line.split('#')[0].strip()}".strip()
        if ":" in statement:
            yield statement
            statement = ""
    if statement:
        yield statement


def _fault(statement):
    """Say what is wrong with a single statement, None if it can be read."""
    shown = statement if len(statement) < 100 else f"{statement[:97]}..."
    try:
        Equations(statement)
    except Exception as error:
        if "Parsing failed" in str(error):
            return f"'{shown}' is not 'name = expression : unit' or 'dname/dt = expression : unit'."
        return f"'{shown}': {one_line(error)}"
    return None


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
    return Equations(renamed_text(equations, names))


def renamed_text(equations, names):
    """Return the text of `equations` with every identifier in the mapping `names` replaced."""
    return "\n".join(f"{_definition(line, names)} : {si_unit_name(line.dim)}"
                     for line in equations.values())


def _definition(eq, names):
    name = names.get(eq.varname, eq.varname)
    code = word_substitute(eq.expr.code, names)
    return f"d{name}/dt = {code}" if eq.type == DIFFERENTIAL_EQUATION else f"{name} = {code}"


def flatten(equations, name, through=None):
    """Return the right-hand side of `name` with all subexpressions inserted.

    With `through` (a name) only those that rest on it are, and lines without it stay.
    Raises `InputError` where that is too long to be of use, as for lines that iterate.
    """
    code = _inserted(equations, name, through)
    if code is None:
        raise InputError(f"the equation for '{name}' is too long with all its lines inserted, "
                         "which a further series resistance or compliance around it needs. Put "
                         "that into the cell itself, see brianmem.cells.")
    return code


def is_endless(equations, name):
    """Tell whether `name` is too long with all its lines inserted, as Brian2's methods need it."""
    return _inserted(equations, name) is None


def _inserted(equations, name, through=None):
    code = equations[name].expr.code
    known = {n: equations[n].expr.code for n in subexpressions(equations)}
    if through is not None:
        known = {n: code for n, code in known.items() if n in _resting_on(equations, through)}
    while any(n in known for n in get_identifiers(code)):
        code = word_substitute(code, {n: f"({known[n]})" for n in get_identifiers(code) & known.keys()})
        if len(code) > _LONGEST:
            return None
    return code


def _resting_on(equations, name):
    found = {name}
    for line in equations.ordered:
        if line.type == SUBEXPRESSION and line.expr.identifiers & found:
            found.add(line.varname)
    return found


def noise(equations):
    """Return the names of the white noises, ``xi`` or ``xi_name``, in sorted order."""
    names = {n for line in equations.values() if line.expr for n in line.expr.identifiers}
    return tuple(sorted(n for n in names if _is_noise(n)))


def _is_noise(name):
    return name == "xi" or name.startswith("xi_")


def check_form(equations, owner, flags=()):
    """Raise `DeviceError` for a type, a flag not in `flags`, or noise that is not added to a rate."""
    for line in equations.values():
        if set(line.flags) - set(flags) or line.var_type != FLOAT:
            raise DeviceError(f"{owner}: the equation for '{line.varname}' must end in a unit, "
                              f"without '{', '.join(line.flags) or line.var_type}'.")
        if not _noise_is_additive(line):
            raise DeviceError(f"{owner}: noise in the equation for '{line.varname}' must have the "
                              "form 'dx/dt = drift + coefficient*xi'.")


def _noise_is_additive(line):
    if line.expr is None or not any(map(_is_noise, line.expr.identifiers)):
        return True
    try:
        parts = [part.identifiers for part in line.expr.split_stochastic()[1].values()]
    except (ValueError, AssertionError):
        return False
    return line.type == DIFFERENTIAL_EQUATION and not any(map(_is_noise, set().union(*parts)))


def check_names(equations, defined, owner):
    """Raise `DeviceError` for the first name that is used but not in `defined`."""
    known = {*builtins(), *equations, *defined}
    for line in equations.values():
        for name in sorted(line.expr.identifiers - known if line.expr else ()):
            if _is_noise(name):
                continue
            place = f"{owner}: '{name}' in the equation for '{line.varname}'"
            if name in (*DEFAULT_FUNCTIONS, "dt"):
                raise DeviceError(f"{place} has no place in a continuous law. Noise is written xi.")
            hint = suggestion(name, [*defined, *equations])
            if hint == ".":
                hint = ". Add it to the parameters or define it in the equations."
            raise DeviceError(f"{place} is not defined{hint}")


def compile_numpy(expression, arguments):
    """Return a vectorised function of `arguments` (names) for a flat `expression`.

    Values are plain numbers in SI units; the result broadcasts over them.
    """
    code = NumpyNodeRenderer().render_expr(expression)
    body = f"lambda {', '.join(arguments)}: {code}"
    units = {n: float(DEFAULT_UNITS[n]) for n in get_identifiers(code) & DEFAULT_UNITS.keys()}
    return eval(body, {**NUMPY_FUNCTIONS, **units})


def needed_lines(equations, name):
    """Return the (name, code) lines that `name` rests on, itself last, and what they need.

    The second value holds every identifier that no line defines.
    """
    needed, lines = set(equations[name].expr.identifiers), [(name, equations[name].expr.code)]
    for line in reversed(equations.ordered):
        if line.type == SUBEXPRESSION and line.varname in needed:
            needed |= line.expr.identifiers
            lines.insert(0, (line.varname, line.expr.code))
    return lines, needed - set(subexpressions(equations))


def compile_line(equations, name, given):
    """Return the names of `given` that the line `name` needs, and a numpy function of those.

    Each line that it rests on is evaluated once, in order, however often it is used.
    """
    lines, needed = needed_lines(equations, name)
    arguments = sorted(needed & given)
    return set(arguments), compile_lines(lines, arguments)


def compile_lines(lines, arguments):
    """Return a numpy function of `arguments` that evaluates (name, code) `lines`, for the last."""
    render = NumpyNodeRenderer().render_expr
    body = [f"    {n} = {render(code)}" for n, code in lines]
    body = "\n".join([f"def line({', '.join(arguments)}):", *body, f"    return {lines[-1][0]}"])
    return _executed(body, "line", {})


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
    return _executed(body, "system", functions or {})


def _executed(body, name, functions):
    units = {n: float(DEFAULT_UNITS[n]) for n in get_identifiers(body) & DEFAULT_UNITS.keys()}
    namespace = {**NUMPY_FUNCTIONS, **units, **functions}
    exec(body, namespace)
    return namespace[name]


def one_line(error):
    """Return the message of an error of Brian2 or Python in one line, without its place.

    Newer Brian2 says only in the cause what is wrong.
    """
    said = f"{str(error).rstrip('.')}: {error.__cause__}" if error.__cause__ else str(error)
    return re.sub(r" \(<\w+>, line \d+\)", "", " ".join(said.split()))
