"""From measured pulses to a network: which pulse learns well, and which learns cheaply.

Claim: the energy of writing only grows with the length of a SET pulse, accuracy has a maximum
where one pulse moves a device by about a tenth; so there is a front of best pulses, and the
strongest pulse is far from it.
Citation: network after P. U. Diehl and M. Cook, Front. Comput. Neurosci. 9, 99 (2015);
device of E. Miranda and J. Sune, fitted here to an example measurement that is generated.
Published: no figure; pulses and sizes are proposed.
Run time: five minutes of one core; a quarter of a minute for --quick once built.
"""

import sys
from importlib import resources
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import amp, mA, msecond, second, volt

from brianmem import Evidence, Result, Study, datasets, find, fit, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.experiments._digit_study import run_study
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network.classifier import Classifier

#: Arguments of `point` that decide what is compiled.
STRUCTURE = ("neurons",)
AMPLITUDES, WIDTHS = [1.0, 1.1, 1.2]*volt, [0.03, 0.1, 0.3, 1, 3, 10]*msecond
QUICK = {"amplitudes": [1.1, 1.2]*volt, "widths": [0.03, 0.3, 10]*msecond, "train_images": 600,
         "test_images": 300, "seeds": 1}
_RESET = -2*volt
_FREE = ("I_max", "V_set", "V_res")


def fitted(seed=0):
    """Return what the fit to the example measurement gives."""
    data = resources.files("brianmem.data") / "examples" / "memdiode_pulses.csv"
    return fit(find("memdiode"), str(data), "pulse_train", free=_FREE, seed=seed, name="fitted",
               bounds={"I_max": (1*mA, 10*mA)}, set_amplitude=1.1*volt, set_width=0.9*msecond,
               reset_amplitude=_RESET, reset_width=8.4*msecond, read_voltage=0.1*volt)


def programmed(amplitude, width, I_max, V_set, V_res):
    """Return the fitted device with a SET pulse, and the RESET that moves half as much; and the step.

    The step is the part of the way to the end of the window that one SET goes.
    """
    device = find("memdiode").with_parameters(None, I_max=I_max, V_set=V_set, V_res=V_res)
    step = -np.expm1(-float(width/device.evaluate("T_S", v=amplitude)))
    back = -np.log1p(-step/2)*device.evaluate("T_R", v=_RESET)
    why = Evidence("proposed", "SET as swept; RESET at -2 V so long that it moves half as much.")
    return device.with_operation(why, set=(amplitude, width), reset=(_RESET, back)), step


def point(amplitude: volt = 1.1*volt, width: second = 0.9*msecond, I_max: amp = 4*mA,
          V_set: volt = 0.88*volt, V_res: volt = -1.7*volt, neurons: int = 400,
          train_images: int = 2000, test_images: int = 1000, seed: int = 0) -> Result:
    """Train a network whose devices are programmed with one SET pulse, and test it."""
    device, step = programmed(amplitude, width, I_max, V_set, V_res)
    data = datasets.load("sample", train_images, test_images)
    network = MemristiveDigits(device, neurons=neurons, seed=seed)
    classifier = Classifier(network, seed=seed)
    classifier.train(data.train_images, data.train_labels)
    outcome = classifier.score(data)
    return Result({}, metrics={
        "accuracy": outcome["accuracy"], "step": step,
        "write_energy_J": classifier.progress.totals["write_energy"]/len(data.train_images),
        "read_energy_J": outcome["totals"]["read_energy"]/len(data.test_images)})


def main(neurons: int = 400, train_images: int = 2000, test_images: int = 1000, seeds: int = 2,
         jobs: int = 1, seed: int = 0, resume: bool = False, out: Path | None = None,
         quick: bool = False) -> Result:
    """Fit, sweep the SET pulse, and find the front of accuracy and energy.

    Parameters
    ----------
    neurons : excitatory neurons
    train_images : training images of the embedded sample
    test_images : test images of the embedded sample
    seeds : networks for each pulse
    jobs : processes
    seed : of the fit
    resume : go on with the study in --out
    out : folder of the study, its figures and result
    quick : few pulses and images, for a look and for tests
    """
    if seeds < 1:
        raise InputError(f"--seeds must be at least 1, got {seeds}.")
    amplitudes, widths = AMPLITUDES, WIDTHS
    if quick:
        amplitudes, widths, train_images, test_images, seeds = QUICK.values()
    found = fitted(seed)
    study = Study("device_to_network", point, {"amplitude": amplitudes, "width": widths},
                  seeds=range(seeds),
                  fixed={**{n: found.device.parameters[n] for n in _FREE}, "neurons": neurons,
                         "train_images": train_images, "test_images": test_images})
    table, _ = run_study(study, out, jobs)
    return _result(table, found, neurons, seeds, quick)


def front(energy, accuracy):
    """Return whether no other point costs less and learns better; arrays (points,)."""
    best, order = -np.inf, np.lexsort((-accuracy, energy))
    found = np.zeros(len(energy), dtype=bool)
    for k in order:
        if accuracy[k] > best:
            best, found[k] = accuracy[k], True
    return found


def _result(table, found, neurons, seeds, quick):
    mean = table.mean("seed")
    shape = mean["accuracy"].shape
    accuracy, energy = (mean[n].values.ravel() for n in ("accuracy", "write_energy_J"))
    best = front(energy, accuracy)
    step, strongest = mean["step"].values.ravel(), np.argmax(mean["step"].values)
    data = {"amplitude": table["amplitude"].values*volt, "width": table["width"].values*second,
            "accuracy": accuracy.reshape(shape), "spread": table["accuracy"].std("seed").values,
            "write_energy_J": energy.reshape(shape), "step": step.reshape(shape),
            "on_front": best.reshape(shape)}
    axes = {"amplitude": ("amplitude",), "width": ("width",), **dict.fromkeys(
        ("accuracy", "spread", "write_energy_J", "step", "on_front"), ("amplitude", "width"))}
    top = int(np.argmax(accuracy))
    cheap = int(np.flatnonzero(best)[np.argmin(energy[best])])
    metrics = {
        "accuracy": float(accuracy[top]), "step": float(step[top]),
        "write_energy_per_image_J": float(energy[top]), "pulses_on_front": int(best.sum()),
        "cheapest_accuracy": float(accuracy[cheap]), "cheapest_energy_J": float(energy[cheap]),
        "strongest_accuracy": float(accuracy[strongest]), "strongest_energy_J": float(
            energy[strongest]), "energy_note": "devices only, without neurons and periphery",
        **judged(quick, more_than_one_pulse_is_best=best.sum() > 1,
                 the_strongest_pulse_is_dominated=not best[strongest],
                 writing_costs_more_with_longer_pulses=np.all(
                     np.diff(data["write_energy_J"], axis=1) > 0))}
    device = found.device
    attrs = provenance.collect(
        kind="device_to_network", equations=device.equations, device=device.name,
        references=("DiehlCook2015", "LeCun1998", *device.references), fit=str(found))
    return Result(data, axes, {"neurons": neurons, "seeds": seeds, "quick": quick}, attrs, metrics)


def plot(result):
    """Draw the front, and accuracy against the step of one pulse."""
    from brianmem.plotting import studies

    names = [f"{a:.3g} V" for a in np.asarray(result["amplitude"])]
    return {"front": studies.front(result["write_energy_J"], result["accuracy"], result["on_front"],
                                   names, spread=result["spread"],
                                   xlabel="Write energy of an image (J)"),
            "steps": studies.front(result["step"], result["accuracy"], None, names,
                                   spread=result["spread"],
                                   xlabel="Step of one SET over the rest of the way")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
