"""Bounds of states, enforced after every step of a group and audited."""

import numpy as np
from brian2 import second

from brianmem.errors import DeviceError, DivergenceError, StepError
from brianmem.events import event_code, set_by_events
from brianmem.units import format_quantity, si_unit_name


def guard(device, group):
    """Do events and enforce bounds after every step, and record what they hide and when NaN came.

    Only the step that arrives at a bound counts as an overshoot: pushing on while
    already there is what a bound is for.
    """
    # A stuck device does not jump either.
    where = "*int(moves > 0)" if "moves" in group.variables else ""
    lines = [event_code(device, where), *_event_lines(device)] if device.events else []
    for key in device.states:
        lines.append(f"{key}_finite_until += int(abs({key}) < inf*{_unit(device, key)})"
                     f"*(t - {key}_finite_until)")
    for key, (low, high) in bound_literals(device).items():
        lines += [
            f"_out_{key} = int({key} > {high}) - int({key} < {low})",
            f"_beyond_{key} = int(_out_{key} != 0)*int(_out_{key} != {key}_side)"
            f"*abs({key} - clip({key}, {low}, {high}))/({high} - {low})",
            f"_more_{key} = int(_beyond_{key} > {key}_overshoot)",
            f"{key}_overshoot += _more_{key}*(_beyond_{key} - {key}_overshoot)",
            f"{key}_overshoot_time += _more_{key}*(t - {key}_overshoot_time)",
            f"{key}_hits += int(_out_{key} != 0)",
            f"{key} = clip({key}, {low}, {high})",
            f"{key}_side = int({key} >= {high}) - int({key} <= {low})",
        ]
    if not lines:
        return None
    return group.run_regularly("\n".join(lines), when="after_groups",
                               name=f"{group.name}_bounds", codeobj_class=group.codeobj_class)


def _event_lines(device):
    """Return the statements that record how far beyond a bound an event set a state."""
    lines, bounds = [], bound_literals(device)
    for key, events in set_by_events(device).items():
        if key in bounds:
            low, high = bounds[key]
            happened = " + ".join(f"_event_{k}" for k in events)
            lines += [
                f"_by_event_{key} = int({happened} > 0)*abs({key} - clip({key}, {low}, {high}))"
                f"/({high} - {low})",
                f"{key}_event_overshoot += int(_by_event_{key} > {key}_event_overshoot)"
                f"*(_by_event_{key} - {key}_event_overshoot)"]
    return lines


def audit(made, tolerated):
    """Raise if a state of an `OdeGroup` is not finite, or left its bounds by more than `tolerated`."""
    for state in made.device.states:
        _check_finite(made, state)
    by_events = [s for s in set_by_events(made.device) if s in made.device.bounds]
    # First what too long a step did: an event may only have copied it.
    for state in made.device.bounds:
        if state not in by_events:
            _check_overshoot(made, state, tolerated)
    for state in by_events:
        _check_events(made, state, tolerated)
        _check_overshoot(made, state, tolerated)


def _check_finite(made, state):
    values = np.asarray(getattr(made.group, f"{state}_"))
    if np.all(np.isfinite(values)):
        return
    last = np.asarray(getattr(made.group, f"{state}_finite_until_"))
    worst = int(np.argmin(np.where(np.isfinite(values), np.inf, last)))
    when = last[worst] + float(made.group.dt[:])
    remedy = "Use a shorter dt" if state in made.device.bounds else \
        f"Give bounds={{'{state}': (low, high)}} or use a shorter dt"
    if made.device.events:
        remedy += "; what an event sets must have a value also when the event does not hold"
    raise DivergenceError(
        f"{made.device}: state '{state}' of copy {worst} became {values[worst]} at "
        f"t = {format_quantity(when * second)}. {remedy}, or check the voltage.")


def _check_events(made, state, tolerated):
    found = float(np.max(np.asarray(getattr(made.group, f"{state}_event_overshoot"))))
    if found > tolerated:
        low, high = (format_quantity(b, 4) for b in made.device.bounds[state])
        raise DeviceError(f"{made.device}: an event set '{state}' {found:.3g} of its range beyond its "
                          f"bounds {low}..{high}. Correct what the event sets, or the bounds.")


def _check_overshoot(made, state, tolerated):
    found = made.overshoot(state)
    worst = int(np.argmax(found))
    if found[worst] <= tolerated:
        return
    dt = float(made.group.dt[:])
    when = np.asarray(getattr(made.group, f"{state}_overshoot_time_"))[worst]
    better = format_quantity(dt * tolerated / found[worst] * second, 2)
    raise StepError(
        f"{made.device}: one step of {format_quantity(dt * second)} took '{state}' "
        f"{found[worst]:.3g} of its range beyond a bound at t = "
        f"{format_quantity(when * second)}, and the clamp hid it. Use dt <= {better}.")


def _unit(device, key):
    return si_unit_name(device.dimension(key))


def bound_literals(device):
    """Return state to (low, high) of its bounds, as expressions with units."""
    found = {}
    for key, bounds in device.bounds.items():
        unit = "" if _unit(device, key) == "1" else f"*{_unit(device, key)}"
        found[key] = tuple(f"({float(b)!r}{unit})" for b in bounds)
    return found
