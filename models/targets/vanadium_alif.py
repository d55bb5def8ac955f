"""The adaptive vanadium dioxide neuron: its rate falls to a plateau that the circuit sets."""

import functools

import numpy as np
from brian2 import MHz, amp, usecond
from scipy.optimize import curve_fit

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rates
from brianmem.models.targets.gallium_selenide import adapted

NEURON = "vanadium_alif"
CURRENTS = (1.5, 1.8, 2.1)


@functools.cache
def runs():
    """Return the rate (Hz) over each interval at each of `CURRENTS` (mA)."""
    return [rates(t) for t in firing(find(NEURON), np.array(CURRENTS)*1e-3*amp, 60*usecond).times]


def fitted(k):
    """Return plateau, first rate, spikes of decay, and the largest misfit over the first rate."""
    f = runs()[k]
    n = np.arange(len(f))
    best, _ = curve_fit(adapted, n, f, (f[-1], f[0], 10))
    return best, np.abs(adapted(n, *best) - f).max()/f[0]


_RADAU = "own program with scipy's Radau"
#: Rate (MHz) of the first interval and of the mean of the last five in 60 us.
COMPUTED = {1.5: (0.662, 0.404), 1.8: (0.853, 0.567), 2.1: (0.971, 0.709)}

TARGETS = (
    *(Target(NEURON, f"rate of the first interval at {i:g} mA", first*MHz,
             lambda k=k: runs()[k][0]*1e-6*MHz, "computed", rtol=0.01, source=_RADAU)
      for k, (i, (first, _)) in enumerate(COMPUTED.items())),
    *(Target(NEURON, f"rate of the last five intervals in 60 us at {i:g} mA", last*MHz,
             lambda k=k: runs()[k][-5:].mean()*1e-6*MHz, "computed", rtol=0.01, source=_RADAU)
      for k, (i, (_, last)) in enumerate(COMPUTED.items())),
    *(Target(NEURON, f"largest misfit of an exponential at {i:g} mA, over the first rate", 0.05,
             lambda k=k: float(fitted(k)[1]), "proposed", compare="<",
             source="f(n) = f8 + (f0 - f8)*exp(-n/n0)") for k, i in enumerate(CURRENTS)),
)
