"""Stanford-PKU: values of the law, resistances, minimum field and switching times."""

import numpy as np
from brian2 import amp, kelvin, kohm, mamp, metre, msecond, nmetre, nsecond, ohm, second, usecond, volt

from brianmem import IVSweep, SwitchingTime, Target, find

DEVICE = "stanford_pku"


def value(name, v, gap):
    """Return an observable, or the rate of the gap, at a voltage and a gap in nm."""
    return find(DEVICE).evaluate(name, v=v * volt, g=gap * nmetre)


def resistance(gap):
    """Return the resistance at the read voltage."""
    return (1 / find(DEVICE).conductance(g=gap * nmetre))[()]


def switching_time(v, start, level):
    """Return the time that a bare device takes from `start` to `level` nm."""
    bare = find(DEVICE).with_operation(set=(v * volt, 1 * usecond))
    protocol = SwitchingTime(voltages=[v] * volt, level=level * nmetre, max_time=1 * msecond)
    return protocol.run(bare, initial={"g": start * nmetre})["delay"][0]


def set_voltage():
    """Return the voltage at which the gap of a 1 MV/s sweep falls below 1 nm."""
    sweep = IVSweep(1.6 * volt, rate=1e6 * volt / second, compliance=4 * mamp)
    result = sweep.run(find(DEVICE))
    first = np.argmax(np.asarray(result["g"]) < 1e-9)
    return np.asarray(result["v_source"])[first] * volt


_TIMES = {(1.4, 1.7, 0.5): 0.4731917 * usecond, (1.8, 1.7, 0.5): 6.724727 * nsecond,
          (-1.2, 0.2, 1.0): 0.3519196 * usecond, (-1.4, 0.2, 1.0): 23.45298 * nsecond}

TARGETS = (
    Target(DEVICE, "current at 0.5 nm and 1.5 V", 2.729891e-2 * amp, lambda: value("I", 1.5, 0.5),
           "golden", rtol=1e-6),
    Target(DEVICE, "temperature at 0.5 nm and 1.5 V", 383.9916 * kelvin, lambda: value("T", 1.5, 0.5),
           "golden", rtol=1e-6),
    Target(DEVICE, "rate of the gap at 0.5 nm and 1.5 V", -0.2215563 * metre / second,
           lambda: value("g", 1.5, 0.5), "golden", rtol=1e-6),
    Target(DEVICE, "temperature at 1 nm and 1.1 V, below the minimum field", 299.7228 * kelvin,
           lambda: value("T", 1.1, 1.0), "golden", rtol=1e-6),
    Target(DEVICE, "resistance at 0.1 V, gap 0.2 nm", 542 * ohm, lambda: resistance(0.2), "published",
           rtol=1e-3, source="Lammie2022"),
    Target(DEVICE, "resistance at 0.1 V, gap 1.7 nm", 218.586 * kohm, lambda: resistance(1.7),
           "published", rtol=1e-4, source="Lammie2022"),
    *(Target(DEVICE, f"time from {start} to {level} nm at {v} V", t,
             lambda key=(v, start, level): switching_time(*key), "computed", rtol=1e-4,
             source="scipy, LSODA and Radau at rtol 1e-9")
      for (v, start, level), t in _TIMES.items()),
    Target(DEVICE, "SET voltage at 1 MV/s", 1.56 * volt, set_voltage, "computed", rtol=0.01,
           source="scipy"),
)
