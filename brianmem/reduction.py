"""The effect of one fixed pulse on the states of a device, derived from its equations.

In a network a device sees a few kinds of pulse again and again. `PulseMap` tabulates
what one of them does to every state between the bounds, and what it costs. States
are written x = 0..1 between their bounds; tables are data, so that another device
or pulse leaves generated code as it is.
"""

import itertools
from dataclasses import dataclass, field

import numpy as np
import sympy
from brian2 import TimedArray, amp, joule, second, volt
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.units.fundamentalunits import Quantity

from brianmem import equations as eq
from brianmem.device import Device
from brianmem.errors import InputError
from brianmem.flow import check_mappable, device_rates, flow
from brianmem.lookup import interpolate, table_function
from brianmem.units import check_unit, format_quantity

#: Columns of the table that a synapse reads, and of each block in a stack of them.
COLUMNS = ("set_next", "reset_next", "set_energy", "reset_energy", "read_current")
_POINTS = {1: 256, 2: 64}
_serial = itertools.count()


@dataclass(frozen=True, eq=False)
class PulseMap:
    """The next state and the energy of one pulse, on a grid of states.

    Make it with `PulseMap.from_device`. `table` has shape (states, points, ...) and
    holds x = 0..1 between the bounds, `energy_table` has shape (points, ...) in joule.
    Where a pulse first reaches a bound, one point of the table lies beyond it, so
    that straight lines between the points keep the kink: clip what you read to 0..1.
    `rate` is the pair (A, B) of texts where the state obeys dx/dt = A + B*x exactly.
    """

    device: Device
    voltage: Quantity
    width: Quantity
    table: np.ndarray = field(repr=False)
    energy_table: np.ndarray = field(repr=False)
    options: dict = field(default_factory=dict)
    rate: tuple = None

    @classmethod
    def from_device(cls, device, voltage, width, *, points=None, series_resistance=None,
                    compliance=None, parameters=None, tolerance=1e-9):
        """Derive the map of a rectangular pulse of `voltage` and `width`.

        `points` is the grid length per state: 256 for one state, 64 for two.
        `series_resistance` and `compliance` act on the cell. A device whose rate is
        linear in its one state gets its exact exponential where nothing lies between
        source and cell. Raises `InputError` for more than two states, missing
        bounds or noise, `StepError` where `tolerance` cannot be reached.
        """
        _check(device, voltage, width, parameters or {})
        options = {"series_resistance": series_resistance, "compliance": compliance,
                   "parameters": dict(parameters or {}), "tolerance": tolerance}
        points = points or _POINTS[len(device.states)]
        if points < 2:
            raise InputError(f"{device}: a table needs at least 2 points, got {points}.")
        axes = [np.linspace(0, 1, points)] * len(device.states)
        start = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")])
        final, energy = _advance(device, voltage, width, start, options)
        shape = (points,) * len(axes)
        direct = series_resistance is None and compliance is None
        rate = linear_rate(device) if direct else None
        made = cls(device, voltage, width, final.reshape(-1, *shape), energy.reshape(shape),
                   options, rate)
        if rate is not None:
            made.table[0] = made.exact(axes[0])
        if len(axes) == 1:
            made.table[0] = _keep_kinks(made.table[0], _pressed(device, voltage, width, options))
        made.table.setflags(write=False)
        made.energy_table.setflags(write=False)
        return made

    @property
    def points(self):
        """Length of the grid along each state."""
        return self.energy_table.shape[0]

    @property
    def monotone(self):
        """Tell whether a larger state stays larger, along each state's own axis."""
        shown = np.clip(self.table, 0, 1)
        return all(bool(np.all(np.diff(t, axis=k) >= -1e-9)) for k, t in enumerate(shown))

    def step(self, *x):
        """Return the next x for x in 0..1: by the closed form if there is one, else the table."""
        if self.rate is not None:
            return self.exact(np.asarray(x[0], dtype=float))
        found = tuple(np.clip(interpolate(t, *x), 0, 1) for t in self.table)
        return found if len(found) > 1 else found[0]

    def next(self, *states):
        """Return the states after one pulse, as quantities like the given ones."""
        found = self.step(*self._fractions(states))
        found = found if isinstance(found, tuple) else (found,)
        values = tuple(self._quantity(s, x) for s, x in zip(self.device.states, found, strict=True))
        return values if len(values) > 1 else values[0]

    def energy(self, *states):
        """Return the integral of v*I over one pulse, in joule."""
        return interpolate(self.energy_table, *self._fractions(states)) * joule

    def exact(self, x):
        """Return the next x from the exponential solution; needs `rate`."""
        (state,), device = self.device.states, self.device
        values = {**device.namespace, **self.options["parameters"], "v": self.voltage}
        values = {k: float(q) for k, q in values.items()}
        a, b = (float(eq.compile_numpy(text, list(values))(**values)) for text in self.rate)
        low, high = (float(bound) for bound in device.bounds[state])
        w = float(self.width)
        start = low + (high - low) * np.asarray(x, dtype=float)
        # (exp(b w) - 1)/b, finite for b = 0
        gain = np.expm1(b * w) / b if b != 0 else w
        final = start + (a + b * start) * gain
        return np.clip((final - low) / (high - low), 0, 1)

    def error(self, pulses=100, copies=61):
        """Return the largest difference from the full equations over 1..`pulses` pulses.

        `copies` states between the bounds start both; for two states as many again
        along the second. In units of the range between the bounds. It measures the
        table, also where a closed form exists.
        """
        # An irrational share of the grid, so that the starts are not grid points.
        axes = [np.linspace(0, 1, copies) * 0.99731 + 0.0011] * len(self.device.states)
        full = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")])
        mapped, worst = full.copy(), 0.0
        for _ in range(pulses):
            full, _energy = _advance(self.device, self.voltage, self.width, full, self.options)
            mapped = np.stack([np.clip(interpolate(t, *mapped), 0, 1) for t in self.table])
            worst = max(worst, float(np.max(np.abs(mapped - full))))
        return worst

    def function(self, name=None):
        """Return a Brian2 `Function` of (x, column), or (x, y, column).

        Columns are the next states in order, then the energy in joule as a plain
        number. Runs in numpy, Cython and C++.
        """
        name = name or f"pulse_map_{next(_serial)}"
        columns = [*self.table, self.energy_table]
        table = np.stack([c.ravel() for c in columns], axis=1)
        data = TimedArray(table, dt=1 * second, name=f"{name}_data")
        return table_function(data, states=len(self.device.states))

    def _fractions(self, states):
        if len(states) != len(self.device.states):
            raise InputError(f"{self.device}: give one value for each state "
                             f"({', '.join(self.device.states)}), got {len(states)}.")
        for name, value in zip(self.device.states, states, strict=True):
            check_unit(value, self.device.dimension(name), f"{self.device}: {name}")
        return tuple(self.device.fraction(n, v)
                     for n, v in zip(self.device.states, states, strict=True))

    def _quantity(self, state, x):
        low, high = (float(b) for b in self.device.bounds[state])
        return Quantity(low + (high - low) * x, dim=self.device.dimension(state))


