"""Habituation synapse: rise at 100 uA, habituation at 500 uA, recovery, and its frequency.

Computed by LSODA at rtol 1e-9 from the same proposed equations.
"""

import functools

from brian2 import Network, StateMonitor, msecond

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "lithium_silicate"
PULSES = 100


@functools.lru_cache(maxsize=8)
def response(parameter_set, off_ms, rest_ms=0):
    """Return G in siemens at the end of each pulse of 1 V and 1 ms, and after the rest."""
    device = find(DEVICE).with_parameters(parameter_set)
    period, dt = 1 + off_ms, 0.1 if off_ms == 1 else 0.2
    train = f"int(t < {PULSES * period}*msecond)*int(t - {period}*msecond*floor((t + 1*usecond)" \
            f"/({period}*msecond)) < 0.999*msecond)*volt"
    made = ode_group(device, 1, train, dt=dt * msecond, target="numpy")
    monitor = StateMonitor(made.group, "G", record=True, dt=1 * msecond,
                           codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run((PULSES * period + rest_ms) * msecond, namespace={})
    g = monitor.G_[0]
    return g[1:PULSES * period:period], made.group.G_[0]


def share(parameter_set, pulse, off_ms=1):
    """Return G at the end of `pulse` (from 1) over the largest of the train."""
    g, _ = response(parameter_set, off_ms)
    return float(g[pulse - 1] / g.max())


def recovered():
    """Return G after 1 s of rest over the largest of the train."""
    g, after = response("Habituating", 1, 1000 - 1)
    return float(after / g.max())


_FALL = {5: 0.98929734, 10: 0.92273277, 20: 0.64020105, 50: 0.2577938, 100: 0.24702952}
_RISE = {1: 0.3304005, 10: 0.98180713, 100: 0.99967438}
_PAUSE = {5: 0.2670183824, 20: 0.4601485798, 100: 0.9076246036}

TARGETS = (
    *(Target(DEVICE, f"share of the peak after pulse {k}, 100 uA", g,
             lambda k=k: share(None, k), "computed", rtol=0.02) for k, g in _RISE.items()),
    *(Target(DEVICE, f"share of the peak after pulse {k}, 500 uA", g,
             lambda k=k: share("Habituating", k), "computed", rtol=0.02) for k, g in _FALL.items()),
    *(Target(DEVICE, f"share of the peak after 100 pulses with pauses of {off} ms, 500 uA", g,
             lambda off=off: share("Habituating", 100, off), "computed", rtol=0.02, long=off > 5)
      for off, g in _PAUSE.items()),
    Target(DEVICE, "share of the peak after 1 s of rest, 500 uA", 0.9536,
           recovered, "computed", rtol=0.01, long=True),
)
