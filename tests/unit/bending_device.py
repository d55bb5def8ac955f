"""A quick device of one state, and groups that fire when they are told."""

import numpy as np
from brian2 import NeuronGroup, SpikeGeneratorGroup, ms, mV, siemens, uA, volt

from brianmem.device import Device
from brianmem.synapse import PulseRule

DEVICE = Device(name="bend", equations="""
    dx/dt = int(v > 0*volt)*(1 - x)*(1 - 0.5*x)/tau - int(v < 0*volt)*x/tau : 1
    I = G*v*(0.1 + x) : amp""",
    parameters={"tau": 10 * ms, "G": 1e-3 * siemens}, initial={"x": 0.25}, bounds={"x": (0, 1)},
    operation={"set": (1 * volt, 1 * ms), "reset": (-1 * volt, 0.5 * ms),
               "read": (0.1 * volt, 1 * ms)})
RULE = PulseRule(window=20 * ms)
GAIN = 1 * mV / uA


def sources(times, n=2):
    """Return sources of which number 0 fires at `times`."""
    return SpikeGeneratorGroup(n, np.zeros(len(times), dtype=int), times)


def targets(first, n=1, extra=""):
    """Return neurons that fire once, number k at `first` + 10 ms * k."""
    group = NeuronGroup(n, "v : volt\nt_fire : second\n" + extra, namespace={},
                        threshold="abs(t - t_fire) < dt/2", reset="")
    group.t_fire = first + np.arange(n) * 10 * ms
    return group
