"""Two layers of integrate-and-fire neurons that learn labelled vectors by BP-STDP.

Values 0..1 become regular spike trains of up to one spike per step; one further input,
the bias, always fires at the highest rate. One compiled program per size serves all data.
"""

from dataclasses import dataclass, field

import numpy as np
from brian2 import NeuronGroup, Quantity, SpikeMonitor, StateMonitor, TimedArray, ms, second

from brianmem.errors import InputError
from brianmem.network.schedule import finish_function
from brianmem.network.structure import Structure
from brianmem.plasticity.supervised import BPSTDP, check_window, first_weights
from brianmem.units import is_number

SCHEDULE = """
seed : 1
done : 1
sample : integer
n_samples : integer
"""
NEXT = """
sample = sample + 1
done = finish(int(sample >= n_samples))
"""
INPUTS = """
phase : 1                       # a spike whenever it reaches 1
drive : 1                       # phase per step
recent : 1
sample : integer (linked)
"""
RULE = BPSTDP()
TEXT = "\n".join((SCHEDULE, NEXT, INPUTS, RULE.text))


def create(n_inputs, n_hidden, n_outputs, block, presentation, window, dt):
    """Make the Brian2 objects: sizes, samples per run at most, and times in seconds."""
    from brian2 import linked_var

    clock, every = {"dt": dt * second}, {"dt": presentation * second, "when": "start"}
    drives = TimedArray(np.zeros((block, n_inputs)), dt=1 * second, name="drives")
    labels = TimedArray(np.zeros(block), dt=1 * second, name="labels")
    schedule = NeuronGroup(1, SCHEDULE, name="schedule", namespace={"finish": finish_function()},
                           **clock)
    inputs = NeuronGroup(n_inputs, INPUTS, threshold="phase >= 1 - 1e-9",
                         reset="phase -= 1\nrecent += 1", name="inputs",
                         namespace={"drives": drives}, **clock)
    inputs.sample = linked_var(schedule, "sample")
    made = BPSTDP(window=window * second).layers(inputs, n_hidden, n_outputs, dt=dt * second)
    made.outputs.namespace["labels"] = labels
    made.outputs.variables.add_reference("sample", schedule, "sample", index="0")
    # After the last window of the sample before has been judged.
    schedule.run_regularly(NEXT, order=10, name="next_sample", **every)
    inputs.run_regularly("drive = drives(sample*second, i)\nphase = rand()", order=11, **every)
    made.hidden.run_regularly("v = 0", order=11, **every)
    made.outputs.run_regularly("v = 0\nwanted = int(abs(labels(sample*second) - i) < 0.5)",
                               order=11, **every)
    inputs.run_regularly("phase = phase + drive", when="groups", **clock)
    spikes = SpikeMonitor(made.outputs, name="spikes")
    left = StateMonitor(made.outputs, ("v",), record=True, order=9, name="left", **every)
    return [schedule, inputs, *made, spikes, left]


