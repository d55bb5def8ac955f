"""How much spread a network of memristive synapses bears: a grid of two kinds of it.

Claim: spread between devices costs accuracy, gradually; noise of each pulse costs far less,
even where it is as large as the step of the pulse.
Citation: network after P. U. Diehl and M. Cook, Front. Comput. Neurosci. 9, 99 (2015).
Published: no figure for this network; spreads and sizes are proposed.
Run time: two and a half minutes of one core; a quarter of a minute for --quick once built.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from brianmem import Result, Study, find, provenance
from brianmem.errors import InputError
from brianmem.experiments import diehl_cook
from brianmem.experiments._claim import judged
from brianmem.experiments._digit_study import run_study
from brianmem.window import check_programmable

D2D, C2C = (0.0, 0.2, 0.5, 1.0), (0.0, 0.2, 1.0)
QUICK = {"d2d": (0.0, 0.2, 1.0), "c2c": (0.0, 0.2), "train_images": 600, "test_images": 300, "seeds": 1}


def main(device: str = "memdiode", neurons: int = 400, train_images: int = 2000,
         test_images: int = 1000, seeds: int = 2, jobs: int = 1, resume: bool = False,
         out: Path | None = None, quick: bool = False) -> Result:
    """Run `diehl_cook` over spread and noise, several seeds each.

    Parameters
    ----------
    device : name of a device, or a device file
    neurons : excitatory neurons
    train_images : training images of the embedded sample
    test_images : test images of the embedded sample
    seeds : networks, each with devices of its own, for each spread
    jobs : processes
    resume : go on with the study in --out
    out : folder of the study, its figures and result
    quick : few spreads and images, for a look and for tests
    """
    if seeds < 1:
        raise InputError(f"--seeds must be at least 1, got {seeds}.")
    found = find(device, "devices")
    check_programmable(found)
    d2d, c2c = D2D, C2C
    if quick:
        d2d, c2c, train_images, test_images, seeds = QUICK.values()
    study = Study("variability_grid", diehl_cook.main, {"d2d": d2d, "c2c": c2c}, seeds=range(seeds),
                  fixed={"device": device, "neurons": neurons, "train_images": train_images,
                         "test_images": test_images}, structure=("neurons",))
    table, _ = run_study(study, out, jobs)
    return _result(table, found, neurons, seeds, quick)


def _result(table, device, neurons, seeds, quick):
    accuracy, spread = (getattr(table["accuracy"], f)("seed").values for f in ("mean", "std"))
    some = table["accuracy"].mean("seed").sel(d2d=0.2, c2c=table["c2c"].values[1])
    data = {"d2d": table["d2d"].values, "c2c": table["c2c"].values, "accuracy": accuracy,
            "spread": spread, "write_energy_J": table["write_energy_per_image_J"].mean("seed").values}
    axes = {"d2d": ("d2d",), "c2c": ("c2c",), **dict.fromkeys(
        ("accuracy", "spread", "write_energy_J"), ("d2d", "c2c"))}
    metrics = {"accuracy": float(accuracy[0, 0]), "accuracy_some_of_both": float(some),
               "accuracy_worst": float(accuracy.min()), "noise_of_some": float(some["c2c"]),
               "accuracy_largest_d2d": float(accuracy[-1, 0]), "accuracy_largest_c2c": float(
                   accuracy[0, -1]),
               **judged(quick, some_spread_leaves_most=some > 0.75*accuracy[0, 0],
                        large_spread_costs_more=accuracy[-1, 0] < min(some, accuracy[0, 0]),
                        noise_costs_less_than_spread=accuracy[0, -1] > accuracy[-1, 0],
                        above_chance=accuracy[0, 0] > 0.3)}
    attrs = provenance.collect(
        kind="variability_grid", equations=device.equations, device=device.name,
        references=("DiehlCook2015", "LeCun1998", *device.references))
    return Result(data, axes, {"device": device.name, "neurons": neurons, "seeds": seeds,
                               "quick": quick}, attrs, metrics)


def plot(result):
    """Draw accuracy over the spread between devices, a line for each noise of pulses."""
    from brianmem.plotting import studies

    names = [f"{100*c:.3g} %" for c in np.asarray(result["c2c"])]
    return {"accuracy": studies.families(result["d2d"], result["accuracy"], names,
                                         spread=result["spread"],
                                         xlabel="Spread between devices (lognormal)",
                                         title="noise of a pulse")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
