"""The thermal neuristor on vanadium dioxide: a window of voltages, and its frequencies."""

import functools

import numpy as np
from brian2 import MHz, amp, kelvin, kohm, nsecond, pfarad, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._circuit import frequencies, oscillator

DEVICE = "vanadium_dioxide"
VOLTAGES = (10.0, 11.0, 12.0, 14.0, 16.0)
_SETTLED = 7*usecond


@functools.cache
def neuristor():
    """Run the neuristor at all `VOLTAGES`: 145.3 pF behind 12 kohm."""
    return oscillator(find(DEVICE), VOLTAGES*volt, 12*kohm, 145.3*pfarad, 18*usecond, 10*nsecond,
                      record=("mem_I", "mem_T"))


def frequency(voltage):
    """Return the rate of current spikes at one of the `VOLTAGES`."""
    run = neuristor()
    trace = run.mem_I[VOLTAGES.index(voltage)]
    return frequencies(run.t, [trace], 2e-3, _SETTLED)[0]*1e-6*MHz


def spiking(name, function):
    """Return an extreme of a trace over all copies that spike."""
    run = neuristor()
    return function(getattr(run, name)[1:4, run.t > float(_SETTLED)], axis=1)


_PEAK = "4.4 to 4.8 mA"
TARGETS = (
    *(Target(DEVICE, f"neuristor frequency at {v:g} V", f*MHz, lambda v=v: frequency(v),
             "computed", rtol=0.02, source="Zhang2024: parameters; own program")
      for v, f in {11.0: 0.277, 12.0: 0.329, 14.0: 0.414}.items()),
    *(Target(DEVICE, f"neuristor frequency at {v:g} V: a fixed point", 0.001*MHz,
             lambda v=v: frequency(v), "computed", compare="<", source="own program")
      for v in (10.0, 16.0)),
    *(Target(DEVICE, f"temperature of the fixed point at {v:g} V", t*kelvin,
             lambda v=v: neuristor().mem_T[VOLTAGES.index(v), -1]*kelvin, "computed",
             atol=0.1*kelvin, source="own program") for v, t in {10.0: 333.9, 16.0: 338.4}.items()),
    Target(DEVICE, "neuristor, smallest peak current at 11, 12, 14 V", 4.4e-3*amp,
           lambda: spiking("mem_I", np.max).min()*amp, "computed", compare=">", source=_PEAK),
    Target(DEVICE, "neuristor, largest peak current at 11, 12, 14 V", 4.8e-3*amp,
           lambda: spiking("mem_I", np.max).max()*amp, "computed", compare="<", source=_PEAK),
    Target(DEVICE, "neuristor, lowest temperature at 11, 12, 14 V", 327*kelvin,
           lambda: spiking("mem_T", np.min).min()*kelvin, "computed", atol=0.5*kelvin,
           source="own program"),
    Target(DEVICE, "neuristor, highest temperature at 11, 12, 14 V", 373*kelvin,
           lambda: spiking("mem_T", np.max).max()*kelvin, "computed", atol=0.5*kelvin,
           source="own program"),
)
