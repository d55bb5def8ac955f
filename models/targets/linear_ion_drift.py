"""Linear ion drift: reference trajectories of the windows, and the loops of a sine."""

from functools import cache

import numpy as np
from brian2 import hertz, mamp, second, volt

from brianmem import IVSweep, Target, find
from brianmem.models.targets._drive import state_after

_SINE = "1*volt*sin(2*pi*t/second)"
_START = 5 / 15.9  # 11 kohm, more exactly than the device states it


def trajectory(name, until):
    """Return x under a sine of 1 V and 1 Hz."""
    return state_after(find(name), _SINE, until * second, 400, x=_START)


@cache
def loop(name, amplitude, frequency, start, **parameters):
    """Return the largest x and current (A) over one period of a sine."""
    device = find(name).with_parameters(**parameters)
    sweep = IVSweep(amplitude * volt, period=1 / (frequency * hertz), waveform="sine")
    result = sweep.run(device, initial={} if start is None else {"x": start})
    return np.max(result["x"]), np.max(np.asarray(result["I"]))


_GOLDEN = (("linear_ion_drift", 0.125, 0.35320514), ("linear_ion_drift", 0.5, 0.69340866),
           ("linear_ion_drift_prodromakis", 0.5, 0.38342924))
_CASE_A = (("linear_ion_drift", 0.994, 0.302), ("linear_ion_drift_biolek", 0.957, 0.219))

TARGETS = (
    *(Target(name, f"x after {until} s of a sine of 1 V at 1 Hz", expected,
             lambda name=name, until=until: trajectory(name, until), "golden", atol=2e-8,
             source="scipy" if "prodromakis" in name else "scipy and ngspice")
      for name, until, expected in _GOLDEN),
    *(Target(name, "largest x, 1.2 V, 1 Hz, p = 10", x,
             lambda name=name: loop(name, 1.2, 1, None, p=10)[0], "computed", atol=2e-3,
             source="Biolek2009, case (a), by scipy") for name, x, _ in _CASE_A),
    *(Target(name, "largest current, 1.2 V, 1 Hz, p = 10", current * mamp,
             lambda name=name: loop(name, 1.2, 1, None, p=10)[1] / 1e-3 * mamp, "computed", rtol=0.01,
             source="Biolek2009, case (a), by scipy") for name, _, current in _CASE_A),
    *(Target("linear_ion_drift_unwindowed", f"largest x, 1 V, {f} Hz, from 0.1", x,
             lambda f=f: loop("linear_ion_drift_unwindowed", 1, f, 0.1)[0], "computed", rtol=0.02,
             source="scipy") for f, x in ((0.5, 0.86), (1, 0.36), (10, 0.122))),
)
