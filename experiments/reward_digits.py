"""Learn to name digits by reward alone: right or wrong, and nothing else.

Claim: reward-modulated STDP with one global signal teaches a layer to read real digits,
far above chance and close to a linear read-out that is told the labels; with devices that
take whole pulses, gated by eligibility and reward, it still does.
Citation: rule after E. M. Izhikevich, Cereb. Cortex 17, 2443 (2007); expected reward taken
off per class of stimuli as in N. Fremaux et al., J. Neurosci. 30, 13326 (2010).
Published: no figure for this network; its numbers are proposed. They come from a sketch of
the rule that was scored on the sample's 1000 test digits, the share of the baseline from 2000
training digits held out of the 12 000. So the default test is not wholly blind; ``--unseen`` tests
on the 9000 test digits of MNIST that are not in the sample. Measured there, over five seeds,
mean and standard deviation: 86.9 +- 0.8 % with ideal weights (85.3 % at the least), 83.0 +- 1.8 %
with devices; a linear read-out reaches 91.6 %.
Run time: five minutes of CPU for five seeds each of ideal and memristive weights.
"""

import sys
from dataclasses import replace
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from tqdm import tqdm

from brianmem import Result, datasets, provenance
from brianmem.catalog import find
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.networks.digits_by_reward import RewardDigits
from brianmem.network.program import program

SIDE, NEEDED = 14, 0.85
QUICK = {"passes": 1, "seeds": 1, "train_images": 8000, "test_images": 500}


def main(device: str = "memdiode", neurons: int = 100, passes: int = 5, seeds: int = 5,
         train_images: int | None = None, test_images: int | None = None, dataset: str = "sample",
         baseline: float = 0.5, unseen: bool = False, quick: bool = False) -> Result:
    """Train with ideal weights and with devices, and test on digits never rewarded.

    Parameters
    ----------
    device : of the memristive version
    neurons : of the layer, a tenth of them for each class
    passes : over the training images
    seeds : of initial weights, order of images and inputs; runs from 0
    train_images : training images (default: all of the data set)
    test_images : test images (default: all of the data set)
    dataset : sample, mnist, or the path of IDX files of 28 x 28 pixels
    baseline : share of the expected reward that is taken off
    unseen : test on MNIST's 9000 test digits by which nothing was chosen
    quick : one short pass of one seed, for a look and for tests
    """
    if quick:
        passes, seeds, train_images, test_images = QUICK.values()
    _check(neurons, passes, seeds, baseline)
    data = _data(dataset, train_images, test_images, unseen)
    train = halved(data.train_images), data.train_labels
    test = halved(data.test_images), data.test_labels
    kinds = {"ideal": None, device: find(device, "devices")}
    accuracy, curves, energy = (np.zeros((2, seeds)), [], [])
    for k, found in enumerate(kinds.values()):
        for seed in tqdm(range(seeds), desc=list(kinds)[k], disable=quick):
            network = RewardDigits(found, neurons=neurons, n_classes=data.classes,
                                   n_inputs=SIDE**2, baseline=baseline, seed=seed)
            trained = learn(network, *train, passes, seed)
            accuracy[k, seed] = np.mean(answer(network, trained[0], test[0], seed) == test[1])
            curves.append(trained[1])
            energy.append(trained[2])
    linear = linear_accuracy(*train, *test, data.classes)
    curve = np.reshape(curves, (2, seeds, -1))
    arrays = {"kind": np.array(list(kinds)), "accuracy": accuracy, "curve": curve,
              "images": (1 + np.arange(curve.shape[2])) / curve.shape[2] * len(train[1]) * passes}
    axes = {"kind": ("weights",), "accuracy": ("weights", "seed"),
            "curve": ("weights", "seed", "chunk"), "images": ("chunk",)}
    options = {"device": device, "neurons": neurons, "passes": passes, "seeds": seeds,
               "train_images": len(train[1]), "test_images": len(test[1]), "dataset": dataset,
               "baseline": baseline, "unseen": unseen, "quick": quick}
    attrs = provenance.collect(kind="reward_digits", equations=network.equations,
                               references=("Izhikevich2007", "Fremaux2010"),
                               dataset_sha256=data.sha256, linear=float(linear),
                               operation=network.memristive.operation_text)
    return Result(arrays, axes, options, attrs, _metrics(
        accuracy, linear, np.sum(energy[seeds:])/(seeds*passes*len(train[1])), device, quick))


def _check(neurons, passes, seeds, baseline):
    for name, value, low in (("neurons", neurons, 10), ("passes", passes, 1), ("seeds", seeds, 1)):
        if value < low:
            raise InputError(f"--{name} must be at least {low}, got {value}.")
    if not 0 <= baseline <= 1:
        raise InputError(f"--baseline must be in 0..1, got {baseline}.")


