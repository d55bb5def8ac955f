"""A volatile device with closed forms: dx/dt = (1 - x)/tau_on(v) - x/tau_off."""

import numpy as np
from brian2 import msecond, siemens, usecond, volt

from brianmem import Device

TAU_OFF, TAU_ON, V_0, G_1 = 10e-3, 1e-3, 0.2, 1e-3
VOLATILE = Device(
    name="volatile", equations="""
    dx/dt = (1 - x)/tau_on - x/tau_off : 1
    tau_on = tau_1*exp((1*volt - abs(v))/V_0) : second
    I = v*(G_0 + G_1*x) : amp
    """,
    parameters={"tau_off": 10*msecond, "tau_1": 1*msecond, "V_0": 0.2*volt, "G_0": 1e-6*siemens,
                "G_1": 1e-3*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)}, suggested_dt=50*usecond,
    operation={"set": (1*volt, 1*msecond), "relax": (0*volt, 50*msecond),
               "read": (0.01*volt, 1*usecond), "sweep": (1*volt, 1*msecond)})


def on_time(v):
    """Return the time constant (s) and the final x at a constant voltage (V)."""
    on = TAU_ON * np.exp((1 - abs(v)) / V_0)
    return 1 / (1 / on + 1 / TAU_OFF), TAU_OFF / (TAU_OFF + on)
