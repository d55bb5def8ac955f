"""A set of equations as code for rates and Jacobian, in numpy and C++."""

import ast
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from brian2.core.functions import DEFAULT_CONSTANTS, Function
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant
from brian2.equations.equations import DIFFERENTIAL_EQUATION, SUBEXPRESSION
from brian2.parsing.rendering import NodeRenderer

from brianmem.errors import InputError
from brianmem.integration.derivatives import FUNCTIONS, Tape
from brianmem.integration.operations import NUMPY
from brianmem.units import si_unit_name

_TIME = "t"
#: Arguments above which those that are the same for all copies are written into the code: what
#: calls it is compiled in a time that grows faster than their number.
MANY = 60


@dataclass(frozen=True, eq=False)
class System:
    """Rates of `states`, as functions of t, the states and the `arguments`.

    `held` maps further arguments to expressions that are evaluated once a clock step:
    calls of functions without a derivative, such as a `TimedArray`. `noise` maps each
    ``xi`` to state and factor, both lists. `fixed` maps names to values that are written into
    the code. `watch` is an expression whose passages of zero are of interest, empty if there
    is none.
    """

    states: tuple
    units: tuple
    arguments: tuple
    held: dict
    noise: dict
    rates: dict = field(repr=False)
    lines: tuple = field(repr=False)
    functions: dict = field(default_factory=dict, repr=False)
    watch: str = ""
    fixed: dict = field(default_factory=dict, repr=False)

    @property
    def inputs(self):
        """Names of all arguments beside t and the states, in order."""
        return (*self.arguments, *self.held)

    def _needed(self, codes):
        needed = {n for code in codes for n in _names(code)}
        for name, code in reversed(self.lines):
            if name in needed:
                needed |= _names(code)
        return needed

    def _trace(self, codes, differentiate):
        tape = Tape(differentiate)
        names = {n: (f"p_{n}", {}) for n in self.inputs}
        names |= {n: (f"y_{n}", {n: "1.0"}) for n in self.states}
        # In brackets, because C++ reads the minus of a negative number after another as "--".
        names |= {n: (f"({value!r})", {}) for n, value in self.fixed.items()}
        names |= {_TIME: ("t", {_TIME: "1.0"}), "inf": ("op_inf", {})}
        names |= {n: (repr(float(u)), {}) for n, u in DEFAULT_UNITS.items() if n not in names}
        names |= {n: (repr(float(c.value)), {}) for n, c in _CONSTANTS.items() if n not in names}
        handlers = {n: _handler(n, f) for n, f in self.functions.items()}
        needed = self._needed(codes)
        for name, code in self.lines:
            if name in needed:
                names[name] = tape.expression(code, names, handlers)
        return tape, [tape.expression(code, names, handlers) for code in codes]

    @cached_property
    def rate_code(self):
        """Lines and the atoms of the rates, in the order of the states."""
        tape, found = self._trace(list(self.rates.values()), differentiate=False)
        return tape.lines, [value for value, _ in found]

    @cached_property
    def jacobian_code(self):
        """Lines, atoms of the rates, of the non-zero derivatives (row, column), and by t."""
        tape, found = self._trace(list(self.rates.values()), differentiate=True)
        entries = {(i, j): slopes[b] for i, (_, slopes) in enumerate(found)
                   for j, b in enumerate(self.states) if b in slopes}
        in_time = {i: slopes[_TIME] for i, (_, slopes) in enumerate(found) if _TIME in slopes}
        return tape.lines, [value for value, _ in found], entries, in_time

    @cached_property
    def watch_code(self):
        """Lines and atoms of what is watched: its value, its derivatives by state, and by t."""
        tape, [(value, slopes)] = self._trace([self.watch], differentiate=True)
        along = {j: slopes[b] for j, b in enumerate(self.states) if b in slopes}
        return tape.lines, value, along, slopes.get(_TIME, "0.0")

    @cached_property
    def watched(self):
        """Function of (t, y, p) that returns what is watched, and its rate, (copies,) each."""
        lines, value, along, in_time = self.watch_code
        look = self._compiled(lines, [value, in_time, *along.values()])

        def watched(t, y, p):
            f = self.numpy_functions[0](t, y, p)
            value, by_time, *slopes = look(t, y, p)
            return value, by_time + sum(s * f[j] for j, s in zip(along, slopes, strict=True))

        return watched

    @cached_property
    def numpy_functions(self):
        """Functions of (t, y, p): rates (states, copies), and rates, Jacobian and t-slopes."""
        rates, jacobian = self._compiled(*self.rate_code), self._compiled(*self._flat_jacobian)
        k = len(self.states)
        entries, in_time = self.jacobian_code[2:]

        def rate(t, y, p):
            return _filled(np.empty_like(y), rates(t, y, p))

        def slopes(t, y, p):
            found = jacobian(t, y, p)
            matrix, by_time = np.zeros((k, k, y.shape[1])), np.zeros_like(y)
            for place, values in zip(entries, found[k:], strict=False):
                matrix[place] = values
            for i, values in zip(in_time, found[k + len(entries):], strict=True):
                by_time[i] = values
            return _filled(np.empty_like(y), found), matrix, by_time

        return rate, slopes

    @property
    def _flat_jacobian(self):
        lines, rates, entries, in_time = self.jacobian_code
        return lines, [*rates, *entries.values(), *in_time.values()]

    def _compiled(self, lines, outputs):
        body = [f"y_{n} = y[{k}]" for k, n in enumerate(self.states)]
        body += [f"p_{n} = p[{k}]" for k, n in enumerate(self.inputs)]
        body += [*lines, f"return ({', '.join(outputs)},)"]
        text = "\n    ".join(["def system(t, y, p):", *body])
        calls = {f"call_{n}": f.implementations["numpy"].get_code(None)
                 for n, f in self.functions.items()}
        namespace = {**NUMPY, **calls, "op_inf": np.inf}
        exec(text, namespace)
        return namespace["system"]


