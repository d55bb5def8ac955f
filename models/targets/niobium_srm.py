"""The neuron of a volatile niobium oxide device: refractoriness and inhibition by one device."""

import functools

import numpy as np
from brian2 import (
    Network,
    SpikeMonitor,
    StateMonitor,
    msecond,
    mvolt,
    uamp,
    usecond,
    volt,
)
from scipy.special import expi

from brianmem import Target, find
from brianmem.models.targets._circuit import recorded

NEURON = "niobium_srm"
#: A probe: for 20 us this current, which alone lifts the membrane 10 mV above v_0.
PROBE = 30.3*uamp
_DELAYS = np.arange(60, 1400, 10)


@functools.cache
def probed(kind):
    """Return the shortest delay (s) from a spike, own or a neighbour's, to a probe that fires."""
    since = "(t + 1*nsecond - delay_0 - i*10*us)"
    group = find(NEURON).group(len(_DELAYS), f"probe*int({since} >= 0*second)*int({since} < 20*us)",
                               target="numpy",
                               namespace={"probe": PROBE, "delay_0": _DELAYS[0]*usecond})
    setattr(group, {"own": "v_own", "neighbour": "v_nb"}[kind], 1*volt)
    spikes = SpikeMonitor(group, codeobj_class=group.codeobj_class)
    Network(group, spikes).run(1.5*msecond, namespace={})
    fired = np.isin(np.arange(len(_DELAYS)), spikes.i)
    first = np.flatnonzero(fired)[0]
    assert fired[first:].all()
    return _DELAYS[first]*1e-6


@functools.cache
def threshold(kind):
    """Return times (s) since the end of writing, and how far the threshold is raised (V)."""
    neuron = find(NEURON)
    group = neuron.group(1, 0*uamp, target="numpy")
    setattr(group, {"own": "v_own", "neighbour": "v_nb"}[kind], 1*volt)
    trace = StateMonitor(group, ["X1_I", "X1_g"], record=True, codeobj_class=group.codeobj_class)
    Network(group, trace).run(2*msecond, namespace={})
    run = recorded(trace, ["X1_I", "X1_g"])
    raised = float(neuron.parameters["R_t"])*run.X1_I[0]
    end = np.flatnonzero(np.diff(raised) < -0.1)[0] + 1  # where the one-shot ends
    return run.t[end:], raised[end:], run.X1_g[0][end:]


def recovery_error(kind):
    """Return the time from the first g to g = 0.1 over its closed form, less 1."""
    t, _, g = threshold(kind)
    p = find(NEURON).parameters
    exact = float(p["X1_tau_0"])*(expi(float(p["X1_m"])*g[0]) - expi(float(p["X1_m"])*0.1))
    return float(np.interp(-0.1, -g, t) - t[0])/exact - 1  # g falls


TARGETS = (
    Target(NEURON, "refractory period over inhibition, by a probe that lifts the membrane to 60 mV",
           1.5, lambda: probed("own")/probed("neighbour"), "proposed", compare=">",
           source="the refractory period is the longer (PengGanGuo2024)"),
    *(Target(NEURON, f"recovery of the threshold after {what} spike against the closed form, error",
             0.0, lambda kind=kind: recovery_error(kind), "closed form", atol=0.01,
             source="t = tau_0*(Ei(m*g_0) - Ei(m*g)) of the device")
      for kind, what in (("own", "an own"), ("neighbour", "a neighbour's"))),
    Target(NEURON, "how far an own spike raises the threshold", 50*mvolt,
           lambda: threshold("own")[1][0]*1e3*mvolt, "proposed", compare=">",
           source="moved by the volatile device"),
)
