"""JART VCM v1b: point values, resistances, and the kinetics of SET and RESET.

Expected values marked "computed" were made with SciPy from the same equations: the
current by `brentq`, times by `quad` over 1/rate, ramps by LSODA.
"""

import functools

import numpy as np
from brian2 import amp, hertz, kelvin, mvolt, ohm, second, uamp, volt

from brianmem import Target, find
from brianmem.flow import flow

FIT, IMPLICIT = "jart_vcm", "jart_vcm_implicit"


def value(name, observable, v, n):
    """Return an observable, or dn/dt (Hz) for "n'", at a voltage and concentration."""
    y, device = np.log(n), find(name)
    if observable == "n'":
        return device.evaluate("y", v=v * volt, y=y) * n
    return device.evaluate(observable, v=v * volt, y=y)


def resistance(name, n):
    """Return V/I at +0.2 V."""
    return 0.2 * volt / value(name, "I", 0.2, n)


def residual():
    """Return the largest error of the voltage divider over states and voltages."""
    n, v = np.geomspace(0.008, 20, 151)[:, None], np.linspace(-1.5, 1.5, 301)
    return np.max(np.abs(value(IMPLICIT, "residual", v, n)))


def fit_error(sign):
    """Return the largest relative error of the fitted current for n >= 0.1, |V| >= 0.2 V."""
    n, v = np.geomspace(0.1, 20, 201)[:, None], sign * np.linspace(0.2, 1.5, 261)
    return float(np.max(np.abs(value(FIT, "I", v, n) / value(IMPLICIT, "I", v, n) - 1)))


def time_between(name, v, start, end):
    """Return the time from one concentration to another at constant voltage."""
    y = np.linspace(np.log(start), np.log(end), 4001)
    slowness = 1 / np.asarray(find(name).evaluate("y", v=v * volt, y=y))
    return np.sum((slowness[1:] + slowness[:-1]) / 2 * np.diff(y)) * second


@functools.cache
def ramp(name, rate, start, stop, n, step=0.004):
    """Return voltages and ln n at the ends of small steps of a ramp (V/s)."""
    voltages = np.arange(start, stop, np.sign(stop - start) * step)
    states, device = [np.log(n)], find(name)
    for v in (voltages[1:] + voltages[:-1]) / 2:
        y, _ = flow(device, v * volt, step / rate * second, [[states[-1]]])
        states.append(float(y[0, 0]))
    return voltages, np.array(states)


def set_voltage(name, rate, start):
    """Return the voltage of a negative ramp at which n, from 0.01, reaches 1."""
    v, y = ramp(name, rate, start, start - 0.24, 0.01)
    k = np.argmax(y > 0)
    return (v[k] + v[k - 1]) / 2 * volt


def reset_peak(which):
    """Return the largest current of a positive ramp of 1 V/s from n = 20, or where it lies."""
    v, y = ramp(IMPLICIT, 1.0, 0.7, 0.94, 20.0, 0.002)
    current = value(IMPLICIT, "I", v, np.exp(y))
    return np.max(current) if which == "I" else v[np.argmax(current)] * volt


_GOLDEN = {(-0.5, 1.0): (-2.30175e-4, 953.700, 1.8498e7), (-0.342, 0.1): (-4.82641e-5, 502.324, 101.34)}
_SET = {-0.45: 1.865, -0.6: 2.860e-3, -0.7: 5.246e-5, -0.9: 5.656e-8}
_RESET = {0.6: 204.4, 0.8: 0.2144, 1.2: 1.725e-5}
_UNITS = (("I", amp, 3e-6), ("T", kelvin, 1e-6), ("n'", hertz, 5e-5))


def _golden():
    for (v, n), values in _GOLDEN.items():
        for (observable, unit, rtol), expected in zip(_UNITS, values, strict=True):
            name = "dn/dt" if observable == "n'" else observable
            yield Target(IMPLICIT, f"{name} at {v:g} V, n = {n:g}", expected * unit,
                         lambda o=observable, v=v, n=n: value(IMPLICIT, o, v, n), "golden", rtol=rtol)


def _times():
    for kind, table, ends in (("SET", _SET, (0.01, 5)), ("RESET", _RESET, (10, 0.1))):
        for v, t in table.items():
            yield Target(IMPLICIT, f"{kind} time at {v:g} V, n {ends[0]:g} to {ends[1]:g}", t * second,
                         lambda v=v, ends=ends: time_between(IMPLICIT, v, *ends), "computed",
                         rtol=0.005)


TARGETS = (
    *_golden(),
    *(Target(IMPLICIT, f"R at +0.2 V, n = {n:g}", r * ohm, lambda n=n: resistance(IMPLICIT, n),
             "computed", rtol=1e-4) for n, r in ((20, 1618.83), (0.008, 65557.7))),
    Target(IMPLICIT, "largest residual of the voltage divider, n 0.008 to 20, |V| <= 1.5 V",
           1e-6 * volt, residual, "closed form", compare="<", source="Kirchhoff's law"),
    *_times(),
    *(Target(IMPLICIT, f"SET voltage at {rate:g} V/s", v * volt,
             lambda rate=rate, start=start: set_voltage(IMPLICIT, rate, start), "computed",
             atol=2.5 * mvolt, long=True)
      for rate, v, start in ((1.0, -0.5500, -0.4), (1e6, -0.9187, -0.7))),
    *(Target(FIT, f"SET voltage at {rate:g} V/s", v * volt,
             lambda rate=rate, start=start: set_voltage(FIT, rate, start), "computed",
             atol=2.5 * mvolt, long=True)
      for rate, v, start in ((1.0, -0.5894, -0.4), (1e3, -0.7494, -0.55))),
    Target(IMPLICIT, "current at -1.3 V, n = 20", -767.23 * uamp,
           lambda: value(IMPLICIT, "I", -1.3, 20), "computed", rtol=1e-4),
    Target(IMPLICIT, "largest current of a RESET ramp, 1 V/s from n = 20", 553.75 * uamp,
           lambda: reset_peak("I"), "computed", rtol=0.003, long=True),
    Target(IMPLICIT, "voltage of the largest RESET current, 1 V/s from n = 20", 0.9214 * volt,
           lambda: reset_peak("v"), "computed", atol=3 * mvolt, long=True),
    Target(FIT, "largest error of the fitted current, SET, n >= 0.1, |V| >= 0.2 V", 0.0343,
           lambda: fit_error(-1), "computed", rtol=0.02, source="against jart_vcm_implicit"),
    Target(FIT, "largest error of the fitted current, RESET, n >= 0.1, |V| >= 0.2 V", 0.0507,
           lambda: fit_error(1), "computed", rtol=0.02, source="against jart_vcm_implicit"),
)
