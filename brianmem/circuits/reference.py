"""A circuit solved by scipy, tightly: the same equations, another integrator."""

import itertools
import re

import numpy as np
from brian2 import TimedArray, second
from brian2.core.functions import Function
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions
from scipy.integrate import solve_ivp

from brianmem import equations as eq
from brianmem.circuits.netlist import GROUND
from brianmem.circuits.scalar_system import compiled
from brianmem.circuits.sources import corners_of
from brianmem.errors import CircuitError, suggestion
from brianmem.integration.rosenbrock import Tolerance
from brianmem.integration.system import from_equations
from brianmem.result import Result
from brianmem.units import check_unit

#: Share of the range of a state within which its rate dies beyond a bound.
_EDGE = 1e-7
_MOST_CORNERS = 20_000
_METHODS = ("Radau", "BDF", "LSODA")


def solve(circuit, duration, *, n_points=1001, times=None, initial=None, record=None, rtol=1e-9,
          method="Radau", max_step=None):
    """Return a `Result` of ``t``, all states and `record`, by scipy's implicit methods.

    Parameters
    ----------
    n_points, times : int, Quantity
        How many equal distances apart, or when, the result is wanted.
    initial : dict
        State to its value at the start.
    record : sequence of str
        Further names (all node voltages and element currents).
    rtol : float
        Relative tolerance; what is nothing in a state follows from its bounds or unit.
    max_step : Quantity
        Longest step. The corners of pulse, pwl and `TimedArray` are met exactly in any
        case, a sine is given 40 steps a period, and any other expression of t a
        thousand steps in all: pass less for narrower pulses.

    A rate that drives a state beyond its bound dies within 1e-7 of its range.
    """
    check_unit(duration, second, f"{circuit}: duration")
    if max_step is not None:
        check_unit(max_step, second, f"{circuit}: max_step")
    _check(circuit, duration, rtol, method)
    evaluate = Evaluator(circuit, initial or {})
    names = _recorded(circuit, record)
    times = _times(circuit, duration, n_points, times)
    corners, longest = _corners(circuit, float(duration))
    longest = min(longest, np.inf if max_step is None else float(max_step))
    y = _integrate(circuit, evaluate, times, float(duration), corners,
                   {"rtol": rtol, "method": method, "max_step": longest})
    data = {"t": Quantity(times, dim=second.dim)}
    data |= {s: Quantity(v, dim=circuit.dimension(s)) for s, v in zip(circuit.states, y, strict=True)}
    found = evaluate.many([n for n in names if n not in data], times, y)
    data |= {n: Quantity(np.broadcast_to(v, times.shape).copy(), dim=circuit.dimension(n))
             for n, v in found.items()}
    return Result(data, axes=dict.fromkeys(data, ("time",)),
                  parameters={k: v for k, v in evaluate.quantities.items() if not callable(v)},
                  attrs={"circuit": circuit.name, "method": method, "rtol": rtol})


def crossings(t, x, level):
    """Return the times at which `x` rises through `level`, interpolated."""
    k = np.flatnonzero((x[1:] > level) & (x[:-1] <= level))
    return t[k] + (level - x[k])/(x[k + 1] - x[k])*(t[k + 1] - t[k])


class Evaluator:
    """Evaluates names of a circuit for given states, in SI numbers."""

    def __init__(self, circuit, initial):
        self.circuit = circuit
        self.quantities = {**circuit.inputs, **circuit.values}
        self.functions = {n: f for n, f in self.quantities.items() if callable(f)}
        self.values = {n: float(x) for n, x in self.quantities.items() if n not in self.functions}
        self.start = {s: float(x) for s, x in circuit.initial.items()} | self._given(initial)

    def _given(self, initial):
        for state, value in initial.items():
            if state not in self.circuit.states:
                raise CircuitError(f"{self.circuit}: no state '{state}' "
                                   f"(states: {', '.join(self.circuit.states)}).")
            check_unit(value, self.circuit.dimension(state), f"{self.circuit}: initial {state}")
        return {s: float(x) for s, x in initial.items()}

    def compiled(self, code, equations=None, outputs=("held_value",)):
        """Return a function of t, states and values (a dict) that gives `outputs` of all lines."""
        arguments = ["t", *self.circuit.states, *self.values]
        calls = {n: _plain(f) for n, f in self.functions.items()}
        return eq.compile_system(equations or eq.parse("", str(self.circuit)), ("held_value", code),
                                 outputs, arguments, calls)

    def many(self, names, t, y):
        """Return name to values at `t` and the states `y`."""
        if not names:
            return {}
        function = self.compiled("0", self.circuit.equations, names)
        states = dict(zip(self.circuit.states, y, strict=True))
        found = function(t=np.asarray(t, dtype=float), **states, **self.values)
        return dict(zip(names, found, strict=True))

    def now(self, name):
        """Return the value of `name` at the start."""
        y = [np.asarray(self.start[s]) for s in self.circuit.states]
        return float(self.many([name], 0.0, y)[name])


