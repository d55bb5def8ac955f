"""The gallium selenide neuron: the rate falls to a plateau, ordered by the drive."""

import functools
import itertools

import numpy as np
from brian2 import hertz, msecond, nsecond, volt
from scipy.optimize import curve_fit

from brianmem import Target, find
from brianmem.models.targets._firing import firing
from brianmem.models.targets._firing import rates as rates_of
from brianmem.models.targets.gallium_selenide import adapted, first_rate

NEURON = "gallium_selenide_lif"
VOLTAGES = (2.5, 3.0, 4.0)


@functools.cache
def rates():
    """Return the rate (Hz) over each interval, per voltage; None is 3 V without adaptation."""
    # The switch is faster than any step, so that a spike is known to half a step.
    run = firing(find(NEURON), [*VOLTAGES, 3.0]*volt, 1.3*msecond, dt=10*nsecond,
                 parameters={"X1_k": [0.8, 0.8, 0.8, 0.0]*volt})
    return {key: rates_of(t) for key, t in zip((*VOLTAGES, None), run.times, strict=True)}


def fitted(voltage):
    """Return plateau, first rate, spikes of decay, and the largest misfit over the first rate."""
    f = rates()[voltage]
    n = np.arange(len(f))
    best, _ = curve_fit(adapted, n, f, (f[-1], f[0], 10))
    return best, np.abs(adapted(n, *best) - f).max()/f[0]


_LAW = "f(n) = f8 + (f0 - f8)*exp(-n/n0)"

TARGETS = (
    *(Target(NEURON, f"rise of the rate between spikes at {v:g} V, largest over the first rate", 1e-3,
             lambda v=v: (np.diff(rates()[v]).max()/rates()[v][0]).item(), "proposed", compare="<",
             source="the rate falls monotonically (PengGanGuo2024)") for v in VOLTAGES),
    *(Target(NEURON, f"largest misfit of an exponential at {v:g} V, over the first rate", 0.02,
             lambda v=v: fitted(v)[1].item(), "proposed", compare="<", source=_LAW)
      for v in VOLTAGES),
    *(Target(NEURON, f"plateau at {high:g} V over that at {low:g} V", 1.1,
             lambda low=low, high=high: (fitted(high)[0][0]/fitted(low)[0][0]).item(), "proposed",
             compare=">", source="ordered by amplitude (PengGanGuo2024)")
      for low, high in itertools.pairwise(VOLTAGES)),
    Target(NEURON, "rate at 3 V of a device that does not adapt", first_rate(3.0)*hertz,
           lambda: rates()[None].mean()*hertz, "closed form", rtol=0.01,
           source="period between V_hold and V_th0"),
)
