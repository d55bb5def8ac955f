"""Neurons of two vanadium dioxide channels: spikes of each set of values by an independent solver."""

import functools

import numpy as np
from brian2 import Quantity, hertz, usecond
from brian2.units.fundamentalunits import get_dimensions

from brianmem import Target, find
from brianmem.models.targets._firing import firing

NEURON = "vanadium_neuron"
#: Set to the step (V) that comes at 10 us and stays; the first values are those of the neuron.
STEPS = {None: 0.8, "phasic": 0.8, "bursting": 0.4, "mixed_mode": 0.25, "adapting": 0.5}
_ON, _END = 10, 200  # us


@functools.cache
def run():
    """Return the spike times (us after the step) by name of the set."""
    neuron = find(NEURON)
    changed = [neuron.parameter_sets.get(name, {}) for name in STEPS]
    values = {key: Quantity([float(c.get(key, neuron.parameters[key])) for c in changed],
                            dim=get_dimensions(neuron.parameters[key]))
              for key in sorted({k for c in changed for k in c})}
    height = " + ".join(f"{v}*int(i == {k})" for k, v in enumerate(STEPS.values()))
    found = firing(neuron, f"({height})*volt*int(t >= {_ON}*us)", _END*usecond, n=len(STEPS),
                   parameters=values)
    return {name: t*1e6 - _ON for name, t in zip(STEPS, found.times, strict=True)}


def number(name):
    return float(len(run()[name]))


def ratio(name, one, other):
    """Return one interval over another."""
    gaps = np.diff(run()[name])
    return float(gaps[one]/gaps[other])


_LSODA = "scipy, LSODA at rtol 1e-8; proposed parameters"

TARGETS = (
    Target(NEURON, "first spike after a step to 0.8 V", 3.61979*usecond,
           lambda: run()[None][0]*usecond, "computed", rtol=1e-3, source=_LSODA),
    Target(NEURON, "rate at 0.8 V", 1e6/5.0995803*hertz,
           lambda: 1e6/np.diff(run()[None]).mean()*hertz, "computed", rtol=1e-3, source=_LSODA),
    Target(NEURON, "spikes of the set phasic in 190 us at 0.8 V", 1.0, lambda: number("phasic"),
           "computed", atol=0.1, source=_LSODA),
    Target(NEURON, "spikes of the set bursting in 190 us at 0.4 V", 30.0,
           lambda: number("bursting"), "computed", atol=0.1, source=_LSODA),
    Target(NEURON, "pause over the longest interval of a burst", 28.19701/2.42297,
           lambda: ratio("bursting", 11, 10), "computed", rtol=0.05, source=_LSODA),
    # Not its first interval, which a change of the step by 1e-5 of it moves by a percent.
    Target(NEURON, "spikes of the set mixed_mode in 190 us at 0.25 V", 9.0,
           lambda: number("mixed_mode"), "computed", atol=0.1, source=_LSODA),
    Target(NEURON, "last interval of the set mixed_mode at 0.25 V", 27.09876*usecond,
           lambda: np.diff(run()["mixed_mode"])[-1]*usecond, "computed", rtol=1e-3, source=_LSODA),
    Target(NEURON, "set adapting at 0.5 V, last over first interval", 28.38406/12.4756,
           lambda: ratio("adapting", -1, 0), "computed", rtol=0.02, source=_LSODA),
)