def _plain(function):
    if isinstance(function, TimedArray) and function.values.ndim == 1:
        # Called as it is, a TimedArray takes the nearest sample, and not the last one.
        values, width = np.asarray(function.values, dtype=float), float(function.dt)
        return lambda t: values[np.clip(np.floor(t/width + 1e-9).astype(int), 0, len(values) - 1)]
    units = getattr(function, "_arg_units", None) or [1]

    def call(*arguments):
        given = [Quantity(a, dim=d) if (d := get_dimensions(u)) is not DIMENSIONLESS else a
                 for a, u in zip(arguments, units, strict=False)]
        return np.asarray(function(*given), dtype=float)

    return call


def _check(circuit, duration, rtol, method):
    if not 0 < float(duration) < np.inf:
        raise CircuitError(f"{circuit}: duration must be above 0 s, got {duration!s}.")
    if not 1e-13 <= rtol < 1:
        raise CircuitError(f"{circuit}: rtol must lie in 1e-13..1, got {rtol!r}.")
    if method not in _METHODS:
        raise CircuitError(f"{circuit}: unknown method {method!r}{suggestion(str(method), _METHODS)} "
                           f"Known: {', '.join(_METHODS)}.")
    if circuit.is_stochastic:
        raise CircuitError(f"{circuit}: a reference has no noise. Use group(...).")
    if circuit.events:
        raise CircuitError(f"{circuit}: a reference has no events. Use group(...) with a shorter dt.")


def _recorded(circuit, record):
    if record is None:
        nodes = dict.fromkeys(n for b in circuit.branches for n in (b.a, b.b) if n != GROUND)
        return [*(f"v_{n}" for n in nodes), *(f"i_{b.name}" for b in circuit.branches)]
    names = [record] if isinstance(record, str) else list(record)
    for name in names:
        circuit.dimension(name)
        if name not in circuit.equations:
            raise CircuitError(f"{circuit}: '{name}' is a value; record names states and observables.")
    return names


def _times(circuit, duration, n_points, times):
    if times is None:
        if not n_points >= 2:
            raise CircuitError(f"{circuit}: n_points must be 2 or more, got {n_points!r}.")
        return np.linspace(0, float(duration), int(n_points))
    check_unit(times, second, f"{circuit}: times")
    times = np.atleast_1d(np.asarray(times, dtype=float))
    if np.any(np.diff(times) <= 0) or times[0] < 0 or times[-1] > float(duration) * (1 + 1e-12):
        raise CircuitError(f"{circuit}: times must grow from 0 s or later to the duration at most.")
    return np.minimum(times, float(duration))


def _corners(circuit, duration):
    """Return when sources have a corner, and the longest step that their shape allows."""
    corners, longest = set(), np.inf
    for branch in circuit.branches:
        kind, values = corners_of(branch.element) or (None, ())
        if kind == "sin":
            longest = min(longest, 1/(40*values[2])) if values[2] > 0 else longest
        elif kind:
            corners |= _pulse(circuit, values[2:], duration) if kind == "pulse" else set(values[::2])
    for function in circuit.values.values():
        if isinstance(function, TimedArray):
            values = np.reshape(np.asarray(function.values), (len(function.values), -1))
            steps = np.flatnonzero(np.any(np.diff(values, axis=0) != 0, axis=1)) + 1
            corners |= set((float(function.dt)*steps).tolist())
    if _has_expressions_of_time(circuit):
        longest = min(longest, duration/1000)
    return sorted(c for c in corners if 0 < c < duration), longest


