"""Unsupervised learning of images by a competitive layer of memristive synapses.

Network parameters are `proposed`: chosen on the last 10 000 training digits of
MNIST, held out, for one pass over the others; the test digits played no part.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from brian2 import Quantity, ms, mV, second

from brianmem import Device, PulseMap, Variation
from brianmem.errors import SynapseError
from brianmem.network.readout import spike_counts
from brianmem.network.structure import Structure
from brianmem.reduction import read_table, stack_tables
from brianmem.units import format_quantity

from . import competitive_layer

# Sum of pixel values of a mean MNIST digit; sets the scale of the input rate.
MEAN_BRIGHTNESS = 26130.0
POINTS = 256
# Writes per neuron in one pass over MNIST at 400 neurons, at the widths of `operation`.
_WRITES_PER_NEURON = 630.0


def pulse_scale(images, neurons, spikes_per_image=4.2):
    """Return the factor on pulse widths for `images` presented in all.

    A neuron that learns longer averages over more images with weaker pulses: the
    square root of the ratio, never above 1 (measured: in short runs stronger pulses
    did not help; in three passes unscaled ones cost about a point).
    """
    writes = spikes_per_image * images / neurons
    return min(1.0, (_WRITES_PER_NEURON / writes) ** 0.5) if writes > 0 else 1.0


def _default(value):
    return field(default_factory=lambda: value)


@dataclass(frozen=True)
class MemristiveDigits:
    """Describe the network; frozen, so one value serves training and testing.

    Parameters
    ----------
    device : Device
        Needs ``operation`` "set", "reset" and "read", one bounded state.
    neurons, n_inputs, n_classes : int
    variation : Variation
        d2d, c2c and stuck of every synapse's device.
    input_rate : Quantity
        Spikes per second of all inputs together for a digit of mean brightness;
        other digits get the square root of their brightness' share.
    drive : Quantity
        Lift of a membrane by one read pulse through a device after many SETs.
    spikes_per_presentation : float
        Set point of the homeostasis, summed over the layer.
    pulse_scale : float
        Factor on the widths of both programming pulses.
    threshold_step, annealing
        Step of the adaptive threshold per spike, times exp(-annealing*progress).
    """

    device: Device
    neurons: int = 400
    n_inputs: int = 784
    n_classes: int = 10
    variation: Variation = field(default_factory=Variation)
    pulse_scale: float = 1.0
    input_rate: Quantity = _default(8000 / second)
    presentation: Quantity = _default(80 * ms)
    dt: Quantity = _default(1 * ms)
    drive: Quantity = _default(1 * mV)
    tau: Quantity = _default(60 * ms)
    threshold: Quantity = _default(13 * mV)
    threshold_start: Quantity = _default(40 * mV)
    threshold_step: Quantity = _default(6 * mV)
    annealing: float = 5.0
    spikes_per_presentation: float = 4.0
    window: Quantity = _default(40 * ms)
    inhibited: Quantity = _default(-50 * mV)
    inhibition_left: float = 0.0
    min_spikes: int = 2
    intensity_step: float = 0.5
    intensity_cap: float = 4.0
    block: int = 1000
    seed: int = 0

    state_names = ("synapses.x", "neurons.theta")
    output_names = ("spikes.i", "spikes.t", "shown.image", "inputs.count", "schedule.silent",
                    "synapses.write_energy")

    def __post_init__(self):
        for name in ("set", "reset", "read"):
            if name not in self.device.operation:
                raise SynapseError(f"{self.device}: operation['{name}'] is needed in a network; "
                                   f"add operation={{'{name}': (voltage, width)}} to the device.")

    def structure(self, dense_read=True):
        """Return what has to be compiled; parameters and device are not part of it."""
        return Structure("brianmem.models.networks.competitive_layer", {
            "n_inputs": self.n_inputs, "n_neurons": self.neurons, "block": self.block,
            "presentation": float(self.presentation), "dt": float(self.dt), "points": POINTS,
            "dense_read": dense_read})

    @cached_property
    def settings(self):
        """Everything that decides the outcome, as JSON values."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__}
        return {n: float(v) if isinstance(v, (Quantity, float)) else v if isinstance(v, int)
                else repr(v) for n, v in plain.items()}

    @cached_property
    def tables(self):
        """Next state by SET and RESET, their energies, read current; (POINTS, 5)."""
        maps = {}
        for name in ("set", "reset"):
            voltage, width, *resistance = self.device.operation[name]
            extra = {"series_resistance": resistance[0]} if resistance else {}
            maps[name] = PulseMap.from_device(self.device, voltage, self.pulse_scale * width,
                                              points=POINTS, **extra)
        return stack_tables(maps["set"], maps["reset"], read_table(self.device, POINTS))

    @cached_property
    def read_current(self):
        """Read current on the grid of states in ampere, (POINTS,)."""
        return np.asarray(self.tables[:, 4])

    @cached_property
    def window_current(self):
        """Read currents that many RESETs and many SETs lead to, in ampere."""
        grid, currents = np.linspace(0, 1, POINTS), []
        for column, start in ((1, self.read_current.argmax()), (0, self.read_current.argmin())):
            x = grid[start]
            for _ in range(20000):
                x = np.clip(np.interp(x, grid, self.tables[:, column]), 0, 1)
            currents.append(float(self.current(x)))
        if not currents[0] < currents[1]:
            raise SynapseError(f"{self.device}: after many SET pulses it conducts "
                               f"{currents[1]:.3g} A at the read voltage, after many RESET pulses "
                               f"{currents[0]:.3g} A; operation['set'] must raise conductance, "
                               "also from a bound.")
        return tuple(currents)

    def current(self, x):
        """Return the nominal read current in ampere of states x in 0..1."""
        return np.interp(x, np.linspace(0, 1, POINTS), self.read_current)

    def state_of(self, level):
        """Return the state whose current lies at `level` 0..1 of the window."""
        low, high = self.window_current
        order = np.argsort(self.read_current, kind="stable")
        grid = np.linspace(0, 1, POINTS)
        return np.interp(low + np.asarray(level) * (high - low), self.read_current[order],
                         grid[order])

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
        return drawn, stuck, self.state_of(level)

    def initial_state(self, seed):
        """Draw the state before training: currents uniform in 20 to 50 % of the window."""
        rng = np.random.default_rng([abs(int(seed)), 3])
        _, stuck, stuck_state = self.devices
        x = self.state_of(rng.uniform(0.2, 0.5, self.n_inputs * self.neurons))
        return {"synapses.x": np.where(stuck, stuck_state, x),
                "neurons.theta": np.full(self.neurons, float(self.threshold_start))}

    def synaptic_current(self, state):
        """Return each synapse's own read current in ampere, (n_inputs*neurons,)."""
        factors = self.devices[0]
        low, high = self.read_current[0], self.read_current[-1]
        nominal = self.current(state["synapses.x"])
        bottom, top = factors["synapses.f_min"] * low, factors["synapses.f_max"] * high
        return bottom + (nominal - low) * (top - bottom) / (high - low)

    def state_of_current(self, current):
        """Return each synapse's state at a read current of its own, and whether it was clipped.

        The inverse of `synaptic_current`; a current outside a device's range is clipped.
        """
        factors, table = self.devices[0], self.read_current
        bottom, top = factors["synapses.f_min"] * table[0], factors["synapses.f_max"] * table[-1]
        nominal = table[0] + (current - bottom) * (table[-1] - table[0]) / (top - bottom)
        order, slack = np.argsort(table, kind="stable"), 1e-9 * np.ptp(table)
        clipped = (nominal < table.min() - slack) | (nominal > table.max() + slack)
        return np.interp(nominal, table[order], np.linspace(0, 1, POINTS)[order]), clipped

    def weights(self, state):
        """Return the conductances in siemens, (n_inputs, neurons)."""
        current = self.synaptic_current(state) / float(self.device.read_voltage)
        return current.reshape(self.n_inputs, self.neurons)

    def rates(self, images):
        """Return the input rates in hertz of images (n, pixels), padded to the block."""
        images = np.asarray(images, dtype=float).reshape(len(images), -1)
        brightness = np.maximum(images.sum(axis=1, keepdims=True), 1.0)
        rates = np.zeros((self.block, self.n_inputs))
        rates[:len(images)] = images * np.sqrt(MEAN_BRIGHTNESS / brightness) \
            * float(self.input_rate) / MEAN_BRIGHTNESS
        return rates

    def inputs(self, state, images, *, learning, seed, first_image, total_images):
        """Return every variable and table of one run by name, in SI units."""
        factors, stuck, _ = self.devices
        return {
            "pixels": self.rates(images), "pulse_tables": self.tables, **state, **factors,
            "schedule.image": -1, "schedule.n_images": len(images), "schedule.intensity": 1.0,
            "schedule.intensity_start": 1.0,
            "schedule.min_spikes": self.min_spikes, "schedule.seed": float(seed),
            "schedule.intensity_step": self.intensity_step,
            "schedule.intensity_cap": self.intensity_cap,
            "schedule.first_image": first_image, "schedule.total_images": total_images,
            "schedule.step_start": float(self.threshold_step),
            "schedule.annealing": self.annealing, "schedule.learning": float(learning),
            "schedule.inhibition": self.inhibition_left, "neurons.tau": float(self.tau),
            "neurons.v_threshold": float(self.threshold),
            "neurons.E_inhibition": float(self.inhibited),
            "neurons.set_point": self.spikes_per_presentation / self.neurons,
            "synapses.I_read": self.synaptic_current(state), "synapses.mobile": 1.0 - stuck,
            "synapses.gain": float(self.drive) / self.window_current[1],
            "synapses.window": float(self.window), "synapses.c2c": self.variation.c2c,
            "synapses.I_low": self.read_current[0], "synapses.I_high": self.read_current[-1],
            "synapses.plastic": float(learning)}

    def counts(self, outputs, n_images):
        """Return spike counts (n_images, neurons) of one run's outputs."""
        return spike_counts(outputs["spikes.i"], outputs["spikes.t"], outputs["shown.image"],
                            float(self.presentation), n_images, self.neurons)

    def totals(self, state, outputs):
        """Sum energy in joule, spikes and silent images over one run."""
        voltage, width = self.device.operation["read"][:2]
        power = float(voltage) * self.synaptic_current(state).reshape(self.n_inputs, -1).sum(axis=1)
        return {"read_energy": float(outputs["inputs.count"] @ power) * float(width),
                "write_energy": outputs["synapses.write_energy"].sum(),
                "input_spikes": outputs["inputs.count"].sum(),
                "output_spikes": len(outputs["spikes.i"]),
                "silent": outputs["schedule.silent"][0],
                "presentations": len(outputs["shown.image"]) - 1}

    def pulse_response(self, pulses=100):
        """Return conductances in siemens after 0..pulses SETs, then RESETs of the result."""
        x, curves = self.state_of(0.0), {}
        grid = np.linspace(0, 1, POINTS)
        for column, name in enumerate(("set", "reset")):
            states = [float(x)]
            for _ in range(pulses):
                states.append(float(np.interp(states[-1], grid, self.tables[:, column]).clip(0, 1)))
            curves[name] = self.current(states) / float(self.device.read_voltage)
            x = states[-1]
        return curves

    @property
    def operation_text(self):
        """The device's pulses in words, for figures and provenance."""
        words = [" ".join([name.upper(), *(format_quantity(q, 3) for q in self.device.operation[name])])
                 for name in ("set", "reset", "read")]
        scale = f" (widths x {self.pulse_scale:.3g})" if self.pulse_scale != 1 else ""
        return f"{self.device.name}: " + ", ".join(words) + scale

    @property
    def equations(self):
        """The resolved text of device and network, for provenance."""
        return "\n".join([str(self.device.model), competitive_layer.TEXT])
