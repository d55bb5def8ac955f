"""Unsupervised learning of digits by the network of Diehl and Cook (2015), ideal weights.

Reported with this architecture: 82.9, 87.0, 91.9 and 95.0 % of the test digits with 100,
400, 1600 and 6400 neurons after 40 000, 3, 7 and 15 times 60 000 presentations, there
with a power-law rule (reported: not checked against the paper here). Network and rule
below are those of the authors' public code (reported).
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from brian2 import Quantity, ms, mV, second

from brianmem.errors import InputError
from brianmem.network.readout import spike_counts
from brianmem.network.structure import Structure

from . import diehl_cook_layer
from .diehl_cook_code import RING


@dataclass(frozen=True)
class DiehlCook:
    """Describe the network; frozen, so one value serves training and testing.

    Parameters
    ----------
    neurons, n_inputs, n_classes : int
        `neurons` excitatory and as many inhibitory neurons.
    pixel_rate : Quantity
        Input rate per unit of pixel value and intensity.
    intensity, intensity_step, intensity_cap : float
        First intensity of an image, and how it grows while fewer than `min_spikes`
        come back. The cap is ours: without it a silent network loops for ever.
    exposure, rest, dt : Quantity
    longest_delay : Quantity
        Input delays are uniform in 0 to this.
    mean_weight : float
        Columns of weights are scaled to this mean; a sum of 78 for 784 inputs.
    eta_arrival, eta_spike, tau_arrival, tau_post1, tau_post2
        Learning rates at an input spike and an output spike, decay of the traces.
    theta_start, theta_offset, theta_step, tau_theta
        Threshold = v_threshold + theta - theta_offset.
    """

    neurons: int = 400
    n_inputs: int = 784
    n_classes: int = 10
    pixel_rate: Quantity = field(default_factory=lambda: 0.125 / second)
    intensity: float = 2.0
    intensity_step: float = 1.0
    intensity_cap: float = 20.0
    min_spikes: int = 5
    exposure: Quantity = field(default_factory=lambda: 350 * ms)
    rest: Quantity = field(default_factory=lambda: 150 * ms)
    dt: Quantity = field(default_factory=lambda: 0.5 * ms)
    longest_delay: Quantity = field(default_factory=lambda: 10 * ms)
    mean_weight: float = 78 / 784
    excitation: float = 10.4
    inhibition: float = 17.0
    eta_arrival: float = 1e-4
    eta_spike: float = 1e-2
    tau_arrival: Quantity = field(default_factory=lambda: 20 * ms)
    tau_post1: Quantity = field(default_factory=lambda: 20 * ms)
    tau_post2: Quantity = field(default_factory=lambda: 40 * ms)
    theta_start: Quantity = field(default_factory=lambda: 20 * mV)
    theta_offset: Quantity = field(default_factory=lambda: 20 * mV)
    theta_step: Quantity = field(default_factory=lambda: 0.05 * mV)
    tau_theta: Quantity = field(default_factory=lambda: 1e7 * ms)
    block: int = 1000
    seed: int = 0

    state_names = ("synapses.w", "neurons.theta")
    output_names = ("spikes.i", "spikes.t", "shown.image", "inputs.count", "schedule.silent")

    def __post_init__(self):
        if self.longest_delay / self.dt > RING - 1:
            raise InputError(f"DiehlCook.longest_delay: at most {RING - 1} steps of dt, got "
                             f"{self.longest_delay} at {self.dt}; choose a longer dt.")

    @property
    def presentation(self):
        """Time per presentation, rest included."""
        return self.exposure + self.rest

    def structure(self, dense_read=True):
        """Return what has to be compiled; parameters are not part of it."""
        return Structure(diehl_cook_layer.__name__, {
            "n_inputs": self.n_inputs, "n_neurons": self.neurons, "block": self.block,
            "presentation": float(self.presentation), "dt": float(self.dt),
            "dense_read": dense_read})

    @property
    def target(self):
        """Summed weight of a neuron's inputs after each presentation."""
        return self.mean_weight * self.n_inputs

    @cached_property
    def settings(self):
        """Everything that decides the outcome, as JSON values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"synapse": "ideal",
                **{n: v if isinstance(v, int) else float(v) for n, v in plain.items()}}

    @cached_property
    def delays(self):
        """Input delays in seconds, (n_inputs*neurons,), drawn with `seed`."""
        rng = np.random.default_rng([abs(int(self.seed)), 5])
        return rng.uniform(0, float(self.longest_delay), self.n_inputs * self.neurons)

    def initial_state(self, seed):
        """Draw weights uniform in 0.003 to 0.303, as the authors' generator does."""
        rng = np.random.default_rng([abs(int(seed)), 3])
        return {"synapses.w": 0.3 * (rng.random(self.n_inputs * self.neurons) + 0.01),
                "neurons.theta": np.full(self.neurons, float(self.theta_start))}

    def weights(self, state):
        """Return the weights, (n_inputs, neurons)."""
        return np.reshape(state["synapses.w"], (self.n_inputs, self.neurons))

    def rates(self, images):
        """Return input rates in hertz at intensity 1 of images (n, pixels), padded to the block."""
        images = np.asarray(images, dtype=float).reshape(len(images), -1)
        rates = np.zeros((self.block, self.n_inputs))
        rates[:len(images)] = images * float(self.pixel_rate)
        return rates

    def inputs(self, state, images, *, learning, seed, first_image=0, total_images=1):
        """Return every variable and table of one run by name, in SI units.

        Nothing anneals: `first_image` and `total_images` play no part.
        """
        return {
            "pixels": self.rates(images), **state, "synapses.delay": self.delays,
            "synapses.arrived": np.full(self.n_inputs * self.neurons, -1e6),
            "synapses.eta_arrival": self.eta_arrival, "synapses.eta_spike": self.eta_spike,
            "synapses.tau_arrival": float(self.tau_arrival), "synapses.target": self.target,
            "synapses.plastic": float(learning), "schedule.learning": float(learning),
            "neurons.learning": float(learning), "schedule.image": -1,
            "schedule.n_images": len(images), "schedule.seed": float(seed),
            "schedule.intensity": self.intensity, "schedule.intensity_start": self.intensity,
            "schedule.intensity_step": self.intensity_step,
            "schedule.intensity_cap": self.intensity_cap,
            "schedule.min_spikes": self.min_spikes, "schedule.exposure": float(self.exposure),
            "inhibitory.excitation": self.excitation, "neurons.inhibition": self.inhibition,
            "neurons.theta_step": float(self.theta_step),
            "neurons.tau_theta": float(self.tau_theta),
            "neurons.tau_post1": float(self.tau_post1), "neurons.tau_post2": float(self.tau_post2),
            **self._membrane("neurons", -65.0, -65.0, -52.0 - float(self.theta_offset) * 1e3,
                             -100.0, 100.0, 5.0),
            **self._membrane("inhibitory", -60.0, -45.0, -40.0, -85.0, 10.0, 2.0)}

    def _membrane(self, group, rest, reset, threshold, inhibition, tau, refractory):
        volts = {"v": rest, "v_rest": rest, "v_reset": reset, "v_threshold": threshold,
                 "E_exc": 0.0, "E_inh": inhibition}
        times = {"tau": tau, "tau_ge": 1.0, "tau_gi": 2.0, "period": refractory}
        constants = {f"{group}.{n}": x * 1e-3 for n, x in {**volts, **times}.items()}
        constants[f"{group}.v"] = np.full(self.neurons, rest * 1e-3)
        return constants

    def counts(self, outputs, n_images):
        """Return spike counts (n_images, neurons) of one run's outputs."""
        return spike_counts(outputs["spikes.i"], outputs["spikes.t"], outputs["shown.image"],
                            float(self.presentation), n_images, self.neurons)

    def totals(self, state, outputs):
        """Sum spikes, silent images and presentations over one run."""
        return {"input_spikes": outputs["inputs.count"].sum(),
                "output_spikes": len(outputs["spikes.i"]),
                "silent": outputs["schedule.silent"][0],
                "presentations": len(outputs["shown.image"]) - 1}

    @property
    def equations(self):
        """The text of the network, for provenance."""
        return diehl_cook_layer.TEXT

    @property
    def operation_text(self):
        """The learning rule in words, for figures and provenance."""
        return (f"ideal weights: -{self.eta_arrival:g} post1 at an input spike, "
                f"+{self.eta_spike:g} pre post2 at an output spike")

    def scaled(self, **changes):
        """Return a copy with other values."""
        return replace(self, **changes)