def _pulse(circuit, times, duration):
    delay, rise, fall, width = times[:4]
    period = times[4] if len(times) > 4 else np.inf
    count = 1 if period == np.inf else int(duration/period) + 1
    if 4*count > _MOST_CORNERS:
        raise CircuitError(f"{circuit}: {count} pulses are too many for a reference. Shorten the "
                           "duration, or use group(...).")
    starts = delay + (np.arange(count)*period if count > 1 else np.zeros(1))
    shape = np.array([0, rise, rise + width, rise + width + fall])
    return set((starts[:, None] + shape).ravel().tolist())


def _has_expressions_of_time(circuit):
    prefixes = tuple(f"{b.name}_" for b in circuit.branches if b.element.kind == "X")
    texts = [b.value for b in circuit.branches if not corners_of(b.element)]
    texts += [line.expr.code for name, line in circuit.equations.items()
              if line.expr is not None and name.startswith(prefixes)]
    sampled = [n for n, f in circuit.values.items() if isinstance(f, TimedArray)]
    return any(re.search(r"(?<![\w.])t(?!\w)", re.sub(rf"\b({'|'.join(sampled)})\(t\)", "", text))
               for text in texts)


def _integrate(circuit, evaluate, times, duration, corners, options):
    """Return the states (states, times), integrated anew from each corner."""
    states = circuit.states
    if not states:
        return np.zeros((0, len(times)))
    rates, slopes, tolerance, limit = _functions(circuit, evaluate, options["rtol"])
    y, parts = np.array([evaluate.start[s] for s in states]), []
    edges = [0.0, *corners, duration]
    for begin, end in itertools.pairwise(edges):
        last, limit[0] = end == duration, begin + (end - begin)*(1 - 1e-6)
        wanted = times[(times >= begin) & ((times < end) | last)]
        done = solve_ivp(rates, (begin, end), y, jac=slopes, t_eval=np.unique([*wanted, end]),
                         atol=tolerance, **options)
        if not done.success or not np.all(np.isfinite(done.y)):
            at = done.t[-1] if len(done.t) else begin
            raise CircuitError(f"{circuit}: scipy's {options['method']} stopped at {at:.6g} s of "
                               f"{duration:.6g} s: {done.message}")
        y = done.y[:, -1]
        parts.append(done.y[:, :len(wanted)])
    low, high = _bounds(circuit)
    return np.clip(np.concatenate(parts, axis=1), low[:, None], high[:, None])


def _bounds(circuit):
    pairs = [circuit.bounds.get(s, (-np.inf, np.inf)) for s in circuit.states]
    return tuple(np.array([float(p[k]) for p in pairs]) for k in (0, 1))


def _functions(circuit, evaluate, rtol):
    """Return rates and Jacobian of (t, y) with bounds, and the absolute tolerance of each state."""
    variables = {n: f for n, f in evaluate.functions.items() if isinstance(f, Function)}
    system = from_equations(circuit.equations, variables, str(circuit))
    rate, slope = compiled(system)
    held = [evaluate.compiled(code) for code in system.held.values()]
    limit = [np.inf]
    fixed = [evaluate.values[n] for n in system.arguments]
    dummy = dict.fromkeys(circuit.states, 0.0)
    low, high = _bounds(circuit)
    one_sided = [np.abs(np.array([b for b in pair if np.isfinite(b)] or [1.0])).max() or 1.0
                 for pair in zip(low, high, strict=True)]
    edge = _EDGE*np.where(np.isfinite(high - low), high - low, one_sided)

    def given(t):
        if not held:
            return fixed
        # The last stage of a step lies on the corner that ends it: what is held is not there yet.
        t = np.float64(min(t, limit[0]))
        return [*fixed, *(float(h(t=t, **dummy, **evaluate.values)[0]) for h in held)]

    def allowed(y, f):
        """Return the share of each rate that its bound lets through."""
        beyond = np.where(f > 0, y - high, low - y)
        return np.clip(1 - beyond/edge, 0, 1), (beyond > 0) & (beyond < edge)

    def rates(t, y):
        f = rate(t, np.clip(y, low, high), given(t))
        return f*allowed(y, f)[0]

    def slopes(t, y):
        f, matrix = slope(t, np.clip(y, low, high), given(t))
        share, dying = allowed(y, f)
        matrix = share[:, None]*matrix*((y >= low) & (y <= high))
        return matrix - np.diag(np.where(dying, np.abs(f)/edge, 0.0))

    absolute = Tolerance(system, rtol, None, circuit.bounds).absolute
    return rates, slopes, np.where(absolute > 0, absolute, rtol*1e-3), limit
