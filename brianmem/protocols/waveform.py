"""The voltage over time that a protocol applies, in a form that Brian2 integrates exactly.

A Runge-Kutta stage at the end of a step must not see the far side of an edge. So
a piecewise linear waveform is given to each step as a start value and a slope,
and its edges lie on step boundaries.
"""

from dataclasses import dataclass

import numpy as np
from brian2 import TimedArray, second, volt
from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq
from brianmem.dimensions import check_dimensions
from brianmem.errors import DeviceError, ProtocolError


@dataclass(frozen=True)
class ExpressionWaveform:
    """A voltage given as a Brian2 expression of ``t``."""

    text: str

    def __post_init__(self):
        try:
            line = eq.parse(f"voltage = {self.text} : volt", "The voltage")
            eq.check_names(line, {}, "The voltage")
            check_dimensions(line, {}, "The voltage")
        except DeviceError as error:
            raise ProtocolError(f"voltage = '{self.text}': {error} Write a Brian2 expression of t "
                                "in volt, such as '1.2*volt*sin(2*pi*t/second)'.") from None

    def source(self, _n, _dt, _steps, midpoint):
        """Return expression text, namespace and per-step code for `ode_group`."""
        text = self.text
        if midpoint is not None:
            text = word_substitute(text, {"t": "(t + source_half_step)"})
            return text, {"source_half_step": midpoint * second}, ""
        return text, {}, ""

    def sample(self, times):
        """Return the voltage in volt at `times` in seconds."""
        function = eq.compile_numpy(self.text, ("t",))
        return np.broadcast_to(np.asarray(function(np.asarray(times)), dtype=float),
                               np.shape(times)).copy()


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """A voltage by corner points; two points at one time make a vertical edge.

    `times` (s, not decreasing) and `values` (V) are arrays of equal length; every
    corner must fall on a step boundary.
    """

    times: np.ndarray
    values: np.ndarray

    def source(self, n, dt, steps, midpoint):
        """Return expression text, namespace and per-step code for `ode_group`."""
        edges = np.arange(steps + 1) * dt
        start, end = self._right(edges[:-1], dt), self._left(edges[1:], dt)
        namespace = {
            "source_hold": np.zeros(n) * volt, "source_ramp": np.zeros(n) * volt / second,
            "source_start": np.zeros(n) * second,
            "source_values": TimedArray(start * volt, dt=dt * second),
            "source_slopes": TimedArray((end - start) / dt * volt / second, dt=dt * second)}
        if midpoint is not None:
            text = f"source_hold + source_ramp*{float(midpoint)!r}*second"
        else:
            text = "source_hold + source_ramp*(t - source_start)"
        # Half a step inside, because a table's edge is a matter of rounding.
        code = "\n".join(("source_hold = source_values(t + dt/2)",
                          "source_ramp = source_slopes(t + dt/2)", "source_start = t"))
        return text, namespace, code

    def sample(self, times):
        """Return the voltage in volt at `times`; at an edge, what follows it."""
        times = np.asarray(times, dtype=float)
        return self._right(times, 1e-6 * max(self.times[-1], 1e-300))

    def _right(self, times, dt):
        k = np.clip(np.searchsorted(self.times, times + 1e-3 * dt, "right") - 1, 0,
                    len(self.times) - 2)
        return self._line(k, times)

    def _left(self, times, dt):
        k = np.clip(np.searchsorted(self.times, times - 1e-3 * dt, "left") - 1, 0,
                    len(self.times) - 2)
        return self._line(k, times)

    def _line(self, k, times):
        t0, t1 = self.times[k], self.times[k + 1]
        v0, v1 = self.values[k], self.values[k + 1]
        width = np.where(t1 > t0, t1 - t0, 1.0)
        return v0 + (v1 - v0) * np.clip((times - t0) / width, 0, 1)


def pulses(voltage, width, rest, count):
    """Return `count` rectangular pulses, each followed by `rest` at 0 V (plain SI numbers)."""
    period = width + rest
    corners = np.array([0.0, width, width, period]) if rest else np.array([0.0, width])
    values = np.array([voltage, voltage, 0.0, 0.0]) if rest else np.array([voltage, voltage])
    times = (np.arange(count)[:, None] * period + corners).ravel()
    return PiecewiseLinear(times, np.tile(values, count))


def triangle(amplitude, negative_amplitude, rate, cycles):
    """Return cycles 0, +amplitude, 0, -negative_amplitude, 0 at `rate` (plain SI numbers)."""
    corners = np.array([0.0, amplitude, 0.0, -negative_amplitude, 0.0])
    values = np.concatenate([corners] + [corners[1:]] * (cycles - 1))
    times = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(values)))]) / rate
    return PiecewiseLinear(times, values)
