"""Niobium dioxide: folds of the static curves, time of cooling, and the neuristor."""

import functools

import numpy as np
from brian2 import (
    Equations,
    Mohm,
    amp,
    kelvin,
    kohm,
    msecond,
    mvolt,
    nfarad,
    nsecond,
    second,
    uamp,
    usecond,
    volt,
)

from brianmem import Target, find
from brianmem.models.targets._circuit import circuit, crossings

MOTT, POOLE_FRENKEL = "niobium_dioxide", "niobium_dioxide_poole_frenkel"


def mott_folds(device):
    """Return u, V and I (SI) at threshold and at holding, from where the rate of z is zero."""
    z = np.linspace(-4, 2, 60001)
    cooling = np.asarray(device.evaluate("z", v=0*volt, z=z))
    heated = cooling - np.asarray(device.evaluate("z", v=1*volt, z=z))
    v = np.sqrt(cooling/heated)
    u, i = (np.asarray(device.evaluate(name, v=v*volt, z=z)) for name in ("u", "I"))
    inner = np.arange(1, len(z) - 1)
    top = inner[(v[1:-1] > v[:-2]) & (v[1:-1] > v[2:])]
    bottom = inner[(v[1:-1] < v[:-2]) & (v[1:-1] < v[2:])]
    return {kind: (u[k].item(), v[k].item(), i[k].item())
            for kind, k in (("threshold", top), ("holding", bottom))}


def mott_fold(device, parameter_set, kind, unit):
    """Return one of u, V, I at "threshold" or "holding", by its unit."""
    values = mott_folds(find(device).with_parameters(parameter_set))[kind]
    return values[(1, volt, amp).index(unit)]*unit


def thermal_threshold(**changes):
    """Return T, V and I (SI) at the threshold of the Poole-Frenkel device."""
    device = find(POOLE_FRENKEL).with_parameters(**changes)
    temperature = np.linspace(310, 600, 29001)
    low, high = np.zeros_like(temperature), np.full_like(temperature, 5.0)
    for _ in range(50):
        v = (low + high)/2
        heats = np.asarray(device.evaluate("T", v=v*volt, T=temperature*kelvin)) > 0
        low, high = np.where(heats, low, v), np.where(heats, v, high)
    k = int(np.argmax(v))
    current = device.evaluate("I", v=v[k]*volt, T=temperature[k]*kelvin)
    return temperature[k]*kelvin, v[k]*volt, current


def arrhenius():
    """Return T and V at the threshold of ``G = G_0*exp(-B/T)``, exactly."""
    p = {k: float(x) for k, x in find(POOLE_FRENKEL).parameters.items()}
    b = p["E_a"]/p["k_B"]
    t = b/2*(1 - np.sqrt(1 - 4*p["T_amb"]/b))
    g_0 = p["sigma_0"]*p["A"]/p["d"]
    return t*kelvin, np.sqrt((t - p["T_amb"])*np.exp(b/t)/(p["R_th"]*g_0))*volt


_NEURISTOR = Equations("""
dv_1/dt = ((v_in - v_1)/R_L - a_I - (v_1 - v_2)/R_L)/C_1 : volt
dv_2/dt = ((v_1 - v_2)/R_L - b_I)/C_2                    : volt
a_v = v_1 + V_d                                          : volt
b_v = v_2 - V_d                                          : volt
v_in = amplitude*int(t >= t_on)*int(t < t_off)           : volt
amplitude                                                : volt (constant)
""")
_SETTLE = 10*usecond


@functools.cache
def neuristor():
    """Run the two-channel neuristor under pulses of 10 us: 0.20, 0.22, 0.25 and 0.30 V."""
    device = find(MOTT)
    return circuit(
        _NEURISTOR, {"a": device, "b": device}, _SETTLE + 30*usecond, 20*nsecond,
        record=["v_2"], method="adaptive", R_L=2.2*kohm, C_1=5.1*nfarad, C_2=0.75*nfarad,
        V_d=0.9*volt, t_on=_SETTLE - 1e-12*second, t_off=_SETTLE + 10*usecond - 1e-12*second,
        arrays={"amplitude": [0.20, 0.22, 0.25, 0.30]*volt},
        initial={"a_z": 1.540, "b_z": 1.687, "v_1": -5.8*mvolt, "v_2": 66.3*mvolt})


def spikes(copy):
    """Return how often the output of a copy rises above 0.2 V."""
    run = neuristor()
    return len(crossings(run.t, run.v_2[copy], 0.2))


def latency(copy):
    """Return the time from the start of the pulse to the largest output."""
    run = neuristor()
    return run.t[np.argmax(run.v_2[copy])]*second - _SETTLE


def resistance(device, **conditions):
    """Return V/I at 0.1 V."""
    return 1/find(device).conductance(0.1*volt, **conditions)


_FOLDS = "own program; parameters reported for PickettWilliams2012"
_PULSE = "scipy Radau and LSODA; parameters reported for Pickett2013"

TARGETS = (
    *(Target(MOTT, f"{kind} of the static curve, {label}, in {unit!s}", value*unit,
             lambda s=s, kind=kind, unit=unit: mott_fold(MOTT, s, kind, unit), "computed",
             rtol=5e-3, source=_FOLDS)
      for s, label, kind, value, unit in (
          ("radius_30nm", "r = 30 nm", "threshold", 1.676, volt),
          ("radius_30nm", "r = 30 nm", "threshold", 28.2e-6, amp),
          ("radius_30nm", "r = 30 nm", "holding", 0.7473, volt),
          ("radius_30nm", "r = 30 nm", "holding", 0.3847e-3, amp),
          (None, "r = 50 nm", "threshold", 1.0055, volt))),
)
