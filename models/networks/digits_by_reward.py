"""Digits learned from reward alone: a layer answers and hears right or wrong.

Parameters are `proposed`, see the experiment for how they were chosen. The layer and its rule are
in `reward_layer`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from brian2 import Quantity, ms

from brianmem import Device
from brianmem.network.structure import Structure

from . import reward_layer
from .memristive_synapses import MemristiveSynapses

POINTS = 256


def _default(value):
    return field(default_factory=lambda: value)


@dataclass(frozen=True)
class RewardDigits:
    """Describe the network; frozen, so one value serves training and testing.

    Parameters
    ----------
    device : Device, optional
        None: ideal weights in 0..1 that a demand d moves by up to `potentiation`
        exp(-`beta` w), or down by `depression` exp(-`beta` (1 - w)). A device gets
        one pulse of its own ``operation`` with probability \\|d\\|.
    neurons, n_inputs, n_classes : int
        Neuron i stands for class i modulo `n_classes`.
    spikes : float
        Expected input spikes per image, the same for all images.
    baseline : float
        Share of the expected reward of the class that is taken off; `memory` is the
        number of rewards that it spans.
    annealing_rate, annealing_threshold : float
        Learning rate and threshold step fall as exp(-annealing*progress).
    pulse_scale : float
        Factor on the widths of the device's pulses.
    """

    device: Device | None = None
    neurons: int = 100
    n_inputs: int = 196
    n_classes: int = 10
    spikes: float = 260.0
    exposure: Quantity = _default(50 * ms)
    presentation: Quantity = _default(60 * ms)
    dt: Quantity = _default(1 * ms)
    window: Quantity = _default(60 * ms)
    tau_eligibility: Quantity = _default(200 * ms)
    potentiation: float = 0.25
    depression: float = 0.1
    beta: float = 1.0
    baseline: float = 0.0
    memory: float = 50.0
    threshold_step: float = 0.02
    annealing_rate: float = 4.0
    annealing_threshold: float = 2.0
    pulse_scale: float = 1.0
    block: int = 1000
    seed: int = 0

    state_names = ("synapses.x", "neurons.theta", "critic.mean")
    output_names = ("answers.answer", "synapses.write_energy", "inputs.count")

    def structure(self, dense_read=True):
        """Return what has to be compiled."""
        return Structure(reward_layer.__name__, {
            "n_inputs": self.n_inputs, "n_neurons": self.neurons, "n_classes": self.n_classes,
            "block": self.block, "presentation": float(self.presentation), "dt": float(self.dt),
            "points": POINTS, "dense_read": dense_read})

    @cached_property
    def memristive(self):
        """The devices of all synapses, as other networks use them."""
        return MemristiveSynapses(self.device, neurons=self.neurons, n_inputs=self.n_inputs,
                                  pulse_scale=self.pulse_scale)

    @cached_property
    def tables(self):
        """Next states by SET and RESET, their energies, and the read current."""
        if self.device is not None:
            return self.memristive.tables
        x, nothing = np.linspace(0, 1, POINTS), np.zeros(POINTS)
        up = x + self.potentiation * np.exp(-self.beta * x)
        down = x - self.depression * np.exp(-self.beta * (1 - x))
        return np.stack([up, down, nothing, nothing, x], axis=1)

    @property
    def _currents(self):
        """Read currents at the ends of the window that pulses reach, and of the table."""
        return (self.tables[:, 4][[0, -1]],) * 2 if self.device is None else \
            (self.memristive.window_current, self.memristive.pulse_window.ends)

    def initial_state(self, seed):
        """Draw weights uniform in 20 to 60 % of their range."""
        rng = np.random.default_rng([abs(int(seed)), 3])
        level = rng.uniform(0.2, 0.6, self.n_inputs * self.neurons)
        x = level if self.device is None else self.memristive.state_of(level)
        return {"synapses.x": x, "neurons.theta": np.zeros(self.neurons),
                "critic.mean": np.zeros(self.n_classes)}

    def rates(self, images):
        """Return input rates in hertz, padded to the block; each image gets `spikes`."""
        images = np.asarray(images, dtype=float).reshape(len(images), -1)
        share = images / np.maximum(images.sum(axis=1, keepdims=True), 1e-9)
        rates = np.zeros((self.block, self.n_inputs))
        rates[:len(images)] = share * self.spikes / float(self.exposure)
        return rates

    def current(self, x):
        """Return the read current at states x in ampere."""
        return np.interp(x, np.linspace(0, 1, POINTS), self.tables[:, 4])

    def inputs(self, state, images, labels, *, learning, seed, first_image=0, total_images=1):
        """Return every variable and table of one run by name, in SI units.

        `labels` decide the reward, and nothing without `learning`.
        """
        (low, high), ends = self._currents
        wanted = np.zeros(self.block)
        wanted[:len(images)] = labels
        return {
            "pixels": self.rates(images), "labels": wanted, "pulse_tables": self.tables, **state,
            "schedule.image": -1, "schedule.n_images": len(images), "schedule.seed": float(seed),
            "schedule.first_image": first_image, "schedule.total_images": total_images,
            "schedule.learning": float(learning), "schedule.go_after": float(self.exposure),
            "schedule.answer": -1, "schedule.go_at": 1e9, "schedule.best": -1e9,
            "schedule.baseline": self.baseline, "schedule.memory": self.memory,
            "schedule.annealing_rate": self.annealing_rate,
            "schedule.annealing_threshold": self.annealing_threshold,
            "schedule.threshold_step": self.threshold_step,
            "neurons.kind": np.arange(self.neurons) % self.n_classes,
            "synapses.I_read": self.current(state["synapses.x"]),
            "synapses.gain": 1 / ((high - low) * self.spikes),
            "synapses.I_low": ends[0], "synapses.I_high": ends[1],
            **{f"synapses.{n}": 1.0 for n in ("f_min", "f_max", "f_set", "f_reset", "mobile")},
            "synapses.window": float(self.window), "synapses.tau_c": float(self.tau_eligibility),
            "synapses.full_demand": 1.0, "synapses.scaled": float(self.device is None),
            "synapses.c2c": 0.0, "synapses.plastic": float(learning)}

    def answers(self, outputs, n_images):
        """Return the class that the layer answered for each image."""
        return outputs["answers.answer"][1:n_images + 1].astype(int)

    @property
    def equations(self):
        """The text of device and network, for provenance."""
        device = "" if self.device is None else str(self.device.model)
        return f"{device}\n{reward_layer.text()}"
