"""A neuron as an ordinary Brian2 group."""

import itertools

import numpy as np
from brian2 import NeuronGroup, TimedArray, second
from brian2.units.fundamentalunits import Quantity

from brianmem import equations as eq
from brianmem import stages
from brianmem.bounds import bound_literals
from brianmem.dimensions import expression_dimension
from brianmem.errors import InputError, NeuronError, VariationError, suggestion
from brianmem.events import check_expression, event_code
from brianmem.integration import RELATIVE, keep_spike_times
from brianmem.lines import keep_lines_apart
from brianmem.method import APART, METHODS, noise_kind
from brianmem.neuron_checks import RESERVED, known_quantities
from brianmem.ode import choose_codeobj_class
from brianmem.units import check_unit, format_quantity, si_unit_name

_serial = itertools.count()


def make_group(neuron, n, drive, *, dt, parameters, initial, variation, seed, namespace, method,
               spike_times, target, steps, name):
    """Do what `Neuron.group` says."""
    if not (isinstance(n, (int, np.integer)) and n >= 1):
        raise InputError(f"{neuron}: n must be a whole number >= 1, got {n!r}.")
    dt = neuron.suggested_dt if dt is None else dt
    if dt is None:
        raise InputError(f"{neuron}: say dt=; the neuron suggests none.")
    if not float(check_unit(dt, second, f"{neuron}: dt")) > 0:
        raise InputError(f"{neuron}: dt must be positive, got {format_quantity(dt)}.")
    shared, arrays = _values(neuron, n, {**drawn(neuron, n, variation, seed), **(parameters or {})})
    line = _drive(neuron, n, drive, namespace or {}, shared, arrays)
    lines = [neuron.equations, line]
    lines += [f"{k} : {_unit(neuron, k)} (constant)" for k in arrays if k != neuron.drive]
    lines += ["denergy/dt = power : joule"] * ("power" in neuron.model)
    crossed = neuron.crossing if spike_times else None
    if crossed:
        excess = expression_dimension(crossed, known_quantities(neuron))
        lines.append(f"threshold_excess = {crossed} : {si_unit_name(excess)}")
    method = _method(neuron, method, drive)
    group = _group(neuron, n, "\n".join(lines), method, {**shared, **(namespace or {})}, dt=dt,
                   codeobj_class=choose_codeobj_class(target, n, steps, _cost(neuron, method)),
                   name=name or f"brianmem_{neuron.name}_{next(_serial)}")
    for key, value in {**arrays, **_start(neuron, n, initial or {})}.items():
        setattr(group, key, value)
    _guard(neuron, group)
    if crossed:
        keep_spike_times(group, "threshold_excess", Quantity(0.0, dim=excess))
    return group


def _group(neuron, n, model, method, namespace, **options):
    updater = stages.runge_kutta(method, bound_literals(neuron)) \
        if method in stages.TABLEAUS else method
    loose = ("energy",) * ("power" in neuron.model)
    adaptive = {"bounds": neuron.bounds, "relative": RELATIVE, "loose": loose}
    refractory = False if neuron.refractory is None else neuron.refractory
    group = NeuronGroup(n, model, method=updater, threshold=neuron.threshold, reset=neuron.reset,
                        refractory=refractory, namespace=namespace,
                        method_options=adaptive if method == "adaptive" else None, **options)
    if method in APART:
        keep_lines_apart(group)
    return group


def _guard(neuron, group):
    lines = [event_code(neuron)] * bool(neuron.events)
    lines += [f"{key} = clip({key}, {low}, {high})"
              for key, (low, high) in bound_literals(neuron).items()]
    if lines:
        group.run_regularly("\n".join(lines), when="after_groups", name=f"{group.name}_bounds")


def _unit(neuron, name):
    return si_unit_name(neuron.dimension(name))


def _cost(neuron, method):
    # Measured: while a switch closes, a step of "adaptive" may last 0.1 s in numpy.
    return max(300 if method == "adaptive" else 1, len(neuron.model) / 8)


