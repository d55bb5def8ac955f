"""Pershin and Di Ventra: a sine across the threshold, in closed form and by ngspice."""

import numpy as np
from brian2 import Network, nsecond, ohm

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "pershin_di_ventra"
_SINE = "3*volt*sin(2*pi*100*MHz*t)"


def resistance_after(duration, steps):
    made = ode_group(find(DEVICE), 1, _SINE, dt=duration / steps, target="numpy")
    Network(*made.objects).run(duration, namespace={})
    return made.group.R[0]


def at_the_peak():
    """Return R at the peak of the sine, from the integral of what exceeds the threshold."""
    w = 2 * np.pi * 1e8
    start = np.arcsin(1.6 / 3) / w
    return 7000 + 2e12 * (3 / w * np.cos(w * start) - 1.6 * (2.5e-9 - start))


TARGETS = (
    Target(DEVICE, "R after a quarter period of a sine of 3 V at 100 MHz", at_the_peak() * ohm,
           lambda: resistance_after(2.5 * nsecond, 2500), "closed form", rtol=1e-5,
           source="the integral of beta*(v - V_t)"),
    # Each half wave moves R by twice the above, and the first one is cut off at 10 kohm.
    Target(DEVICE, "R after a period of that sine", (10000 - 2 * (at_the_peak() - 7000)) * ohm,
           lambda: resistance_after(10 * nsecond, 10000), "closed form", rtol=1e-5,
           source="the same integral, from the bound on"),
    Target(DEVICE, "R after 8 ns of that sine", 5706.38 * ohm,
           lambda: resistance_after(8 * nsecond, 8000), "computed", rtol=1e-4,
           source="ngspice 39, behavioural source"),
)
