"""Hodgkin and Huxley's equations: spike times against scipy, and the onset of firing."""

import functools

import numpy as np
from brian2 import Hz, amp, metre, msecond, second

from brianmem import FICurve, SpikeResponse, Target, find

DEVICE = "hodgkin_huxley"
_UNIT = 0.01 * amp / metre**2  # 1 uA/cm2
_SOURCE = "scipy, LSODA at a tolerance of 1e-10"


@functools.cache
def _spikes():
    return np.asarray(SpikeResponse(drive=10 * _UNIT, duration=50 * msecond).run(find(DEVICE))
                      ["spike_t"])


@functools.cache
def _around_onset():
    return FICurve(currents=[x * _UNIT for x in (6.2, 6.3, 10)], duration=200 * msecond,
                   settle=100 * msecond, dt=40e-6 * second).run(find(DEVICE))


TARGETS = (
    *(Target(DEVICE, f"spike {k + 1} at 10 uA/cm2 (step 20 us)", t * msecond,
             lambda k=k: _spikes()[k] * second, "computed", rtol=1e-4, source=_SOURCE)
      for k, t in enumerate((1.901421, 16.825035, 31.476386, 46.115675))),
    Target(DEVICE, "rate at 10 uA/cm2 after 100 ms", 68.31 * Hz,
           lambda: _around_onset()["rate"][2], "computed", rtol=1e-3,
           source=f"{_SOURCE}; about 68 Hz is reported"),
    Target(DEVICE, "rate at 6.2 uA/cm2 after 100 ms", 1 * Hz, lambda: _around_onset()["rate"][0],
           "computed", compare="<", source=f"{_SOURCE}: three spikes, then rest"),
    Target(DEVICE, "rate at 6.3 uA/cm2 after 100 ms", 45 * Hz, lambda: _around_onset()["rate"][1],
           "computed", compare=">", source=f"{_SOURCE}: sets in at some 50 Hz; an onset at about "
           "6.3 uA/cm2 is reported"),
)
