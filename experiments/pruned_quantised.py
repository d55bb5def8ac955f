"""Prune weak synapses and quantise the others at intervals while a spiking network learns.

Claim: most synapses of a network that learns by spikes can go, and the others do with few
conductance levels: accuracy stays flat, then falls at a knee; energy and area are saved.
Citation: N. Rathi, P. Panda and K. Roy, arXiv:1710.04734 (2017).
Published: 90.1 % on MNIST with 3.1 times less energy and 4 times less area at the same accuracy
as the full topology (abstract). Network, device and rule are our own: what conducts least goes,
of all synapses alike, and the accuracies are those of 100 neurons and few images.
Energy is that of the devices; area counts the devices that are left, which is what an array
saves only where pruned devices need not be made. Pruned devices carry no current, as cut ones.
Measured (100 neurons, 3000 images, 5 seeds, six intervals, standard errors): half pruned costs
0.1 +- 0.7 points of about 80 % on average over the numbers of levels, and from -0.9 to 0.8 points
at each of them; the knee is at 80 %. 4 to 16 levels cost nothing that 5 seeds show, 2 levels
2.6 +- 0.3 points. Devices save half of the
area at 50 %, but only 4 % of the read and 6 % of the write energy: what goes conducts least,
and writing was dense while pruning was under way.
Run time: about 8 minutes of processor time; continue with --resume.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from brianmem import Result
from brianmem.errors import InputError
from brianmem.experiments import _digit_points as points
from brianmem.experiments._claim import judged
from brianmem.experiments._digit_study import run_study
from brianmem.study import Study

SPARSITY = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)
#: 0: as many levels as the device has.
LEVELS = (0, 16, 8, 4, 2)
#: Loss that the claim allows at 50 %, and loss that marks the knee.
ALLOWED, KNEE = 0.01, 0.03


def main(seeds: int = 5, neurons: int = 100, images: int = 3000, intervals: int = 6, jobs: int = 2,
         resume: bool = False, out: Path | None = None, quick: bool = False) -> Result:
    """Train networks for each share pruned and number of levels.

    Parameters
    ----------
    seeds : networks at each point
    neurons : excitatory neurons
    images : training images of the embedded sample
    intervals : into which training is divided; each ends with pruning and quantising
    jobs : processes
    resume : continue the study in --out
    out : folder of points, result and figures
    quick : dense, half and nearly empty, as they are and on four levels, one seed, fewer images
    """
    if seeds < 1 or intervals < 1:
        raise InputError("--seeds and --intervals must be at least 1, got "
                         f"{seeds} and {intervals}.")
    sparsity, levels = SPARSITY, LEVELS
    if quick:
        seeds, images, jobs, sparsity, levels = 1, min(images, 1500), 1, (0.0, 0.5, 0.97), (0, 4)
    study = Study("pruned_quantised", points.prune_point, {"sparsity": sparsity, "quantised": levels},
                  seeds=range(seeds), fixed={"neurons": neurons, "images": images,
                                             "intervals": intervals})
    found, seconds = run_study(study, out, jobs)
    names = ("accuracy", "read_energy_per_image_J", "write_energy_per_image_J", "spikes_per_image",
             "pruned")
    data = {n: found[n].transpose("sparsity", "quantised", "seed").values for n in names}
    axes = dict.fromkeys(names, ("sparsity", "quantised", "seed"))
    own = {"sparsity": np.array(sparsity), "quantised": np.array(levels), "seed": np.arange(seeds)}
    return Result({**own, **data}, {**axes, **{n: (n,) for n in own}},
                  {"seeds": seeds, "neurons": neurons, "images": images, "intervals": intervals,
                   "quick": quick}, points.provenance_of("pruned_quantised", "Rathi2017"),
                  {**_metrics(own, data, quick), "points": len(study.points), "seconds_wall": seconds,
                   "seconds_processor": float(found["processor_seconds"].sum())})


def _metrics(own, data, quick):
    accuracy, sparsity = data["accuracy"], own["sparsity"]
    half, found = int(np.argmin(np.abs(sparsity - 0.5))), {}
    for k, levels in enumerate(own["quantised"]):
        name = f"{levels}_levels" if levels else "continuous"
        loss = accuracy[:1, k] - accuracy[:, k]  # of the same seed, (sparsity, seed)
        mean = loss.mean(axis=1)
        past = np.flatnonzero(mean > KNEE)
        found |= {f"accuracy_dense_{name}": float(accuracy[0, k].mean()),
                  f"loss_at_half_{name}": float(mean[half]),
                  f"knee_{name}": float(sparsity[past[0] - 1 if len(past) else -1]),
                  **_error(f"loss_at_half_{name}_error", loss[half])}
        if k:
            found |= {f"loss_by_{name}": float((accuracy[0, 0] - accuracy[0, k]).mean()),
                      **_error(f"loss_by_{name}_error", accuracy[0, 0] - accuracy[0, k])}
    pooled = (accuracy[0] - accuracy[half]).mean(axis=0)  # over the numbers of levels, (seed,)
    found |= {"loss_at_half": float(pooled.mean()), **_error("loss_at_half_error", pooled)}
    for kind in ("read", "write"):
        energy = data[f"{kind}_energy_per_image_J"].mean(axis=(1, 2))
        found |= {f"{kind}_energy_at_half": float(energy[half] / energy[0]),
                  f"{kind}_energy_at_most_pruned": float(energy[-1] / energy[0])}
    limit = 0.05 if quick else ALLOWED  # of one seed, whose own noise is above a point
    return {**found, "devices_left_at_half": float(1 - data["pruned"][half].mean()),
            **judged(quick, half_is_not_missed=found["loss_at_half"] <= limit,
                     falls_when_nearly_all_are_gone=(
                         accuracy[-1].mean() < accuracy[0].mean() - KNEE))}


def _error(name, values):
    """Return the standard error of the mean over seeds, nothing for one seed."""
    return {name: float(values.std(ddof=1) / np.sqrt(len(values)))} if len(values) > 1 else {}


def plot(result):
    """Draw accuracy and energies over the share of synapses pruned."""
    from brianmem import plotting

    share = 100 * np.asarray(result["sparsity"])
    levels = [int(n) for n in np.asarray(result["quantised"])]
    names = [f"{n} levels" if n else "continuous" for n in levels]
    curves = [(name, share, 100 * np.asarray(result["accuracy"])[:, k])
              for k, name in enumerate(names)]
    energies = [(f"{kind} energy", share, 100 * e / e[:1].mean(axis=1, keepdims=True)) for kind, e in (
        (k, np.asarray(result[f"{k}_energy_per_image_J"])[:, 0]) for k in ("read", "write"))]
    left = ("devices left", share, 100 * (1 - np.asarray(result["pruned"])[:, 0]))
    label = "Synapses pruned (%)"
    return {"accuracy": plotting.spread_panels([curves], [label], "Accuracy (%)", columns=1),
            "savings": plotting.spread_panels([[*energies, left]], [label], "Of the dense network (%)",
                                              columns=1)}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
