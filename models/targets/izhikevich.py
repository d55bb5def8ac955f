"""Izhikevich's patterns: intervals against scipy, with each reset at the peak itself."""

import functools

import numpy as np
from brian2 import msecond, second, usecond

from brianmem import SpikeResponse, Target, find

DEVICE = "izhikevich"
#: A reset comes up to a step late, and u with it: errors fall in proportion to the step.
_DT = 5 * usecond
# Times of the fourth and the eighth spike in ms at the drive 10.
_EXPECTED = {"RS": (115.869511, 295.119165), "IB": (49.629245, 174.490965),
             "CH": (7.729125, 61.689992), "FS": (20.327158, 49.658615),
             "LTS": (19.689901, 71.407668)}
# The others take too many steps until then.
_EIGHT = ("CH", "FS", "LTS")


@functools.cache
def _spikes(name):
    last = _EXPECTED[name][name in _EIGHT] + 1
    device = find(DEVICE).with_parameters(name)
    found = SpikeResponse(drive=10.0, duration=last * msecond, dt=_DT).run(device)
    return np.asarray(found["spike_t"])


def _target(name, number):
    expected = _EXPECTED[name][number // 4 - 1]
    return Target(DEVICE, f"{name}: time of spike {number} at the drive 10 (step 5 us)",
                  expected * msecond, lambda: _spikes(name)[number - 1] * second, "computed",
                  rtol=2e-3, source="scipy, LSODA, with each reset at the peak itself")


TARGETS = (*(_target(name, 4) for name in _EXPECTED),
           *(_target(name, 8) for name in _EIGHT))
