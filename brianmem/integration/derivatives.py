"""Expressions as straight-line code with derivatives, for numpy and C++ alike.

A `Tape` holds assignments of one operation each, in a notation that both languages
read: infix arithmetic on floating-point numbers, and calls of the functions in
`operations`. Derivatives are taken forward, a line at a time, so that a law of a
hundred lines (a Newton iteration written out) costs a hundred times one line.
"""

import ast

from brianmem.errors import InputError
from brianmem.units import reads_as_number

_COMPARE = {ast.Lt: "op_lt", ast.LtE: "op_le", ast.Gt: "op_gt", ast.GtE: "op_ge",
            ast.Eq: "op_eq", ast.NotEq: "op_ne"}
_INFIX = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
#: Brian2's functions that have the value of the operation and derivative 0.
_FLAT = {"sign": "op_sign", "floor": "op_floor", "ceil": "op_ceil", "int": "op_int"}
#: Function to its derivative by the argument, from argument {a} and value {f}.
_SLOPES = {
    "exp": "{f}", "log": "1.0/{a}", "log10": "0.4342944819032518/{a}", "log1p": "1.0/(1.0 + {a})",
    "expm1": "({f} + 1.0)", "sqrt": "op_divide(0.5, {f})", "sin": "op_cos({a})",
    "cos": "(-op_sin({a}))", "tan": "(1.0 + {f}*{f})", "sinh": "op_cosh({a})",
    "cosh": "op_sinh({a})", "tanh": "(1.0 - {f}*{f})",
    "arcsin": "op_divide(1.0, op_sqrt(1.0 - {a}*{a}))",
    "arccos": "op_divide(-1.0, op_sqrt(1.0 - {a}*{a}))", "arctan": "1.0/(1.0 + {a}*{a})",
    "abs": "op_sign({a})", "exprel": "op_exprel_slope({a})",
}
FUNCTIONS = frozenset({*_FLAT, *_SLOPES, "clip"})


class Tape:
    """Straight-line code: `lines` of ``name = operation``, each value computed once.

    An expression becomes a pair (text, slopes): an atom, and variable to the atom of
    its derivative, for the variables that it depends on.
    """

    def __init__(self, differentiate=True):
        self.lines, self._known = [], {}
        self.differentiate = differentiate

    def atom(self, text):
        """Return a name that holds `text`, the same one for the same text."""
        if text not in self._known:
            self._known[text] = f"w{len(self.lines)}"
            self.lines.append(f"{self._known[text]} = {text}")
        return self._known[text]

    def expression(self, code, names, functions=None):
        """Translate `code`; `names` maps identifiers to pairs, `functions` to handlers.

        A handler takes the tape and the pairs of the arguments and returns a pair.
        """
        tree = ast.parse(code.strip(), mode="eval")
        return _Translator(self, names, functions or {}).visit(tree.body)

    def combine(self, *terms):
        """Return the slopes of a sum of factor*slopes over (factor, slopes)."""
        if not self.differentiate:
            return {}
        found = {}
        for factor, slopes in terms:
            for name, slope in slopes.items():
                found.setdefault(name, []).append(_product(factor, slope))
        return {name: self.atom(" + ".join(parts)) if len(parts) > 1 or not _is_atom(parts[0])
                else parts[0] for name, parts in found.items()}


