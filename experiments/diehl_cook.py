"""Learn digits without labels: the Diehl-Cook network with memristive synapses.

Claim: a memristor written as equations, used as the synapse of a competitive
spiking layer, learns MNIST digits without labels; no weights are normalised.
Citation: P. U. Diehl and M. Cook, Front. Comput. Neurosci. 9, 99 (2015).
Published: 95 % of the test digits (abstract; the largest network, ideal weights). For 400
neurons and three passes 87.0 % is reported; we have not checked that in the paper.
Run time: a minute on two cores for the embedded sample, most of it the one build of
the network; some minutes for one pass over all of MNIST.
"""

import sys
import time
from pathlib import Path
from typing import Literal

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import joule, kelvin, second, siemens, volt
from tqdm import tqdm

from brianmem import Result, Variation, datasets, operating_point, provenance
from brianmem.catalog import find
from brianmem.errors import InputError
from brianmem.fitting import retention_model
from brianmem.network.classifier import Classifier
from brianmem.network.readout import NO_ANSWER, confusion
from brianmem.overlays import RETENTION
from brianmem.overlays.retention import ROOM
from brianmem.units import format_quantity

# Labels come from at most this many training images, the last ones.
LABEL_IMAGES = 10_000
QUICK = {"train_images": 2000, "test_images": 500}


def main(dataset: str = "sample", neurons: int = 400, train_images: int | None = None,
         test_images: int | None = None, epochs: int = 1, device: str = "memdiode",
         synapse: Literal["memristive", "ideal"] = "memristive", neuron: str | None = None,
         pulses: Literal["device", "auto"] = "device",
         engine: Literal["auto", "compiled", "runtime"] = "auto", d2d: float = 0.0,
         c2c: float = 0.0, stuck: float = 0.0, age: second = None, temperature: kelvin = ROOM,
         retention: str = "stretched", seed: int = 0,
         resume: bool = False, out: Path | None = None, quick: bool = False) -> Result:
    """Train, label, test; and test again after storage, if asked for.

    Parameters
    ----------
    dataset : sample, mnist, or the path of a folder of IDX files or an .npz file
    neurons : excitatory neurons
    train_images : training images (default: all of the data set)
    test_images : test images (default: all of the data set)
    epochs : passes over the training images
    device : name of a device, see `brianmem list devices`, or a device file
    synapse : memristive, or ideal for the original network and its triplet rule
    neuron : in place of the layer's own, such as adaptive_lif or diffusive_lif
    pulses : as the device states them, or chosen by the procedure of brianmem.operating
    engine : compiled C++, Brian2 runtime in Python, or whichever the machine allows
    d2d : device-to-device spread of G_min, G_max, SET and RESET step (lognormal)
    c2c : cycle-to-cycle noise of each pulse's change of state
    stuck : fraction of devices whose state never moves
    age : store the trained network that long and test it again
    temperature : at which it is stored
    retention : how conductance changes in storage: stretched or power_law, with the default numbers
        of that model, or the result.h5 of `brianmem fit --protocol retention`
    seed : decides initial state, order of images, inputs, variation and noise
    resume : continue from the checkpoint in --out
    out : folder of checkpoint, result and figures
    quick : few images, for a look and for tests
    """
    if quick:
        train_images = QUICK["train_images"] if train_images is None else train_images
        test_images = QUICK["test_images"] if test_images is None else test_images
    _check(neurons=neurons, epochs=epochs)
    _check_age(age, temperature, synapse)
    aging = _retention(retention)
    data = datasets.load(dataset, train_images, test_images)
    variation = Variation(d2d, c2c, None, stuck)
    network = make_network(data, neurons, device, synapse, variation, seed, epochs, pulses,
                           neuron)
    classifier = Classifier(network, engine, seed)
    _train(classifier, data, epochs, out, resume)
    started = time.perf_counter()
    with _bar("labelling", min(LABEL_IMAGES, len(data.train_images))) as bar:
        classifier.label(data.train_images[-LABEL_IMAGES:], data.train_labels[-LABEL_IMAGES:],
                         report=bar.update)
    with _bar("testing", len(data.test_images)) as bar:
        outcome = classifier.evaluate(data.test_images, data.test_labels, report=bar.update)
    if age is not None:
        outcome["aged"] = _store(classifier, data, aging, age, temperature)
    outcome["seconds_test"] = time.perf_counter() - started
    options = {"dataset": dataset, "neurons": neurons, "train_images": len(data.train_images),
               "test_images": len(data.test_images), "epochs": epochs, "device": device,
               "synapse": synapse, "pulses": pulses, "engine": engine, "d2d": d2d, "c2c": c2c,
               "stuck": stuck, "seed": seed, "quick": quick}
    if neuron is not None:
        options["neuron"] = neuron
    if age is not None:
        options |= {"age": age, "temperature": temperature, "retention": retention}
    return _result(classifier, data, outcome, options)