def _data(dataset, train_images, test_images, unseen):
    """Return the data set; `unseen` tests on MNIST's digits that the sample does not test on."""
    if not unseen:
        return datasets.load(dataset, train_images, test_images)
    chosen_by = {image.tobytes() for image in datasets.load("sample").test_images}
    every = datasets.load("mnist")
    fresh = np.array([image.tobytes() not in chosen_by for image in every.test_images])
    data = replace(datasets.load(dataset, train_images), test_images=every.test_images[fresh],
                   test_labels=every.test_labels[fresh])
    return data.select(test_images=test_images)


def halved(images):
    """Return images (n, 14*14) of means over squares of 2 x 2 pixels."""
    n, height, width = images.shape
    if (height, width) != (2*SIDE, 2*SIDE):
        raise InputError(f"reward_digits needs images of {2*SIDE} x {2*SIDE} pixels, got "
                         f"{height} x {width}.")
    return images.reshape(n, SIDE, 2, SIDE, 2).mean(axis=(2, 4)).reshape(n, -1)


def learn(network, images, labels, passes, seed):
    """Return the learned state, the share of right answers per chunk, and energy written in J."""
    run, state = program(network.structure()), network.initial_state(seed)
    curve, energy, first = [], 0.0, 0
    for k in range(passes):
        order = np.random.default_rng([seed, 7, k]).permutation(len(labels))
        for start in range(0, len(order), network.block):
            now = order[start:start + network.block]
            out = run.run(network.inputs(state, images[now], labels[now], learning=True,
                                         seed=_seed(seed, 0, first), first_image=first,
                                         total_images=passes*len(labels)),
                          [*network.state_names, *network.output_names])
            state = {name: out[name] for name in network.state_names}
            curve.append(np.mean(network.answers(out, len(now)) == labels[now]))
            energy += out["synapses.write_energy"].sum()
            first += len(now)
    return state, np.array(curve), energy


def answer(network, state, images, seed):
    """Return the answers to images, learning and reward off."""
    run, found = program(network.structure()), []
    for start in range(0, len(images), network.block):
        now = images[start:start + network.block]
        out = run.run(network.inputs(state, now, np.zeros(len(now)), learning=False,
                                     seed=_seed(seed, 1, start)), network.output_names)
        found.append(network.answers(out, len(now)))
    return np.concatenate(found)


def _seed(*parts):
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def linear_accuracy(images, labels, test_images, test_labels, classes, decay=1e-4):
    """Return the test accuracy of multinomial logistic regression on the same pixels."""
    def inputs(x):
        return np.c_[x/255, np.ones(len(x))]
    x, wanted = inputs(images), np.eye(classes)[labels]

    def loss(flat):
        w = flat.reshape(x.shape[1], classes)
        scores = x @ w
        value = -np.sum(wanted*log_softmax(scores, axis=1))/len(x) + decay*np.sum(w**2)
        return value, (x.T @ (softmax(scores, axis=1) - wanted)/len(x) + 2*decay*w).ravel()

    found = minimize(loss, np.zeros(x.shape[1]*classes), jac=True, method="L-BFGS-B",
                     options={"maxiter": 200})
    guess = (inputs(test_images) @ found.x.reshape(x.shape[1], classes)).argmax(axis=1)
    return np.mean(guess == test_labels)


def _metrics(accuracy, linear, energy, device, quick):
    mean, spread = accuracy.mean(axis=1), accuracy.std(axis=1)
    needed = NEEDED - 0.2*quick
    claim = judged(quick, ideal_weights_reach_the_mark=mean[0] >= needed,
                   devices_are_far_above_chance=mean[1] >= 0.4)
    return {"accuracy": float(mean[0]), "accuracy_sd": float(spread[0]),
            "accuracy_min": float(accuracy[0].min()), "accuracy_memristive": float(mean[1]),
            "accuracy_memristive_sd": float(spread[1]), "device": device,
            "gap_memristive": float(mean[0] - mean[1]), "linear_readout": float(linear),
            "chance": 0.1, "seeds": accuracy.shape[1],
            "write_energy_per_image_J": float(energy), **claim}


def plot(result):
    """Draw the learning curves over the seeds, with chance and the linear read-out."""
    from brianmem import plotting

    kinds = [str(kind) for kind in result["kind"]]
    curves = [(kind, result["curve"][k]) for k, kind in enumerate(kinds)]
    return {"learning": plotting.learning_curves(
        np.asarray(result["images"])/1e3, curves, "Images rewarded (thousands)",
        "Right answers in training",
        [("Linear read-out, tested", result.attrs["linear"]), ("Chance", 0.1)])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