@dataclass(frozen=True)
class BPNetwork:
    """Describe the network and one way of training it; every run holds one pass or test.

    Parameters
    ----------
    n_inputs, hidden, outputs : int
        `n_inputs` without the bias.
    samples : int
        Samples per run at the most.
    rate, decay : float
        Learning rate, and its factor from pass to pass.
    threshold_hidden, threshold_output, spread : float
        Of the first weights: standard deviation times the root of the number of inputs.
    averaged : int
        Last passes over which the weights are averaged.
    shown : int
        Times that each tested sample is shown, with fresh phases; answers are summed.
    exposure, window, dt : Quantity
    """

    n_inputs: int
    outputs: int
    hidden: int = 20
    samples: int = 150
    rate: float = 0.01
    decay: float = 0.98
    threshold_hidden: float = 1.0
    threshold_output: float = 1.0
    spread: float = 1.0
    averaged: int = 1
    shown: int = 1
    exposure: Quantity = field(default_factory=lambda: 48 * ms)
    window: Quantity = field(default_factory=lambda: 4 * ms)
    dt: Quantity = field(default_factory=lambda: 1 * ms)

    def __post_init__(self):
        for name in ("averaged", "shown"):
            value = getattr(self, name)
            if not is_number(value) or not float(value).is_integer() or value < 1:
                raise InputError(f"BPNetwork: {name} must be a whole number of at least 1, "
                                 f"got {value!r}.")
        check_window(self.window, self.dt)
        check_window(self.exposure, self.window)

    def structure(self):
        """Return what has to be compiled."""
        return Structure(__name__, {
            "n_inputs": self.n_inputs + 1, "n_hidden": self.hidden, "n_outputs": self.outputs,
            "block": self.samples, "presentation": float(self.exposure),
            "window": float(self.window), "dt": float(self.dt)})

    def initial(self, seed):
        """Return the first weights of both layers."""
        return first_weights(self.n_inputs + 1, self.hidden, self.outputs, seed, self.spread)

    def run(self, program, weights, values, labels=None, *, rate=0.0, seed=0):
        """Show samples once, learning where there are labels; return weights and answers.

        Answers are spikes per output, (samples, outputs); what is left of the voltage
        decides between equals. Raises `InputError` for values outside 0..1.
        """
        values, n = np.asarray(values, dtype=float), len(values)
        if values.shape[1:] != (self.n_inputs,) or n > self.samples or \
                not np.all((values >= 0) & (values <= 1)):
            raise InputError(f"BPNetwork: values must be up to {self.samples} rows of "
                             f"{self.n_inputs} numbers in 0..1, got {values.shape}.")
        drives, wanted = np.zeros((self.samples, self.n_inputs + 1)), np.zeros(self.samples)
        drives[:n, :-1], drives[:n, -1] = values, 1
        wanted[:n] = labels if labels is not None else 0
        out = program.run({
            "drives": drives, "labels": wanted, "schedule.seed": float(seed),
            "schedule.sample": -1, "schedule.n_samples": n, "bp_first.w": weights[0],
            "bp_second.w": weights[1], "bp_first.rate": rate, "bp_second.rate": rate,
            "bp_first.w_max": RULE.w_max, "bp_second.w_max": RULE.w_max,
            "bp_hidden.v_threshold": self.threshold_hidden,
            "bp_outputs.v_threshold": self.threshold_output,
            "bp_outputs.learning": float(labels is not None)},
            ["bp_first.w", "bp_second.w", "spikes.i", "spikes.t", "left.v"])
        return (out["bp_first.w"], out["bp_second.w"]), self._answers(out, n)

    def _answers(self, out, n):
        sample = np.floor(out["spikes.t"] / float(self.exposure) + 1e-6).astype(int)
        counts = np.bincount(sample * self.outputs + out["spikes.i"],
                             minlength=n * self.outputs)[:n * self.outputs]
        # The record at a sample's start holds what the one before left.
        left = out["left.v"].reshape(-1, self.outputs)[1:n + 1]
        return counts.reshape(n, self.outputs) + 1e-3 * np.tanh(left)

    def train(self, program, values, labels, passes, seed=0):
        """Return the mean weights of the last passes and the share of right answers per pass."""
        weights, curve, last = self.initial(seed), [], []
        for k in range(passes):
            order = np.random.default_rng([seed, 12, k]).permutation(len(values))
            weights, answers = self.run(program, weights, values[order], labels[order],
                                        rate=self.rate * self.decay**k, seed=1000 * seed + k + 1)
            curve.append(np.mean(answers.argmax(1) == labels[order]))
            last = [*last, weights][-self.averaged:]
        mean = tuple(np.mean(layer, axis=0) for layer in zip(*last, strict=True))
        return mean, np.array(curve)

    def predict(self, program, weights, values, seed=0):
        """Return the predicted labels, learning off; holds up to samples/shown rows."""
        shown = np.repeat(np.asarray(values, dtype=float), self.shown, axis=0)
        answers = self.run(program, weights, shown, seed=seed + 7_000_000)[1]
        return answers.reshape(-1, self.shown, self.outputs).sum(axis=1).argmax(1)
