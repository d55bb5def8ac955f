"""Bounds of states, enforced after every step of a group and audited."""

from brianmem.events import event_code
from brianmem.units import si_unit_name


def guard(device, group):
    """Do events and enforce bounds after every step, and record what they hide and when NaN came.

    Only the step that arrives at a bound counts as an overshoot: pushing on while
    already there is what a bound is for.
    """
    # A stuck device does not jump either.
    where = "*int(moves > 0)" if "moves" in group.variables else ""
    lines = [event_code(device, where)] if device.events else []
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


def _unit(device, key):
    return si_unit_name(device.dimension(key))


def bound_literals(device):
    """Return state to (low, high) of its bounds, as expressions with units."""
    found = {}
    for key, bounds in device.bounds.items():
        unit = "" if _unit(device, key) == "1" else f"*{_unit(device, key)}"
        found[key] = tuple(f"({float(b)!r}{unit})" for b in bounds)
    return found
