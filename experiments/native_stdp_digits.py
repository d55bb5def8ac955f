"""Learn digits where nothing but overlapping spikes programs the devices.

Claim: the waveforms of two spikes and the equations of a device suffice as learning
rule of a competitive layer; a spike alone changes no device.
Citation: the idea that spike shapes make the rule is that of C. Zamarreno-Ramos et al.,
Front. Neurosci. 5, 26 (2011); network after Diehl and Cook (2015).
Published: no figure for this network; spike shapes and their numbers are proposed.
Measured: one pass over MNIST with 400 neurons, its 10 000 test digits: 91.3 % (stanford_pku,
seed 0); 87.2, 88.6, 88.2 % (yakopcic) and 85.4, 85.7, 84.6 % (vteam; seeds 0, 1, 2).
Run time: half a minute for --quick once built; some minutes per pass over all of MNIST.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import msecond

from brianmem import Result, datasets, provenance
from brianmem.models.networks.memristive_digits import pulse_scale
from brianmem.models.networks.native_digits import NativeDigits
from brianmem.network.classifier import Classifier

LABEL_IMAGES = 10_000
QUICK = {"train_images": 2000, "test_images": 500, "neurons": 100}


def main(device: str = "yakopcic", dataset: str = "sample", neurons: int = 400,
         train_images: int | None = None, test_images: int | None = None, seed: int = 0,
         quick: bool = False) -> Result:
    """Train one pass, label, test.

    Parameters
    ----------
    device : yakopcic, stanford_pku or vteam, whose spike shapes are stated
    dataset : sample, mnist, or the path of a folder of IDX files or an .npz file
    neurons : excitatory neurons
    train_images : training images (default: all of the data set)
    test_images : test images (default: all of the data set)
    seed : decides initial state, order of images and inputs
    quick : few images and neurons
    """
    if quick:
        train_images, test_images, neurons = QUICK.values()
    data = datasets.load(dataset, train_images, test_images)
    count = len(data.train_images)
    network = NativeDigits.of(device, neurons=neurons, seed=seed, n_classes=data.classes,
                              n_inputs=int(np.prod(data.image_shape)),
                              pulse_scale=pulse_scale(count, neurons))
    classifier = Classifier(network, seed=seed)
    classifier.train(data.train_images, data.train_labels)
    outcome = classifier.score(data, LABEL_IMAGES)
    pairs = network.pair_map
    last = float((network.spikes.recent + network.spikes.past)/msecond)
    delays, states = np.linspace(0, 1.05*last, 901)*msecond, np.array([0.1, 0.5, 0.9])
    metrics = {"accuracy": outcome["accuracy"], "device": device, "neurons": neurons,
               "accuracy_proportion": outcome["accuracy_proportion"], "seed": seed,
               "train_images": count, "test_images": len(data.test_images),
               "lone_pre": pairs.lone_pre, "lone_post": float(np.abs(pairs.change[-1]).max()),
               "largest_change": float(np.abs(pairs.change).max()),
               **{f"{name}_energy_per_image_J": classifier.progress.totals[f"{name}_energy"]/count
                  for name in ("presynaptic", "postsynaptic")},
               "energy_basis": "v*I of each waveform in the device's time; presynaptic ones on all "
                               "devices of an input, cut by its next spike; spikes proposed",
               "ms_per_image": 1e3 * classifier.progress.seconds / count,
               "spikes_per_image": outcome["spikes_per_image"]}
    arrays = {"delay": delays, "state": states,
              "window": pairs.window(np.asarray(delays)[:, None], states),
              "weights": network.weights(classifier.state), "assigned": classifier.readout.assigned}
    axes = {"delay": ("delay",), "state": ("state",), "window": ("delay", "state"),
            "weights": ("input", "neuron"), "assigned": ("neuron",)}
    attrs = provenance.collect(
        kind="native_stdp_digits", equations=network.equations, seed=seed,
        references=("ZamarrenoRamos2011", "DiehlCook2015", *network.device.references),
        dataset_sha256=data.sha256, operation=network.operation_text,
        image_shape=list(data.image_shape))
    options = {"device": device, "dataset": dataset, "neurons": neurons, "seed": seed,
               "train_images": count, "test_images": len(data.test_images), "quick": quick}
    return Result(arrays, axes, options, attrs, metrics)


def plot(result):
    """Draw receptive fields and the window that follows from device and spikes."""
    from brianmem import plotting
    from brianmem.plotting.plasticity import windows

    curves = {f"x = {x:g}": 100*np.asarray(result["window"])[:, k]
              for k, x in enumerate(np.asarray(result["state"]))}
    return {"window": windows([(result.metrics["device"], result["delay"], curves, None)],
                              "Change of x (% of its range)"),
            "receptive_fields": plotting.receptive_fields(
                result["weights"], result["assigned"], result.attrs["image_shape"])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
