"""Pulsed updates: the values of aihwkit, NeuroSim's curves, and parts of pulses."""

from functools import cache

import numpy as np
from brian2 import nsiemens

from brianmem import PulseTrain, Target, find, pulse_curvature
from brianmem.flow import flow

_AIHWKIT = "aihwkit 1.2.0, no noise, steps of 0.01, bounds of 0.6, from 0"


@cache
def weights(name):
    """Return aihwkit's weight before and after each of 50 up and 50 down pulses."""
    result = PulseTrain(count=50).run(find(name).with_parameters("aihwkit"))
    return 1.2 * np.asarray(result["pulse_w"]) - 0.6


@cache
def conductances():
    """Return the conductance before and after each of 100 SET and 100 RESET pulses."""
    return PulseTrain(count=100).run(find("pulsed_neurosim"))["pulse_conductance"]


@cache
def branches(label):
    """Return w before and after each pulse of both branches of 20 pulses and one label."""
    k = pulse_curvature(label)
    device = find("pulsed_neurosim").with_parameters(n_p=20, n_d=20, k_p=k, k_d=k)
    return np.asarray(PulseTrain(count=20).run(device)["pulse_w"])


def smallest_growth_of_area():
    """Return how much the area between the branches grows at least from label to label."""
    w = [branches(label) for label in (-3, 0, 3, 6)]
    return float(np.min(np.diff([np.trapezoid(x[:21] - x[:19:-1], dx=1 / 20) for x in w])))


def composition(name):
    """Return the largest difference between one pulse and two of half its width."""
    device, w = find(name), np.linspace(0, 1, 41)
    found = []
    for kind in ("set", "reset"):
        voltage, width = device.operation[kind]
        once, _ = flow(device, voltage, width, [w])
        half, _ = flow(device, voltage, width / 2, [w])
        twice, _ = flow(device, voltage, width / 2, half)
        found.append(np.max(np.abs(once - twice)))
    return float(max(found))


_SHAPE = {"A_up": 0.00081, "A_down": 0.36833, "g_up": 12.44625, "g_down": 12.78785,
          "a": 0.244, "b": 0.2425}


def recursion():
    """Return aihwkit's ExpStep pulse by pulse: 50 up and 50 down from 0, without noise."""
    p, w, step = _SHAPE, [0.0], 0.01
    for sign in (1,) * 50 + (-1,) * 50:
        z = 2 * p["a"] * w[-1] / 1.2 + p["b"]
        kind = "up" if sign > 0 else "down"
        w.append(w[-1] + sign * step * max(1 - p[f"A_{kind}"] * np.exp(sign * p[f"g_{kind}"] * z), 0))
    return np.array(w)


def rate_law():
    """Return the exact solution of the same steps taken as a rate, after 50 up and 50 down."""
    p, z = _SHAPE, _SHAPE["b"]
    for sign, kind in ((1, "up"), (-1, "down")):
        a, g = p[f"A_{kind}"], p[f"g_{kind}"]
        u = a + (np.exp(-sign * g * z) - a) * np.exp(-g * 2 * p["a"] * 50 * 0.01 / 1.2)
        z = -sign * np.log(u) / g
    return (z - p["b"]) * 1.2 / (2 * p["a"])


def _golden(name, up, down):
    return tuple(Target(name, f"weight after 50 pulses {text}", value,
                        lambda at=at: float(weights(name)[at]), "golden", atol=1e-6, source=_AIHWKIT)
                 for text, at, value in (("up", 50, up), ("up and 50 down", 100, down)))


TARGETS = (
    *_golden("pulsed_constant_step", 0.5, 0.0),
    *_golden("pulsed_soft_bounds", 0.341066, -0.193877),
    Target("pulsed_exponential_step", "weight after 50 pulses up and 50 down", rate_law(),
           lambda: float(weights("pulsed_exponential_step")[100]), "closed form", atol=1e-6,
           source="exp(-gamma z) relaxes to A"),
    Target("pulsed_exponential_step", "largest difference of the weight from aihwkit's recursion, "
           "50 pulses up and 50 down", 0.01,
           lambda: float(np.max(np.abs(weights("pulsed_exponential_step") - recursion()))),
           "closed form", compare="<", source="the step, 0.01"),
    Target("pulsed_neurosim", "conductance after 97 SET pulses", 38.46 * nsiemens,
           lambda: conductances()[97], "published", rtol=1e-6, source="Chen2018"),
    Target("pulsed_neurosim", "conductance after 100 RESET pulses from there", 3.08 * nsiemens,
           lambda: conductances()[200], "published", rtol=1e-6, source="Chen2018"),
    Target("pulsed_neurosim", "w after half of the SET pulses at nonlinearity 3", 0.785,
           lambda: float(branches(3)[10]), "closed form", atol=1e-3,
           source="(1 - exp(-1.293))/(1 - exp(-2.585))"),
    Target("pulsed_neurosim", "w after half of the SET pulses at nonlinearity 0", 0.5,
           lambda: float(branches(0)[10]), "closed form", atol=1e-9, source="a straight line"),
    Target("pulsed_neurosim", "smallest growth of the area between the branches over "
           "nonlinearities -3, 0, 3, 6", 0.1, smallest_growth_of_area,
           "closed form", compare=">", source="the area grows with the nonlinearity"),
    *(Target(name, "largest difference between a pulse and two halves of it", 1e-8,
             lambda name=name: composition(name), "closed form", compare="<",
             source="parts of pulses add up")
      for name in ("pulsed_neurosim", "pulsed_soft_bounds", "pulsed_exponential_step",
                   "pulsed_constant_step")),
)
