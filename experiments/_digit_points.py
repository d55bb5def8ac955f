"""Points of the studies of imperfect devices: one network trained, labelled and tested.

All points of one number of neurons share one compiled program. The device is
`pulsed_neurosim` with a curvature for each branch; its own numbers of pulses and
conductances are replaced where a study varies them, which makes them proposed.
"""

import functools
import resource
from dataclasses import dataclass, field

import numpy as np

from brianmem import Variation, datasets, provenance, pulse_curvature
from brianmem.models.devices.pulsed import pulsed_neurosim
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network import training
from brianmem.network.classifier import Classifier

#: Of a point: training images that label the neurons, and images that test them.
LABELLED, TESTED = 1500, 1000
#: Where a study does not vary them: labels of nonlinearity, pulses from end to end, RESET
#: pulses for one SET pulse, largest over smallest conductance.
NONLINEARITY, LEVELS, DEPRESSION, ON_OFF = 2.0, 32, 2.0, 12.5
STRUCTURE = ("neurons",)


def cell(ltp=NONLINEARITY, ltd=NONLINEARITY, levels=LEVELS, depression=DEPRESSION, on_off=ON_OFF,
         steps="range"):
    """Return the device of a point.

    Nonlinearity `ltp`, `ltd`: positive where a branch saturates in the direction of its own
    pulses. `levels` SET pulses, and `depression` times as many RESET pulses, cover the
    range where steps="range"; with steps="middle" a pulse in the middle of the range makes
    the step that it would make on a straight branch, whatever the nonlinearity.
    """
    k_p, k_d = pulse_curvature(ltp), pulse_curvature(ltd)
    factors = [_middle(k) if steps == "middle" else 1.0 for k in (k_p, k_d)]
    return pulsed_neurosim.with_parameters(
        k_p=k_p, k_d=k_d, n_p=levels * factors[0], n_d=levels * depression * factors[1],
        G_min=pulsed_neurosim.parameters["G_max"] / on_off)


def _middle(k):
    """Return the step in the middle of a branch over that of a straight one."""
    return 1.0 if k == 0 else k / 2 / np.tanh(k / 2)


@functools.lru_cache(maxsize=2)
def _data(images):
    return datasets.load("sample", images, TESTED)


def train_point(ltp=NONLINEARITY, ltd=NONLINEARITY, levels=LEVELS, depression=DEPRESSION,
                on_off=ON_OFF, steps="range", d2d=0.0, c2c=0.0, stuck=0.0, neurons=100, images=3000,
                seed=0):
    """Return metrics of one network with imperfect devices."""
    started = processor_seconds()
    data = _data(images)
    network = MemristiveDigits(cell(ltp, ltd, levels, depression, on_off, steps), neurons=neurons,
                               variation=Variation(d2d, c2c, None, stuck), seed=seed)
    classifier = Classifier(network, "compiled", seed)
    classifier.train(data.train_images, data.train_labels)
    return {**_tested(classifier, data), **_spread(network, classifier.state),
            "processor_seconds": processor_seconds() - started}


def _tested(classifier, data):
    found = classifier.score(data, LABELLED)
    return {"accuracy": found["accuracy"], "accuracy_proportion": found["accuracy_proportion"],
            "silent_fraction": found["silent_fraction"], "spikes_per_image": found["spikes_per_image"],
            "read_energy_per_image_J": found["totals"]["read_energy"] / len(data.test_images)}


def _spread(network, state):
    """Return where the conductances lie in their window."""
    low, high = network.window_current
    share = (network.synaptic_current(state) - low) / (high - low)
    return {"mean_weight": float(share.mean()), "share_below_tenth": float(np.mean(share < 0.1)),
            "share_above_nine_tenths": float(np.mean(share > 0.9))}


def provenance_of(kind, reference, **more):
    """Return the provenance of a study of the device of `cell`, made after `reference`."""
    network = MemristiveDigits(cell(), neurons=1)
    return provenance.collect(
        kind=kind, equations=network.equations, dataset="sample", operation=network.operation_text,
        references=(reference, "DiehlCook2015", "LeCun1998", *network.device.references), **more)


def processor_seconds():
    """Return user and system seconds of this process and of those that it waited for."""
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


@dataclass(frozen=True)
class PrunedDigits(MemristiveDigits):
    """Leave out the synapses that `pruned` (n_inputs*neurons,) marks."""

    pruned: np.ndarray = field(default=None, repr=False)

    @functools.cached_property
    def devices(self):
        """Factors and faults of every synapse; a pruned one conducts nothing and never moves."""
        factors, stuck, held = MemristiveDigits.devices.func(self)
        if self.pruned is None:
            return factors, stuck, held
        kept = np.where(self.pruned, 0.0, 1.0)
        ends = {name: kept * factors[name] for name in ("synapses.f_min", "synapses.f_max")}
        return {**factors, **ends}, stuck | self.pruned, held


def prune_point(sparsity=0.0, quantised=0, intervals=6, neurons=100, images=3000, seed=0):
    """Return metrics of one network pruned and quantised at intervals of its training.

    After interval k of K the share `sparsity` k/K of all synapses, those of least
    conductance, is gone for good, and the others move to the nearest of `quantised`
    levels (0: none) spaced evenly over the window.
    """
    started, data = processor_seconds(), _data(images)
    block = 1000
    network = PrunedDigits(cell(), neurons=neurons, seed=seed, block=block)
    classifier = Classifier(network, "compiled", seed)
    written, state = 0.0, classifier.state
    for k, (first, chosen) in enumerate(training.schedule(images, 1, -(-images // intervals), seed)):
        shown = data.train_images[chosen].reshape(len(chosen), -1)
        state, outputs = training.learn(classifier.engine, network, state, shown, index=k,
                                        first=first, total=images, seed=seed)
        kept = 1.0 if network.pruned is None else ~network.pruned
        written += float(np.sum(outputs["synapses.write_energy"] * kept))
        network = pruned(network, state, sparsity * (k + 1) / intervals)
        state = quantise(network, state, quantised)
    classifier.network, classifier.progress = network, training.Progress(state)
    return {**_tested(classifier, data), "write_energy_per_image_J": written / images,
            "pruned": 0.0 if network.pruned is None else float(network.pruned.mean()),
            "distinct_levels": _distinct(network, state),
            "processor_seconds": processor_seconds() - started}


def pruned(network, state, share):
    """Return the network without the `share` of synapses that conduct least; what is gone stays so."""
    count = round(share * network.n_inputs * network.neurons)
    if not count:
        return network
    gone = np.zeros(network.n_inputs * network.neurons, dtype=bool)
    gone[np.argsort(network.synaptic_current(state), kind="stable")[:count]] = True
    return PrunedDigits(network.device, neurons=network.neurons, seed=network.seed,
                        block=network.block, pruned=gone)


def quantise(network, state, levels):
    """Return the state with each conductance at the nearest of `levels`, 0 for as it is."""
    if not levels:
        return state
    low, high = network.window_current
    share = (network.current(state["synapses.x"]) - low) / (high - low)
    near = np.round(np.clip(share, 0, 1) * (levels - 1)) / (levels - 1)
    return {**state, "synapses.x": network.state_of(near)}


def _distinct(network, state):
    kept = slice(None) if network.pruned is None else ~network.pruned
    return len(np.unique(np.round(state["synapses.x"][kept], 9)))
