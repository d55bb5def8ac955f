"""Metastable switch: a reference trajectory and the relaxation without a voltage."""

import numpy as np
from brian2 import msecond, second

from brianmem import Target, find
from brianmem.models.targets._drive import state_after

DEVICE = "metastable_switch"


def relaxation_time():
    """Return the time constant of X - 1/2 at 0 V, from one second."""
    left = state_after(find(DEVICE), "0*volt", 1 * second, 500, X=1) - 0.5
    return -1 * second / np.log(left / 0.5)


_SINE = "0.5*volt*sin(2*pi*100*Hz*t)"

TARGETS = (
    Target(DEVICE, "X after 1 ms of a sine of 0.5 V at 100 Hz", 0.702796,
           lambda: state_after(find(DEVICE), _SINE, 1 * msecond, 1000), "golden", atol=1e-6,
           source="scipy at rtol 1e-10 and ngspice 39"),
    Target(DEVICE, "X after one period of the same sine", 2.26796e-5,
           lambda: state_after(find(DEVICE), _SINE, 10 * msecond, 10000), "computed", rtol=1e-3,
           source="scipy at rtol 1e-11"),
    Target(DEVICE, "time constant of the relaxation to 1/2 at 0 V", 1.80957 * second,
           relaxation_time, "closed form", rtol=1e-4, source="tau*(1 + exp(V_on/V_T))/2"),
)
