"""Yakopcic: a reference trajectory and the loops of a sine at three frequencies."""

from functools import cache

import numpy as np
from brian2 import amp, hertz, mamp, msecond, volt

from brianmem import IVSweep, Target, find
from brianmem.models.targets._drive import state_after

DEVICE = "yakopcic"


def low(duration, steps):
    """Return x under a sine of 0.45 V and 100 Hz with the low thresholds."""
    device = find(DEVICE).with_parameters("low_threshold")
    return state_after(device, "0.45*volt*sin(2*pi*100*Hz*t)", duration, steps)


@cache
def loop(frequency, cycles):
    """Return extremes of state and current (A) over `cycles` periods of a 1 V sine."""
    sweep = IVSweep(1 * volt, period=1 / (frequency * hertz), waveform="sine", cycles=cycles)
    result = sweep.run(find(DEVICE))
    x, current = np.asarray(result["x"]), np.asarray(result["I"])
    return {"smallest x": x.min(), "largest x": x.max(), "largest current": current.max() * amp,
            "smallest current": current.min() * amp}


# Smallest and largest x, largest and smallest current in mA.
_LOOPS = {(100, 1): (0.04214, 0.9916, 8.099, -5.152), (1000, 3): (0.110, 0.6256, 4.620, -3.938),
          (10, 1): (0.0, 1.0, 8.504, -4.815), (1, 1): (0.0, 1.0, 8.504, -4.766)}


def _row(key, quantity, expected):
    frequency, cycles = key
    periods = "one period" if cycles == 1 else f"{cycles} periods"
    return Target(DEVICE, f"{quantity}, {periods} of a sine of 1 V at {frequency} Hz", expected,
                  lambda: loop(frequency, cycles)[quantity], "computed", rtol=0.02,
                  atol=0 * mamp if "current" in quantity else 1e-4, source="scipy, rtol 1e-10")


TARGETS = (
    Target(DEVICE, "x after 1 ms of a sine of 0.45 V at 100 Hz, low thresholds", 0.219677,
           lambda: low(1 * msecond, 1000), "golden", atol=1e-6,
           source="scipy, and by quadrature: the window is 1 up to there"),
    Target(DEVICE, "x after 5 ms of a sine of 0.45 V at 100 Hz, low thresholds", 0.969737,
           lambda: low(5 * msecond, 4000), "golden", atol=1e-6,
           source="scipy and ngspice 39"),
    *(_row(key, quantity, value if "x" in quantity.split() else value * mamp)
      for key, values in _LOOPS.items()
      for quantity, value in zip(("smallest x", "largest x", "largest current",
                                  "smallest current"), values, strict=True)),
)
