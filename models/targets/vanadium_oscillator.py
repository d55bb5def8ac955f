"""The vanadium dioxide oscillator: closed form, measured frequencies, conditions, energy."""

import functools

import numpy as np
from brian2 import MHz, ohm, pjoule, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate
from brianmem.models.targets.vanadium_dioxide_threshold import CAPACITANCE, MEASURED, SILENT, period

NEURON = "vanadium_oscillator"


@functools.cache
def oscillators():
    """Return the run of every circuit of `MEASURED` and `SILENT`."""
    v_in, r_load = (np.array([row[k] for row in (*MEASURED, *SILENT)]) for k in (0, 1))
    return firing(find(NEURON), v_in*volt, 7*usecond, parameters={"R_L": r_load*1e3*ohm})


def frequency(k):
    return rate(oscillators().times[k], 0.5e-6)*1e-6*MHz


def conditions(v_in, r_load, device):
    """Tell whether the voltage without the switch closing, and with it closed, passes both folds."""
    p = {k: float(v) for k, v in device.parameters.items()}
    return (v_in*p["R_off"]/(r_load + p["R_off"]) >= p["V_th"]
            and v_in*p["R_on"]/(r_load + p["R_on"]) <= p["V_hold"])


def energy_of_a_period(v_in, r_load, device):
    """Return what the source puts in over a period (J): V_in times its charge, in closed form."""
    p = {k: float(v) for k, v in device.parameters.items()}
    c, on, off, swing = float(CAPACITANCE), p["R_on"], p["R_off"], p["V_th"] - p["V_hold"]
    v_8, v_0 = v_in*off/(r_load + off), v_in*on/(r_load + on)
    charge, discharge = c*r_load*off/(r_load + off), c*r_load*on/(r_load + on)
    up = charge*np.log((v_8 - p["V_hold"])/(v_8 - p["V_th"]))
    down = discharge*np.log((p["V_th"] - v_0)/(p["V_hold"] - v_0))
    area = v_8*up - charge*swing + v_0*down + discharge*swing
    return v_in/r_load*(v_in*(up + down) - area)


def energy_per_spike(v_in):
    """Return the energy (J) of a long run over its spikes, from the second on."""
    runs = [firing(find(NEURON), v_in*volt, t*usecond) for t in (2, 22)]
    spent = runs[1].energy[0] - runs[0].energy[0]
    return spent/20e-6/rate(runs[1].times[0], 0.5e-6)*1e12*pjoule


_FORMULA = "T = C*R_off'*ln((v8 - V_hold)/(v8 - V_th)) + C*R_on'*ln((V_th - v0)/(V_hold - v0))"
_DEVICE = find("vanadium_dioxide_threshold")

TARGETS = (
    *(Target(NEURON, f"frequency at {v:g} V, {r:g} kohm", 1e-6/period(v, r*1e3)*MHz,
             lambda k=k: frequency(k), "closed form", rtol=0.01, source=_FORMULA)
      for k, (v, r, _) in enumerate(MEASURED)),
    *(Target(NEURON, f"frequency at {v:g} V, {r:g} kohm as measured", f*MHz,
             lambda k=k: frequency(k), "published", rtol=0.05,
             source="Yuan2023, preprint; five parameters were fitted to these eight points, two of "
             "which are one here")
      for k, (v, r, f) in enumerate(MEASURED)),
    *(Target(NEURON, f"frequency at {v:g} V, {r:g} kohm: a condition fails", 0.001*MHz,
             lambda k=k: frequency(len(MEASURED) + k), "published", compare="<",
             source="conditions of oscillation, equations 1 and 2 of Yuan2023, preprint")
      for k, (v, r) in enumerate(SILENT)),
    Target(NEURON, "energy per spike at 6 V, 3 kohm", energy_of_a_period(6.0, 3e3, _DEVICE)*1e12*pjoule,
           lambda: energy_per_spike(6.0), "closed form", rtol=0.01,
           source="V_in times the charge of a period"),
)
