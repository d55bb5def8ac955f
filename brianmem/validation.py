"""What a `Device` must satisfy to be made; every fault is a one-line `DeviceError`."""

from collections.abc import Mapping

import numpy as np
from brian2 import Equations, amp, ohm, second, volt
from brian2.utils.stringtools import get_identifiers

from brianmem import equations as eq
from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import DeviceError, UnitError, suggestion
from brianmem.events import check_events
from brianmem.units import check_unit, format_quantity, is_number, si_unit_name

OPERATIONS = ("set", "reset", "read", "sweep", "relax")
_MAPPINGS = ("parameters", "initial", "bounds", "evidence", "parameter_sets", "inputs", "operation")
# Names that Brian2 accepts and the generated C++ or numpy code does not.
_CODE_WORDS = frozenset({
    "auto", "bool", "case", "catch", "char", "const", "default", "delete", "do", "double", "enum",
    "explicit", "export", "extern", "float", "friend", "goto", "inline", "logical_not", "long",
    "mutable", "namespace", "new", "operator", "private", "protected", "public", "register", "short",
    "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "typedef",
    "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
})


def check_fields(device):
    """Check that every field of `device` is of its kind, before any is read."""
    if not (isinstance(device.name, str) and device.name.isidentifier()):
        raise DeviceError(f"Device name must be an identifier such as 'my_device', "
                          f"got {device.name!r}.")
    for field in ("equations", "description"):
        if not isinstance(getattr(device, field), str):
            raise DeviceError(f"{device}: {field} must be text, got {getattr(device, field)!r}.")
    for field in _MAPPINGS:
        check_mapping(getattr(device, field), f"{device}: {field}")
    for name, overrides in device.parameter_sets.items():
        check_mapping(overrides, f"{device}: parameter set '{name}'")
    if not isinstance(device.stiff, bool):
        raise DeviceError(f"{device}: stiff must be True or False, got {device.stiff!r}.")
    if not (isinstance(device.events, (tuple, list)) and all(map(is_event, device.events))):
        raise DeviceError(f"{device}: events must be pairs of texts (condition, statements), got "
                          f"{device.events!r}.")
    for field, form in (("bounds", "(low, high)"), ("operation", "(voltage, time)")):
        for name, value in getattr(device, field).items():
            if not (isinstance(value, (tuple, list)) or np.ndim(value) == 1):
                raise DeviceError(f"{device}: {field} of '{name}' must be {form}, got {value!r}.")


def check_mapping(value, what):
    """Raise `DeviceError` unless `value` is a dict with names as keys."""
    if not (isinstance(value, Mapping) and all(_is_text(key) for key in value)):
        raise DeviceError(f"{what} must be a dict with names as keys, got {value!r}.")


def is_event(event):
    """Tell whether `event` is a pair of texts."""
    return isinstance(event, (tuple, list)) and len(event) == 2 and all(
        isinstance(text, str) for text in event)


def _is_text(key):
    return isinstance(key, str) and key.isprintable()


def reference_keys(references, owner):
    """Return one key or a sequence of keys as a tuple."""
    keys = [references] if isinstance(references, str) else references
    if not (isinstance(keys, (tuple, list)) and all(map(_is_text, keys))):
        raise DeviceError(f"{owner}: references must be keys of the bibliography or DOIs, "
                          f"got {references!r}.")
    return tuple(keys)


def check_device_definition(device):
    """Check names, equations, units, states and operating points of `device`."""
    for key, value in device.namespace.items():
        check_name(device, key)
        check_number(value, f"{device}: {key}", "Spread over instances belongs to a Variation.")
    _check_equations(device)
    check_states(device)
    _check_operation(device)
    check_events(device)
    for name, overrides in device.parameter_sets.items():
        check_overrides(device, overrides, f"{device}, set '{name}'")
    check_evidence(device, ("parameters", "operation", *device.parameter_sets))


def check_name(device, name):
    """Raise `DeviceError` unless `name` may be a variable in the code of every target."""
    try:
        Equations.check_identifier(name)
    except Exception as error:
        raise DeviceError(f"{device}: {name!r} cannot be a name: {eq.one_line(error)}") from None
    if name in _CODE_WORDS:
        raise DeviceError(f"{device}: '{name}' cannot be a name: it is a word of C++ or numpy, in "
                          "which Brian2 runs the equations.")


def check_number(value, what, remedy=""):
    """Raise `DeviceError` unless `value` is one finite number or quantity."""
    if isinstance(value, int) and abs(value) >= 2**63:
        raise DeviceError(f"{what} is too large for an integer of Brian2. Write it as a float, such "
                          "as 1e20.")
    if not is_number(value):
        raise DeviceError(f"{what} must be one number or quantity, got {value!r}. {remedy}".rstrip())
    if not np.isfinite(float(value)):
        raise DeviceError(f"{what} must be finite, got {value!r}.")


def _check_equations(device):
    model, owner = device.model, str(device)
    for name in ("v", "I"):
        if name in device.namespace:
            raise DeviceError(f"{owner}: '{name}' is the terminal "
                              f"{'voltage' if name == 'v' else 'current'}; rename the parameter.")
    for name in model:
        check_name(device, name)
    if "v" in model:
        raise DeviceError(f"{owner}: the equations must not define 'v': it is given.")
    if "I" not in device.observables:
        raise DeviceError(f"{owner}: the equations must define 'I' (: amp) by an expression.")
    if model["I"].dim is not amp.dim:
        raise DeviceError(f"{owner}: 'I' must be declared in amp, got "
                          f"{si_unit_name(model['I'].dim)}.")
    if eq.parameters(model):
        raise DeviceError(f"{owner}: '{eq.parameters(model)[0]}' is declared without a value; "
                          "put it into parameters={...}.")
    for name in device.namespace:
        if name in model:
            raise DeviceError(f"{owner}: '{name}' is both a parameter and defined in the equations.")
    eq.check_form(model, owner)
    eq.check_names(model, {"v", *device.namespace}, owner)
    _check_used(device)
    _check_dimensions(device)