def _check(**counts):
    for name, value in counts.items():
        if value < 1:
            raise InputError(f"--{name} must be at least 1, got {value}.")


def _check_age(age, temperature, synapse):
    if age is not None and synapse == "ideal":
        raise InputError("--synapse ideal has no devices that age; drop --age.")
    if age is not None and float(age) < 0:
        raise InputError(f"--age must not be negative, got {format_quantity(age)}.")
    if float(temperature) <= 0:
        raise InputError(f"--temperature must be above 0 K, got {format_quantity(temperature)}.")
    if age is None and float(temperature) != float(ROOM):
        raise InputError("--temperature is that of the storage; add --age, e.g. --age '1e6 second'.")


def _retention(name):
    """Return the retention model of that name, or that a fit found, by the file of its result."""
    if name in RETENTION:
        return RETENTION[name]()
    if Path(name).suffix != ".h5":
        raise InputError(f"--retention must be one of {', '.join(RETENTION)}, or the result.h5 of "
                         f"'brianmem fit --protocol retention', got '{name}'.")
    return retention_model(Result.load(name))


def _store(classifier, data, retention, age, temperature):
    """Return accuracies after storage and the share of devices at a limit of their range."""
    stored = classifier.aged(retention, age, temperature)
    with _bar("testing after storage", len(data.test_images)) as bar:
        outcome = stored.evaluate(data.test_images, data.test_labels, report=bar.update)
    return {"accuracy_aged": outcome["accuracy"],
            "accuracy_proportion_aged": outcome["accuracy_proportion"],
            "silent_fraction_aged": outcome["silent_fraction"], "clipped_aged": stored.clipped,
            "model": repr(retention), "weights": stored.network.weights(stored.state)}


def make_network(data, neurons, device, synapse, variation, seed, epochs=1, pulses="device",
                 neuron=None):
    """Return the network description for a data set.

    With pulses="auto" the device's ``operation`` is the one that `operating_point`
    chooses, and its evidence says why.

    Raises `InputError` for an unknown or unsuitable device.
    """
    device = find(device, "devices")
    size = {"neurons": neurons, "n_inputs": int(np.prod(data.image_shape)),
            "n_classes": data.classes, "seed": seed}
    if synapse == "ideal":
        from brianmem.models.networks.ideal_digits import DiehlCook

        if variation != Variation() or pulses != "device":
            raise InputError("--synapse ideal has no devices; drop --d2d, --c2c, --stuck and "
                             "--pulses.")
        if neuron is not None:
            raise InputError("--synapse ideal has neurons of its own; drop --neuron.")
        return DiehlCook(**size)
    from brianmem.models.networks.memristive_digits import MemristiveDigits, pulse_scale

    if pulses == "auto":
        device = operating_point(device).device
    scale = pulse_scale(len(data.train_images) * epochs, neurons)
    point = None if neuron is None else find(neuron, "neurons")
    return MemristiveDigits(device, variation=variation, pulse_scale=scale, neuron=point, **size)


def _train(classifier, data, epochs, out, resume):
    total = len(data.train_images) * epochs
    checkpoint = Path(out) / "checkpoint.npz" if out else None
    with _bar("training", total) as bar:
        def report(done, _total, accuracy):
            bar.update(done - bar.n)
            if accuracy is not None:
                bar.set_postfix_str(f"accuracy {accuracy:.3f}")

        classifier.train(data.train_images, data.train_labels, epochs, checkpoint, resume, report)


def _bar(what, total):
    # Nothing is shown before the first chunk can have ended: a refusal stays one line.
    return tqdm(total=total, desc=what, unit=" images", file=sys.stderr, mininterval=0.5, delay=0.3)


