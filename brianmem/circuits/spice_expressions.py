"""Brian2 expressions in the syntax of ngspice's behavioural sources.

Constants are folded: what is left are nodes, currents and time.
"""

import ast
import math

import numpy as np
from brian2.core.functions import DEFAULT_CONSTANTS
from brian2.core.namespace import DEFAULT_UNITS

from brianmem.errors import CircuitError

#: ngspice takes this slope-less floor for 0 under a root, whose slope at 0 it cannot take.
_TINY = "1e-200"
_BINARY = {ast.Add: ("+", lambda a, b: a + b), ast.Sub: ("-", lambda a, b: a - b),
           ast.Mult: ("*", lambda a, b: a * b), ast.Div: ("/", lambda a, b: a / b)}
_COMPARE = {ast.Lt: ("<", np.less), ast.LtE: ("<=", np.less_equal), ast.Gt: (">", np.greater),
            ast.GtE: (">=", np.greater_equal), ast.Eq: ("==", np.equal),
            ast.NotEq: ("!=", np.not_equal)}
#: Brian2's function to ngspice's text for it, and to its value.
_FUNCTIONS = {
    "exp": ("exp({0})", np.exp), "log": ("ln({0})", np.log), "sin": ("sin({0})", np.sin),
    "cos": ("cos({0})", np.cos), "tan": ("tan({0})", np.tan),
    # ngspice gives up where one of its trials, not the solution, overflows.
    "sinh": ("sinh(min(max({0}, -300), 300))", np.sinh),
    "cosh": ("cosh(min(max({0}, -300), 300))", np.cosh),
    "tanh": ("tanh({0})", np.tanh), "abs": ("abs({0})", np.abs),
    "sign": ("sgn({0})", np.sign), "floor": ("floor({0})", np.floor),
    "ceil": ("ceil({0})", np.ceil), "arcsin": ("asin({0})", np.arcsin),
    "arccos": ("acos({0})", np.arccos), "arctan": ("atan({0})", np.arctan),
    "log10": ("(0.4342944819032518*ln({0}))", np.log10), "log1p": ("ln(1 + {0})", np.log1p),
    "expm1": ("(exp({0}) - 1)", np.expm1), "sqrt": (f"sqrt(max({{0}}, {_TINY}))", np.sqrt),
    "int": ("(sgn({0})*floor(abs({0})))", np.trunc),
    "exprel": ("(abs({0}) < 1e-5 ? 1 + {0}/2 : (exp({0}) - 1)/{0})",
               lambda a: np.expm1(a) / a if a else 1.0),
}
_BUILTIN = {**{n: float(c.value) for n, c in DEFAULT_CONSTANTS.items()},
            **{n: float(u) for n, u in DEFAULT_UNITS.items()}, "True": 1.0, "False": 0.0}


def translate(code, resolve, call=None, owner="The circuit"):
    """Return `code` for ngspice: a text, or a float if nothing in it varies.

    `resolve` maps a name to text or float (None: a unit or constant of Brian2); `call`
    takes the name and the source of the argument of any other function and returns text.
    """
    tree = ast.parse(code.strip(), mode="eval")
    with np.errstate(all="ignore"):
        return _Translator(resolve, call, owner).visit(tree.body)


def written(value):
    """Return a float or text as ngspice reads it; a sum of its own comes in brackets."""
    if isinstance(value, str):
        return value
    # numpy's own repr would put its type into the netlist.
    value = min(max(float(value), -1e300), 1e300)
    return repr(value) if value >= 0 else f"({value!r})"


