"""SRM0: the kernels, read off the response to single spikes."""

import numpy as np
from brian2 import Network, StateMonitor, msecond, mV, mvolt, second, usecond, volt

from brianmem import SpikeResponse, Target, find

DEVICE = "srm"
_DT = 50 * usecond


def _after_input(wait):
    """Return v a time after one input spike of 1 mV at t = 0."""
    neuron = find(DEVICE)
    found = SpikeResponse(drive=0 * volt / second, duration=wait + 2 * _DT, dt=_DT).run(
        neuron, initial={"p_m": 1 * mvolt, "p_s": 1 * mvolt})
    return np.interp(float(wait), np.asarray(found["t"]), np.asarray(found["v"])) * volt


def _lateral():
    """Return the deepest v of a neuron whose neighbour fired, alone with the inhibition."""
    group = find(DEVICE).group(1, dt=_DT, initial={"t_inh": 5 * msecond}, target="numpy")
    trace = StateMonitor(group, "v", record=True, codeobj_class=group.codeobj_class)
    Network(group, trace).run(10 * msecond, namespace={})
    return trace.v[0].min()


def _refractory():
    """Return eta 10 ms after the only spike, which a strong input causes at once."""
    neuron = find(DEVICE).with_parameters(p_m=40 * mvolt)
    found = SpikeResponse(drive=0 * volt / second, duration=40 * msecond, dt=_DT).run(neuron)
    t, eta = np.asarray(found["t"]), np.asarray(found["eta"])
    fired = int(np.argmin(eta))
    return np.interp(t[fired] + 10e-3, t, eta) * volt


def _kernel(s):
    return (np.exp(-s / 10) - np.exp(-s / 2.5)) * mV


TARGETS = (
    *(Target(DEVICE, f"response {s:g} ms after an input spike of 1 mV", _kernel(s),
             lambda s=s: _after_input(s * msecond), "closed form", rtol=1e-6,
             source="exp(-s/tau_m) - exp(-s/tau_s)") for s in (2, 4.6, 15)),
    Target(DEVICE, "refractoriness 10 ms after a spike", -40 * np.exp(-0.5) * mV, _refractory,
           "closed form", rtol=1e-6, source="-eta_0 exp(-s/tau_r)"),
    Target(DEVICE, "inhibition by a neighbour", -30 * mV, _lateral, "closed form", rtol=1e-9,
           source="-b"),
)
