"""The devices of all synapses of a layer: their tables, spread, states and currents."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from brianmem import Device, PulseMap, Variation
from brianmem.errors import SynapseError
from brianmem.reduction import read_table, stack_tables
from brianmem.units import format_quantity
from brianmem.window import PulseWindow, check_programmable

# Length of the table along each state, by the number of states.
POINTS = {1: 256, 2: 64}


@dataclass(frozen=True)
class MemristiveSynapses:
    """One device at each crossing of inputs and neurons, moved by pulses of its operation.

    Parameters
    ----------
    device : Device
        Needs ``operation`` "set", "reset" and "read", one or two bounded states.
    neurons, n_inputs : int
    variation : Variation
        d2d, c2c and stuck of every synapse's device.
    pulse_scale : float
        Factor on the widths of both programming pulses.
    """

    device: Device
    neurons: int = 400
    n_inputs: int = 784
    variation: Variation = field(default_factory=Variation)
    pulse_scale: float = 1.0
    seed: int = 0

    def __post_init__(self):
        check_programmable(self.device)
        self.variation.warn_if_wide(self.device)

    @property
    def device_states(self):
        """Names of the synapses' states in the simulation, x and perhaps y."""
        return ("synapses.x", "synapses.y")[:len(self.device.states)]

    @cached_property
    def tables(self):
        """Next states by SET and RESET, their energies, magnitude of the read current."""
        maps, points = {}, POINTS[len(self.device.states)]
        for name in ("set", "reset"):
            voltage, width, *resistance = self.device.operation[name]
            extra = {"series_resistance": resistance[0]} if resistance else {}
            maps[name] = PulseMap.from_device(self.device, voltage, self.pulse_scale * width,
                                              points=points, **extra)
        sign = np.sign(float(self.device.read_voltage))
        return stack_tables(maps["set"], maps["reset"], sign * read_table(self.device, points))

    @cached_property
    def pulse_window(self):
        """The `PulseWindow` of the tables."""
        return PulseWindow(self.device, self.tables)

    @property
    def read_current(self):
        """Magnitude of the read current on the grid of states in ampere."""
        return self.pulse_window.read_current

    @property
    def window_current(self):
        """Read currents that many RESETs and many SETs lead to, in ampere."""
        return self.pulse_window.currents

    def current(self, *x):
        """Return the nominal read current in ampere of states x in 0..1."""
        return self.pulse_window.current(*x)

    def state_of(self, level):
        """Return the state (or the two) whose current lies at `level` 0..1 of the window."""
        found = self.pulse_window.state_of(level)
        return found if len(found) > 1 else found[0]

    @cached_property
    def devices(self):
        """Factors and faults of every synapse, name to array (n_inputs*neurons,)."""
        n = self.n_inputs * self.neurons
        rng, spread = self.variation.generator(self.seed + 1), self.variation.d2d
        drawn = {f"synapses.{name}": np.exp(spread * rng.standard_normal(n)) if spread else 1.0
                 for name in ("f_min", "f_max", "f_set", "f_reset")}
        stuck = rng.random(n) < self.variation.stuck
        level = {"low": np.zeros(n), "high": np.ones(n),
                 "random": rng.random(n)}[self.variation.stuck_at]
        return drawn, stuck, self.pulse_window.state_of(level)

    def synaptic_current(self, state):
        """Return each synapse's own read current in ampere, (n_inputs*neurons,)."""
        factors = self.devices[0]
        low, high = self.pulse_window.ends
        nominal = self.current(*(state[name] for name in self.device_states))
        bottom, top = factors["synapses.f_min"] * low, factors["synapses.f_max"] * high
        return bottom + (nominal - low) * (top - bottom) / (high - low)

    def state_of_current(self, current):
        """Return each synapse's state at a read current of its own, and whether it was clipped.

        The inverse of `synaptic_current`; a current outside a device's range is clipped.
        """
        if len(self.device.states) != 1:
            raise SynapseError(f"{self.device}: a read current does not tell its two states apart, "
                               "so a network of it cannot be stored. Use a device of one state.")
        factors, table = self.devices[0], self.read_current
        low, high = self.pulse_window.ends
        bottom, top = factors["synapses.f_min"] * low, factors["synapses.f_max"] * high
        nominal = low + (current - bottom) * (high - low) / (top - bottom)
        order, slack = np.argsort(table, kind="stable"), 1e-9 * np.ptp(table)
        clipped = (nominal < table.min() - slack) | (nominal > table.max() + slack)
        return np.interp(nominal, table[order], np.linspace(0, 1, len(table))[order]), clipped

    def weights(self, state):
        """Return the conductances in siemens, (n_inputs, neurons)."""
        current = self.synaptic_current(state) / abs(float(self.device.read_voltage))
        return current.reshape(self.n_inputs, self.neurons)

    def pulse_response(self, pulses=100):
        """Return conductances in siemens after 0..pulses SETs, then RESETs of the result."""
        x, curves = self.pulse_window.state_of(0.0), {}
        for name in ("set", "reset"):
            states = [x]
            for _ in range(pulses):
                states.append(self.pulse_window.next(name, states[-1]))
            current = self.current(*np.array(states, dtype=float).T)
            curves[name] = current / abs(float(self.device.read_voltage))
            x = states[-1]
        return curves

    @property
    def operation_text(self):
        """The device's pulses in words, for figures and provenance."""
        words = [" ".join([name.upper(), *(format_quantity(q, 3) for q in self.device.operation[name])])
                 for name in ("set", "reset", "read")]
        scale = f" (widths x {self.pulse_scale:.3g})" if self.pulse_scale != 1 else ""
        return f"{self.device.name}: " + ", ".join(words) + scale
