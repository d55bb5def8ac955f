"""Unsupervised learning of images by a competitive layer of memristive synapses.

Network parameters are `proposed`: chosen on the last 10 000 training digits of
MNIST, held out, for one pass over the others; the test digits played no part.
"""

from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property

import numpy as np
from brian2 import Quantity, ms, mV, second

from brianmem import Neuron
from brianmem.errors import InputError
from brianmem.network.readout import spike_counts
from brianmem.network.structure import Structure
from brianmem.units import check_unit, format_quantity, is_number

from . import circuit_layer, competitive_layer, neuron_layer
from .memristive_synapses import POINTS, MemristiveSynapses

# Sum of pixel values of a mean MNIST digit; sets the scale of the input rate.
MEAN_BRIGHTNESS = 26130.0
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


def _check_values(network):
    """Raise `InputError` for a wrong unit, a time scale that is none, or another kind of neuron."""
    owner = type(network).__name__
    for each in fields(MemristiveDigits):
        default = None if each.default_factory is MISSING else each.default_factory()
        value = getattr(network, each.name)
        if isinstance(default, Quantity) and not (is_number(value) and value == 0):  # 0 has no unit
            check_unit(value, default, f"{owner}: {each.name}")
    if network.slowdown is not None:
        check_unit(network.slowdown, 1, f"{owner}: slowdown")
    for name in ("presentation", "dt", "tau", "threshold", "slowdown"):
        value = getattr(network, name)
        if value is not None and not 0 < float(value) < np.inf:
            raise InputError(f"{owner}: {name} must be positive, got {format_quantity(value)}.")
    if not isinstance(network.neuron, (Neuron, type(None))):
        raise InputError(f"{owner}: neuron must be a Neuron, such as brianmem.find('lif'), got "
                         f"{network.neuron!s:.60}.")


