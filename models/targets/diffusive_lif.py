"""The diffusive neuron: it counts pulses, fires, resets itself, and integrates anew."""

import functools

import numpy as np
from brian2 import msecond, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate

NEURON = "diffusive_lif"
PULSES = "2.5*volt*int(t % (40*us) >= 35*us)"


@functools.cache
def pulsed(drive=PULSES, duration=1.2):
    run = firing(find(NEURON), drive, duration*msecond, record=("X1_tot", "v_mem"))
    return run.times[0], run.t, run.X1_tot[0]


@functools.cache
def constant(voltage):
    return firing(find(NEURON), voltage*volt, 3*msecond).times[0]


def opened_again():
    """Return the time at which the bridge of the first spike has dissolved."""
    times, t, tot = pulsed()
    after = (t > times[0] + 2e-6) & (tot < 1)
    return t[np.argmax(after)]*1e6*usecond


def pulses_after_rest():
    """Return how many pulses it takes after the first spikes and 20 ms without any."""
    times, _, _ = pulsed("2.5*volt*int(t % (40*us) >= 35*us)*(1 - int(t > 0.42*ms)*int(t < 20*ms))",
                         21)
    return float(np.floor((times[times > 20e-3][0] - 20e-3)/40e-6))


_EULER = "own program, explicit steps of 0.2 us, circuit and parameters of Yang_DiffusiveMemristor"

TARGETS = (
    Target(NEURON, "pulses of 2.5 V, 5 us in 40 us before the one that fires", 10.0,
           lambda: float(np.floor(pulsed()[0][0]/40e-6)), "computed", atol=0.5, source=_EULER),
    Target(NEURON, "time of the first spike under these pulses", 410.8*usecond,
           lambda: pulsed()[0][0]*1e6*usecond, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "time at which the bridge of the first spike has dissolved", 615.6*usecond,
           opened_again, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "time of the first spike at 0.3 V", 408.8*usecond,
           lambda: constant(0.3)[0]*1e6*usecond, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "interval between spikes at 0.3 V, from the fifth spike on", 58.15*usecond,
           lambda: 1e6/rate(constant(0.3)[4:])*usecond, "computed", rtol=0.01, source=_EULER),
    Target(NEURON, "spikes in 3 ms at 0.1 V", 0.5, lambda: float(len(constant(0.1))), "computed",
           compare="<", source=_EULER),
)
