"""Silver in silica: delay, threshold, all-or-nothing spikes and self-reset."""

import functools

import numpy as np
from brian2 import (
    Equations,
    Network,
    NeuronGroup,
    Quantity,
    StateMonitor,
    kohm,
    mvolt,
    nfarad,
    second,
    usecond,
    volt,
)

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "silver_silica"
TAU_0, V_0, TAU_OFF, TAU_MIN = 78.6e-3, 0.06, 100e-6, 1e-9
V_TH = float(V_0 * np.log(TAU_0 / TAU_OFF))


def delay_law(voltage):
    """Return the time (s) to x = 1/2 at constant voltage, before the bridge feeds back."""
    rise = 1 / (TAU_MIN + TAU_0 * np.exp(-voltage / V_0))
    rate = rise + 1 / TAU_OFF
    return -np.log(1 - 0.5 * rate / rise) / rate


def trace(voltage, duration, steps, **initial):
    made = ode_group(find(DEVICE), 1, voltage, dt=duration / steps, initial=initial, target="numpy",
                     energy=False)
    monitor = StateMonitor(made.group, ["x", "I"], record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(duration, namespace={})
    return monitor


def delay(voltage):
    expected = delay_law(voltage)
    step = trace(f"{voltage!r}*volt", 1.5 * expected * second, 600)
    return step.t[np.argmax(step.x_[0] > 0.5)]


def fall_of_delay():
    """Return d(ln delay)/dV over 0.6 to 0.8 V."""
    v = (0.6, 0.7, 0.8)
    slope = np.polyfit(v, [np.log(float(delay(x))) for x in v], 1)[0]
    return Quantity(slope, dim=(1 / volt).dim)


def largest_progress(voltage):
    watched = trace(f"{voltage!r}*volt", 2e-3 * second, 200)
    return float(watched.x_[0].max())


def reset_time():
    """Return how long the bridge lasts at 10 mV, from x = 1."""
    rest = trace("10*mvolt", 150 * usecond, 600, x=1)
    return rest.t[np.argmax(rest.x_[0] < 0.5)]


@functools.cache
def firing(drive):
    """Return the times of the spikes (s) and the least voltage of a capacitor across the switch."""
    mem = find(DEVICE).scoped("mem")
    equations = mem.equations + Equations(
        "dmem_v/dt = ((drive - mem_v)/R_source - mem_I)/C_load : volt")
    neuron = NeuronGroup(1, equations, method="adaptive", dt=0.5 * usecond,
                         method_options={"bounds": mem.bounds},
                         namespace={**mem.namespace, "drive": drive * volt, "R_source": 500 * kohm,
                                    "C_load": 0.2 * nfarad})
    monitor = StateMonitor(neuron, ["mem_x", "mem_v"], record=True)
    Network(neuron, monitor).run(1500 * usecond, namespace={})
    on, v = monitor.mem_x_[0] > 0.5, monitor.mem_v_[0]
    starts = np.flatnonzero(on[1:] & ~on[:-1])
    return monitor.t_[starts], np.array([v[k:k + 100].min() for k in starts])


def number(drive):
    return float(len(firing(drive)[0]))


def interval(drive):
    return np.diff(firing(drive)[0]).mean() * second


def highest_rest(drive):
    """Return the highest of the voltages that the spikes leave on the capacitor."""
    return firing(drive)[1].max() * volt


_RELAXED = TAU_OFF * np.log(2)
_NEURON = "500 kohm, 0.2 nF; stronger drive fires faster"

TARGETS = (
    *(Target(DEVICE, f"delay at {v:g} V", delay_law(v) * second, lambda v=v: delay(v), "closed form",
             rtol=0.02, source="x = 1/2 of a linear rate") for v in (0.5, 0.6, 0.8)),
    Target(DEVICE, "slope of ln(delay) in V, 0.6 to 0.8 V", -1 / (V_0 * volt), fall_of_delay,
           "closed form", rtol=0.02, source="tau_0 exp(-V/V_0)"),
    Target(DEVICE, "progress after 2 ms at 10 mV below the threshold", 0.5,
           lambda: largest_progress(V_TH - 0.01), "closed form", compare="<", source="V_th = 0.4 V"),
    Target(DEVICE, "progress after 2 ms at 10 mV above the threshold", 0.9,
           lambda: largest_progress(V_TH + 0.01), "closed form", compare=">", source="V_th = 0.4 V"),
    Target(DEVICE, "life of the bridge at 10 mV", _RELAXED * second, reset_time, "closed form",
           rtol=0.02, source="tau_off ln 2"),
    Target(DEVICE, "spikes of a capacitor charged to 0.35 V, below the threshold", 0.0,
           lambda: number(0.35), "proposed", atol=0.5, source=_NEURON),
    *(Target(DEVICE, f"voltage left by the least complete spike at {v:g} V", 50 * mvolt,
             lambda v=v: highest_rest(v), "proposed", compare="<", source="V_hold: all or nothing")
      for v in (0.5, 1.0)),
    Target(DEVICE, "shortest interval, at 1.5 V: never less than the life of the bridge",
           _RELAXED * second, lambda: interval(1.5), "closed form", compare=">", source="tau_off ln 2"),
    Target(DEVICE, "interval at 0.5 V over that at 1 V", 1.5,
           lambda: float(interval(0.5) / interval(1.0)), "proposed", compare=">", source=_NEURON),
)