def _filled(rows, values):
    for k in range(len(rows)):
        rows[k] = values[k]
    return rows


_CONSTANTS = {n: c for n, c in DEFAULT_CONSTANTS.items() if n != "inf"}


def _handler(name, function):
    def handle(tape, pairs):
        arguments = ", ".join(text for text, _ in pairs)
        return function.differentiate(tape, f"call_{name}({arguments})", pairs)

    return handle


def _names(code):
    return {n.id for n in ast.walk(ast.parse(code.strip(), mode="eval")) if isinstance(n, ast.Name)}


def from_equations(equations, variables=None, owner="The equations", watch=""):
    """Return the `System` of Brian2 `equations`, which watches the expression `watch`.

    `variables` maps identifiers to Brian2's variables and functions, as a state
    updater gets them. Raises `InputError` for a function of a state that has no
    derivative, and for noise inside a function.
    """
    variables = variables or {}
    ordered = equations.ordered
    lines = [(e.varname, e.expr.code) for e in ordered if e.type == SUBEXPRESSION]
    states = tuple(n for n in equations if equations[n].type == DIFFERENTIAL_EQUATION)
    hoist = _Hoist(variables, owner)
    moving = set(states)
    done = []
    for name, code in lines:
        text = hoist.apply(code, moving)
        moving |= {name} if _names(text) & moving else set()
        done.append((name, text))
    rates, noise = {}, {}
    for state in states:
        drift, diffusion = equations[state].expr.split_stochastic()
        rates[state] = hoist.apply(drift.code, moving) if drift is not None else "0.0"
        for xi, factor in (diffusion or {}).items():
            noise.setdefault(xi, []).append((state, factor.code))
    units = tuple(si_unit_name(equations[s].dim) for s in states)
    watch = hoist.apply(watch, moving) if watch else ""
    return _assembled(states, units, done, rates, noise, hoist, variables, watch)


def _assembled(states, units, lines, rates, noise, hoist, variables, watch):
    defined = {*states, *(n for n, _ in lines), *hoist.held, _TIME, "inf", "True", "False"}
    codes = [*dict(lines).values(), *rates.values(), *([watch] if watch else [])]
    used = {n for code in codes for n in _names(code)}
    functions = {n: variables[n] for n in sorted(hoist.functions)}
    free = [n for n in sorted(used - defined - FUNCTIONS - set(functions))
            if n in variables or n not in (*DEFAULT_UNITS, *_CONSTANTS)]
    fixed = {}
    if len(free) > MANY:
        fixed = {n: float(variables[n].value) for n in free if isinstance(variables.get(n), Constant)
                 and np.isfinite(variables[n].value)}
    arguments = tuple(n for n in free if n not in fixed)
    return System(states, units, arguments, dict(hoist.held), noise, rates, tuple(lines), functions,
                  watch, fixed)


class _Hoist:
    """Replaces calls of functions without a derivative by names of held arguments."""

    def __init__(self, variables, owner):
        self.variables, self.owner = variables, owner
        self.held, self.functions = {}, set()

    def apply(self, code, moving):
        tree = ast.parse(code.strip(), mode="eval")
        return NodeRenderer().render_node(_Replace(self, moving).visit(tree).body)

    def name_of(self, node, moving):
        """Return the held name of a call, None if it has a derivative."""
        name = node.func.id
        if name in FUNCTIONS:
            return None
        text = NodeRenderer().render_node(node)
        function = self.variables.get(name)
        if any(_names(NodeRenderer().render_node(a)) & moving for a in node.args):
            if isinstance(function, Function) and hasattr(function, "differentiate"):
                self.functions.add(name)
                return None
            raise InputError(f"{self.owner}: '{text}' depends on a state and has no derivative that "
                             "an implicit method could use. Write it with exp, log, clip ... or use "
                             "an explicit method such as 'rk4'.")
        for held, expression in self.held.items():
            if expression == text:
                return held
        held = f"_held_{len(self.held)}"
        self.held[held] = text
        return held


class _Replace(ast.NodeTransformer):
    def __init__(self, hoist, moving):
        self.hoist, self.moving = hoist, moving

    def visit_Call(self, node):
        self.generic_visit(node)
        held = self.hoist.name_of(node, self.moving)
        return node if held is None else ast.Name(held, ast.Load())
