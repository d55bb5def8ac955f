"""A circuit as an ordinary Brian2 group."""

import itertools

import numpy as np
from brian2 import NeuronGroup, joule, second
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.units.fundamentalunits import Quantity, get_dimensions
from brian2.utils.stringtools import get_identifiers

from brianmem import equations as eq
from brianmem import stages
from brianmem.circuits.parameters import check_dict, check_positive
from brianmem.errors import CircuitError, UnitError, suggestion
from brianmem.events import event_code
from brianmem.integration import RELATIVE
from brianmem.lines import keep_lines_apart
from brianmem.units import check_unit, is_number, si_unit_name
from brianmem.variation import Variation

_METHODS = ("adaptive", "linear_implicit_euler", "rk4", "rk2", "euler", "exponential_euler", "heun",
            "milstein")
_serial = itertools.count()


def make_group(circuit, n=1, *, dt, method=None, threshold=None, reset=None, refractory=False,
               parameters=None, initial=None, variation=None, seed=None, energy=False,
               relative=RELATIVE, absolute=None, namespace=None, name=None, codeobj_class=None):
    """Make a `NeuronGroup` of `n` copies of `circuit`.

    Parameters
    ----------
    dt : Quantity
        The clock step: how often inputs, thresholds and events are looked at. The
        default method divides it as needed; keep it shorter than any pulse of a source.
    method : str
        "adaptive" (default), or "linear_implicit_euler" (default with noise), or one of
        Brian2's, for circuits that are not stiff.
    parameters, initial : dict
        Values by name, scalar or one for each copy.
    variation : Variation
        Relative spreads of values by name, such as ``Variation(R1=0.05, X1_G=0.2)``.
    energy : bool
        Add ``energy`` (joule), what the sources have supplied.
    relative, absolute : float, dict
        Tolerances of "adaptive": `relative` per step, and state to what is nothing.

    Threshold and reset are Brian2's, on any name of the circuit.
    """
    _check_count(circuit, n)
    _check_clock(circuit, dt)
    method = _method(circuit, method)
    for kind, value in (("parameters", parameters), ("initial", initial), ("absolute", absolute)):
        check_dict(circuit, kind, {} if value is None else value)
    for key, value in (absolute or {}).items():
        if key == "energy" and energy:
            continue
        _check_initial(circuit, 1, {key: value} if isinstance(value, Quantity) else
                       {key: Quantity(value, dim=circuit.dimension(key))})
    if not (is_number(relative) and 1e-12 <= float(relative) <= 0.1):
        raise CircuitError(f"{circuit}: relative must lie in 1e-12..0.1, got {relative!r}.")
    given, initial = _varied(circuit, n, dict(parameters or {}), variation, seed), initial or {}
    _check_initial(circuit, n, initial)
    if given or initial:
        circuit.check_start(given, initial)
    model, space = _model(circuit, given, namespace or {}, energy)
    updater, options = _updater(circuit, method, relative, absolute, energy)
    group = NeuronGroup(n, model, method=updater, method_options=options, dt=dt, threshold=threshold,
                        reset=reset, refractory=refractory, namespace=space,
                        name=name or f"brianmem_{circuit.name}_{next(_serial)}",
                        codeobj_class=codeobj_class)
    if updater is not method or method in ("adaptive", "linear_implicit_euler"):
        keep_lines_apart(group)
    _read_for_each_copy(group)
    _set_values(circuit, group, given, initial, energy)
    _hold(circuit, group, method, codeobj_class)
    return group


def _model(circuit, given, namespace, energy):
    """Return equations and namespace; values `given` for each copy become lines of the equations."""
    model, space = circuit.equations, {**circuit.namespace, **namespace}
    lines = ["denergy/dt = supplied_power : joule"] if energy else []
    for key, value in given.items():
        if key in model:
            continue
        if np.ndim(value) == 0:
            space[key] = value
        else:
            del space[key]
            lines.append(f"{key} : {si_unit_name(get_dimensions(value))} (constant)")
    return (model + eq.parse("\n".join(lines), str(circuit)) if lines else model), space


def _check_count(circuit, n):
    if not (isinstance(n, (int, np.integer)) and n > 0):
        raise CircuitError(f"{circuit}: n must be a whole number above 0, got {n!r}.")


def _check_clock(circuit, dt):
    try:
        check_unit(dt, second, f"{circuit}: dt")
    except UnitError as error:
        raise CircuitError(str(error)) from None
    if not (np.ndim(dt) == 0 and 0 < float(dt) < np.inf):
        raise CircuitError(f"{circuit}: dt must be above 0 s, got {dt!s}.")


