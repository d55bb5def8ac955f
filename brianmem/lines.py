"""Groups whose equations iterate in successive lines: what Brian2 would insert is called instead.

Brian2 finds the names behind a line by following every path through the lines above
it, and a monitor copies each line once per path: an iteration doubles them with each
step. Nothing of that depends on the numbers, so it ends neither sooner nor in an error.
"""

import hashlib
import re

import numpy as np
from brian2 import Function
from brian2.core.variables import Subexpression
from brian2.units.fundamentalunits import get_unit
from brian2.utils.stringtools import get_identifiers, word_substitute

from brianmem import equations as eq
from brianmem import stages
from brianmem.errors import InputError
from brianmem.rendering import SUPPORT, CppRenderer, cython_block
from brianmem.vocabulary import builtins

#: Paths to the lines behind a line up to which Brian2 may follow them, at some 5 us each.
_PATHS = 1000
_OURS = ("adaptive", "linear_implicit_euler")


def keep_lines_apart(group):
    """Let `group`, a `NeuronGroup` with iterating equations, run, and its lines be read.

    `ode_group` does this by itself. A group with equations of your own needs it before
    the first monitor, e.g. for a neuron that is driven through a device::

        part = device.scoped("cell")
        neuron = NeuronGroup(
            1, part.equations + Equations('''
            cell_v = 0.5*volt - u      : volt
            du/dt = {I}/(1*nfarad)     : volt'''.format(I=part.I)),
            method="adaptive", method_options={"bounds": part.bounds},
            namespace=part.namespace, dt=1*usecond)
        brianmem.keep_lines_apart(neuron)
        monitor = StateMonitor(neuron, part.I, record=True)

    The method must evaluate each line once: "adaptive", "linear_implicit_euler" or
    ``brianmem.stages.runge_kutta("rk4")``. Raises `InputError` for any other.
    """
    method = group.method_choice
    if not (method in _OURS or getattr(method, "lines_apart", False)):
        raise InputError(f"group '{group.name}': method {method!r} of Brian2 needs all lines "
                         "inserted into each rate. Use method='adaptive', 'linear_implicit_euler' "
                         "or brianmem.stages.runge_kutta('rk4').")
    stages.keep_out_of_rates(group.equations)
    read_by_function(group)


def read_by_function(group):
    """Replace what `group` holds as its longest lines by calls that give the same numbers.

    A call takes the states, parameters and short lines that the line rests on. The
    equations stay as they are.
    """
    lines = {line.varname: group.variables[line.varname] for line in group.equations.ordered
             if isinstance(group.variables.get(line.varname), Subexpression)}
    paths, calls = {}, {}
    for name, line in lines.items():
        paths[name] = 1 + sum(paths.get(n, 0) for n in line.identifiers)
        if paths[name] > _PATHS and _is_plain(line):
            calls[name] = _call(name, lines)
    for name, (code, function_name, function) in calls.items():
        lines[name].expr, lines[name].identifiers = code, get_identifiers(code)
        group.namespace = {**(group.namespace or {}), function_name: function}


def _is_plain(line):
    """Tell whether we can evaluate `line`: a number for each copy, by functions that we know."""
    called = set(re.findall(r"([A-Za-z_]\w*)\s*\(", line.expr))
    return np.issubdtype(line.dtype, np.floating) and not line.scalar and called <= builtins().keys()


def _call(name, lines):
    """Return a call that evaluates the line `name`, the name of its function, and that."""
    needed, used = {name}, []
    for n in reversed(lines):
        if n in needed and _is_plain(lines[n]):
            needed |= lines[n].identifiers
            used.insert(0, (n, lines[n].expr))
    arguments = sorted(needed - {n for n, _ in used} - builtins().keys() | needed & {"t"})
    return (f"brianmem_line_{name}({', '.join(arguments)})", f"brianmem_line_{name}",
            _function(used, arguments, get_unit(lines[name].dim)))


def _function(lines, arguments, unit):
    """Return a Brian2 function that evaluates `lines`, compiled for what asks for it first."""
    def numpy_code(_owner):
        return eq.compile_lines(lines, arguments)

    def cpp_code(_owner):
        return _cpp(lines, arguments).replace("CELL", name)

    def cython_code(owner):
        return cython_block(cpp_code(owner), name, len(arguments))

    name = "_line_" + hashlib.sha256(repr((lines, arguments)).encode()).hexdigest()[:12]
    function = Function(lambda *values: numpy_code(None)(*values),
                        arg_units=[None] * len(arguments), return_unit=unit,
                        arg_types=["any"] * len(arguments), stateless=True)
    function.implementations.add_dynamic_implementation("numpy", numpy_code)
    for target, code in (("cpp", cpp_code), ("cython", cython_code)):
        function.implementations.add_dynamic_implementation(
            target, code, namespace=lambda _owner: {}, name=name)
    return function


def _cpp(lines, arguments):
    # A prefix keeps the names of equations apart from those of C++.
    names = {**{n: f"arg_{n}" for n in arguments}, **{n: f"line_{n}" for n, _ in lines}}
    body = [f"    const double line_{n} = {CppRenderer().render_expr(word_substitute(code, names))};"
            for n, code in lines]
    declared = ", ".join(f"double arg_{n}" for n in arguments)
    return "\n".join([SUPPORT, f"static double CELL({declared})", "{", *body,
                      f"    return line_{lines[-1][0]};", "}", ""])
