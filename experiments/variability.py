"""Measure how much imperfection of its devices an unsupervised spiking network tolerates.

Claim: a spiking layer that learns in its devices works on with extreme variations of them,
thanks to learning without labels and to homeostasis.
Citation: D. Querlioz, O. Bichler and C. Gamrat, Int. Joint Conf. Neural Networks (2011).
Published: function retained under extreme variations of device parameters (abstract). Network
and devices here are our own; stuck devices, levels and on/off ratio go beyond that source.
Each imperfection varies alone, the others at: no spread, no noise, no stuck device (those
that are stay where a uniform draw puts them), 32 SET and 64 RESET pulses from end to end,
on/off 12.5, nonlinearity +2 of both branches.
Measured (100 neurons, 3000 images, 3 seeds, which differ by 2.4 points): within 5 points of the best
up to a spread of 0.2 of ln between devices, noise of twice a pulse's step, 40 % of stuck devices,
down to 32 pulses from end to end, and at every on/off ratio from 100 to 1.5.
Run time: about 4 minutes of processor time for 3 seeds; continue with --resume.
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

#: Values of each imperfection, from the best to the worst.
VALUES = {"d2d": (0.0, 0.1, 0.2, 0.4, 0.8, 1.6), "c2c": (0.0, 0.3, 1.0, 2.0, 4.0, 8.0),
          "stuck": (0.0, 0.05, 0.1, 0.2, 0.4, 0.6), "levels": (128, 64, 32, 16, 8, 4, 2),
          "on_off": (100.0, 12.5, 5.0, 3.0, 2.0, 1.5)}
QUICK = {"d2d": (0.0, 0.4), "stuck": (0.0, 0.6)}
AXES = {"d2d": "Spread between devices, σ of ln", "c2c": "Noise of a pulse's step, σ of its mean",
        "stuck": "Share of stuck devices", "levels": "SET pulses from end to end",
        "on_off": "On/off ratio of conductance"}
#: A curve has left its plateau where it is this far below its best value.
LOSS = 0.05
#: Spread of every device's range and steps that the claim is judged at.
WIDE = 0.4


def main(seeds: int = 3, neurons: int = 100, images: int = 3000, jobs: int = 2, resume: bool = False,
         out: Path | None = None, quick: bool = False) -> Result:
    """Train networks with one imperfection at a time.

    Parameters
    ----------
    seeds : networks at each value
    neurons : excitatory neurons
    images : training images of the embedded sample
    jobs : processes
    resume : continue the study in --out
    out : folder of points, result and figures
    quick : two values of spread and of stuck devices, one seed, fewer images
    """
    if seeds < 1:
        raise InputError(f"--seeds must be at least 1, got {seeds}.")
    values = QUICK if quick else VALUES
    if quick:
        seeds, images, jobs = 1, min(images, 1500), 1
    usual = {"d2d": 0.0, "c2c": 0.0, "stuck": 0.0, "levels": points.LEVELS, "on_off": points.ON_OFF}
    given = {_key({**usual, name: v}): {**usual, name: v} for name, row in values.items() for v in row}
    study = Study("variability", points.train_point, points=list(given.values()), seeds=range(seeds),
                  fixed={"neurons": neurons, "images": images})
    found, seconds = run_study(study, out, jobs)
    table = {(_key({n: p.parameters[n] for n in usual}), p.parameters["seed"]): float(x)
             for p, x in zip(study.points, found["accuracy"].values.ravel(), strict=True)}
    curves = {name: np.array([[table[_key({**usual, name: v}), seed] for seed in range(seeds)]
                              for v in row]) for name, row in values.items()}
    data = {**{n: np.array(v, dtype=float) for n, v in values.items()}, "seed": np.arange(seeds),
            **{f"accuracy_{n}": c for n, c in curves.items()}}
    axes = {**{n: (n,) for n in (*values, "seed")}, **{f"accuracy_{n}": (n, "seed") for n in values}}
    return Result(data, axes, {"seeds": seeds, "neurons": neurons, "images": images, "quick": quick},
                  points.provenance_of("variability", "Querlioz2011"),
                  {**_metrics(values, curves, quick), "points": len(study.points),
                   "seconds_wall": seconds,
                   "seconds_processor": float(found["processor_seconds"].sum())})


def _key(parameters):
    return tuple(float(v) for v in parameters.values())


def _metrics(values, curves, quick):
    """Return means at both ends, and the last value before the loss exceeds `LOSS`."""
    found, means = {}, {name: c.mean(axis=1) for name, c in curves.items()}
    for name, mean in means.items():
        lost = np.flatnonzero(mean < mean[0] - LOSS)
        found[f"accuracy_{name}_best_end"] = float(mean[0])
        found[f"accuracy_{name}_worst_end"] = float(mean[-1])
        found[f"tolerated_{name}"] = float(values[name][lost[0] - 1 if len(lost) else -1])
    spreads = [c.std(axis=1, ddof=1).mean() for c in curves.values() if c.shape[1] > 1]
    found |= {"spread_of_seeds": float(np.mean(spreads))} if spreads else {}
    spread = means["d2d"][values["d2d"].index(WIDE)]
    claim = judged(quick, a_spread_of_40_percent_is_survived=spread > means["d2d"][0] - 3*LOSS,
                   many_stuck_devices_cost=means["stuck"][-1] < means["stuck"][0])
    return {**found, **claim}


def plot(result):
    """Draw accuracy over each imperfection."""
    from brianmem import plotting

    names = [n for n in AXES if n in result]
    panels = [[("", np.asarray(result[n]), 100 * np.asarray(result[f"accuracy_{n}"]))] for n in names]
    return {"variability": plotting.spread_panels(panels, [AXES[n] for n in names], "Accuracy (%)")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
