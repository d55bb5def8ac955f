"""Brian2 state updaters: ``method="adaptive"`` and ``method="linear_implicit_euler"``.

Importing `brianmem.integration` registers both. They work on any `NeuronGroup`:
in Cython and C++ standalone through generated C++, in numpy through the same
arithmetic on whole arrays.
"""

from dataclasses import dataclass

import numpy as np
from brian2 import Function, second
from brian2.core.variables import Variables
from brian2.stateupdaters.base import StateUpdateMethod, extract_method_options

from brianmem.errors import InputError
from brianmem.integration import cpp, rosenbrock
from brianmem.integration.crossings import Crossings
from brianmem.integration.system import from_equations

_STEP = "_adaptive_step"
#: When the last clock step ended; elsewhere, as after `Network.restore`, its step means nothing.
_UNTIL = "_adaptive_until"
#: States and arguments above which what Cython writes around the integrator, which only reads and
#: writes them, is compiled as it stands: optimised, its time grows with the square of their number.
MANY_VALUES = 40
#: Tolerance of each step relative to the size and the change of a state.
RELATIVE = 1e-6


class Adaptive(StateUpdateMethod):
    """Integrate each element with its own error-controlled steps (Rodas3, order 3).

    ``method_options``: ``relative`` (1e-6) and ``absolute`` (state to value; what is
    nothing in its unit) tolerances per step, ``bounds`` (state to (low, high)) in which
    states are held, and ``loose`` (names of states such as an energy, on which no rate
    depends). An expression of ``t`` is followed inside the clock step; a `TimedArray`,
    a linked variable and anything else that Brian2 updates at its clock is held. A
    clock step is tried whole first, so it should not span a whole period of a source.
    Of more than 60 values, those that all copies share are written into the code, which is
    compiled anew for others; give what varies as a parameter of the group.
    Noise is refused. An element that no step can follow becomes NaN.
    """

    def __call__(self, equations, variables=None, method_options=None):
        options = extract_method_options(
            method_options, {"relative": RELATIVE, "absolute": None, "bounds": None,
                             "loose": (), "watch": ""})
        if equations.is_stochastic:
            raise InputError("method 'adaptive' does not integrate noise: its error control would "
                             "resolve every kick. Use method='linear_implicit_euler'.")
        system = from_equations(equations, variables, "method 'adaptive'", options["watch"])
        tolerance = rosenbrock.Tolerance(system, _relative(options["relative"]),
                                         _plain(options["absolute"], system, "absolute"),
                                         _plain(options["bounds"], system, "bounds"),
                                         tuple(_plain(_names(options["loose"]), system, "loose")))
        return _Installer(system, _adaptive_functions(system, tolerance), adaptive=True)


class LinearImplicitEuler(StateUpdateMethod):
    """Integrate stiff equations with or without noise by one linear solve per step.

    Order 1; with noise a semi-implicit Euler-Maruyama method (Ito). It is stable at any
    step, but damps the variance of fast variables where dt is not small against their
    time constant, and a bistable device must not switch faster than dt: there
    ``1 - dt*J`` changes sign. Use ``adaptive`` where there is no noise.
    """

    def __call__(self, equations, variables=None, method_options=None):
        extract_method_options(method_options, {})
        system = from_equations(equations, variables, "method 'linear_implicit_euler'")
        return _Installer(system, _euler_functions(system), adaptive=False)


def _relative(value):
    if not (isinstance(value, (int, float, np.number)) and 1e-12 <= value <= 0.1):
        raise InputError(f"method 'adaptive': relative must lie in 1e-12..0.1, got {value!r}.")
    return float(value)


def _names(loose):
    return dict.fromkeys((loose,) if isinstance(loose, str) else loose, 1.0)


def _plain(given, system, what):
    """Return name to number, or to a pair of numbers, in SI units."""
    given = {} if given is None else given
    if not hasattr(given, "items"):
        raise InputError(f"method 'adaptive': {what} must be a dict of states, got {given!r}.")
    for name in given:
        if name not in system.states:
            raise InputError(f"method 'adaptive': {what} names '{name}', which has no differential "
                             f"equation (states: {', '.join(system.states)}).")
    return {k: _numbers(v, f"method 'adaptive': {what} of '{k}'", pair=what == "bounds")
            for k, v in given.items()}


def _numbers(value, what, pair):
    try:
        found = np.array([float(x) for x in (value if pair else [value])])
    except (TypeError, ValueError):
        found = np.array([])
    if pair and not (len(found) == 2 and found[0] <= found[1]):
        raise InputError(f"{what} must be two numbers (low, high), got {value!r}.")
    if not pair and not (len(found) and 0 <= found[0] < np.inf):
        raise InputError(f"{what} must be a number of at least 0, got {value!r}.")
    return tuple(found.tolist()) if pair else float(found[0])


