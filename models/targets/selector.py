"""Selectors: selectivity, slope, hysteresis, times and quantised conductance."""

import numpy as np
from brian2 import (
    Network,
    Quantity,
    StateMonitor,
    amp,
    mamp,
    mvolt,
    nsecond,
    siemens,
    usecond,
    volt,
)

from brianmem import Target, find
from brianmem.ode import ode_group

DEVICE = "selector"
#: Sweep rate (V/s) of the static measurements.
RATE = 1e3


def trace(parameter_set, voltage, duration, dt, changes=None, **initial):
    """Return a monitor of s, v and I of one copy under an expression of t."""
    device = find(DEVICE).with_parameters(parameter_set, **(changes or {}))
    made = ode_group(device, 1, voltage, dt=dt, initial=initial, target="numpy", energy=False)
    monitor = StateMonitor(made.group, ["s", "v", "I"], record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(duration, namespace={})
    return monitor


def settled(parameter_set, voltage, **changes):
    """Return the conductance after 2 us at `voltage`."""
    end = trace(parameter_set, f"{voltage!r}*volt", 2 * usecond, 10 * nsecond, changes)
    return end.I[0][-1] / end.v[0][-1]


def selectivity(parameter_set):
    """Return the current just above the threshold over that just below it."""
    above, below = settled(parameter_set, 0.31), settled(parameter_set, 0.28)
    return float(above / below)


def leakage(parameter_set):
    return settled(parameter_set, 0.28) * 0.28 * volt


def _rise():
    """Return voltage and current of a slow rise through the threshold, from leakage to on."""
    rise = trace("Hua2019", f"290*mvolt + {RATE!r}*volt/second*t", 14 * usecond, 5 * nsecond)
    return np.array(rise.v_[0]), np.array(rise.I_[0])


def slope():
    """Return the smallest voltage per decade of current while it rises a millionfold."""
    v, i = _rise()
    rising = (i > 1e-11) & (i < 1e-5)
    return Quantity(1 / np.polyfit(v[rising], np.log10(i[rising]), 1)[0], dim=volt.dim)


def switching_voltage(start, sign, condition):
    """Return where a slow ramp from `start` (mV) makes half of the filaments form or break."""
    ramp = trace("Hua2019", f"{start}*mvolt + ({sign * RATE!r})*volt/second*t", 12 * usecond,
                 5 * nsecond, s=0 if sign > 0 else 1)
    return ramp.v[0][np.argmax(condition(ramp.s_[0]))]


def time_to(parameter_set, voltage, start, condition):
    step = trace(parameter_set, f"{voltage!r}*volt", 1 * usecond, 1 * nsecond, s=start)
    return step.t[np.argmax(condition(step.s_[0]))]


def kept():
    """Return s after 1 us between the thresholds, from 1."""
    held = trace("Hua2019", "0.2*volt", 1 * usecond, 10 * nsecond, s=1)
    return float(held.s_[0][-1])


_QUANTUM = 7.748091729e-5


TARGETS = (
    *(Target(DEVICE, f"selectivity of {name}, 0.31 over 0.28 V", limit,
             lambda name=name: selectivity(name), "published", compare=">", source=name)
      for name, limit in (("Hua2019", 1e9), ("Midya2017", 1e10))),
    *(Target(DEVICE, f"leakage of {name} at 0.28 V", limit * amp, lambda name=name: leakage(name),
             "published", compare="<", source=name)
      for name, limit in (("Hua2019", 1e-12), ("Midya2017", 1e-14))),
    Target(DEVICE, "on current of Hua2019 at 0.31 V", 2.3 * mamp,
           lambda: settled("Hua2019", 0.31) * 0.31 * volt, "published", rtol=0.05, source="Hua2019"),
    Target(DEVICE, "slope of a rise of 1 kV/s per decade of current", 0.65 * mvolt, slope, "published",
           rtol=0.05, source="Hua2019"),
    Target(DEVICE, "voltage at which half the filaments form at 1 kV/s",
           (300 + 0.2823 * np.log(np.expm1(np.log(2) * RATE * 30e-9 / 0.2823e-3))) * mvolt,
           lambda: switching_voltage(293, 1, lambda s: s > 0.5), "closed form", atol=0.01 * mvolt,
           source="V_th + w ln(exp(ln 2 r tau_on/w) - 1)"),
    Target(DEVICE, "voltage at which half the filaments break at 1 kV/s",
           (100 - 0.2823 * np.log(np.expm1(np.log(2) * RATE * 100e-9 / 0.2823e-3))) * mvolt,
           lambda: switching_voltage(107, -1, lambda s: s < 0.5), "closed form", atol=0.01 * mvolt,
           source="V_hold - w ln(exp(ln 2 r tau_off/w) - 1)"),
    Target(DEVICE, "state after 1 us at 0.2 V between the thresholds, from 1", 1.0, kept, "closed form",
           atol=1e-9, source="no rate between the thresholds"),
    Target(DEVICE, "time to 90 % on at 0.4 V", 75 * nsecond,
           lambda: time_to("Midya2017", 0.4, 0, lambda s: s > 0.9), "published", compare="<",
           source="Midya2017"),
    Target(DEVICE, "time to 10 % at 0 V", 250 * nsecond,
           lambda: time_to("Midya2017", 0.0, 1, lambda s: s < 0.1), "published", compare="<",
           source="Midya2017"),
    *(Target(DEVICE, f"on conductance of {n} filaments", n * _QUANTUM * siemens,
             lambda n=n: settled("Song2023", 0.4, n=n), "closed form", rtol=1e-6,
             source="n times 2e^2/h") for n in (1, 2, 3)),
    Target(DEVICE, "on conductance of 1 filament at -0.4 V", _QUANTUM * siemens,
           lambda: settled("Song2023", -0.4), "closed form", rtol=1e-6, source="2e^2/h"),
)
