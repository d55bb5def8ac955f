"""Neodymium nickelate: an oscillator that fires faster in light."""

import functools

import numpy as np
from brian2 import hertz, kohm, metre, nfarad, usecond, volt, watt

from brianmem import Target, find
from brianmem.models.targets._circuit import frequencies, oscillator

DEVICE = "neodymium_nickelate"
LIGHT = (0.0, 1.0, 10.0, 100.0, 1000.0)


@functools.cache
def rates():
    """Return the rate (Hz) at each irradiance of `LIGHT`: 1 nF behind 20 kohm at 3 V."""
    run = oscillator(find(DEVICE), [3.0]*len(LIGHT)*volt, 20*kohm, 1*nfarad, 80*usecond,
                     0.1*usecond, record=("mem_x",), lines="mem_light : watt/metre**2 (constant)",
                     arrays={"mem_light": LIGHT*watt/metre**2}, method="adaptive",
                     method_options={"relative": 1e-5})
    return frequencies(run.t, run.mem_x, 0.5, 5*usecond)


def closed_form(light):
    """Return the rate (Hz) of instant switching at one irradiance."""
    device = find(DEVICE)
    p = {k: float(x) for k, x in device.parameters.items()}
    v_th, off = (float(device.evaluate(n, light=light*watt/metre**2)) for n in ("V_th", "R_off"))
    r, c, on, hold = 20e3, 1e-9, p["R_on"], p["V_hold"]
    v_8, v_0 = 3*off/(r + off), 3*on/(r + on)
    return 1/(c*r*off/(r + off)*np.log((v_8 - hold)/(v_8 - v_th))
              + c*r*on/(r + on)*np.log((v_th - v_0)/(hold - v_0)))


TARGETS = (
    *(Target(DEVICE, f"rate of an oscillator in {light:g} W/m2 against instant switching",
             closed_form(light)*hertz, lambda k=k: rates()[k]*hertz, "closed form", rtol=0.02,
             source="period between V_hold and V_th(light)") for k, light in enumerate(LIGHT)),
    Target(DEVICE, "smallest gain in rate per step of light", 1.02,
           lambda: (rates()[1:]/rates()[:-1]).min().item(), "proposed", compare=">",
           source="the rate follows light (PengGanGuo2024)"),
)
