"""The nickelate neuron: silent in the dark, faster the brighter."""

import functools

import numpy as np
from brian2 import hertz, metre, msecond, watt

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate

NEURON = "nickelate_lif"
LIGHT = (0.0, 1.0, 3.0, 10.0, 100.0, 1000.0)


@functools.cache
def rates():
    """Return the rate (Hz) at each irradiance of `LIGHT`."""
    run = firing(find(NEURON), LIGHT*watt/metre**2, 0.4*msecond)
    return np.array([rate(t) for t in run.times])


def closed_form(light, v_in=1.25):
    """Return the rate (Hz) of instant switching, 0 where the threshold is out of reach."""
    device = find("neodymium_nickelate")
    p = {k: float(x) for k, x in device.parameters.items()}
    v_th, off = (float(device.evaluate(n, light=light*watt/metre**2)) for n in ("V_th", "R_off"))
    r, c, on, hold = 20e3, 1e-9, p["R_on"], p["V_hold"]
    v_8, v_0 = v_in*off/(r + off), v_in*on/(r + on)
    if v_8 <= v_th:
        return 0.0
    return 1/(c*r*off/(r + off)*np.log((v_8 - hold)/(v_8 - v_th))
              + c*r*on/(r + on)*np.log((v_th - v_0)/(hold - v_0)))


TARGETS = (
    *(Target(NEURON, f"rate in {light:g} W/m2 at 1.25 V", closed_form(light)*hertz,
             lambda k=k: rates()[k]*hertz, "closed form", rtol=0.02, atol=1*hertz,
             source="period between V_hold and V_th(light)") for k, light in enumerate(LIGHT)),
    Target(NEURON, "smallest gain in rate per step of light, where it fires", 1.1,
           lambda: (rates()[3:]/rates()[2:-1]).min().item(), "proposed", compare=">",
           source="the rate follows light (PengGanGuo2024)"),
)
