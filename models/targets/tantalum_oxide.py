"""Tantalum oxide: the voltage-time law of SET and RESET at a fixed voltage."""

import numpy as np
from brian2 import msecond, mvolt, nsecond, second, volt

from brianmem import Target, find
from brianmem.flow import flow

DEVICE = "tantalum_oxide"
_SET, _RESET = (0.02, 0.4), (0.5, 0.12)


def switching_time(voltage, start, level, before):
    """Return the time from `start` to `level`: `before` of it integrated, the rest by quadrature.

    SET ends in a runaway, where the state after a given time says nothing.
    """
    device = find(DEVICE)
    reached, _energy = flow(device, voltage, before, [[start]])
    x = np.geomspace(reached[0, 0], level, 20001)
    rate = np.asarray(device.evaluate("x", v=voltage, x=x))
    return before + np.trapezoid(1 / rate, x) * second


def decade(fast=-0.55 * volt, slow=-0.45 * volt):
    """Return the voltage that makes RESET ten times faster."""
    times = [switching_time(v, *_RESET, t) for v, t in ((fast, 1e-6 * second), (slow, 2e-3 * second))]
    return (slow - fast) / np.log10(times[1] / times[0])


def _row(kind, voltage, expected, states):
    name = f"{kind} time at {float(voltage):g} V, x from {states[0]:g} to {states[1]:g}"
    return Target(DEVICE, name, expected, lambda: switching_time(voltage, *states, 0.9 * expected),
                  "computed", rtol=0.002,
                  source="quadrature of dx over the rate at rtol 1e-10 and scipy's Radau")


TARGETS = (
    _row("SET", 0.7 * volt, 33.164 * msecond, _SET),
    _row("SET", 0.9 * volt, 0.20300 * msecond, _SET),
    _row("RESET", -0.4 * volt, 167.50 * msecond, _RESET),
    _row("RESET", -0.6 * volt, 41.005 * nsecond, _RESET),
    Target(DEVICE, "voltage per decade of RESET time", 29.9 * mvolt, decade, "closed form", rtol=0.02,
           source="ln(10)*s_off, where sinh is an exponential"),
)
