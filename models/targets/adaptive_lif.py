"""The adaptive LIF neuron against the recursion of the LSNN program."""

import functools

import numpy as np
from brian2 import msecond

from brianmem import SpikeResponse, Target, find

DEVICE = "adaptive_lif"
_SOURCE = "the recursion of lsnn/spiking_models.py in numpy, 3000 steps of 1 ms at the drive 0.05"


@functools.cache
def _found():
    return SpikeResponse(drive=0.05, duration=3000 * msecond, dt=1 * msecond).run(find(DEVICE))


def _steps():
    # Crossings lie inside a step, which the recursion counts at its end.
    return np.ceil(np.asarray(_found()["spike_t"]) * 1e3 - 1e-6)


def _a_before_the_last_step():
    return float(_found()["a"][-1])


def _steady_interval():
    intervals = np.diff(_steps())
    return float(np.mean(intervals[-12:]))


TARGETS = (
    Target(DEVICE, "spikes in 3 s at the drive 0.05", 72, lambda: float(len(_steps())), "golden",
           atol=0.5, source=_SOURCE),
    Target(DEVICE, "mean of the last 12 intervals in steps", 592 / 12, _steady_interval, "golden",
           atol=0.1, source=_SOURCE),
    Target(DEVICE, "adaptation a before the last of 3000 steps", 0.020474134786703835,
           _a_before_the_last_step, "golden", rtol=1e-9, source=_SOURCE),
)