def _check(device, voltage, width, parameters):
    check_unit(voltage, volt, f"{device}: voltage of the pulse")
    check_unit(width, second, f"{device}: width of the pulse")
    if not float(width) > 0:
        raise InputError(f"{device}: the width of a pulse must be positive, "
                         f"got {format_quantity(width)}.")
    if not 1 <= len(device.states) <= 2:
        raise InputError(f"{device}: a pulse map holds one or two states, and it has "
                         f"{len(device.states)} ({', '.join(device.states)}). Reduce the fast "
                         "ones to their steady state, or simulate the device itself.")
    check_mappable(device)
    for name, value in parameters.items():
        if name not in device.namespace:
            raise InputError(f"{device}: no parameter '{name}'.")
        check_unit(value, device.dimension(name), f"{device}: {name}")


def _advance(device, voltage, width, x, options):
    bounds = np.array([[float(b) for b in device.bounds[s]] for s in device.states])
    low, span = bounds[:, :1], np.diff(bounds, axis=1)
    final, energy = flow(device, voltage, width, low + span * x, **options)
    return (final - low) / span, energy


def _pressed(device, voltage, width, options):
    """Tell for the low and the high bound whether the pulse pushes a state there outwards."""
    given = {k: v for k, v in options.items() if k != "tolerance"}
    ends = np.array([[float(b) for b in device.bounds[device.states[0]]]])
    moved = device_rates(device, voltage, **given)(ends)[0] * float(width) / np.diff(ends[0])
    return moved[0] < -1e-9, moved[1] > 1e-9


