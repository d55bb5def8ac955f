"""Generate the example measurements: python brianmem/data/build_examples.py

They are simulated and made noisy, not measured; each file says so and states the
parameters that it was made with, so that a fit can be judged.
"""

import io
from pathlib import Path

import numpy as np
from brian2 import amp, mamp, second, volt

from brianmem import IVSweep, PulseTrain, find
from brianmem.fitting.closed_forms import arrhenius, stretched_exponential

FOLDER = Path(__file__).parent / "examples"
NOISE = 0.05

#: What each file was made with; everything else is as in the device.
IV_TRUTH = {"I_min": 6e-5*amp, "I_max": 3e-3*amp, "eta_set": 15/volt, "V_set": 0.85*volt,
            "eta_res": 2.5/volt}
PULSE_TRUTH = {"I_min": 5.5e-5*amp, "I_max": 4e-3*amp, "V_set": 0.88*volt, "V_res": -1.7*volt}
RETENTION_TRUTH = {"G_0": 1e-4, "G_inf": 1e-5, "tau_0": 1e-13, "E_a": 1.1, "beta": 0.5}


def noisy(values, seed):
    """Return `values` with independent Gaussian noise of 5 % of each."""
    return values * (1 + NOISE * np.random.default_rng(seed).standard_normal(len(values)))


def iv_sweep(seed=1):
    """Return time (s), voltage (V), current (A) of one cycle of a memdiode."""
    found = IVSweep(amplitude=1.2*volt, period=48*second).run(
        find("memdiode").with_parameters(**IV_TRUTH))
    t, v, i = (np.asarray(found[name])[::2] for name in ("t", "v", "I"))
    return t, v, noisy(i, seed)


def pulse_train(seed=2):
    """Return pulse number and current (A) at 0.1 V of a memdiode: 100 SETs, 100 RESETs."""
    found = PulseTrain(count=100).run(find("memdiode").with_parameters(**PULSE_TRUTH))
    g = np.asarray(found["pulse_conductance"])
    return np.asarray(found["pulse"]), noisy(0.1 * g, seed)


def retention(seed=3):
    """Return time (s), temperature (degree Celsius), conductance (S) of a stretched exponential."""
    t, celsius = (a.ravel() for a in np.meshgrid(np.logspace(0, 6, 61), [60.0, 85.0, 110.0]))
    joules = RETENTION_TRUTH["E_a"] * 1.602176634e-19
    tau = arrhenius(celsius + 273.15, RETENTION_TRUTH["tau_0"], joules)
    g = stretched_exponential(t, RETENTION_TRUTH["G_0"], RETENTION_TRUTH["G_inf"], tau,
                              RETENTION_TRUTH["beta"])
    return t, celsius, noisy(g, seed)


def text(header, truth, columns, formats, what, device="memdiode"):
    """Return the CSV text."""
    rest = f"; the rest as in the device '{device}'" if device else ""
    stated = ", ".join(f"{k} = {v}" for k, v in truth.items())
    file = io.StringIO()
    file.write(f"# Generated, not measured: {what}, with 5 % Gaussian noise.\n"
               f"# Truth: {stated}{rest}.\n"
               "# Made by brianmem/data/build_examples.py.\n")
    np.savetxt(file, np.column_stack(columns), formats, ",", header=header, comments="")
    return file.getvalue()


def main():
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    t, v, i = iv_sweep()
    files = {"memdiode_iv.csv": text(
        "time (s), voltage (V), current (mA)", IV_TRUTH, (t, v, i / float(mamp)),
        ["%.6g", "%.6g", "%.5g"], "one I-V cycle")}
    pulse, i = pulse_train()
    files["memdiode_pulses.csv"] = text(
        "pulse, current (uA)", PULSE_TRUTH, (pulse, i * 1e6), ["%d", "%.5g"],
        "read at 0.1 V after each of 100 SET pulses (1.1 V, 0.9 ms) and 100 "
        "RESET pulses (-2 V, 8.4 ms)")
    t, celsius, g = retention()
    files["retention.csv"] = text(
        "time (s), temperature (degC), conductance (uS)",
        {**RETENTION_TRUTH, "G_0": "100 uS", "G_inf": "10 uS", "tau_0": "1e-13 s", "E_a": "1.1 eV"},
        (t, celsius, g * 1e6), ["%.5g", "%g", "%.5g"],
        "a stretched exponential with an Arrhenius time", device=None)
    for name, content in files.items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
