"""The diffusive neuron: it counts pulses, fires, resets itself, and integrates anew."""

import functools

import numpy as np
from brian2 import msecond, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate

NEURON = "diffusive_lif"
#: Pulses of 5 us in every 40 us, with a pause after the twelfth.
PULSES = "2.5*volt*int(t % (40*us) >= 35*us)*(1 - int(t >= 0.48*ms)*int(t < 1.6*ms))"


@functools.cache
def pulsed():
    run = firing(find(NEURON), PULSES, 2.1*msecond, record=("X1_tot",))
    return run.times[0], run.t, run.X1_tot[0]


@functools.cache
def constant(voltage):
    return firing(find(NEURON), voltage*volt, 3*msecond).times[0]


def opened_again():
    """Return the time at which the bridge of the first spike has dissolved."""
    times, t, tot = pulsed()
    after = (t > times[0] + 2e-6) & (tot < 1)
    return t[np.argmax(after)]*1e6*usecond


_EULER = "own program, explicit steps down to 0.05 us; parameters of Yang_DiffusiveMemristor"

TARGETS = (
    Target(NEURON, "pulses of 2.5 V, 5 us in 40 us before the one that fires", 10.0,
           lambda: float(np.floor(pulsed()[0][0]/40e-6)), "computed", atol=0.5, source=_EULER),
    Target(NEURON, "time of the first spike under these pulses", 410.7*usecond,
           lambda: pulsed()[0][0]*1e6*usecond, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "time at which the bridge of the first spike has dissolved", 555.0*usecond,
           opened_again, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "pulses after a pause of 1.12 ms before the one that fires", 10.0,
           lambda: float(np.floor((pulsed()[0][1] - 1.6e-3)/40e-6)), "computed", atol=0.5,
           source=_EULER),
    Target(NEURON, "time of the first spike at 0.3 V", 408.6*usecond,
           lambda: constant(0.3)[0]*1e6*usecond, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "interval between spikes at 0.3 V, from the fifth on, in 3 ms", 56.96*usecond,
           lambda: 1e6/rate(constant(0.3)[4:])*usecond, "computed", rtol=0.005, source=_EULER),
    Target(NEURON, "spikes in 3 ms at 0.1 V", 0.5, lambda: float(len(constant(0.1))), "computed",
           compare="<", source=_EULER),
)