class _Translator(ast.NodeVisitor):
    def __init__(self, resolve, call, owner):
        self.resolve, self.call, self.owner = resolve, call, owner

    def generic_visit(self, node):
        raise CircuitError(f"{self.owner}: ngspice has nothing for {type(node).__name__} in "
                           f"'{ast.unparse(node)}'.")

    def visit_Constant(self, node):
        return float(node.value)

    def visit_Name(self, node):
        if node.id == "t":
            return "time"
        found = self.resolve(node.id)
        if found is None and node.id not in _BUILTIN:
            raise CircuitError(f"{self.owner}: '{node.id}' is no name that ngspice can know.")
        return _BUILTIN[node.id] if found is None else found

    def visit_UnaryOp(self, node):
        value = self.visit(node.operand)
        if isinstance(node.op, ast.UAdd):
            return value
        if isinstance(node.op, ast.Not):
            return float(not value) if isinstance(value, float) else f"({value} == 0)"
        return -value if isinstance(value, float) else f"(-{value})"

    def visit_BinOp(self, node):
        a, b = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Pow):
            return self._power(a, b)
        if isinstance(node.op, (ast.Mod, ast.FloorDiv)):
            whole = _called("floor", _joined(ast.Div, a, b))
            return whole if isinstance(node.op, ast.FloorDiv) else \
                _joined(ast.Sub, a, _joined(ast.Mult, b, whole))
        if type(node.op) not in _BINARY:
            return self.generic_visit(node)
        return _joined(type(node.op), a, b)

    def _power(self, a, b):
        if isinstance(a, float) and isinstance(b, float):
            return float(np.power(a, b))
        base, exponent = written(a), written(b)
        if isinstance(b, float) and b == int(b):
            if 0 < b <= 3 and len(base) < 60:
                return "(" + "*".join([base] * int(b)) + ")"
            if b < 0:
                return _joined(ast.Div, 1.0, self._power(a, -b))
            # ngspice's pow takes the size of its base; its pwr gives back the sign.
            return f"pwr({base}, {exponent})" if b % 2 else f"pow(abs({base}), {exponent})"
        if isinstance(a, float):
            return f"exp({written(math.log(a))}*{exponent})" if a > 0 else \
                f"pow({base}, {exponent})"
        return f"pow(max({base}, {_TINY}), {exponent})"

    def visit_Compare(self, node):
        values = [self.visit(n) for n in (node.left, *node.comparators)]
        tests = []
        for op, a, b in zip(node.ops, values, values[1:], strict=False):
            sign, function = _COMPARE[type(op)]
            tests.append(float(function(a, b)) if isinstance(a, float) and isinstance(b, float)
                         else f"({written(a)} {sign} {written(b)})")
        return _all(tests)

    def visit_BoolOp(self, node):
        tests = [self.visit(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return _all(tests)
        if any(isinstance(t, float) and t for t in tests):
            return 1.0
        moving = [t for t in tests if isinstance(t, str)]
        return f"({' || '.join(moving)})" if moving else 0.0

    def visit_Call(self, node):
        name = node.func.id
        if name == "clip":
            return self._clip(*map(self.visit, node.args))
        if name not in _FUNCTIONS:
            found = self.call(name, [ast.unparse(a) for a in node.args]) if self.call else None
            if found is None:
                raise CircuitError(f"{self.owner}: ngspice has no function '{name}'.")
            return found
        (argument,) = node.args
        value = self.visit(argument)
        if name == "int" and _is_condition(argument):
            return value
        return _called(name, value)

    def _clip(self, value, low, high):
        if all(isinstance(x, float) for x in (value, low, high)):
            return float(np.clip(value, low, high))
        text = written(value)
        if low != -math.inf:
            text = f"max({text}, {written(low)})"
        return text if high == math.inf else f"min({text}, {written(high)})"


def _is_condition(node):
    return isinstance(node, (ast.Compare, ast.BoolOp)) or \
        (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _called(name, value):
    text, function = _FUNCTIONS[name]
    return float(function(value)) if isinstance(value, float) else text.format(value)


def _joined(kind, a, b):
    sign, function = _BINARY[kind]
    if isinstance(a, float) and isinstance(b, float):
        return float(function(np.float64(a), b))
    if (kind is ast.Mult and 0.0 in (a, b)) or (kind is ast.Div and a == 0.0):
        return 0.0
    if (kind in (ast.Mult, ast.Div) and b == 1.0) or (kind is ast.Sub and b == 0.0):
        return a
    if (kind is ast.Mult and a == 1.0) or (kind is ast.Add and a == 0.0):
        return b
    if kind is ast.Add and b == 0.0:
        return a
    return f"({written(a)} {sign} {written(b)})"


def _all(tests):
    if any(isinstance(t, float) and not t for t in tests):
        return 0.0
    moving = [t for t in tests if isinstance(t, str)]
    return (moving[0] if len(moving) == 1 else f"({' && '.join(moving)})") if moving else 1.0
