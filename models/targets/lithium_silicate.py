"""Habituation synapse: rise at 100 uA, fall at 500 uA, recovery by rest and by a strong pulse.

Computed by LSODA at rtol 1e-9 from the same proposed equations.
"""

import functools

import numpy as np
from brian2 import Network, StateMonitor, msecond

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "lithium_silicate"
PULSES = 100


@functools.lru_cache(maxsize=8)
def response(parameter_set, off_ms, rest_ms=0, other=None):
    """Return G in siemens at the end of each pulse of 1 V and 1 ms, and after the rest.

    With `other` (V) a pulse of that voltage lasts from 20 to 30 ms after the train.
    """
    device = find(DEVICE).with_parameters(parameter_set)
    period, dt = 1 + off_ms, 0.1 if off_ms == 1 else 0.2
    train = f"int(t < {PULSES * period}*msecond)*int(t - {period}*msecond*floor((t + 1*usecond)" \
            f"/({period}*msecond)) < 0.999*msecond)*volt"
    since = f"t - {PULSES * period + 20}*msecond + 1*usecond"
    if other:
        train += f" + {other}*int({since} > 0*second)*int({since} < 10*msecond)*volt"
    made = ode_group(device, 1, train, dt=dt * msecond, target="numpy")
    monitor = StateMonitor(made.group, "G", record=True, dt=1 * msecond,
                           codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run((PULSES * period + rest_ms) * msecond, namespace={})
    g = np.array(monitor.G_[0])
    return g[1:PULSES * period:period], made.group.G_[0]


def share(parameter_set, pulse, off_ms=1):
    """Return G at the end of `pulse` (from 1) over the largest of the train."""
    g, _ = response(parameter_set, off_ms)
    return float(g[pulse - 1] / g.max())


def recovered():
    """Return G after 1 s of rest over the largest of the train."""
    g, after = response("Habituating", 1, 1000 - 1)
    return float(after / g.max())


def restored(other):
    """Return G 20 ms after a pulse of `other` volt and 10 ms over the largest of the train."""
    g, after = response("Habituating", 1, 50, other)
    return float(after / g.max())


_FALL = {5: 0.98927589, 10: 0.92285889, 20: 0.64077091, 50: 0.25850886, 100: 0.24783283}
_RISE = {1: 0.33040044, 10: 0.98180696, 100: 0.9996765}
_PAUSE = {5: 0.2674838, 20: 0.4615629, 100: 0.9078306}
#: No other pulse at all (0 V), one no stronger than the train's, and strong ones.
_RESTORED = {0: 0.3034053, 1: 0.2692602, 2: 0.7298601, 2.5: 1.3421749}

TARGETS = (
    *(Target(DEVICE, f"share of the peak after pulse {k}, 100 uA", g,
             lambda k=k: share(None, k), "computed", rtol=0.02) for k, g in _RISE.items()),
    *(Target(DEVICE, f"share of the peak after pulse {k}, 500 uA", g,
             lambda k=k: share("Habituating", k), "computed", rtol=0.02) for k, g in _FALL.items()),
    *(Target(DEVICE, f"share of the peak after 100 pulses with pauses of {off} ms, 500 uA", g,
             lambda off=off: share("Habituating", 100, off), "computed", rtol=0.02, long=off > 5)
      for off, g in _PAUSE.items()),
    Target(DEVICE, "share of the peak after 1 s of rest, 500 uA", 0.9538,
           recovered, "computed", rtol=0.01, long=True),
    *(Target(DEVICE, f"share of the peak 20 ms after a pulse of {v} V and 10 ms, 500 uA", g,
             lambda v=v: restored(v), "computed", rtol=0.02) for v, g in _RESTORED.items()),
)
