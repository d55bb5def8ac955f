"""Lines of equations as C++ that needs none of Brian2's support code."""

import numpy as np
from brian2.core.namespace import DEFAULT_UNITS
from brian2.parsing.rendering import CPPNodeRenderer

CONSTANTS = {"pi": np.pi, "e": np.e}
_FUNCTIONS = {
    "int": "std::trunc", "abs": "std::fabs", "arcsin": "std::asin", "arccos": "std::acos",
    "arctan": "std::atan", "clip": "CELL_clip", "sign": "CELL_sign", "exprel": "CELL_exprel",
    "logical_not": "!",
    **{n: f"std::{n}" for n in ("exp", "log", "log10", "expm1", "log1p", "sqrt", "ceil", "floor",
                                "sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
#: What the rendered text calls; whoever uses it replaces ``CELL`` by a name of its own.
SUPPORT = """
#include <cmath>
static inline double CELL_clip(double x, double low, double high)
{ return x < low ? low : (x > high ? high : x); }
static inline double CELL_sign(double x) { return (x > 0) - (x < 0); }
static inline double CELL_exprel(double x)
{ return std::fabs(x) < 1e-16 ? 1.0 : std::expm1(x)/x; }
"""


class CppRenderer(CPPNodeRenderer):
    """Render an expression as C++ over doubles."""

    def render_BinOp(self, node):
        operator = node.op.__class__.__name__
        left, right = self.render_node(node.left), self.render_node(node.right)
        if operator == "Pow":
            return f"std::pow((double)({left}), (double)({right}))"
        if operator == "Div":
            return f"(((double)({left}))/({right}))"
        if operator == "Mod":
            return f"(({left}) - ({right})*std::floor(((double)({left}))/({right})))"
        return super().render_BinOp(node)

    def render_func(self, node):
        return _FUNCTIONS[node.id]

    def render_Name(self, node):
        value = CONSTANTS.get(node.id)
        if value is None and node.id in DEFAULT_UNITS:
            value = float(DEFAULT_UNITS[node.id])
        return super().render_Name(node) if value is None else repr(value)


def cython_block(text, name, count):
    """Return Cython that holds the C++ `text` and declares its function `name` of `count` doubles."""
    quotes, declared = '"' * 3, ", ".join(["double"] * count)
    block = "\n".join("    " + line for line in text.splitlines())
    return (f"cdef extern from *:\n    {quotes}\n{block}\n    {quotes}\n"
            f"    double {name}({declared}) nogil\n")