@dataclass(frozen=True, eq=False)
class _Installer:
    """Gives a state updater its functions and variables; Brian2 calls it before a run."""

    system: object
    functions: tuple
    adaptive: bool

    def __call__(self, updater):
        group = updater.group
        own = Variables(group, default_index="_idx")
        name, advance, get = self.functions
        own._variables.update({name: advance, f"{name}_get": get})
        for variable in (_STEP, _UNTIL) if self.adaptive else ():
            if variable not in group.variables:
                group.variables.add_array(variable, size=len(group), dimensions=second.dim)
        updater.variables = own
        held = [s for s in self.system.states if group.variables[s].conditional_write is not None]
        return "\n".join(self._statements(name, held))

    def _statements(self, name, held_while_refractory):
        system = self.system
        lines = [f"{held} = {expression}" for held, expression in system.held.items()]
        extra = []
        if not self.adaptive:
            terms = {state: [] for state in system.states}
            for xi, factors in system.noise.items():
                lines.append(f"_kick_{xi} = randn()*sqrt(dt)")
                for state, factor in factors:
                    terms[state].append(f"({factor})*_kick_{xi}")
            for state, parts in terms.items():
                lines.append(f"_noise_{state} = {' + '.join(parts) or '0.0'}")
                extra.append(f"_noise_{state}")
        step = _STEP if self.adaptive else "_done"
        before = f"{_STEP}*int(abs(t - {_UNTIL}) < 0.5*dt)" if self.adaptive else "0.0"
        arguments = ["t", "dt", before, *system.states, *extra, *system.inputs]
        lines.append(f"{step} = {name}({', '.join(arguments)})")
        lines += [f"{_UNTIL} = t + dt"] if self.adaptive else []
        # Where some are refractory, numpy writes a part of the copies, but reads them back whole.
        new = {s: f"_new_{s}" if s in held_while_refractory else s for s in system.states}
        lines += [f"{new[s]} = {name}_get({k}, {step})" for k, s in enumerate(system.states)]
        lines += [f"{s} = _new_{s}" for s in held_while_refractory]
        if system.watch:
            lines += [f"_crossed = {name}_get({len(system.states)}, {step})",
                      "spike_time = int(_crossed < 0)*spike_time + int(_crossed >= 0)*(t + _crossed)"]
        return lines


def _adaptive_functions(system, tolerance):
    def run(t, dt, step, y, p):
        crossings = Crossings(system, y.shape[1]) if system.watch else None
        after, step = rosenbrock.advance(system, float(np.max(t)), float(np.max(dt)), step, y, p,
                                         tolerance, crossings)
        return (after if crossings is None else np.vstack([after, crossings.times])), step

    return _functions(system, tolerance, 3 + len(system.states) + len(system.inputs), run)


def _euler_functions(system):
    k = len(system.states)

    def run(t, dt, step, y, p):
        after = rosenbrock.euler_step(system, float(np.max(t)), float(np.max(dt)), y, p[:k], p[k:])
        return after, step

    return _functions(system, None, 3 + 2 * k + len(system.inputs), run)


def _functions(system, tolerance, count, run):
    """Return the name and two Brian2 functions: one integrates, one reads a state back."""
    name, text = cpp.source(system, tolerance)
    last = {}

    def advance(t, dt, step, *values):
        shape = np.broadcast_shapes(*(np.shape(v) for v in (step, *values)))
        full = [np.broadcast_to(np.asarray(v, dtype=float), shape or (1,)) for v in values]
        k = len(system.states)
        y, step = run(t, dt, np.broadcast_to(step, shape or (1,)), np.stack(full[:k]), full[k:])
        last["y"] = y
        return step

    def get(k, _step):
        return last["y"][int(k)]

    # Whatever the arguments are in, they arrive as plain numbers.
    one, two = _function(advance, count), _function(get, 2)
    one.implementations.add_implementation("cpp", text, name=name, dependencies=system.functions)
    two.implementations.add_implementation("cpp", "", name=f"{name}_get",
                                           dependencies={name: one})
    quotes, declared = '"' * 3, ", ".join(["double"] * count)
    text = _declared(system.functions) + text
    text += cpp.AFTER_MANY if len(system.states) + len(system.inputs) > MANY_VALUES else ""
    block = "\n".join("    " + line for line in text.splitlines())
    one.implementations.add_implementation(
        "cython", f"cdef extern from *:\n    {quotes}\n{block}\n    {quotes}\n"
                  f"    double {name}({declared}) nogil\n", name=name, dependencies=system.functions)
    two.implementations.add_implementation(
        "cython", f"cdef extern from *:\n    double {name}_get(int, double) nogil\n",
        name=f"{name}_get", dependencies={name: one})
    return name, one, two


def _declared(functions):
    """Return declarations of `functions`: Cython writes what a function needs after it."""
    return "".join(f"static double {f.implementations._implementations['cpp'].name or n}"
                   f"({', '.join(['double'] * len(f._arg_units))});\n"
                   for n, f in functions.items() if "cpp" in f.implementations._implementations)


def _function(raw, count):
    function = Function(raw, arg_units=[1] * count, return_unit=1, arg_types=["any"] * count,
                        stateless=False)
    # Not add_numpy_implementation, which would attach units to every argument.
    function.implementations.add_implementation("numpy", raw)
    return function


def register():
    """Make both methods known to Brian2, once."""
    for name, updater in (("adaptive", Adaptive()), ("linear_implicit_euler", LinearImplicitEuler())):
        if name not in StateUpdateMethod.stateupdaters:
            StateUpdateMethod.register(name, updater)


__all__ = ["RELATIVE", "Adaptive", "LinearImplicitEuler", "register"]
