"""What a table of pulses does to a device: currents, the window they span, states in it.

The table is that of `brianmem.reduction.stack_tables`; states are 0..1 between bounds.
"""

from functools import cached_property

import numpy as np

from brianmem.errors import SynapseError
from brianmem.lookup import interpolate

# A window is what this many pulses of one kind lead to, by the number of states.
_MANY = {1: 20_000, 2: 2000}
# Of a device that sticks at its bounds: RESETs from its initial state, then SETs.
_FEW = (100, 200)
# Points between two pulses on the way from the low to the high end.
_BETWEEN = 16


class PulseWindow:
    """Follow pulses and find states by their current, for one or two states.

    Parameters
    ----------
    device : Device
    table : array (points**states, 2*states + 3)
        Next states by SET and RESET, energies, magnitude of the read current.
    """

    def __init__(self, device, table):
        self.device, self.table, self.states = device, np.asarray(table), len(device.states)
        self.points = round(len(table) ** (1 / self.states))
        self.grid = np.linspace(0, 1, self.points)

    @property
    def read_current(self):
        """Magnitude of the read current on the grid of states in ampere, one axis per state."""
        return self.table[:, -1].reshape((self.points,) * self.states)

    @cached_property
    def is_simple(self):
        """Tell whether the state follows from the current: one state, monotone."""
        change = np.diff(self.table[:, -1])
        return self.states == 1 and bool(np.all(change >= 0) or np.all(change <= 0))

    @property
    def ends(self):
        """Nominal read currents that the spread of G_min and G_max refers to, in ampere.

        Those of x = 0 and x = 1; the smallest and the largest where more than the state
        or no single one decides.
        """
        read = self.table[:, -1]
        return (read[0], read[-1]) if self.is_simple else (read.min(), read.max())

    def current(self, *x):
        """Return the nominal read current in ampere of states x in 0..1."""
        if self.states == 1:
            return np.interp(x[0], self.grid, self.table[:, -1])
        return interpolate(self.read_current, *x)

    def next(self, kind, x):
        """Return the states, a tuple, after one pulse of `kind` ("set" or "reset")."""
        column = ("set", "reset").index(kind)
        if self.states == 1:
            return (np.clip(np.interp(x[0], self.grid, self.table[:, column]), 0, 1),)
        shape = self.read_current.shape
        return tuple(np.clip(interpolate(self.table[:, 2 * k + column].reshape(shape), *x), 0, 1)
                     for k in range(self.states))

    def after(self, kind, x, pulses=None):
        """Return the states after `pulses` (default many) of `kind`."""
        for _ in range(pulses or _MANY[self.states]):
            before, x = x, self.next(kind, x)
            if all(np.array_equal(a, b) for a, b in zip(before, x, strict=True)):
                break
        return x

    @cached_property
    def window_states(self):
        """States after many RESETs and after many SETs.

        Raises `SynapseError` where SET leads to no larger current than RESET.
        """
        found = []
        for low, high in self._candidates():
            found.append((float(self.current(*low)), float(self.current(*high))))
            if found[-1][0] < found[-1][1] * (1 - 1e-3):
                return low, high
        low, high = found[0]
        raise SynapseError(f"{self.device}: after many SET pulses it conducts {high:.3g} A at the "
                           f"read voltage, after many RESET pulses {low:.3g} A; operation['set'] "
                           "must raise conductance, also from a bound.")

    def _candidates(self):
        most, least = (self._corner(f) for f in (np.argmax, np.argmin))
        low = self.after("reset", most)
        if self.states == 1:
            yield low, self.after("set", least)
        # Where nothing moves from the least conducting state, what RESETs lead to counts.
        yield low, self.after("set", low)
        start = tuple(float(self.device.fraction(s, self.device.initial[s]))
                      for s in self.device.states)
        low = self.after("reset", start, _FEW[0])
        yield low, self.after("set", low, _FEW[1])

    def _corner(self, pick):
        return tuple(self.grid[k] for k in np.unravel_index(pick(self.read_current),
                                                            self.read_current.shape))

    @cached_property
    def currents(self):
        """Read currents that many RESETs and many SETs lead to, in ampere."""
        return tuple(float(self.current(*x)) for x in self.window_states)

    def state_of(self, level):
        """Return the states, a tuple, whose current lies at `level` 0..1 of the window.

        Two states, and one that the current does not decide, are those that SET pulses
        pass on their way from the low end of the window to the high one.
        """
        low, high = self.currents
        wanted = low + np.asarray(level) * (high - low)
        if self.is_simple:
            order = np.argsort(self.table[:, -1], kind="stable")
            return (np.interp(wanted, self.table[order, -1], self.grid[order]),)
        path, currents = self._path
        return tuple(np.interp(wanted, currents, p) for p in path)

    @cached_property
    def _path(self):
        x, points = self.window_states[0], [self.window_states[0]]
        for _ in range(2000):
            x = self.next("set", x)
            points.append(x)
            if self.current(*x) >= self.currents[1] * (1 - 1e-6):
                break
        points = np.array([*points, self.window_states[1]], dtype=float)
        share = np.arange(_BETWEEN) / _BETWEEN
        steps = points[:-1, None] + share[:, None] * np.diff(points, axis=0)[:, None]
        path = np.vstack([steps.reshape(-1, self.states), points[-1:]]).T
        currents = self.current(*path)
        rising = np.flatnonzero(currents > np.maximum.accumulate(
            np.concatenate([[-np.inf], currents[:-1]])))
        return path[:, rising], currents[rising]


def check_programmable(device):
    """Raise `SynapseError` unless pulses, and nothing else, move the states of `device`."""
    if device.is_volatile:
        raise SynapseError(f"{device}: it forgets by itself, and a network moves states by pulses "
                           "alone. Use a non-volatile device such as memdiode, or drive this one "
                           "with a protocol or ode_group.")
    if device.is_stochastic:
        raise SynapseError(f"{device}: its equations contain noise, which a map of one pulse "
                           "cannot hold. Take the noise out and use --c2c (Variation(c2c=...)).")
    if device.events:
        raise SynapseError(f"{device}: its events are no part of a map of one pulse. Drive it with "
                           "a protocol or ode_group, or use a device without events.")
    if not 1 <= len(device.states) <= 2:
        raise SynapseError(f"{device}: a network holds devices of one or two states, and it has "
                           f"{len(device.states)} ({', '.join(device.states) or 'none'}). Reduce "
                           "the fast ones to their steady state.")
    for name in ("set", "reset", "read"):
        if name not in device.operation:
            raise SynapseError(f"{device}: operation['{name}'] is needed in a network; "
                               f"add operation={{'{name}': (voltage, width)}} to the device.")