def _metrics(classifier, outcome, options):
    network, progress = classifier.network, classifier.progress
    trained, tested = options["train_images"] * options["epochs"], options["test_images"]
    metrics = {
        "accuracy": outcome["accuracy"], "accuracy_proportion": outcome["accuracy_proportion"],
        "neurons": network.neurons, "train_images": options["train_images"],
        "test_images": tested, "epochs": options["epochs"],
        "seconds_train": round(progress.seconds, 3),
        "ms_per_image": round(progress.seconds / trained * 1e3, 4),
        "energy_per_image_J": outcome["totals"].get("read_energy", np.nan) / tested,
        "write_energy_per_image_J": progress.totals.get("write_energy", np.nan) / trained,
        "energy_note": "devices only, without neurons and periphery",
        "spikes_per_image": outcome["spikes_per_image"],
        "silent_fraction": outcome["silent_fraction"], "seed": options["seed"],
        "device": options["device"] if options["synapse"] == "memristive" else None,
        "dataset": options["dataset"], **_neurons(network, options),
        **{k: v for k, v in outcome.get("aged", {}).items() if k.endswith("_aged")}}
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in metrics.items()}


def _neurons(network, options):
    """Return which neurons, and how many seconds of the network one of theirs lasts."""
    if "neuron" not in options:
        return {}
    return {"neuron": network.neuron.name, "time_scale": network.slowdown}


def _result(classifier, data, outcome, options):
    network, progress = classifier.network, classifier.progress
    readout, classes = classifier.readout, network.n_classes
    arrays = {
        "weights_before": network.weights(classifier.initial_state),
        "weights_after": network.weights(classifier.state),
        "threshold": classifier.state["neurons.theta"] * volt,
        "assigned": readout.assigned, "proportion": readout.proportion,
        "confusion": confusion(outcome["predicted"], data.test_labels, classes),
        "predicted": outcome["predicted"], "test_labels": data.test_labels,
        "images_seen": np.array([row[0] for row in progress.history], dtype=int),
        "training_accuracy": np.array([row[1] for row in progress.history], dtype=float)}
    axes = {"weights_before": ("input", "neuron"), "weights_after": ("input", "neuron"),
            "threshold": ("neuron",), "assigned": ("neuron",), "proportion": ("neuron", "class"),
            "confusion": ("class", "answer"), "predicted": ("test_image",),
            "test_labels": ("test_image",), "images_seen": ("images_seen",),
            "training_accuracy": ("images_seen",)}
    if options["synapse"] == "memristive":
        if "aged" in outcome:
            arrays["weights_aged"] = outcome["aged"]["weights"]
            axes["weights_aged"] = ("input", "neuron")
        for name in axes.keys() & {"weights_before", "weights_after", "weights_aged"}:
            arrays[name] = arrays[name] * siemens
        curve = network.pulse_response()
        arrays.update({f"pulse_{k}": v * siemens for k, v in curve.items()})
        axes.update({f"pulse_{k}": (f"{k}_pulse",) for k in curve})
    stored = {"retention_model": outcome["aged"]["model"]} if "aged" in outcome else {}
    return Result(arrays, axes, options, {**_attrs(network, data, options), **stored},
                  _metrics(classifier, outcome, options))


def _attrs(network, data, options):
    device = getattr(network, "device", None)
    references = ("DiehlCook2015", "LeCun1998") + (device.references if device else ())
    return provenance.collect(
        kind="diehl_cook", equations=network.equations, seed=options["seed"],
        references=references, dataset_sha256=data.sha256, dataset=data.name,
        dataset_licence=data.licence, image_shape=list(data.image_shape),
        operation=network.operation_text, operation_evidence=_evidence(device),
        network=repr(network.settings),
        no_answer=NO_ANSWER, energy_unit=str(joule))


def _evidence(device):
    evidence = device.evidence.get("operation") if device else None
    return f"{evidence.kind}: {evidence.note}" if evidence else ""


def plot(result):
    """Draw receptive fields, confusion, accuracy, device response and weights."""
    from brianmem import plotting

    figures = {
        "receptive_fields": plotting.receptive_fields(
            result["weights_after"], result["assigned"], result.attrs["image_shape"]),
        "confusion_matrix": plotting.confusion_matrix(result["confusion"]),
        "training_curve": plotting.training_curve(
            result["images_seen"], result["training_accuracy"], result.metrics["accuracy"]),
        "weight_distribution": plotting.weight_distribution(
            result["weights_before"], result["weights_after"])}
    if "pulse_set" in result:
        figures["pulse_response"] = plotting.pulse_response(
            result["pulse_set"], result["pulse_reset"], result["weights_after"],
            result.attrs["operation"])
    return figures


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
