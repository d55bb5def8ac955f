"""Memdiode: its closed form per pulse and the law of its switching voltages."""

from functools import cache

import numpy as np
from brian2 import mvolt, second, volt

from brianmem import IVSweep, Target, find
from brianmem.models.targets._drive import state_after

DEVICE = "memdiode"


@cache
def sweep(rate):
    """Return H and the voltage of a sweep 0, 1.5, 0, -2, 0 V at `rate` V/s."""
    result = IVSweep(1.5 * volt, negative_amplitude=2 * volt, rate=rate * volt / second).run(
        find(DEVICE))
    return np.asarray(result["H"]), np.asarray(result["v"])


def switching_voltage(rate, falling=False):
    """Return the voltage at which H passes 1/2, upwards or on the way back."""
    h, v = sweep(rate)
    first = len(h) // 4 if falling else 0
    side = (h[first:] < 0.5) if falling else (h[first:] > 0.5)
    k = first + int(np.argmax(side))
    share = (0.5 - h[k - 1]) / (h[k] - h[k - 1])
    return (v[k - 1] + share * (v[k] - v[k - 1])) * volt


TARGETS = (
    Target(DEVICE, "H from 0 after 1 ms at 1.1 V",
           1 - np.exp(-1e-3 * np.exp(18.8897 * (1.1 - 0.897561))),
           lambda: state_after(find(DEVICE), "1.1*volt", 1e-3 * second, 200), "closed form",
           rtol=1e-6, source="1 - exp(-t/T_S)"),
    Target(DEVICE, "H from 1 after 0.3 s at -2 V", np.exp(-0.3 * np.exp(2.12766 * (2 - 1.57))),
           lambda: state_after(find(DEVICE), "-2*volt", 0.3 * second, 200, H=1), "closed form",
           rtol=1e-6, source="exp(-t/T_R)"),
    *(Target(DEVICE, f"SET voltage (H = 1/2) at {rate:g} V/s", expected * volt,
             lambda rate=rate: switching_voltage(rate), "computed", rtol=0.005, source="scipy")
      for rate, expected in ((0.1, 0.912), (1.0, 1.034))),
    *(Target(DEVICE, f"RESET voltage (H = 1/2) at {rate:g} V/s", expected * volt,
             lambda rate=rate: switching_voltage(rate, falling=True), "computed", rtol=0.02,
             source="scipy")
      for rate, expected in ((0.1, -0.77), (1.0, -1.76))),
    Target(DEVICE, "growth of the SET voltage per decade of the rate", np.log(10) / 18.8897 * volt,
           lambda: switching_voltage(1.0) - switching_voltage(0.1), "closed form", atol=2 * mvolt,
           source="ln(10)/eta_set"),
)
