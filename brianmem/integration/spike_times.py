"""When a variable crossed its threshold inside a clock step, for any Brian2 group."""

import numpy as np
from brian2 import second
from brian2.units.fundamentalunits import get_dimensions

from brianmem.errors import InputError
from brianmem.units import si_unit_name

_UNKNOWN = 1e100
#: Largest ratio of two successive climbs through which an exponential is laid.
_ALIKE = 6.0


def keep_spike_times(group, variable, threshold):
    """Give `group` a variable ``spike_time``: its last crossing upwards, inside the step.

    `group` needs ``threshold=`` and `variable` its name; `threshold` is the expression (or
    quantity) that the variable crosses upwards. Call it before the first run and record
    with ``SpikeMonitor(group, variables="spike_time")``. Brian2 itself delivers a spike
    at the end of the step. The method "adaptive" looks at each of its own steps, so that the
    error is that of its tolerance, whatever dt; `threshold` is then best an expression
    without functions.
    For other methods an exponential through three clock steps finds the crossing: exact
    where the variable relaxes or runs away exponentially, and with an error that falls with
    the cube of dt where it is smooth. Where two steps climb too differently (by more than a
    factor of 6), as at a reset or a jump, the last one is taken as a straight line.
    Raises `InputError` for a group without threshold or variable.
    """
    if "spike" not in group.thresholder:
        raise InputError(f"keep_spike_times: '{group.name}' has no threshold. Make it with "
                         "NeuronGroup(..., threshold=..., reset=...).")
    if variable not in group.variables:
        raise InputError(f"keep_spike_times: '{group.name}' has no variable '{variable}'.")
    dim = get_dimensions(group.variables[variable])
    if not isinstance(threshold, str) and get_dimensions(threshold) is not dim:
        raise InputError(f"keep_spike_times: the threshold must have the unit of '{variable}'.")
    if "spike_time" in group.variables:
        raise InputError(f"keep_spike_times: '{group.name}' has a 'spike_time' already.")
    group.variables.add_array("spike_time", size=len(group), dimensions=second.dim,
                              values=np.full(len(group), -1e6))
    level = f"({threshold})" if isinstance(threshold, str) else "crossed_level"
    if level == "crossed_level":
        group.variables.add_constant(level, float(threshold), dimensions=dim)
    updater = group.state_updater
    if updater.method_choice == "adaptive" and "(" not in level.strip("()"):
        updater.method_options = {**(updater.method_options or {}),
                                  "watch": f"{variable} - {level}"}
    else:
        _between_clock_steps(group, variable, level, dim)


def _between_clock_steps(group, variable, level, dim):
    """Lay an exponential through what the clock sees, whatever the method."""
    before, earlier = f"{variable}_before_step", f"{variable}_before_last_step"
    for name in (before, earlier):
        # So far from anything that the first step finds no curvature worth following.
        group.variables.add_array(name, size=len(group), dimensions=dim,
                                  values=np.full(len(group), _UNKNOWN))
    group.run_regularly(f"{earlier} = {before}\n{before} = {variable}", when="start", order=10,
                        name=f"{group.name}_before_step")
    unit = si_unit_name(dim)
    # Before the threshold is looked at; where nothing crosses, the quotient must be a number.
    group.run_regularly(
        f"crossed_now = int({before} <= {level})*int({variable} > {level})\n"
        f"climbed = crossed_now*({variable} - {before}) + (1 - crossed_now)*1*{unit}\n"
        f"share = crossed_now*({level} - {before})/climbed\n"
        f"rise = {before} - {earlier}\n"
        f"alike = crossed_now*int(climbed < {_ALIKE}*rise)*int(rise < {_ALIKE}*climbed)\n"
        "growth = climbed/(alike*rise + (1 - alike)*climbed) - 1\n"
        "straight = int(abs(growth) < 1e-5)\n"
        # A straight line has no logarithm to divide by: any other number stands there.
        "bent = log(1 + share*(growth + straight))/log(1 + growth + straight)\n"
        "inside = t + dt*clip(straight*share + (1 - straight)*bent, 0, 1)\n"
        "spike_time = (1 - crossed_now)*spike_time + crossed_now*inside",
        when="thresholds", order=-10, name=f"{group.name}_spike_time")
