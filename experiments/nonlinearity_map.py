"""Map what nonlinear potentiation and depression cost a spiking network.

Claim: a spiking network tolerates nonlinear updates if potentiation (LTP) and depression
(LTD) are symmetric, or if the nonlinearity of both is positive.
Citation: T. Kim et al., Front. Comput. Neurosci. 15, 646125 (2021).
Published: these two conditions (abstract), on a map of 11 x 11 = 121 cases; the range of
nonlinearity and the accuracies are not confirmed, ours (-5 to 5) is chosen.
Sign: positive where a branch saturates in the direction of its own pulses, for both
branches. "Symmetric" is measured in both readings: an LTD that retraces the LTP (opposite
labels), and branches of one shape (equal labels).
Measured (100 neurons, 3000 images, 2 seeds, 32 SET and 64 RESET pulses over the range): both
positive lie 3.3 +- 0.3 points above all other cases, and a retracing LTD 4.3 +- 0.4 points above
those that are neither. So the ordering appears in that reading. It does not in the other:
branches of one negative shape lie 4.5 points below, for the low corner is where both are negative
(69.6 % against 79.6 %), and LTD -5 with LTP -2 is the worst case (57 %). Opposite signs as such
cost little (78.7 and 79.2 %), which the two published conditions do not suggest. Accuracy goes with the
ratio of the SET to the RESET step at the mean weight (rank correlation 0.69): accelerating
branches make the RESET step large, and the SET step small, where weights are low, so that a
synapse once depressed is likely to stay so (our reading, not a proof).
Run time: 11 minutes of processor time for 121 cases x 2 seeds, on one compiled program; continue
with --resume.
"""

import sys
from pathlib import Path
from typing import Literal

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from scipy.stats import spearmanr

from brianmem import Result
from brianmem.errors import InputError
from brianmem.experiments import _digit_points as points
from brianmem.experiments._claim import judged
from brianmem.experiments._digit_study import branches, run_study
from brianmem.study import Study

LARGEST = 5.0


def main(size: int = 11, seeds: int = 2, neurons: int = 100, images: int = 3000,
         steps: Literal["range", "middle"] = "range", jobs: int = 2, resume: bool = False,
         out: Path | None = None, quick: bool = False) -> Result:
    """Train a network at each pair of nonlinearities.

    Parameters
    ----------
    size : labels of nonlinearity for each branch, evenly spaced from -5 to 5
    seeds : networks at each pair
    neurons : excitatory neurons
    images : training images of the embedded sample
    steps : range, where a fixed number of pulses covers the range; middle, where each pulse in
        the middle of the range makes the same step whatever the nonlinearity
    jobs : processes
    resume : continue the map in --out
    out : folder of points, result and figures
    quick : 3 x 3 pairs, one seed, fewer images
    """
    if quick:
        size, seeds, images, jobs = 3, 1, min(images, 1500), 1
    if size < 2 or seeds < 1:
        raise InputError(f"--size must be at least 2 and --seeds at least 1, got {size} and {seeds}.")
    labels = [float(x) for x in np.linspace(-LARGEST, LARGEST, size)]
    study = Study("nonlinearity_map", points.train_point, {"ltp": labels, "ltd": labels},
                  seeds=range(seeds), fixed={"neurons": neurons, "images": images, "steps": steps})
    found, seconds = run_study(study, out, jobs)
    accuracy = found["accuracy"].transpose("ltp", "ltd", "seed").values
    data = {"ltp": np.array(labels), "ltd": np.array(labels), "seed": np.arange(seeds),
            "accuracy": accuracy,
            **{n: found[n].transpose("ltp", "ltd", "seed").values
               for n in ("mean_weight", "share_below_tenth", "share_above_nine_tenths")}}
    axes = {n: ("ltp", "ltd", "seed")[:v.ndim] for n, v in data.items() if v.ndim == 3}
    axes |= {n: (n,) for n in ("ltp", "ltd", "seed")}
    weight = float(data["mean_weight"].mean())
    metrics = {**_metrics(np.array(labels), accuracy, quick), "mean_weight": weight,
               "correlation_with_step_ratio": float(spearmanr(
                   accuracy.mean(axis=2).ravel(), step_ratio(labels, weight, steps).ravel())[0])}
    attrs = points.provenance_of(
        "nonlinearity_map", "Kim2021",
        sign="positive: the branch saturates in the direction of its own pulses")
    return Result(data, axes, {"size": size, "seeds": seeds, "neurons": neurons, "images": images,
                               "steps": steps, "quick": quick}, attrs,
                  {**metrics, "points": len(study.points), "seconds_wall": seconds,
                   "seconds_processor": float(found["processor_seconds"].sum())})