class _Translator(ast.NodeVisitor):
    def __init__(self, tape, names, functions):
        self.tape, self.names, self.functions = tape, names, functions

    def generic_visit(self, node):
        raise InputError(f"an expression with {type(node).__name__} cannot be integrated by an "
                         "implicit method.")

    def visit_Constant(self, node):
        return repr(float(node.value)), {}

    def visit_Name(self, node):
        if node.id in ("True", "False"):
            return ("1.0" if node.id == "True" else "0.0"), {}
        return self.names[node.id]

    def visit_UnaryOp(self, node):
        text, slopes = self.visit(node.operand)
        if isinstance(node.op, ast.UAdd):
            return text, slopes
        if isinstance(node.op, ast.Not):
            return self.tape.atom(f"op_not({text})"), {}
        return self.tape.atom(f"-{text}"), self.tape.combine(("-1.0", slopes))

    def visit_BinOp(self, node):
        (a, da), (b, db) = self.visit(node.left), self.visit(node.right)
        kind, tape = type(node.op), self.tape
        if kind is ast.Pow:
            return self._power(a, da, b, db)
        if kind is ast.Mod:
            whole = tape.atom(f"-op_floor({a}/{b})") if db else ""
            return tape.atom(f"op_mod({a}, {b})"), tape.combine(("1.0", da), (whole, db))
        if kind is ast.FloorDiv:
            # The quotient has a line of its own, which may become a product with a constant.
            return tape.atom(f"op_floor({tape.atom(f'{a}/{b}')})"), {}
        if kind not in _INFIX:
            return self.generic_visit(node.op)
        value = tape.atom(f"{a} {_INFIX[kind]} {b}")
        if kind in (ast.Add, ast.Sub):
            return value, tape.combine(("1.0", da), ("1.0" if kind is ast.Add else "-1.0", db))
        if kind is ast.Mult:
            return value, tape.combine((b, da), (a, db))
        inverse = tape.atom(f"1.0/{b}") if da or db else ""
        back = tape.atom(f"-{value}*{inverse}") if db else ""
        return value, tape.combine((inverse, da), (back, db))

    def _power(self, a, da, b, db):
        tape, value = self.tape, self.tape.atom(f"op_pow({a}, {b})")
        if not tape.differentiate:
            return value, {}
        terms = []
        if da:
            exponent = repr(float(b) - 1.0) if reads_as_number(b) else f"{b} - 1.0"
            terms.append((tape.atom(f"{b}*op_pow({a}, {exponent})"), da))
        if db:
            terms.append((tape.atom(f"op_select({value}, {value}*op_log({a}))"), db))
        return value, tape.combine(*terms)

    def visit_Compare(self, node):
        operands, parts = [self.visit(n)[0] for n in (node.left, *node.comparators)], []
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            parts.append(f"{_COMPARE[type(op)]}({left}, {right})")
        return self.tape.atom("*".join(parts)), {}

    def visit_BoolOp(self, node):
        values = [self.visit(value)[0] for value in node.values]
        if isinstance(node.op, ast.And):
            return self.tape.atom("*".join(f"op_truth({v})" for v in values)), {}
        return self.tape.atom("op_truth(" + " + ".join(f"op_truth({v})" for v in values) + ")"), {}

    def visit_Call(self, node):
        name = node.func.id
        pairs = [self.visit(argument) for argument in node.args]
        if name in self.functions:
            return self.functions[name](self.tape, pairs)
        if name == "clip":
            return self._clip(*pairs)
        (a, da), *rest = pairs
        if rest or name not in FUNCTIONS:
            raise InputError(f"the function '{name}' has no derivative, which an implicit method "
                             "needs.")
        if name in _FLAT:
            return self.tape.atom(f"{_FLAT[name]}({a})"), {}
        value = self.tape.atom(f"op_{name}({a})")
        slope = self.tape.atom(_SLOPES[name].format(a=a, f=value)) if da else ""
        return value, self.tape.combine((slope, da))

    def _clip(self, inner, low, high):
        tape = self.tape
        value = tape.atom(f"op_clip({inner[0]}, {low[0]}, {high[0]})")
        if not tape.differentiate:
            return value, {}
        tests = (f"op_lt({low[0]}, {inner[0]})*op_lt({inner[0]}, {high[0]})",
                 f"op_le({inner[0]}, {low[0]})", f"op_ge({inner[0]}, {high[0]})")
        terms = []
        for test, (_, slopes) in zip(tests, (inner, low, high), strict=True):
            chosen = tape.atom(test) if slopes else ""
            # Chosen, not multiplied: the branch not taken may have no finite slope.
            terms.append(("1.0", {n: tape.atom(f"op_select({chosen}, {slope})")
                                  for n, slope in slopes.items()}))
        return value, tape.combine(*terms)


def _is_atom(text):
    return text.isidentifier() or reads_as_number(text)


def _product(factor, slope):
    if factor == "1.0":
        return slope
    return factor if slope == "1.0" else f"{factor}*{slope}"