def drawn(neuron, n, variation, seed):
    """Draw the spread parameters of `variation` for `n` copies, name to Quantity (n,)."""
    if variation is None:
        return {}
    if variation.d2d or variation.c2c or variation.cycle or variation.stuck:
        raise VariationError(f"{neuron}: only the spread of a parameter has a meaning for neurons, "
                             "such as Variation(tau=0.1).")
    return variation.sample(neuron, n, variation.generator(seed))


def _values(neuron, n, changed):
    """Split the neuron's values and changed ones into shared and per copy."""
    for key, value in changed.items():
        if key not in neuron.namespace:
            raise NeuronError(f"{neuron}: no parameter '{key}'{suggestion(key, neuron.namespace)}")
        check_unit(value, neuron.dimension(key), f"{neuron}: {key}")
    shared, arrays = {}, {}
    for key, value in {**neuron.namespace, **changed}.items():
        _check_shape(neuron, n, key, value)
        (arrays if np.ndim(value) else shared)[key] = value
    return shared, arrays


def _check_shape(neuron, n, key, value):
    if np.shape(value) not in ((), (n,)):
        raise InputError(f"{neuron}: '{key}' has shape {np.shape(value)}, but there are {n} copies. "
                         f"Give a scalar or {n} values.")


def _drive(neuron, n, drive, namespace, shared, arrays):
    """Return the line that defines the drive; its value moves into `arrays` unless it is text."""
    name, unit = neuron.drive, _unit(neuron, neuron.drive)
    for key in namespace:
        if key in (*neuron.model, *neuron.namespace, *RESERVED):
            raise InputError(f"{neuron}: '{key}' in the namespace of the drive has that name already "
                             "in the neuron. Rename it.")
    default = arrays.pop(name) if name in arrays else shared.pop(name)
    if isinstance(drive, str):
        return f"{name} = {_expression(neuron, drive, namespace)} : {unit}"
    value = default if drive is None else drive
    check_unit(value, neuron.dimension(name), f"{neuron}: the drive {name}")
    _check_shape(neuron, n, name, value)
    arrays[name] = value
    return f"{name} : {unit}"


def _expression(neuron, text, namespace):
    owner, dim = f"{neuron}: the drive '{text}'", neuron.dimension(neuron.drive)
    table = namespace.get(text.strip())
    if isinstance(table, TimedArray):
        check_unit(Quantity(0.0, dim=table.dim), dim, owner)
        return f"{text.strip()}({'t' if np.ndim(table.values) == 1 else 't, i'})"
    functions = [k for k, v in namespace.items() if callable(v)]
    if not functions and "i" not in eq.get_identifiers(text):
        known = {**known_quantities(neuron), **namespace}
        known.pop(neuron.drive)
        check_expression(known, owner, text, dim)
    return text


def _method(neuron, asked, drive):
    noise = noise_kind(neuron.model)
    method = asked or neuron.method
    if method is None:
        method = {None: "rk4", "additive": "euler", "multiplicative": "milstein"}[noise]
    if method not in (*METHODS, "exact", "heun"):
        raise InputError(f"{neuron}: unknown method '{method}'. Use one of "
                         f"{', '.join((*METHODS, 'exact', 'heun'))}.")
    # An energy is no linear state, and a drive in between is not constant.
    inexact = isinstance(drive, str) or "power" in neuron.model
    return "rk4" if method == "exact" and inexact and asked is None else method


def _start(neuron, n, initial):
    for key in initial:
        if key not in neuron.states:
            raise InputError(f"{neuron}: initial names '{key}', which is not a state (states: "
                             f"{', '.join(neuron.states)}).")
    found = {}
    for key in neuron.states:
        value = initial.get(key, neuron.initial[key])
        check_unit(value, neuron.dimension(key), f"{neuron}: initial {key}")
        _check_shape(neuron, n, key, value)
        found[key] = value
    return found