def groups(labels):
    """Return name to mask (LTP, LTD) of the parts of the map that the claim compares."""
    p, d = np.meshgrid(labels, labels, indexing="ij")
    return {"same_shape": np.isclose(p, d), "retracing": np.isclose(p, -d),
            "both_positive": (p > 0) & (d > 0), "both_negative": (p < 0) & (d < 0),
            "ltp_positive_ltd_negative": (p > 0) & (d < 0),
            "ltp_negative_ltd_positive": (p < 0) & (d > 0)}


def step_ratio(labels, weight, steps="range"):
    """Return the SET step over the RESET step at `weight` 0..1 of the range, (LTP, LTD)."""
    network = [points.MemristiveDigits(points.cell(x, x, steps=steps), neurons=1) for x in labels]
    moved = np.array([[n.pulse_window.next(kind, (weight,))[0] - weight for kind in ("set", "reset")]
                      for n in network])
    return moved[:, :1] / -moved[:, 1]


def _metrics(labels, accuracy, quick):
    mean, parts = accuracy.mean(axis=2), groups(labels)
    means = {name: float(mean[mask].mean()) for name, mask in parts.items()}
    seeds = accuracy.shape[2]
    noise = float(np.sqrt(accuracy.var(axis=2, ddof=1).mean())) if seeds > 1 else float("nan")
    rest = ~parts["both_positive"]
    margins = {"margin_both_positive": means["both_positive"] - float(mean[rest].mean())}
    errors = {"error_both_positive": _error(noise, seeds, parts["both_positive"], rest)}
    for name in ("same_shape", "retracing"):
        other = ~(parts[name] | parts["both_positive"])
        margins[f"margin_{name}"] = means[name] - float(mean[other].mean())
        errors[f"error_{name}"] = _error(noise, seeds, parts[name], other)
        inside = parts[name] & ~parts["both_positive"]
        margins[f"margin_{name}_not_both_positive"] = float(mean[inside].mean() - mean[other].mean())
    ordering = {f"published_ordering_{n}": bool(margins["margin_both_positive"] > 0 and
                                                margins[f"margin_{n}_not_both_positive"] > 0)
                for n in ("same_shape", "retracing")}
    claim = judged(quick, both_positive_stays_above_both_negative=(
        means["both_positive"] > means["both_negative"]))
    return {"accuracy_best": float(mean.max()), "accuracy_worst": float(mean.min()),
            "accuracy_linear": float(mean[np.ix_(*[np.isclose(labels, 0)] * 2)].mean())
            if np.isclose(labels, 0).any() else None,
            **{f"accuracy_{k}": v for k, v in means.items()}, **margins,
            **{k: v for k, v in errors.items() if not np.isnan(v)},
            **({"spread_of_seeds": noise} if seeds > 1 else {}),
            **ordering, **claim}


def _error(noise, seeds, one, other):
    """Return the standard error of a difference of means that the spread of seeds leaves."""
    return float(noise * np.sqrt((1 / one.sum() + 1 / other.sum()) / seeds))


def plot(result):
    """Draw the branches that the signs mean, and the map of accuracy."""
    from brianmem import plotting

    return {"nonlinearity_map": plotting.nonlinearity_map(
        np.asarray(result["ltp"]), np.asarray(result["accuracy"]).mean(axis=2), branches(LARGEST))}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
