"""A device as an ordinary Brian2 group: n copies driven by a source voltage.

The group holds the device text plus four things it leaves open: the source, what
lies between source and cell, the energy, and bounds that are enforced and audited.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from brian2 import NeuronGroup, amp, get_device, ohm
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import equations as eq
from brianmem import stages
from brianmem.bounds import audit, bound_literals, guard
from brianmem.cell import cell_voltage_line
from brianmem.device import Device
from brianmem.errors import InputError
from brianmem.events import set_by_events
from brianmem.integration import RELATIVE
from brianmem.lines import keep_lines_apart
from brianmem.method import APART, choose
from brianmem.units import check_unit, si_unit_name

RESERVED = ("v_source", "energy", "series_resistance", "compliance", "cell_voltage", "moves")
_INSULATOR = 1e15  # ohm
_serial = itertools.count()


@dataclass(frozen=True, eq=False)
class OdeGroup:
    """A driven group of device copies.

    `group` is the `NeuronGroup` with ``v``, ``I``, ``v_source``, every state and
    observable and, where asked for, ``energy``, to be read and recorded; `objects` is what an explicit
    `brian2.Network` needs; `codeobj_class` suits monitors of the group.
    """

    device: Device
    group: NeuronGroup
    objects: tuple
    method: str
    codeobj_class: type = None

    def hits(self, state):
        """Return how many steps of each copy were stopped at a bound of `state`."""
        return np.asarray(getattr(self.group, f"{state}_hits"))

    def overshoot(self, state):
        """Return the largest arrival beyond a bound, per copy, in units of the range."""
        return np.asarray(getattr(self.group, f"{state}_overshoot"))

    def check(self, overshoot=0.2):
        """Raise if a state became NaN or infinite, or a clamp hid a large overshoot.

        `overshoot` is the largest tolerated step beyond a bound on arrival, as a
        fraction of the range between the bounds. Raises `DivergenceError` naming
        device, state and time, `StepError` with a time step to try, or `DeviceError` where
        an event went that far.
        """
        audit(self, overshoot)


def ode_group(device, n=1, voltage="0*volt", *, dt, method=None, series_resistance=None,
              compliance=None, parameters=None, initial=None, stuck=None, namespace=None,
              energy=True, target=None, steps=None, name=None, relative=RELATIVE,
              decide_as=None):
    """Make a Brian2 group of `n` copies of `device` driven by `voltage`.

    Parameters
    ----------
    voltage : str
        Brian2 expression of ``t`` in volt: the source. It may use names of
        `namespace`: quantities, functions such as a `TimedArray`, and arrays of
        length n, which become per-copy constants.
    series_resistance, compliance : Quantity or str
        Between source and cell, as scalar, array of length n, or expression (of
        ``v_source`` and `namespace`), e.g. to limit one polarity only.
    parameters, initial : dict
        Override values of the device; scalars or arrays of length n.
    stuck : tuple of (mask, dict)
        Copies that never move and their states, as `Variation.sample_stuck` gives.
    method : str
        "rk4" (default without noise), "adaptive" (the default of a stiff device, with
        the tolerance `relative`), "rk2", "euler", "exponential_euler". Noise is read as
        Ito: "euler" if additive, else "milstein", or "linear_implicit_euler"; "heun"
        is refused.
    target : {None, "auto", "numpy", "cython"}
        None leaves it to Brian2's preferences. "auto" takes Cython if there is a
        compiler and `steps` steps in numpy would last longer than compiling.
    decide_as : int
        Decide that as for so many copies.
    """
    owner = str(device)
    given = _split(device, n, parameters or {}, namespace or {}, owner)
    cell = _cell_inputs(series_resistance, compliance, n, owner, given)
    line, functions = cell_voltage_line(device, *cell)
    given.shared.update(functions)
    model = _model(device, voltage, line, given, stuck is not None, energy)
    method = choose(device, model, method)
    # Measured: solving in each stage costs as much as some 15 plain devices.
    solves = bool(functions) or method == "adaptive"
    cost = max(15 if solves else 1, len(device.model) / 8)
    codeobj_class = choose_codeobj_class(target, decide_as or n, steps, cost)
    updater = stages.runge_kutta(method, bound_literals(device)) \
        if method in stages.TABLEAUS else method
    options = {"bounds": device.bounds, "relative": relative, "loose": ("energy",) * energy} \
        if method == "adaptive" else None
    group = NeuronGroup(
        n, model, method=updater, method_options=options, dt=dt, namespace=given.shared,
        name=name or f"brianmem_{device.name}_{next(_serial)}", codeobj_class=codeobj_class)
    if method in APART:
        keep_lines_apart(group)
    for key, value in given.arrays.items():
        setattr(group, key, value)
    _set_states(device, group, initial or {}, stuck)
    runner = guard(device, group)
    objects = (group,) if runner is None else (group, runner)
    return OdeGroup(device, group, objects, method, codeobj_class)


class _Given:
    """Values for the equations: shared ones, per-copy arrays, and extra lines."""

    def __init__(self):
        self.shared, self.arrays, self.lines = {}, {}, []

    def add(self, name, value, n, owner):
        if callable(value) or isinstance(value, str) or np.ndim(value) == 0:
            self.shared[name] = value
            return
        if np.shape(value) != (n,):
            raise InputError(f"{owner}: '{name}' has shape {np.shape(value)}, but there are {n} "
                             f"copies. Give a scalar or an array of length {n}.")
        self.arrays[name] = value
        self.lines.append(f"{name} : {si_unit_name(get_dimensions(value))} (constant)")


def _split(device, n, parameters, namespace, owner):
    given = _Given()
    for key in parameters:
        if key not in device.namespace:
            known = ", ".join(device.namespace)
            raise InputError(f"{owner}: no parameter '{key}' (parameters: {known}).")
        check_unit(parameters[key], device.dimension(key), f"{owner}: {key}")
    for key, value in {**device.namespace, **parameters}.items():
        given.add(key, value, n, owner)
    for key, value in namespace.items():
        if key in device.model or key in device.namespace or key in (*RESERVED, "v", "I"):
            raise InputError(f"{owner}: '{key}' in the namespace of the voltage has that name "
                             "already in the device. Rename it.")
        given.add(key, value, n, owner)
    for key in RESERVED:
        if key in device.model or key in device.namespace:
            raise InputError(f"{owner}: '{key}' is a name of the simulation. Rename it in the "
                             "equations.")
    return given


def _cell_inputs(series_resistance, compliance, n, owner, given):
    asked = {"series_resistance": (series_resistance, ohm), "compliance": (compliance, amp)}
    for key, (value, unit) in asked.items():
        if value is None:
            continue
        if isinstance(value, str):
            given.lines.append(f"{key} = {value} : {si_unit_name(unit.dim)}")
            continue
        check_unit(value, unit, f"{owner}: {key}")
        smallest = np.min(np.asarray(value))
        if smallest < 0 or (key == "compliance" and smallest == 0):
            raise InputError(f"{owner}: {key} must be positive, got {value}.")
        if key == "series_resistance" and np.max(np.asarray(value)) > _INSULATOR:
            raise InputError(f"{owner}: a series_resistance above {_INSULATOR:g} ohm is an insulator: "
                             "nothing would reach the device. Use a smaller one.")
        given.add(key, value, n, owner)
    return series_resistance is not None, compliance is not None


def _model(device, voltage, line, given, stuck, energy):
    lines = [f"v_source = {voltage} : volt", *given.lines, line]
    for key, definition in device.model.items():
        unit = si_unit_name(definition.dim) if definition.var_type == "float" \
            else definition.var_type
        if key in device.states:
            rate = definition.expr.code
            rate = f"moves*({rate})" if stuck else rate
            lines.append(f"d{key}/dt = {rate} : {unit}")
            lines.append(f"{key}_finite_until : second")
        else:
            lines.append(f"{key} = {definition.expr.code} : {unit}")
    for key in device.bounds:
        lines += [f"{key}_hits : integer", f"{key}_side : integer", f"{key}_overshoot : 1",
                  f"{key}_overshoot_time : second"]
    lines += [f"{key}_event_overshoot : 1" for key in set_by_events(device) if key in device.bounds]
    if stuck:
        lines.append("moves : 1 (constant)")
    if energy:
        lines.append("denergy/dt = v*I : joule")
    return eq.parse("\n".join(lines), f"{device}, driven by '{voltage}'")


def choose_codeobj_class(target, n, steps, cost=1):
    """Return Brian2's class of code objects for `target`, None to leave it to the preferences."""
    if target is None:
        return None
    if target not in ("auto", "numpy", "cython"):
        raise InputError(f"target must be 'auto', 'numpy' or 'cython', got {target!r}.")
    # A standalone device brings its own code objects.
    if type(get_device()).__name__ != "RuntimeDevice":
        return None
    # Measured: about 0.2 ms and 1 us per copy for a step of rk4 in numpy; 10 s to compile.
    seconds = (steps or 0) * (2e-4 + 1e-6 * n) * cost
    if target == "numpy" or (target == "auto" and seconds < 10):
        return NumpyCodeObject
    from brian2.codegen.runtime.cython_rt import CythonCodeObject

    if target == "cython" or CythonCodeObject.is_available():
        return CythonCodeObject
    return NumpyCodeObject


def _set_states(device, group, initial, stuck):
    for key in initial:
        if key not in device.states:
            raise InputError(f"{device}: no state '{key}' (states: {', '.join(device.states)}).")
        check_unit(initial[key], device.dimension(key), f"{device}: initial {key}")
    mask, frozen = stuck if stuck is not None else (None, {})
    for key in device.states:
        value = np.broadcast_to(np.asarray(initial.get(key, device.initial[key]), dtype=float),
                                (group.N,))
        _check_inside(device, key, value)
        if mask is not None:
            value = np.where(mask, np.asarray(frozen[key]), value)
        setattr(group, key, Quantity(value, dim=device.dimension(key)))
    if mask is not None:
        group.moves = np.where(mask, 0.0, 1.0)


def _check_inside(device, key, value):
    low, high = (float(b) for b in device.bounds.get(key, (-np.inf, np.inf)))
    if not np.all((value >= low) & (value <= high)):
        wrong = value[~((value >= low) & (value <= high))][0]
        raise InputError(f"{device}: initial {key} = {wrong:g} is outside its bounds "
                         f"{low:g}..{high:g}.")
