"""Voltages of a spike around its time 0, as curves with stated corners."""

from dataclasses import dataclass

import numpy as np

#: Samples of a spike that is given as an array: more would not be resolved.
MOST_SAMPLES = 4096


@dataclass(frozen=True, eq=False)
class Spike:
    """A voltage (V) by the time (s) since the spike: smooth between `corners`, 0 outside.

    `curves` are functions of time, one between each two corners.
    """

    corners: tuple
    curves: tuple

    def between(self, start, end, times):
        """Return the voltage at `times`, approached from inside the interval start..end.

        The interval holds no corner, and arrays broadcast.
        """
        middle = (start + end) / 2
        voltage = np.zeros(np.broadcast_shapes(np.shape(middle), np.shape(times)))
        for low, high, curve in zip(self.corners, self.corners[1:], self.curves, strict=False):
            inside = (middle > low) & (middle < high)
            voltage = np.where(inside, curve(np.clip(times, low, high)), voltage)
        return voltage


def exponential(up, down, before, after, tau_before, tau_after):
    """Rise as exp(t/tau_before) to `up`, drop to -`down`, and return as exp(-t/tau_after).

    The form of ZamarrenoRamos2011: 0 at -before and at after.
    """
    def rise(t):
        return up * np.expm1((t + before) / tau_before) / np.expm1(before / tau_before)

    def tail(t):
        return -down * np.expm1((after - t) / tau_after) / np.expm1(after / tau_after)

    return Spike((-before, 0.0, after), (rise, tail))


def triangular(up, down, before, after):
    """Rise straight to `up`, drop to -`down`, and return straight."""
    return Spike((-before, 0.0, after), (lambda t: up * (1 + t / before),
                                         lambda t: -down * (1 - t / after)))


def rectangular(up, down, before, after):
    """Hold `up` until the spike and -`down` after it."""
    return Spike((-before, 0.0, after), (lambda t: np.full(np.shape(t), up),
                                         lambda t: np.full(np.shape(t), -down)))


def sampled(values, step, before):
    """Follow `values`, `step` apart and straight between them, from -`before` on."""
    times = -before + step * np.arange(len(values))
    return Spike((times[0], times[-1]), (lambda t: np.interp(t, times, values),))
