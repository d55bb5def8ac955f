"""Stochastic switch: its waiting times are exponential, and their mean is so in the voltage.

The sizes of the samples set the tolerances: three standard errors.
"""

import functools

import numpy as np
from brian2 import Network, Quantity, StateMonitor, msecond, second, volt

from brianmem import Target, find
from brianmem.ode import ode_group
from brianmem.protocols.surroundings import untouched_random_state

DEVICE, COPIES, SEED = "stochastic_switch", 2000, 20
V_0, TAU_0 = 0.16, 2.5e5


def mean_time(voltage):
    return TAU_0 * np.exp(-voltage / V_0)


@functools.cache
def waiting_times(voltage, initial_on=0):
    """Return the times (s) after which copies switch at a constant voltage, to 1/100 of the mean."""
    expected = mean_time(voltage) if not initial_on else 0.5e-3
    made = ode_group(find(DEVICE), COPIES, f"{voltage!r}*volt", dt=expected / 100 * second,
                     initial={"on": initial_on}, target="numpy", energy=False)
    monitor = StateMonitor(made.group, "on", record=True, codeobj_class=made.codeobj_class)
    with untouched_random_state(SEED + int(10 * voltage)):
        Network(*made.objects, monitor).run(12 * expected * second, namespace={})
    switched = monitor.on_ != initial_on
    # The value of one step is seen at the start of the next; half a step is the mean rounding.
    return (np.argmax(switched, axis=1) - 0.5) * expected / 100


def mean_waiting_time(voltage, initial_on=0):
    return waiting_times(voltage, initial_on).mean() * second


def slope():
    """Return d(ln tau)/dV over 2.8, 3 and 3.2 V."""
    found = [np.log(waiting_times(v).mean()) for v in (2.8, 3.0, 3.2)]
    return Quantity(np.polyfit((2.8, 3.0, 3.2), found, 1)[0], dim=(1 / volt).dim)


def share_switched():
    return float(np.mean(waiting_times(3.0) <= mean_time(3.0)))


def width():
    """Return the 10-90 % width in pulse height, from P of pulses of 1 ms."""
    heights = np.linspace(2.6, 3.6, 41)
    made = ode_group(find(DEVICE), 41 * COPIES, "height", dt=0.1 * msecond, target="numpy",
                     energy=False, namespace={"height": np.repeat(heights, COPIES) * volt})
    with untouched_random_state(SEED):
        Network(*made.objects).run(1 * msecond, namespace={})
    p = np.asarray(made.group.on_).reshape(41, COPIES).mean(axis=1)
    seen = (p > 0.03) & (p < 0.97)
    fit = np.polyfit(np.log(-np.log(1 - p[seen])), heights[seen], 1)
    return np.ptp(np.polyval(fit, np.log(-np.log1p([-0.1, -0.9])))) * volt


_LAW = "P = 1 - exp(-t/tau), tau = tau_0 exp(-V/V_0)"
_SE = 3 / COPIES**0.5

TARGETS = (
    *(Target(DEVICE, f"mean waiting time at {v:g} V", mean_time(v) * second,
             lambda v=v: mean_waiting_time(v), "closed form", rtol=_SE, source=_LAW)
      for v in (2.8, 3.0, 3.2)),
    Target(DEVICE, "slope of ln tau in V, 2.8 to 3.2 V", -1 / (V_0 * volt), slope, "closed form",
           rtol=3 * (2 / COPIES)**0.5 / 0.4 * V_0, source=_LAW),
    Target(DEVICE, "share of copies switched after tau at 3 V", 1 - np.exp(-1), share_switched,
           "closed form", atol=3 * (0.368 * 0.632 / COPIES)**0.5, source=_LAW),
    Target(DEVICE, "10-90 % width of P in the height of a 1 ms pulse",
           V_0 * np.log(np.log(10) / np.log(10 / 9)) * volt, width, "closed form", rtol=0.02,
           source="3.08 V_0"),
    Target(DEVICE, "mean time to relax at 0 V", 0.5 * msecond, lambda: mean_waiting_time(0.0, 1),
           "closed form", rtol=_SE, source="tau_off"),
)
