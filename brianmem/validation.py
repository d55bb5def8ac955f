"""What a `Device` must satisfy to be made; every fault is a one-line `DeviceError`."""

import difflib

import numpy as np
from brian2 import Equations, amp, ohm, second, volt

from brianmem import equations as eq
from brianmem.errors import DeviceError, UnitError
from brianmem.units import check_unit, format_quantity, si_unit_name


def check_device_definition(device):
    """Check names, equations, units, states and operating points of `device`."""
    _check_identity(device)
    _check_equations(device)
    _check_states(device)
    _check_operation(device)
    for name, overrides in device.parameter_sets.items():
        check_overrides(device, overrides, f"{device}, set '{name}'")


def _check_identity(device):
    if not (isinstance(device.name, str) and device.name.isidentifier()):
        raise DeviceError(f"Device name must be an identifier such as 'my_device', "
                          f"got {device.name!r}.")
    for key, value in {**device.parameters, **device.inputs}.items():
        if np.ndim(value) != 0 or isinstance(value, (str, bytes)):
            raise DeviceError(f"{device}: {key} must be one number or quantity, got {value!r}. "
                              "Spread over instances belongs to a Variation.")
        if not np.isfinite(float(value)):
            raise DeviceError(f"{device}: {key} must be finite, got {value!r}.")
        _check_name(device, key)
    for key, value in device.evidence.items():
        if not hasattr(value, "kind"):
            raise DeviceError(f"{device}: evidence for '{key}' must be an Evidence, got {value!r}.")


def _check_name(device, name):
    try:
        Equations.check_identifier(name)
    except Exception as error:
        raise DeviceError(f"{device}: '{name}' cannot be a name: {error}") from None
    if name in ("v", "I"):
        raise DeviceError(f"{device}: '{name}' is the terminal "
                          f"{'voltage' if name == 'v' else 'current'}; rename the parameter.")


def _check_equations(device):
    model, owner = device.model, str(device)
    if "v" in model:
        raise DeviceError(f"{owner}: the equations must not define 'v': it is given.")
    if "I" not in device.observables:
        raise DeviceError(f"{owner}: the equations must define 'I' (: amp) by an expression.")
    if eq.parameters(model):
        raise DeviceError(f"{owner}: '{eq.parameters(model)[0]}' is declared without a value; "
                          "put it into parameters={...}.")
    for name in device.namespace:
        if name in model:
            raise DeviceError(f"{owner}: '{name}' is both a parameter and defined in the equations.")
    eq.check_names(model, {"v", *device.namespace}, owner)
    _check_used(device)
    try:
        eq.check_dimensions(model, {**device.namespace, "v": 1 * volt}, owner)
    except eq.ParameterUnit as fault:
        if fault.name == "v":
            raise DeviceError(f"{owner}: the equations treat 'v' as a quantity in "
                              f"{fault.unit}, but it is a voltage.") from None
        value = device.namespace[fault.name]
        unit = "a plain number" if fault.unit == "1" else f"in {fault.unit}"
        raise DeviceError(f"{owner}: {fault.name} must be {unit}, "
                          f"got {format_quantity(value)}.") from None
    if model["I"].dim is not amp.dim:
        raise DeviceError(f"{owner}: 'I' must be declared in amp, got "
                          f"{si_unit_name(model['I'].dim)}.")


def _check_used(device):
    used = {n for line in device.model.values() if line.expr for n in line.expr.identifiers}
    for name in device.namespace:
        if name not in used:
            raise DeviceError(f"{device}: parameter '{name}' is not used in the equations. "
                              "Remove it or use it.")


def _check_states(device):
    for kind in ("initial", "bounds"):
        for name in getattr(device, kind):
            if name not in device.states:
                raise DeviceError(f"{device}: {kind} names '{name}', which is not a state "
                                  f"(states: {', '.join(device.states) or 'none'}).")
    for name in device.states:
        if name not in device.initial:
            raise DeviceError(f"{device}: state '{name}' has no initial value; "
                              f"add initial={{'{name}': ...}}.")
        dim = device.dimension(name)
        require_unit(device, name, device.initial[name], dim, "initial value of ")
        if name in device.bounds:
            _check_bounds(device, name, dim)


def _check_bounds(device, name, dim):
    bounds = device.bounds[name]
    if len(bounds) != 2:
        raise DeviceError(f"{device}: bounds of '{name}' must be (low, high), got {bounds!r}.")
    for bound in bounds:
        # 0 has no unit in Brian2 and is a fair way to write a bound.
        if float(bound) != 0:
            require_unit(device, name, bound, dim, "bound of ")
    low, high = (float(b) for b in bounds)
    if not low < high:
        raise DeviceError(f"{device}: bounds of '{name}' must be low < high, got {bounds!r}.")
    if not low <= float(device.initial[name]) <= high:
        raise DeviceError(f"{device}: initial {name} = {device.initial[name]!s} is outside its "
                          f"bounds {low:g}..{high:g}.")


def _check_operation(device):
    for name, value in device.operation.items():
        if len(value) not in (2, 3):
            raise DeviceError(f"{device}: operation '{name}' must be (voltage, time) or (voltage, "
                              f"time, series resistance), got {value!r}.")
        require_unit(device, f"operation '{name}'", value[0], volt.dim, "voltage of ")
        require_unit(device, f"operation '{name}'", value[1], second.dim, "time of ")
        for resistance in value[2:]:
            require_unit(device, f"operation '{name}'", resistance, ohm.dim, "resistance of ")
    if device.suggested_dt is not None:
        require_unit(device, "suggested_dt", device.suggested_dt, second.dim)


def check_overrides(device, overrides, owner):
    """Check changed parameters or initial values by name and unit."""
    for name, value in overrides.items():
        if name not in device.namespace and name not in device.states:
            close = difflib.get_close_matches(name, [*device.namespace, *device.states], 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise DeviceError(f"{owner}: no parameter '{name}'.{hint}")
        require_unit(device, name, value, device.dimension(name), owner=owner)


def require_unit(device, name, value, dim, what="", owner=None):
    """Raise `DeviceError` unless `value` has dimension `dim`."""
    try:
        check_unit(value, dim, f"{owner or device}: {what}{name}")
    except UnitError as error:
        raise DeviceError(str(error)) from None
