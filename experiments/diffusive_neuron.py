"""Integrate, fire and reset by silver alone: a diffusive memristor and a capacitor.

Claim: the neuron fires after several sub-threshold pulses, fewer the larger they are; in a
pause it resets itself with no circuit for it, and then integrates again. (Without a pause the
bridge hardly opens, and spikes follow with every pulse.)
Citation: Z. Wang et al., Nat. Electron. 1, 137 (2018); model and numbers: the program
DiffusiveMemristor of the Yang group.
Published: the behaviour (abstract), and the parameters of circuit and device (program). That
it takes ten pulses of 2.5 V is computed from these, without the noise of the source.
Run time: a minute, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import msecond, second, usecond, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing

WIDTH, EVERY = 5*usecond, 40*usecond
#: The pulses of the figure's copy cease after the twelfth and come again from here on (s).
PAUSE = (0.48e-3, 1.6e-3)
_SHOWN = 2.4e-3


def main(amplitudes: int = 13, duration: second = 4*msecond, quick: bool = False) -> Result:
    """Apply trains of pulses of several amplitudes, from 1 to 4 V, to one neuron each.

    Parameters
    ----------
    amplitudes : how many
    duration : of the trains
    quick : few amplitudes and a short run, for a look and for tests
    """
    if amplitudes < 2 or not float(duration) >= _SHOWN:
        raise InputError("--amplitudes must be at least 2 and --duration at least 2.4 ms.")
    amplitudes, duration = (7, 2.4*msecond) if quick else (amplitudes, duration)
    neuron = find("diffusive_lif")
    height = np.linspace(1, 4, amplitudes)
    step = float(height[1] - height[0])
    # The last copy is that of the figure, with the pulses of the source and a pause.
    train = (f"((1 + {step!r}*i)*int(i < {amplitudes}) + 2.5*int(i >= {amplitudes}))*volt"
             "*int(t % every >= every - width)"
             f"*(1 - int(i >= {amplitudes})*int(t >= cease)*int(t < resume))")
    run = firing(neuron, train, duration, n=amplitudes + 1,
                 namespace={"every": EVERY, "width": WIDTH, "cease": PAUSE[0]*second,
                            "resume": PAUSE[1]*second},
                 record=("v_mem", "X1_tot", "V_in"), at_spikes=("energy",))
    first = np.array([np.floor(t[0]/float(EVERY)) if len(t) else np.nan for t in run.times])
    shown = run.t < _SHOWN
    filled = run.X1_tot[-1]
    spikes = run.times[-1]
    data = {"amplitude": height*volt, "pulses_before": first[:-1],
            "spikes": np.array([len(t) for t in run.times[:-1]]),
            "t": run.t[shown]*second, "v_mem": run.v_mem[-1, shown]*volt, "filled": filled[shown],
            "V_in": run.V_in[-1, shown]*volt, "spike_t": spikes[spikes < _SHOWN]*second}
    axes = {**dict.fromkeys(("amplitude", "pulses_before", "spikes"), ("amplitude",)),
            **dict.fromkeys(("t", "v_mem", "filled", "V_in"), ("time",)), "spike_t": ("spike",)}
    return Result(data, axes, {"amplitudes": amplitudes, "duration": duration}, _attrs(neuron),
                  _metrics(first, run, spikes, quick))


def _metrics(first, run, spikes, quick):
    counted = first[:-1][np.isfinite(first[:-1])]
    resets = run.X1_tot[-1][np.searchsorted(run.t, PAUSE[1]) - 1] < 0.95
    later = spikes[spikes > PAUSE[1]]
    again = float(np.floor((later[0] - PAUSE[1])/float(EVERY))) if len(later) else np.nan
    # Later ones are partly those of a bridge that hardly opened, and cost less.
    energy = float(run.at_spikes["energy"][-1][0]) if len(spikes) else None
    claim = judged(quick, several_pulses_before_the_first_spike=first[-1] > 1,
                   fewer_the_larger=np.all(np.diff(counted) <= 0) and counted[0] > counted[-1],
                   resets_itself=resets, integrates_anew=again > 1)
    return {"pulses_before_spike_at_2.5V": float(first[-1]), "pulses_before_spike_after_a_pause": again,
            "spikes_at_2.5V": len(spikes), "energy_to_first_spike_J": energy,
            "basis": "computed from published parameters, without noise", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="diffusive_neuron", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()})


def plot(result):
    """Draw membrane and bridge under the pulses, and the pulses that it takes."""
    from brianmem import plotting

    return {"integrate_and_fire": plotting.traces(
                result["t"], [("Source", result["V_in"]), ("Capacitor", result["v_mem"]),
                              ("Gap filled", result["filled"])], spikes=result["spike_t"]),
            "pulses_to_fire": plotting.rate_sweeps(
                [(result["amplitude"], result["pulses_before"], None, None)], ("Pulse amplitude",),
                "Pulses before the first spike")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
