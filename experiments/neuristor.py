"""Fire a neuristor: two niobium dioxide channels that spike all or none.

Claim: a pulse of 10 us of 0.2 V leaves no spike and one of 0.3 V full ones (two here), whose
height does not depend on the drive; after a spike the neuristor is refractory for some microseconds.
Citation: M. D. Pickett, G. Medeiros-Ribeiro and R. S. Williams, Nat. Mater. 12, 114 (2013).
Published: all-or-none spiking, threshold and refractory period. The two pulses, the circuit
values and those of the channels are reported, not confirmed in the source.
Run time: half a minute, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import TimedArray, hertz, joule, nsecond, second, usecond, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing, rate

#: Start, and width of the pulses whose amplitude is varied (us).
ON, WIDTH = 1, 10
#: A pair of pulses: amplitude (V) and width (us), one spike each.
PAIR_V, PAIR_WIDTH = 0.6, 6
SILENT, FIRES = 0.20, 0.30
_GRID = 0.1
_SPIKE = 0.3  # V, the threshold at which the neuron counts


def main(points: int = 41, duration: second = 120*usecond, quick: bool = False) -> Result:
    """Vary the amplitude of a pulse, the pause between two, and a constant drive.

    Parameters
    ----------
    points : of each of the three sweeps
    duration : of each run
    quick : few points and shorter runs, for a look and for tests
    """
    if points < 3 or not float(duration) >= 40e-6:
        raise InputError("--points must be at least 3 and --duration at least 40 us.")
    points, duration = (13, 60*usecond) if quick else (points, duration)
    neuron = find("niobium_neuristor")
    amplitude = np.concatenate([[SILENT, FIRES], np.linspace(0.1, 0.7, points)])
    pause = np.linspace(1, 25, points)
    constant = np.linspace(0.05, 1, points)
    drives = [*(_pulse(v, ON, WIDTH) for v in amplitude),
              *(_pulse(PAIR_V, ON, PAIR_WIDTH, ON + PAIR_WIDTH + p) for p in pause),
              *(_pulse(v, 0, 1e9) for v in constant)]
    table = np.stack([drive(np.arange(round(float(duration)/_GRID*1e6) + 1)*_GRID)
                      for drive in drives], axis=1)
    run = firing(neuron, "pulse", duration, n=len(drives), dt=100*nsecond, record=("v_b",),
                 namespace={"pulse": TimedArray(table*volt, dt=_GRID*usecond)})
    m = len(amplitude)
    pulsed, paired, driven = (range(m), range(m, m + points), range(m + points, len(drives)))
    first = np.array([run.times[c][0] - ON*1e-6 if len(run.times[c]) else np.nan for c in pulsed])
    second_fires = np.array([np.sum(run.times[c] > (ON + PAIR_WIDTH + p)*1e-6)
                             for c, p in zip(paired, pause, strict=True)])
    after = np.array([(PAIR_WIDTH + p + ON)*1e-6 - run.times[c][0] if len(run.times[c]) else np.nan
                      for c, p in zip(paired, pause, strict=True)])
    height = np.array([run.v_b[c].max() for c in pulsed])
    shown = run.t < 20e-6
    data = {"t": run.t[shown]*second, "below": run.v_b[0, shown]*volt, "above": run.v_b[1, shown]*volt,
            "amplitude": amplitude[2:]*volt, "height": height[2:]*volt, "latency": first[2:]*second,
            "pause": pause*usecond, "after_first_spike": after*second, "second_spikes": second_fires,
            "V_in": constant*volt,
            "rate": np.array([rate(run.times[c], 0.25*float(duration)) for c in driven])*hertz}
    axes = {**dict.fromkeys(("t", "below", "above"), ("time",)),
            **dict.fromkeys(("amplitude", "height", "latency"), ("amplitude",)),
            **dict.fromkeys(("pause", "after_first_spike", "second_spikes"), ("pause",)),
            **dict.fromkeys(("V_in", "rate"), ("V_in",))}
    metrics = _metrics(data, [len(run.times[c]) for c in pulsed], height, first,
                       [len(run.times[c]) for c in driven], [run.energy[c] for c in driven],
                       quick)
    return Result(data, axes, {"points": points, "duration": duration}, _attrs(neuron), metrics)


def _pulse(v, *corners):
    """Return V as a function of t (us): on for the width from each start on."""
    start, width, *again = corners
    return lambda t: v*sum((t > s - _GRID/2) & (t < s + width - _GRID/2) for s in (start, *again))


def _metrics(data, number, height, first, driven, energies, quick):
    amplitude, pause = (np.asarray(data[k]) for k in ("amplitude", "pause"))
    spiking = np.array(number[2:]) > 0
    full = height[2:][spiking]
    fires = np.asarray(data["second_spikes"]) > 0
    rates = np.asarray(data["rate"])
    driven = np.array(driven)
    firing_drives = driven > 0
    refractory = np.asarray(data["after_first_spike"])[fires].min() if fires.any() else np.nan
    claim = judged(
        quick, silent_at_0_2_V=number[0] == 0, a_spike_at_0_3_V=number[1] > 0,
        heights_equal_within_5_percent=np.ptp(full) < 0.05*full.mean(),
        nothing_between_rest_and_spike=height[2:][~spiking].max() < 0.5*full.min(),
        sooner_the_stronger=np.all(np.diff(first[2:][spiking]) < 0),
        refractory_after_a_spike=not fires[0] and fires[-1] and np.all(np.diff(fires.astype(int)) >= 0),
        silent_at_the_weakest_constant_drive=not firing_drives[0] and firing_drives[-1])
    return {"spikes_at_0.2V": int(number[0]), "spikes_at_0.3V": int(number[1]),
            "height_at_0.3V_V": float(height[1]), "latency_at_0.3V_s": float(first[1]),
            "height_spread": float(np.ptp(full)/full.mean()),
            "pulse_threshold_V": [float(amplitude[~spiking].max()), float(amplitude[spiking].min())],
            "shortest_pause_that_fires_s": float(pause[fires].min()) if fires.any() else None,
            "refractory_after_spike_s": float(refractory),
            "constant_threshold_V": [float(np.asarray(data["V_in"])[k]) for k in
                                     (np.argmax(firing_drives) - 1, np.argmax(firing_drives))],
            "rate_at_threshold_over_largest": float(rates[rates > 0][0]/rates.max()),
            "least_energy_per_spike_J": float((np.array(energies)/np.maximum(driven, 1))[
                firing_drives].min()),
            "basis": "computed from reported, not confirmed parameters", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="neuristor", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()},
        energy_unit=str(joule), counted_above=_SPIKE)


def plot(result):
    """Draw the two pulses, and height, second spikes and rate over what was varied."""
    from brianmem import plotting

    return {"all_or_none": plotting.traces(
                result["t"], [("Output\nat 0.2 V", result["below"]),
                              ("Output\nat 0.3 V", result["above"])], one_scale=True),
            "sweeps": plotting.panels(
                [(result["amplitude"], "Pulse", result["height"], "Height of output", "o"),
                 (result["amplitude"], "Pulse", result["latency"], "Latency", "o"),
                 (result["pause"], "Pause", result["second_spikes"], "Spikes of second pulse", "o"),
                 (result["V_in"], "Constant drive", result["rate"], "Rate", "o")])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