@dataclass(frozen=True)
class MemristiveDigits(MemristiveSynapses):
    """Describe the network; frozen, so one value serves training and testing.

    Parameters
    ----------
    n_classes : int
    input_rate : Quantity
        Spikes per second of all inputs together for a digit of mean brightness;
        other digits get the square root of their brightness' share.
    drive : Quantity
        Lift of a membrane by one read pulse through a device after many SETs.
    spikes_per_presentation : float
        Set point of the homeostasis, summed over the layer.
    threshold_step, annealing
        Step of the adaptive threshold per spike, times exp(-annealing*progress).
    neuron : Neuron, optional
        A point neuron instead of the layer's leaky membrane, see `neuron_layer`; `tau`
        is then its own, and `threshold` what its threshold at rest stands for.
    slowdown : float
        Factor on all times of `neuron`. Default: 3, which makes a membrane of 20 ms the
        layer's 60 ms; for a circuit, what makes its membrane's time constant `tau`.
    shunt : Quantity
        How long the input of a circuit is shunted after a spike of another, see
        `circuit_layer`.
    """

    n_classes: int = 10
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
    neuron: Neuron | None = None
    slowdown: float | None = None
    shunt: Quantity = _default(20 * ms)

    def __post_init__(self):
        super().__post_init__()
        _check_values(self)
        if self.neuron is not None:
            self._around.check_suitable(self.neuron)
            if self.slowdown is None:
                scale = self.tau / circuit_layer.membrane_time(self.neuron) if self.is_circuit else 3.0
                object.__setattr__(self, "slowdown", float(scale))

    @property
    def is_circuit(self):
        """Tell whether the neurons are circuits."""
        return circuit_layer.is_circuit(self.neuron)

    @property
    def _around(self):
        return circuit_layer if self.is_circuit else neuron_layer

    @property
    def output_names(self):
        """Names of what a run gives back."""
        return ("spikes.i", "spikes.t", "shown.image", "inputs.count", "schedule.silent",
                "synapses.write_energy", *("neurons.neuron_energy",) * self.is_circuit)

    @property
    def state_names(self):
        """Names of everything that training changes."""
        return (*self.device_states, "neurons.theta", *neuron_layer.adaptation(self.neuron))

    def _volts(self, value):
        return neuron_layer.translated(self.neuron, self.threshold, value)

    def structure(self, dense_read=True):
        """Return what has to be compiled; parameters and device are not part of it."""
        states = len(self.device.states)
        point = {"neuron": self._around.layer_text(self.neuron, self.slowdown)} if self.neuron else {}
        return Structure("brianmem.models.networks.competitive_layer", {
            **point,
            "n_inputs": self.n_inputs, "n_neurons": self.neurons, "block": self.block,
            "presentation": float(self.presentation), "dt": float(self.dt),
            "points": POINTS[states], "dense_read": dense_read, "states": states})

    @cached_property
    def settings(self):
        """Everything that decides the outcome, as JSON values."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__
                 if self.neuron is not None or n not in ("neuron", "slowdown", "shunt")}
        return {n: float(v) if isinstance(v, (Quantity, float)) else v if isinstance(v, int)
                else repr(v) for n, v in plain.items()}

    def initial_state(self, seed):
        """Draw the state before training: currents uniform in 20 to 50 % of the window."""
        rng = np.random.default_rng([abs(int(seed)), 3])
        _, stuck, stuck_states = self.devices
        drawn = self.pulse_window.state_of(rng.uniform(0.2, 0.5, self.n_inputs * self.neurons))
        states = {name: np.where(stuck, held, x) for name, held, x
                  in zip(self.device_states, stuck_states, drawn, strict=True)}
        start = {"neurons.theta": self._volts(self.threshold_start),
                 **neuron_layer.adaptation(self.neuron)}
        return {**states, **{k: np.full(self.neurons, x) for k, x in start.items()}}

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
            "schedule.step_start": self._volts(self.threshold_step),
            "schedule.annealing": self.annealing, "schedule.learning": float(learning),
            "schedule.inhibition": self.inhibition_left,
            **({"neurons.tau": float(self.tau), "neurons.v_threshold": float(self.threshold)}
               if self.neuron is None else {}),
            **({"neurons.shunt": float(self.shunt)} if self.is_circuit else
               {"neurons.E_inhibition": self._volts(self.inhibited)}),
            "neurons.set_point": self.spikes_per_presentation / self.neurons,
            "synapses.I_read": self.synaptic_current(state), "synapses.mobile": 1.0 - stuck,
            "synapses.gain": self._volts(self.drive) / self.window_current[1],
            "synapses.window": float(self.window), "synapses.c2c": self.variation.c2c,
            "synapses.I_low": self.pulse_window.ends[0], "synapses.I_high": self.pulse_window.ends[1],
            "synapses.plastic": float(learning)}

    def counts(self, outputs, n_images):
        """Return spike counts (n_images, neurons) of one run's outputs."""
        return spike_counts(outputs["spikes.i"], outputs["spikes.t"], outputs["shown.image"],
                            float(self.presentation), n_images, self.neurons)

    def totals(self, state, outputs):
        """Sum energy in joule, spikes and silent images over one run."""
        voltage, width = self.device.operation["read"][:2]
        current = self.synaptic_current(state).reshape(self.n_inputs, -1).sum(axis=1)
        power = abs(float(voltage)) * current
        neurons = {"neuron_energy": outputs["neurons.neuron_energy"].sum()} if self.is_circuit else {}
        return {**neurons, "read_energy": float(outputs["inputs.count"] @ power) * float(width),
                "write_energy": outputs["synapses.write_energy"].sum(),
                "input_spikes": outputs["inputs.count"].sum(),
                "output_spikes": len(outputs["spikes.i"]),
                "silent": outputs["schedule.silent"][0],
                "presentations": len(outputs["shown.image"]) - 1}

    @property
    def equations(self):
        """The resolved text of device and network, for provenance."""
        neuron = [] if self.neuron is None else [
            "In the place of the layer's own neurons:",
            self._around.layer_text(self.neuron, self.slowdown)["equations"]]
        return "\n".join([str(self.device.model), self._layer_text(), *neuron])

    def _layer_text(self):
        return competitive_layer.text(len(self.device.states))
