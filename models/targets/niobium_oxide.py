"""Volatile niobium oxide: relaxation in closed form, refractory period and inhibition."""

import numpy as np
from brian2 import Network, StateMonitor, msecond, usecond
from scipy.special import expi

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "niobium_oxide"
#: A spike writes with 2 V into the neuron's own device and with 1.5 V into its neighbours'.
OWN, NEIGHBOUR = 2.0, 1.5
#: Above this g the threshold of the neuron cannot be reached.
BLOCKED = 0.05


def recovery(voltage, dt=5*usecond):
    """Return g after a pulse of 50 us and the time (s) from its end until g falls to `BLOCKED`."""
    made = ode_group(find(DEVICE), 1, f"{voltage}*volt*int(t < 50*usecond - 1e-12*second)", dt=dt,
                     target="numpy")
    monitor = StateMonitor(made.group, "g", record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(2*msecond, namespace={})
    t, g = np.array(monitor.t_) - 50e-6, np.array(monitor.g_[0])
    start, k = g[np.searchsorted(t, -1e-12)], np.flatnonzero((g[:-1] > BLOCKED) & (g[1:] <= BLOCKED))[0]
    return start, t[k] + (g[k] - BLOCKED)/(g[k] - g[k + 1])*(t[k + 1] - t[k])


def relaxation(start):
    """Return the time (s) from g = `start` to `BLOCKED` at 0 V, exactly."""
    p = {k: float(x) for k, x in find(DEVICE).parameters.items()}
    return p["tau_0"]*(expi(p["m"]*start) - expi(p["m"]*BLOCKED))


def closed_form_error(voltage):
    """Return the simulated over the exact time of recovery, less 1."""
    start, time = recovery(voltage)
    return (time/relaxation(start) - 1).item()


def length_ratio():
    """Return the refractory period over the inhibition of a neighbour."""
    return (recovery(OWN)[1]/recovery(NEIGHBOUR)[1]).item()


def depth_ratio():
    """Return how much longer the neuron itself would be held at one volatile speed."""
    own, neighbour = recovery(OWN)[0], recovery(NEIGHBOUR)[0]
    return (np.log(own/BLOCKED)/np.log(neighbour/BLOCKED)).item()


_EI = "t = tau_0*(Ei(m*g_0) - Ei(m*g))"

TARGETS = (
    *(Target(DEVICE, f"recovery after {v:g} V, 50 us against the closed form, relative error", 0,
             lambda v=v: closed_form_error(v), "closed form", atol=2e-3, source=_EI)
      for v in (NEIGHBOUR, OWN)),
    Target(DEVICE, "refractory period over inhibition", 3.0, length_ratio, "proposed", compare=">",
           source="the refractory period is the longer (PengGanGuo2024)"),
    Target(DEVICE, "the same, over its value at one volatile speed", 1.5,
           lambda: length_ratio()/depth_ratio(), "proposed", compare=">",
           source="what the state-dependent speed adds"),
)
