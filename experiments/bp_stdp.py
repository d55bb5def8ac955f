"""Teach two layers of integrate-and-fire neurons by labels and spikes: XOR and Iris.

Claim: BP-STDP, which sends errors back through spikes, learns what one layer cannot (XOR)
and classifies flowers never shown.
Citation: A. Tavanaei and A. S. Maida, Neurocomputing 330, 39-47 (2019); data of R. A. Fisher,
Ann. Eugen. 7, 179 (1936).
Published: success on XOR, Iris and MNIST (abstract); 96 % on Iris is reported, not
confirmed. Encoding, sizes and rates here are ours. Those for Iris were chosen among about
sixty (coding, hidden neurons, rate, threshold, averaging) by cross-validation of a faster
program of the same equations, with other seeds and folds of the same flowers; of the best
three (96.8 and 96.4 % with 100 hidden neurons, 96.2 % with 50) the smallest was taken. With
the choice among twelve made anew inside the training flowers of every fold, the faster
program reached 94.7 % (three seeds of five folds): free of that choice, though the twelve
were drawn up after the search.
Measured: XOR 100 % in all of five seeds; Iris 95.3 % (standard deviation 0.6 points over
five seeds of five folds, 94.7 % at the least). Before, with 20 hidden neurons, one showing
of each tested flower and no averaging of weights, it was 90.7 %. By the faster program the
five showings give over a point of the difference and the averaging none that ten seeds show.
Run time: three minutes of CPU for five seeds of XOR and five times five folds of Iris.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from tqdm import tqdm

from brianmem import Result, datasets, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.networks.two_layers import TEXT, BPNetwork
from brianmem.network.program import program

XOR_INPUTS, XOR_LABELS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
FOLDS, REPEATS = 5, 25
XOR = BPNetwork(2, 2, rate=0.002, decay=0.97, threshold_hidden=0.7, threshold_output=4.0)
IRIS = BPNetwork(4, 3, hidden=50, rate=0.002, decay=0.95, threshold_hidden=0.7,
                 threshold_output=4.0, averaged=20, shown=5)


def main(passes: int = 60, seeds: int = 5, quick: bool = False) -> Result:
    """Learn XOR, and Iris with every flower tested once by a network that never saw it.

    Parameters
    ----------
    passes : over the training samples
    seeds : of first weights, folds and phases of the inputs; runs from 0
    quick : one seed, half the passes
    """
    if quick:
        passes, seeds = 30, 1
    if passes < 1 or seeds < 1:
        raise InputError(f"--passes and --seeds must be at least 1, got {passes} and {seeds}.")
    data = datasets.load_iris()
    xor, xor_curves = _xor(passes, seeds)
    right, curves = np.zeros((seeds, len(data[1])), dtype=bool), []
    for seed in tqdm(range(seeds), desc="Iris", disable=quick):
        right[seed], found = cross_validated(*data, passes, seed)
        curves.append(found)
    arrays = {"pass": np.arange(1, passes + 1), "xor_curve": xor_curves, "xor_accuracy": xor,
              "iris_curve": np.array(curves), "iris_right": right}
    axes = {"pass": ("pass",), "xor_curve": ("seed", "pass"), "xor_accuracy": ("seed",),
            "iris_curve": ("seed", "pass"), "iris_right": ("seed", "flower")}
    attrs = provenance.collect(kind="bp_stdp", equations=TEXT,
                               references=("TavanaeiMaida2019", "Fisher1936"))
    return Result(arrays, axes, {"passes": passes, "seeds": seeds, "quick": quick}, attrs,
                  _metrics(xor, right.mean(axis=1), quick))


def _xor(passes, seeds):
    """Return the accuracy on fresh spike trains and the curve in training, per seed."""
    compiled, values = program(XOR.structure()), np.tile(XOR_INPUTS, (REPEATS, 1))
    labels, accuracy, curves = np.tile(XOR_LABELS, REPEATS), [], []
    for seed in range(seeds):
        weights, curve = XOR.train(compiled, values, labels, passes, seed)
        accuracy.append(np.mean(XOR.predict(compiled, weights, values, seed) == labels))
        curves.append(curve)
    return np.array(accuracy), np.array(curves)


def cross_validated(values, labels, passes, seed):
    """Return whether each sample was named rightly by the network of its fold, and the curve.

    Folds hold the same share of every class; the scale of the values is that of the
    training samples, and what lies outside is clipped.
    """
    compiled, fold = program(IRIS.structure()), _folds(labels, seed)
    right, curves = np.zeros(len(labels), dtype=bool), []
    for k in range(FOLDS):
        inside = fold != k
        low, high = values[inside].min(axis=0), values[inside].max(axis=0)
        scaled = np.clip((values - low)/(high - low), 0, 1)
        weights, curve = IRIS.train(compiled, scaled[inside], labels[inside], passes,
                                    FOLDS*seed + k)
        right[~inside] = IRIS.predict(compiled, weights, scaled[~inside], seed) == labels[~inside]
        curves.append(curve)
    return right, np.mean(curves, axis=0)


def _folds(labels, seed):
    rng, fold = np.random.default_rng([seed, 21]), np.zeros(len(labels), dtype=int)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        fold[members] = np.arange(len(members)) % FOLDS
    return fold


def _metrics(xor, iris, quick):
    claim = judged(quick, xor_is_learned=xor.min() == 1.0,
                   iris_is_learned=iris.mean() >= (0.9 if quick else 0.93))
    return {"xor_accuracy": float(xor.mean()), "xor_accuracy_min": float(xor.min()),
            "iris_accuracy": float(iris.mean()), "iris_accuracy_sd": float(iris.std()),
            "iris_accuracy_min": float(iris.min()), "seeds": len(xor), "folds": FOLDS, **claim}


def plot(result):
    """Draw right answers during training, over the seeds."""
    from brianmem import plotting

    return {"learning": plotting.learning_curves(
        result["pass"], [("XOR", result["xor_curve"]), ("Iris", result["iris_curve"])],
        "Pass over the training samples", "Right answers in training")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