def _check_dimensions(device):
    try:
        check_dimensions(device.model, {**device.namespace, "v": volt.dim}, str(device))
    except ParameterUnit as fault:
        if fault.name == "v":
            raise DeviceError(f"{device}: the equations treat 'v' as a quantity in "
                              f"{fault.unit}, but it is a voltage.") from None
        value = device.namespace[fault.name]
        unit = "a plain number" if fault.unit == "1" else f"in {fault.unit}"
        raise DeviceError(f"{device}: {fault.name} must be {unit}, "
                          f"got {format_quantity(value)}.") from None


def _check_used(device):
    used = {n for line in device.model.values() for n in line.expr.identifiers}
    used |= {n for event in device.events for text in event for n in get_identifiers(text)}
    for name in device.namespace:
        if name not in used:
            raise DeviceError(f"{device}: parameter '{name}' is not used in the equations. "
                              "Remove it or use it.")


def check_states(device):
    """Check initial values and bounds of the states of `device`."""
    for kind in ("initial", "bounds"):
        for name in getattr(device, kind):
            if name not in device.states:
                raise DeviceError(f"{device}: {kind} names '{name}', which is not a state "
                                  f"(states: {', '.join(device.states) or 'none'}).")
    for name in device.states:
        if name not in device.initial:
            raise DeviceError(f"{device}: state '{name}' has no initial value; "
                              f"add initial={{'{name}': ...}}.")
        require(device.initial[name], device.dimension(name), f"{device}: initial value of {name}")
        if name in device.bounds:
            _check_bounds(device, name)
            _check_inside(device, name, device.initial[name], str(device))


def _check_bounds(device, name):
    bounds, dim = device.bounds[name], device.dimension(name)
    if len(bounds) != 2:
        raise DeviceError(f"{device}: bounds of '{name}' must be (low, high), got {bounds!r}.")
    for bound in bounds:
        # 0 has no unit in Brian2 and is a fair way to write a bound.
        if not (is_number(bound) and bound == 0):
            require(bound, dim, f"{device}: bound of {name}")
    low, high = (float(b) for b in bounds)
    if not low < high:
        raise DeviceError(f"{device}: bounds of '{name}' must be low < high, got {bounds!r}.")


def _check_inside(device, name, value, owner):
    low, high = (float(b) for b in device.bounds[name])
    if not low <= float(value) <= high:
        raise DeviceError(f"{owner}: initial {name} = {value!s} is outside its "
                          f"bounds {low:g}..{high:g}.")


def _check_operation(device):
    for name, value in device.operation.items():
        what = f"{device}: operation '{name}'"
        if name not in OPERATIONS:
            raise DeviceError(f"{what} is none of {', '.join(OPERATIONS)}"
                              f"{suggestion(name, OPERATIONS)}")
        if len(value) not in (2, 3):
            raise DeviceError(f"{what} must be (voltage, time) or (voltage, "
                              f"time, series resistance), got {value!r}.")
        for number, unit, kind in zip(value, (volt, second, ohm), ("voltage", "time", "resistance")):
            require(number, unit.dim, f"{device}: {kind} of operation '{name}'")
        # Only a device that forgets by itself is left alone on purpose.
        at_rest = value[0] == 0 * volt and name != "relax"
        if at_rest or value[1] <= 0 * second or any(r < 0 * ohm for r in value[2:]):
            raise DeviceError(f"{what}: the voltage must not be 0 V, the time must be positive and "
                              f"the resistance not negative, got {value!r}.")
    if device.suggested_dt is not None:
        require(device.suggested_dt, second.dim, f"{device}: suggested_dt")
        if device.suggested_dt <= 0 * second:
            raise DeviceError(f"{device}: suggested_dt must be positive, got "
                              f"{format_quantity(device.suggested_dt)}.")


def check_evidence(device, known):
    """Check that each `Evidence` of `device` is one, and is about something in `known`."""
    for key, value in device.evidence.items():
        if not hasattr(value, "kind"):
            raise DeviceError(f"{device}: evidence for '{key}' must be an Evidence, got {value!r}.")
        if key not in known:
            raise DeviceError(f"{device}: evidence for '{key}', which is neither 'parameters' nor "
                              f"'operation' nor a parameter set{suggestion(key, known)}")


def check_overrides(device, overrides, owner):
    """Check changed parameters or initial values by name, unit and bounds."""
    for name, value in overrides.items():
        if name not in device.namespace and name not in device.states:
            known = [*device.namespace, *device.states]
            raise DeviceError(f"{owner}: no parameter '{name}'{suggestion(name, known)}")
        require(value, device.dimension(name), f"{owner}: {name}")
        if name in device.bounds:
            _check_inside(device, name, value, owner)


def require_unit(value, dim, what):
    """Raise `DeviceError` unless `value`, a scalar or array, has dimension `dim`."""
    try:
        check_unit(value, dim, what)
    except UnitError as error:
        raise DeviceError(str(error)) from None


def require(value, dim, what):
    """Raise `DeviceError` unless `value` is one finite number of dimension `dim`."""
    check_number(value, what)
    require_unit(value, dim, what)
