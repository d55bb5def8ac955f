"""Drive a vanadium dioxide oscillator by voltage and by resistance.

Claim: a threshold switch, a capacitor and a resistor fire only where both conditions of
oscillation hold, over the measured range faster with more voltage and less resistance.
Citation: R. Yuan et al., Nat. Commun. 14 (2023), its preprint.
Published: eight frequencies, 0.35 to 0.90 MHz, at 3.0 to 4.8 kohm and 4.2 to 6.0 V. Five
parameters of the model are fitted to these eight; only the conditions are a prediction.
Run time: a minute, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import amp, hertz, joule, nsecond, ohm, second, usecond, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing, rate
from brianmem.models.targets.vanadium_dioxide_threshold import MEASURED, period
from brianmem.models.targets.vanadium_oscillator import conditions

#: Where the other one is varied.
V_IN, R_LOAD = 6.0, 3000.0
SETTLED = 1e-6
_TRACE = 5e-6
_FINE = 400


def main(points: int = 31, duration: second = 24*usecond, quick: bool = False) -> Result:
    """Sweep voltage and resistance, and run the measured points.

    Parameters
    ----------
    points : of each sweep
    duration : of each run
    quick : few points and a short run, for a look and for tests
    """
    if points < 3 or not float(duration) > 2*SETTLED:
        raise InputError(f"--points must be at least 3 and --duration above {2e6*SETTLED:g} us.")
    points, duration = (9, 8*usecond) if quick else (points, duration)
    neuron, switch = find("vanadium_oscillator"), find("vanadium_dioxide_threshold")
    v_sweep, r_sweep = np.linspace(2, 8, points), np.linspace(1e3, 8e3, points)
    measured = np.array(MEASURED)*[1, 1e3, 1e6]
    v_in = np.concatenate([measured[:, 0], v_sweep, np.full(points, V_IN)])
    r_load = np.concatenate([measured[:, 1], np.full(points, R_LOAD), r_sweep])
    run = firing(neuron, v_in*volt, duration, parameters={"R_L": r_load*ohm},
                 dt=neuron.suggested_dt if quick else 5*nsecond, record=("v_mem", "X1_I"))
    found = np.array([rate(t, SETTLED) for t in run.times])
    exact = np.array([_exact(v, r, switch) for v, r in zip(v_in, r_load, strict=True)])
    spent = run.energy[0]/len(run.times[0])
    m = len(measured)
    shown = run.t < _TRACE
    v_fine, r_fine = np.linspace(2, 8, _FINE), np.linspace(1e3, 8e3, _FINE)
    lines = [[_exact(v, R_LOAD, switch) for v in v_fine], [_exact(V_IN, r, switch) for r in r_fine]]
    data = {"measured_V_in": measured[:, 0]*volt, "measured_R_L": measured[:, 1]*ohm,
            "measured_frequency": measured[:, 2]*hertz, "simulated_frequency": found[:m]*hertz,
            "V_in": v_sweep*volt, "frequency_of_V_in": found[m:m + points]*hertz,
            "fine_V_in": v_fine*volt, "exact_of_V_in": np.array(lines[0])*hertz,
            "R_L": r_sweep*ohm, "frequency_of_R_L": found[m + points:]*hertz,
            "fine_R_L": r_fine*ohm, "exact_of_R_L": np.array(lines[1])*hertz,
            "t": run.t[shown]*second, "v_mem": run.v_mem[0, shown]*volt,
            "I": run.X1_I[0, shown]*amp}
    axes = {**{k: ("point",) for k in data if k.startswith(("measured", "simulated"))},
            "frequency_of_V_in": ("V_in",), "frequency_of_R_L": ("R_L",),
            **{f"{kind}_{x}": (f"fine_{x}",) for x in ("V_in", "R_L") for kind in ("fine", "exact_of")},
            "t": ("time",), "v_mem": ("time",), "I": ("time",)}
    return Result(data, axes, {"points": points, "duration": duration},
                  _attrs(neuron), _metrics(found, exact, measured, spent, quick))


def _exact(v_in, r_load, switch):
    return 1/period(v_in, r_load) if conditions(v_in, r_load, switch) else 0.0


def _metrics(found, exact, measured, spent, quick):
    m = len(measured)
    sweeps, closed = found[m:], exact[m:]
    # Nearly at the edge of the window a period may be longer than the run.
    fires = (closed > 0) & (sweeps > 0)
    from_measured = np.abs(found[:m]/measured[:, 2] - 1).max()
    from_exact = np.abs(sweeps[fires]/closed[fires] - 1).max()
    by_resistance = found[np.argsort(-measured[:4, 1])]
    claim = judged(
        quick, within_5_percent_of_the_fitted_points=from_measured < 0.05,
        silent_outside_of_both_conditions=np.all(sweeps[closed == 0] == 0),
        faster_with_less_resistance=np.all(np.diff(by_resistance) > 0),
        faster_with_more_voltage=np.all(np.diff([*found[4:m], found[0]]) > 0))
    return {"worst_from_measured": float(from_measured), "worst_from_closed_form": float(from_exact),
            "silent_points": int(np.sum(closed == 0)), "energy_per_spike_J": float(spent),
            "basis": "five parameters fitted to the eight measured points", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="vo2_oscillator", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()},
        V_th=float(neuron.parameters["X1_V_th"]), V_hold=float(neuron.parameters["X1_V_hold"]),
        energy_unit=str(joule))


def plot(result):
    """Draw both sweeps over the measured points, and voltage and current of the spikes."""
    from brianmem import plotting

    fixed = np.asarray(result["measured_R_L"]) == R_LOAD, np.asarray(result["measured_V_in"]) == V_IN
    sweeps = [(result[x], result[f"frequency_of_{x}"], (result[f"fine_{x}"], result[f"exact_of_{x}"]),
               (result[f"measured_{x}"][mask], result["measured_frequency"][mask]))
              for x, mask in zip(("V_in", "R_L"), fixed, strict=True)]
    return {"frequency": plotting.rate_sweeps(
                sweeps, (r"Voltage $V_\mathrm{in}$", r"Resistance $R_\mathrm{L}$"),
                "Frequency", "measured (fitted to)"),
            "spikes": plotting.traces(
                result["t"], [("Voltage", result["v_mem"]), ("Current", result["I"])],
                levels={0: (result.attrs["V_th"], result.attrs["V_hold"])})}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
