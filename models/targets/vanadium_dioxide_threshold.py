"""Vanadium dioxide as a switch: the period in closed form and the measured oscillator."""

import functools

import numpy as np
from brian2 import Equations, MHz, nfarad, nsecond, ohm, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._circuit import circuit, frequencies

DEVICE = "vanadium_dioxide_threshold"
#: (V_in in volt, R_L in kohm, measured frequency in MHz) of Yuan 2023, preprint. What
#: is not varied there is taken to be 6 V and 3 kohm.
MEASURED = ((6.0, 3.0, 0.90), (6.0, 3.6, 0.70), (6.0, 4.2, 0.55), (6.0, 4.8, 0.35),
            (4.2, 3.0, 0.45), (4.8, 3.0, 0.65), (5.4, 3.0, 0.80))
#: Outside the conditions of oscillation: too little voltage, too little resistance.
SILENT = ((3.0, 3.0), (6.0, 1.5))
CAPACITANCE = 1.80*nfarad
_NODE = Equations("""
dmem_v/dt = ((V_in - mem_v)/R_L - mem_I)/C : volt
V_in : volt (constant)
R_L : ohm (constant)
""")


def period(v_in, r_load, device=None):
    """Return the period (s) of instant switching between the two resistances."""
    p = {k: float(x) for k, x in (device or find(DEVICE)).parameters.items()}
    c, on, off = float(CAPACITANCE), p["R_on"], p["R_off"]
    v_8, v_0 = v_in*off/(r_load + off), v_in*on/(r_load + on)
    charge = c*r_load*off/(r_load + off)*np.log((v_8 - p["V_hold"])/(v_8 - p["V_th"]))
    discharge = c*r_load*on/(r_load + on)*np.log((p["V_th"] - v_0)/(p["V_hold"] - v_0))
    return charge + discharge


@functools.cache
def oscillators(tau_x=None):
    """Return the simulated frequency (Hz) of every circuit, the silent ones last."""
    device = find(DEVICE).with_parameters(**({} if tau_x is None else {"tau_x": tau_x*nsecond}))
    v_in, r_load = (np.array([row[k] for row in (*MEASURED, *SILENT)]) for k in (0, 1))
    run = circuit(_NODE, {"mem": device}, 7*usecond, 10*nsecond, record=["mem_v", "mem_I"],
                  method="adaptive", method_options={"relative": 1e-5}, C=CAPACITANCE,
                  arrays={"V_in": v_in*volt, "R_L": r_load*1e3*ohm})
    return frequencies(run.t, run.mem_I, 1e-3, 0.5*usecond)


def static_fold(kind):
    """Return the voltage at which the rate of x has a double zero."""
    device, x = find(DEVICE), np.linspace(1e-4, 1 - 1e-4, 19999)
    low, high = np.zeros_like(x), np.ones_like(x)
    for _ in range(50):
        v = (low + high)/2
        falls = np.asarray(device.evaluate("x", v=v*volt, x=x)) < 0
        low, high = np.where(falls, v, low), np.where(falls, high, v)
    return (v[x < 0.5].max() if kind == "V_th" else v[x > 0.5].min())*volt


_FORMULA = "T = C*R_off'*ln((v8 - V_hold)/(v8 - V_th)) + C*R_on'*ln((V_th - v0)/(V_hold - v0))"

TARGETS = (
    *(Target(DEVICE, f"fold of the static curve at {name}", value*volt,
             lambda name=name: static_fold(name), "closed form", rtol=1e-4, source="parameters")
      for name, value in (("V_th", 0.663), ("V_hold", 0.118))),
    *(Target(DEVICE, f"frequency at {v:g} V, {r:g} kohm against instant switching",
             1e-6/period(v, r*1e3)*MHz, lambda k=k: oscillators()[k]*1e-6*MHz, "closed form",
             rtol=0.01, source=_FORMULA)
      for k, (v, r, _) in enumerate(MEASURED)),
    *(Target(DEVICE, f"frequency at {v:g} V, {r:g} kohm as measured", f*MHz,
             lambda k=k: oscillators()[k]*1e-6*MHz, "published", rtol=0.05,
             source="Yuan2023, preprint; five parameters were fitted to these eight points")
      for k, (v, r, f) in enumerate(MEASURED)),
    *(Target(DEVICE, f"frequency at {v:g} V, {r:g} kohm: a fixed point", 0.001*MHz,
             lambda k=k: oscillators()[len(MEASURED) + k]*1e-6*MHz, "closed form", compare="<",
             source="V_in*R_off/(R_off + R_L) < V_th, or V_in*R_on/(R_on + R_L) > V_hold")
      for k, (v, r) in enumerate(SILENT)),
)