def _keep_kinks(table, pressed):
    """Return `table` with the last point at either bound moved beyond it.

    The straight line through the two points next to it then meets the bound where
    the device does, not at a grid point. A bound that is merely a point of rest has
    no kink: there only the end of the grid lies on it, and nothing presses.
    """
    upwards = _extended(table, pressed[0])
    both = 1 - _extended(1 - upwards[::-1], pressed[1])[::-1]
    return np.where(np.abs(both - upwards) < 1e-15, upwards, both)


def _extended(values, pressed):
    values, held = values.copy(), np.flatnonzero(values <= 0)
    k = held[-1] if held.size else -1
    if k >= (0 if pressed else 1) and k + 2 < len(values):
        values[k] = min(2 * values[k + 1] - values[k + 2], 0)
    return values


def linear_rate(device):
    """Return texts (A, B) where dx/dt = A + B*x at constant `v`; None if not so."""
    if len(device.states) != 1:
        return None
    (state,) = device.states
    try:
        rate = str_to_sympy(eq.flatten(device.model, state))
        x = next((s for s in rate.free_symbols if s.name == state), None)
        if x is None:
            return sympy_to_str(rate), "0"
        slope = sympy.diff(rate, x)
        if slope.has(sympy.Derivative, sympy.Subs):
            return None
        # Simplified only where it must be: sympy merges exponentials, which overflow.
        slope = sympy.simplify(slope) if slope.has(x) else slope
        return None if slope.has(x) else (sympy_to_str(rate.subs(x, 0)), sympy_to_str(slope))
    except Exception:  # sympy cannot differentiate all of Brian2's functions
        return None


def read_table(device, points=256, voltage=None, parameters=None):
    """Return the current at the read voltage for x = 0..1, shape (points, ...), as amp."""
    _check(device, 0 * volt, 1 * second, parameters or {})
    voltage = device.read_voltage if voltage is None else voltage
    axes = [np.linspace(*(float(b) for b in device.bounds[s]), points) for s in device.states]
    grid = np.meshgrid(*axes, indexing="ij")
    states = {s: Quantity(g, dim=device.dimension(s))
              for s, g in zip(device.states, grid, strict=True)}
    current = device.evaluate("I", v=voltage, **(parameters or {}), **states)
    # A current that depends on no state comes back as one number.
    return np.broadcast_to(np.asarray(current), grid[0].shape) * amp


def stack_tables(set_map, reset_map, read):
    """Return the table of a device, (points, 5) with `COLUMNS` for one state.

    For two, (points*points, 7) with y running fastest, and y's next states after those of x.
    """
    shapes = {set_map.energy_table.shape, reset_map.energy_table.shape, np.shape(read)}
    if len(shapes) != 1:
        raise InputError(f"{set_map.device}: tables of different lengths {sorted(shapes)} cannot "
                         "be stacked. Use the same points for all.")
    states = [t for pair in zip(set_map.table, reset_map.table, strict=True) for t in pair]
    columns = [*states, set_map.energy_table, reset_map.energy_table, np.asarray(read)]
    return np.stack([c.ravel() for c in columns], axis=1)
