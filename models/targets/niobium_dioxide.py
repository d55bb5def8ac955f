"""Niobium dioxide: folds of the static curves, time of cooling, and the neuristor."""

import functools

import numpy as np
from brian2 import (
    Equations,
    Mohm,
    kelvin,
    kohm,
    mvolt,
    nfarad,
    nsecond,
    second,
    uamp,
    usecond,
    volt,
)

from brianmem import Target, find
from brianmem.circuits import crossings
from brianmem.models.targets._circuit import circuit

MOTT, POOLE_FRENKEL = "niobium_dioxide", "niobium_dioxide_poole_frenkel"


def mott_folds(name, parameter_set=None):
    """Return "threshold" and "holding" to (V, I, u), from where the rate of z is zero."""
    device = find(name).with_parameters(parameter_set)
    z = np.linspace(-4, 2, 60001)
    cooling = np.asarray(device.evaluate("z", v=0*volt, z=z))
    heated = cooling - np.asarray(device.evaluate("z", v=1*volt, z=z))
    v = np.sqrt(cooling/heated)
    rises = np.diff(v) > 0
    found = {}
    for kind, before in (("holding", False), ("threshold", True)):
        fold, = np.flatnonzero((rises[:-1] == before) & (rises[1:] != before)) + 1
        state = {"v": v[fold]*volt, "z": z[fold]}
        found[kind] = (state["v"], *(device.evaluate(n, **state) for n in ("I", "u")))
    return found


def thermal_threshold(**changes):
    """Return T, V and I (SI) at the threshold of the Poole-Frenkel device."""
    device = find(POOLE_FRENKEL).with_parameters(**changes)
    temperature = np.linspace(310, 600, 29001)
    low, high = np.zeros_like(temperature), np.full_like(temperature, 20.0)
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
# Close to rest, from which 1 us leads on.
_REST = {"a_z": 1.540, "b_z": 1.687, "v_1": -5.8*mvolt, "v_2": 66.3*mvolt}
_SETTLE = 1*usecond


@functools.cache
def neuristor():
    """Run the two-channel neuristor under pulses of 10 us of 0.20 and 0.30 V."""
    device = find(MOTT)
    return circuit(
        _NEURISTOR, {"a": device, "b": device}, _SETTLE + 13*usecond, 20*nsecond,
        record=["v_2"], method="adaptive", method_options={"relative": 1e-5}, R_L=2.2*kohm,
        C_1=5.1*nfarad, C_2=0.75*nfarad, V_d=0.9*volt, t_on=_SETTLE - 1e-12*second,
        t_off=_SETTLE + 10*usecond - 1e-12*second, arrays={"amplitude": [0.20, 0.30]*volt},
        initial=_REST)


def spikes(copy):
    """Return how often the output of a copy rises above 0.3 V."""
    run = neuristor()
    return len(crossings(run.t, run.v_2[copy], 0.3))


def peak(copy):
    """Return the largest output of a copy."""
    return neuristor().v_2[copy].max()*volt


def latency(spike):
    """Return the time from the start of the pulse to when a spike at 0.30 V passes 0.3 V."""
    run = neuristor()
    return crossings(run.t, run.v_2[1], 0.3)[spike]*second - _SETTLE


def resistance(device):
    """Return V/I at 0.1 V at rest."""
    return 1/find(device).conductance(0.1*volt)


def small_signal_time():
    """Return the time in which ln(1/u) grows by e at 0 V, near u = 0."""
    return 1/find(MOTT).evaluate("z", v=0*volt, z=4)


_R30, _R50 = ("radius_30nm", "r = 30 nm"), (None, "r = 50 nm")
_FOLDS = "own program; parameters reported for PickettWilliams2012, Pickett2013"
_PULSE = "scipy, Radau and LSODA agree; parameters reported for Pickett2013"

TARGETS = (
    *(Target(MOTT, f"{kind} {what}, {label}", value,
             lambda s=s, kind=kind, k=k: mott_folds(MOTT, s)[kind][k], "computed", rtol=5e-3,
             source=_FOLDS)
      for (s, label), kind, k, what, value in (
          (_R30, "threshold", 0, "voltage", 1.676*volt), (_R30, "threshold", 1, "current", 28.2*uamp),
          (_R30, "holding", 0, "voltage", 0.747*volt), (_R30, "holding", 1, "current", 385*uamp),
          (_R30, "threshold", 2, "u", 0.0439),
          (_R50, "threshold", 0, "voltage", 1.005*volt),
          (_R50, "holding", 0, "voltage", 0.448*volt))),
    Target(MOTT, "resistance at rest, r = 50 nm", 25.465*kohm, lambda: resistance(MOTT),
           "closed form", rtol=1e-4, source="rho_ins*L/(pi*r_ch**2)"),
    Target(MOTT, "time constant near u = 0, r = 50 nm", 1.0833*nsecond, small_signal_time,
           "closed form", rtol=1e-3, source="r_ch**2*c_p/(4*kappa)"),
    Target(MOTT, "neuristor, spikes at a pulse of 0.20 V", 0, lambda: spikes(0), "computed",
           atol=0.1, source=_PULSE),
    Target(MOTT, "neuristor, largest output at 0.20 V", 0.1526*volt, lambda: peak(0), "computed",
           rtol=0.02, source=_PULSE),
    Target(MOTT, "neuristor, largest output at 0.30 V: a full spike", 0.455*volt,
           lambda: peak(1), "computed", rtol=0.02, source=_PULSE),
    Target(MOTT, "neuristor, spikes at a pulse of 0.30 V", 2, lambda: spikes(1), "computed",
           atol=0.1, source=_PULSE),
    Target(MOTT, "neuristor, latency of the first spike at 0.30 V", 8.211*usecond,
           lambda: latency(0), "computed", rtol=0.02, source=_PULSE),
    Target(MOTT, "neuristor, latency of the second spike at 0.30 V", 10.731*usecond,
           lambda: latency(1), "computed", rtol=0.02, source=_PULSE),
    Target(POOLE_FRENKEL, "threshold voltage", 0.912*volt, lambda: thermal_threshold()[1],
           "computed", rtol=5e-3, source="own program; proposed parameters"),
    Target(POOLE_FRENKEL, "threshold current", 78.6*uamp, lambda: thermal_threshold()[2],
           "computed", rtol=0.01, source="own program; proposed parameters"),
    Target(POOLE_FRENKEL, "temperature at the threshold", 400*kelvin,
           lambda: thermal_threshold()[0], "computed", rtol=5e-3,
           source="own program; Slesazeck2015 states a rise of 150 K"),
    Target(POOLE_FRENKEL, "resistance at 0.1 V", 2.416*Mohm, lambda: resistance(POOLE_FRENKEL),
           "computed", rtol=2e-3, source="own program"),
    *(Target(POOLE_FRENKEL, f"{name} without help of the field", arrhenius()[k],
             lambda k=k: thermal_threshold(omega=1e-9*volt)[k], "closed form", rtol=2e-4,
             source="maximum of (T - T_amb)*exp(B/T): T = B/2*(1 - sqrt(1 - 4*T_amb/B))")
      for k, name in enumerate(("temperature at the threshold", "threshold voltage"))),
)
