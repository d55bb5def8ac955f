"""Learn digits with memristive synapses and memristive neurons in one network.

Claim: a layer whose synapses are memristive devices and whose neurons are circuits around
volatile ones, which integrate, fire and reset by themselves, learns digits without labels.
Citation: the review's outlook (Peng, Gan, Guo, Chip 3 (2024) 100093); network after Diehl and
Cook (2015); diffusive neuron after Wang et al., Nat. Electron. 1, 137 (2018).
Published: no figure for this network. Its scales, and the shunt by which neurons inhibit each
other, are proposed; one factor stands between the time of the circuit and of the network.
Run time: under a minute of CPU for --quick, most of it the one build; some minutes in full.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import msecond, second

from brianmem import Result, datasets, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.networks.circuit_layer import is_circuit, membrane_time
from brianmem.models.networks.memristive_digits import MemristiveDigits, pulse_scale
from brianmem.network.classifier import Classifier
from brianmem.network.readout import confusion

QUICK = {"train_images": 600, "test_images": 200, "neurons": 50}
LABEL_IMAGES = 5000
#: Accuracy that a quick run must exceed: three times chance.
_LEARNED = 0.3


def main(device: str = "memdiode", neuron: str = "diffusive_lif", dataset: str = "sample",
         neurons: int = 100, train_images: int | None = None, test_images: int | None = None,
         shunt: second = 20*msecond, seed: int = 0, quick: bool = False) -> Result:
    """Train one pass, label, test; count what devices and neurons dissipate.

    Parameters
    ----------
    device : of the synapses
    neuron : circuit around a volatile device: diffusive_lif, vanadium_lif, gallium_selenide_lif
    dataset : sample, mnist, or the path of a folder of IDX files or an .npz file
    neurons : excitatory neurons
    train_images : training images (default: all of the data set)
    test_images : test images (default: all of the data set)
    shunt : how long a spike shunts the inputs of all other neurons
    seed : decides initial state, order of images and inputs
    quick : few images and neurons
    """
    if quick:
        train_images, test_images, neurons = QUICK.values()
    circuit = find(neuron, "neurons")
    if not is_circuit(circuit):
        raise InputError(f"--neuron {neuron} is no circuit around a device; brianmem run diehl_cook "
                         f"--neuron {neuron} takes it.")
    data = datasets.load(dataset, train_images, test_images)
    count = len(data.train_images)
    network = MemristiveDigits(find(device, "devices"), neurons=neurons, neuron=circuit, shunt=shunt,
                               seed=seed, n_classes=data.classes,
                               n_inputs=int(np.prod(data.image_shape)),
                               pulse_scale=pulse_scale(count, neurons))
    classifier = Classifier(network, seed=seed)
    classifier.train(data.train_images, data.train_labels)
    outcome = classifier.score(data, LABEL_IMAGES)
    return _result(network, classifier, outcome, data, quick,
                   {"device": device, "neuron": neuron, "dataset": dataset, "neurons": neurons,
                    "train_images": count, "test_images": len(data.test_images), "shunt": shunt,
                    "seed": seed, "quick": quick})


def _result(network, classifier, outcome, data, quick, options):
    totals, tested = outcome["totals"], options["test_images"]
    trained = options["train_images"]
    metrics = {
        "accuracy": outcome["accuracy"], "accuracy_proportion": outcome["accuracy_proportion"],
        **{k: options[k] for k in ("device", "neuron", "neurons", "train_images", "test_images",
                                   "seed")},
        "time_scale": network.slowdown, "membrane_time_s": float(membrane_time(network.neuron)),
        "read_energy_per_image_J": totals["read_energy"] / tested,
        "neuron_energy_per_image_J": totals["neuron_energy"] / tested,
        "write_energy_per_image_J": classifier.progress.totals["write_energy"] / trained,
        "spikes_per_image": outcome["spikes_per_image"],
        "ms_per_image": 1e3 * classifier.progress.seconds / trained,
        **judged(quick, it_learns=outcome["accuracy"] > _LEARNED)}
    readout = classifier.readout
    arrays = {"weights": network.weights(classifier.state), "assigned": readout.assigned,
              "threshold": classifier.state["neurons.theta"],
              "confusion": confusion(outcome["predicted"], data.test_labels, data.classes)}
    axes = {"weights": ("input", "neuron"), "assigned": ("neuron",), "threshold": ("neuron",),
            "confusion": ("class", "answer")}
    attrs = provenance.collect(
        kind="all_memristive", equations=network.equations, seed=options["seed"],
        references=("Wang2018", "DiehlCook2015", "PengGanGuo2024", *network.device.references,
                    *network.neuron.references),
        dataset_sha256=data.sha256, operation=network.operation_text,
        time_scale=f"one second of the circuit lasts {network.slowdown:.4g} of the network",
        energy_note="charges into the neurons' capacitors; devices: reads and writes; no periphery",
        image_shape=list(data.image_shape))
    return Result(arrays, axes, options, attrs, metrics)


def plot(result):
    """Draw receptive fields, the confusion of classes and what an image costs."""
    from brianmem import plotting
    from brianmem.plotting.style import new_figure

    figure, axis = new_figure()
    names = {"read": "read_energy_per_image_J", "neurons": "neuron_energy_per_image_J",
             "write": "write_energy_per_image_J"}
    axis.bar(list(names), [result.metrics[k] for k in names.values()])
    axis.set(yscale="log", ylabel="Energy per image (J)")
    return {"energy": figure, "confusion_matrix": plotting.confusion_matrix(result["confusion"]),
            "receptive_fields": plotting.receptive_fields(
                result["weights"], result["assigned"], result.attrs["image_shape"])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
