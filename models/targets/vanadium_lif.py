"""The vanadium dioxide LIF neuron: rate in closed form, both ends of firing, leak, energy."""

import functools

import numpy as np
from brian2 import MHz, amp, pjoule, usecond

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate

NEURON = "vanadium_lif"
#: Currents (mA): silent, four that fire, and one that blocks.
CURRENTS = (0.9, 1.2, 1.5, 1.8, 2.0, 2.6)


def values():
    p = {k.removeprefix("X1_"): float(v) for k, v in find(NEURON).parameters.items()}
    return p, p["C1"]*p["R_off"], p["C1"]*p["R_on"]


def parts(current):
    """Return the times (s) of charge and discharge of instant switching."""
    p, slow, fast = values()
    v_8, v_0 = current*p["R_off"], current*p["R_on"]
    return (slow*np.log((v_8 - p["V_hold"])/(v_8 - p["V_th"])),
            fast*np.log((p["V_th"] - v_0)/(p["V_hold"] - v_0)))


def energy_of_a_period(current):
    """Return what the source puts in over a period (J): I times the integral of the voltage."""
    (p, slow, fast), (up, down) = values(), parts(current)
    swing = p["V_th"] - p["V_hold"]
    return current*(current*p["R_off"]*up - slow*swing + current*p["R_on"]*down + fast*swing)


@functools.cache
def runs(duration=12):
    return firing(find(NEURON), np.array(CURRENTS)*1e-3*amp, duration*usecond)


def frequency(k):
    return rate(runs().times[k], 0.5e-6)*1e-6*MHz


def energy_per_spike(k):
    spent = runs().energy[k] - runs(2).energy[k]
    return spent/10e-6/rate(runs().times[k], 0.5e-6)*1e12*pjoule


def spikes_after(pulses, gap):
    """Return how many spikes `pulses` of 2 mA, 0.25 us make that come `gap` (us) apart."""
    run = firing(find(NEURON), "2*mA*int(t % gap < width)*int(t < last)", (pulses*gap + 2)*usecond,
                 namespace={"gap": gap*usecond, "width": 0.25*usecond, "last": pulses*gap*usecond})
    return float(len(run.times[0]))


TARGETS = (
    *(Target(NEURON, f"rate at {i:g} mA", 1e-6/sum(parts(i*1e-3))*MHz, lambda k=k: frequency(k),
             "closed form", rtol=0.01, source="instant switching between V_hold and V_th")
      for k, i in enumerate(CURRENTS) if 1 < i < 2.4),
    Target(NEURON, "rate at 0.9 mA: I R_off is below V_th", 0.001*MHz, lambda: frequency(0),
           "closed form", compare="<", source="parameters"),
    Target(NEURON, "rate at 2.6 mA: I R_on is above V_hold", 0.001*MHz, lambda: frequency(5),
           "closed form", compare="<", source="parameters"),
    Target(NEURON, "energy per spike at 1.5 mA", energy_of_a_period(1.5e-3)*1e12*pjoule,
           lambda: energy_per_spike(2), "closed form", rtol=0.01,
           source="I times the integral of the voltage over a period"),
    Target(NEURON, "spikes of 8 pulses of 2 mA, 0.25 us that come 0.4 us apart", 0.5,
           lambda: spikes_after(8, 0.4), "proposed", compare=">", source="it integrates"),
    Target(NEURON, "spikes of the same pulses 5 us apart: the leak forgets", 0.5,
           lambda: spikes_after(8, 5.0), "proposed", compare="<", source="C1 R_off = 1.2 us"),
)