def _method(circuit, method):
    if method is None:
        return "linear_implicit_euler" if circuit.is_stochastic else "adaptive"
    if method not in _METHODS:
        raise CircuitError(f"{circuit}: unknown method {method!r}{suggestion(str(method), _METHODS)} "
                           f"Known: {', '.join(_METHODS)}.")
    if circuit.is_stochastic and method not in ("linear_implicit_euler", "euler", "milstein"):
        raise CircuitError(f"{circuit}: has noise, read as Ito. Use method='linear_implicit_euler', "
                           "'euler' or 'milstein'.")
    return method


def _updater(circuit, method, relative, absolute, energy):
    if method in stages.TABLEAUS:
        return stages.runge_kutta(method), None
    if method != "adaptive":
        return method, None
    return method, {"relative": relative, "absolute": absolute, "bounds": circuit.bounds,
                    "loose": ("energy",) * energy}


def _varied(circuit, n, parameters, variation, seed):
    """Return the values to set: those of `parameters`, spread by `variation`."""
    for key, value in parameters.items():
        _check_known(circuit, key)
        _check_shape(circuit, key, value, circuit.dimension(key), n)
    if variation is None:
        return parameters
    if not isinstance(variation, Variation):
        raise CircuitError(f"{circuit}: variation must be a Variation, got {variation!r}.")
    for what in ("d2d", "c2c", "cycle", "stuck"):
        if getattr(variation, what):
            raise CircuitError(f"{circuit}: a circuit has no use for {what}=. Spread values by name, "
                               "such as Variation(R1=0.05).")
    rng = variation.generator(seed)
    for key, spread in variation.spread.items():
        _check_known(circuit, key)
        nominal = parameters.get(key, circuit.values[key])
        parameters[key] = Quantity(np.asarray(nominal, dtype=float) * spread.factors(n, rng),
                                   dim=get_dimensions(nominal))
        check_positive(circuit, key, parameters[key])
    return parameters


def _check_known(circuit, key):
    known = [k for k, v in circuit.values.items() if not callable(v)] + list(circuit.inputs)
    if key not in known:
        raise CircuitError(f"{circuit}: no value '{key}'{suggestion(key, known)} Known: "
                           f"{', '.join(known)}.")


def _check_shape(circuit, key, value, dim, n):
    try:
        check_unit(value, dim, f"{circuit}: {key}")
    except UnitError as error:
        raise CircuitError(str(error)) from None
    if np.shape(value) not in ((), (n,)):
        raise CircuitError(f"{circuit}: {key} has shape {np.shape(value)}, but there are {n} copies. "
                           f"Give a scalar or an array of length {n}.")
    if not np.all(np.isfinite(np.asarray(value, dtype=float))):
        raise CircuitError(f"{circuit}: {key} must be finite.")
    if key in circuit.values:
        check_positive(circuit, key, value)


def _check_initial(circuit, n, initial):
    for key, value in initial.items():
        if key not in circuit.states:
            raise CircuitError(f"{circuit}: no state '{key}' (states: {', '.join(circuit.states)}).")
        _check_shape(circuit, key, value, circuit.dimension(key), n)


def _read_for_each_copy(group):
    """Give lines that are the same for all copies, such as a supply's, one value for each.

    Brian2 reads one number from them, and fails to take one copy's of it.
    """
    varying = {n for n, v in group.variables.items() if isinstance(v, ArrayVariable) and not v.scalar}
    for equation in group.equations.ordered:
        line = group.variables.get(equation.varname)
        if isinstance(line, Subexpression):
            if not line.identifiers & varying:
                line.expr = f"({line.expr})*int(i >= 0)"
                line.identifiers = get_identifiers(line.expr)
            varying.add(equation.varname)


def _set_values(circuit, group, given, initial, energy):
    for key, value in {**circuit.inputs, **{k: circuit.values[k] for k in circuit.vary}}.items():
        setattr(group, key, value)
    for key, value in given.items():
        if key in group.variables and not group.variables[key].read_only:
            setattr(group, key, value)
    for key, value in {**circuit.initial, **initial}.items():
        setattr(group, key, Quantity(np.asarray(value, dtype=float), dim=circuit.dimension(key)))
    if energy:
        group.energy = 0 * joule


def _hold(circuit, group, method, codeobj_class):
    """Do the events of devices and, where the method does not, hold states in their bounds."""
    lines = [event_code(scoped) for scoped in circuit.events]
    if method != "adaptive":
        for key, (low, high) in circuit.bounds.items():
            unit = si_unit_name(circuit.dimension(key))
            lines.append(f"{key} = clip({key}, {float(low)!r}*{unit}, {float(high)!r}*{unit})")
    for k, text in enumerate(lines):
        group.run_regularly(text, when="after_groups", name=f"{group.name}_held_{k}",
                            codeobj_class=codeobj_class)
