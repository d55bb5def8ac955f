"""Gallium selenide: the rate of an unchanged oscillator falls to a plateau."""

import functools
import itertools

import numpy as np
from brian2 import hertz, kohm, msecond, nfarad, usecond, volt
from scipy.optimize import curve_fit

from brianmem import Target, find
from brianmem.circuits import crossings
from brianmem.models.targets._circuit import oscillator

DEVICE = "gallium_selenide"
VOLTAGES = (2.5, 3.0, 4.0)


@functools.cache
def rates():
    """Return the rate (Hz) over each interval between spikes, per voltage; 1 nF behind 50 kohm.

    The entry None is at 3 V and does not adapt.
    """
    run = oscillator(find(DEVICE), [*VOLTAGES, 3.0]*volt, 50*kohm, 1*nfarad, 1.3*msecond,
                     0.5*usecond, record=("mem_v",), lines="mem_k : volt (constant)",
                     arrays={"mem_k": [0.8, 0.8, 0.8, 0.0]*volt}, method="adaptive",
                     method_options={"relative": 1e-5})
    return {key: 1/np.diff(crossings(run.t, v, 0.5))
            for key, v in zip((*VOLTAGES, None), run.mem_v, strict=True)}


def adapted(n, plateau, first, decay):
    """Return f(n) = f8 + (f0 - f8)*exp(-n/n0)."""
    return plateau + (first - plateau)*np.exp(-n/decay)


def fitted(voltage):
    """Return plateau, first rate and spikes of decay of the best exponential, and its misfit."""
    f = rates()[voltage]
    n = np.arange(len(f))
    best, _ = curve_fit(adapted, n, f, (f[-1], f[0], 10))
    return best, np.abs(adapted(n, *best) - f).max()/f[0]


def first_rate(voltage):
    """Return the rate of an oscillator that has not adapted, in closed form, in hertz."""
    p = {k: float(x) for k, x in find(DEVICE).parameters.items()}
    r, c, on, off = 50e3, 1e-9, p["R_on"], p["R_off"]
    v_8, v_0 = voltage*off/(r + off), voltage*on/(r + on)
    charge = c*r*off/(r + off)*np.log((v_8 - p["V_hold"])/(v_8 - p["V_th0"]))
    return 1/(charge + c*r*on/(r + on)*np.log((p["V_th0"] - v_0)/(p["V_hold"] - v_0)))


_LAW = "f(n) = f8 + (f0 - f8)*exp(-n/n0)"

TARGETS = (
    *(Target(DEVICE, f"rise of the rate between spikes at {v:g} V, largest over the first rate", 1e-3,
             lambda v=v: (np.diff(rates()[v]).max()/rates()[v][0]).item(), "proposed", compare="<",
             source="the rate falls monotonically (PengGanGuo2024)") for v in VOLTAGES),
    *(Target(DEVICE, f"largest misfit of an exponential at {v:g} V, over the first rate", 0.02,
             lambda v=v: fitted(v)[1].item(), "proposed", compare="<", source=_LAW) for v in VOLTAGES),
    *(Target(DEVICE, f"plateau over the first rate at {v:g} V", 0.6,
             lambda v=v: (fitted(v)[0][0]/fitted(v)[0][1]).item(), "proposed", compare="<",
             source=_LAW) for v in VOLTAGES),
    *(Target(DEVICE, f"plateau at {high:g} V over that at {low:g} V", 1.1,
             lambda low=low, high=high: (fitted(high)[0][0]/fitted(low)[0][0]).item(), "proposed",
             compare=">", source="ordered by amplitude (PengGanGuo2024)")
      for low, high in itertools.pairwise(VOLTAGES)),
    Target(DEVICE, "rate at 3 V without adaptation", first_rate(3.0)*hertz,
           lambda: rates()[None].mean()*hertz, "closed form", rtol=0.01,
           source="period between V_hold and V_th0"),
    Target(DEVICE, "rate of the first interval at 3 V, with adaptation", first_rate(3.0)*hertz,
           lambda: rates()[3.0][0]*hertz, "closed form", rtol=0.01,
           source="it ends at V_th0, which no spike has raised before"),
)
