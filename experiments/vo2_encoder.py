"""Turn a signal into ON and OFF spikes with vanadium dioxide switches, and back.

Claim: an asynchronous delta encoder fires as often as an ideal one, within 8 % or one spike, which
is how much the signal moves, less up to two spikes at each turn; it is silent while the signal
rests, and its spikes rebuild it within one quantum, to which lost resets add up to a tenth where
it is finest.
Citation: R. Yuan et al., Nat. Commun. 14 (2023), whose encoder works on this principle.
Published: accuracies of networks behind the encoder (95.83 %, 99.79 %; abstract), which are
not looked at here. Circuit and signal, a wave in the shape of an electrocardiogram with 150
beats a minute, are proposed.
Run time: two minutes, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import msecond, second, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing
from brianmem.models.targets.vanadium_encoder import quantum, signed

#: P, Q, R, S and T: height (V), time and width (both over a beat).
WAVES = ((0.15, 0.20, 0.025), (-0.12, 0.365, 0.010), (1.0, 0.40, 0.0125), (-0.25, 0.435, 0.010),
         (0.30, 0.65, 0.040))
BEAT = 400*msecond
GAINS = (2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0)
_EVERY = 20
_FINE = 2e-5  # s, of the signal that the ideal encoder reads


def signal(t):
    """Return the signal (V) at the times (s)."""
    phase = t/float(BEAT) % 1
    return sum(height*np.exp(-0.5*((phase - at)/width)**2) for height, at, width in WAVES)


def ideal_spikes(values, quantum):
    """Count the spikes of a delta encoder without loss: one for each quantum away from the last."""
    level, count = values[0], 0
    for value in values:
        steps = int(abs(value - level)/quantum)
        level += np.copysign(steps*quantum, value - level)
        count += steps
    return count


def current():
    """Return the drive, C1 times the slope of the signal, as a Brian2 expression of t."""
    phase = "(t/beat - floor(t/beat))"
    terms = [f"({-height/width**2!r})*({phase} - {at!r})*exp(-0.5*(({phase} - {at!r})/{width!r})**2)"
             for height, at, width in WAVES]
    return f"C1/beat*volt*({' + '.join(terms)})"


def main(beats: int = 3, quick: bool = False) -> Result:
    """Encode some beats with several gains, and decode the spikes.

    Parameters
    ----------
    beats : of 0.4 s
    quick : one beat, for a look and for tests
    """
    if beats < 1:
        raise InputError(f"--beats must be at least 1, got {beats}.")
    beats = 1 if quick else beats
    neuron = find("vanadium_encoder")
    duration = beats*BEAT
    run = firing(neuron, current(), duration, n=len(GAINS), parameters={"gain": np.array(GAINS)},
                 record=("v_mem",), at_spikes=("v_on", "v_off"), every=_EVERY,
                 namespace={"beat": BEAT}, interpolate=False)
    quanta = np.array([quantum(g) for g in GAINS])
    signs = [signed(run, k) for k in range(len(GAINS))]
    true = signal(run.t)
    rebuilt = np.array([q*np.concatenate([[0], np.cumsum(s)])[np.searchsorted(t, run.t)]
                        for q, s, t in zip(quanta, signs, run.times, strict=True)]) + true[0]
    variation = np.abs(np.diff(true)).sum()
    k = GAINS.index(10.0)
    data = {"t": run.t*second, "signal": true*volt, "rebuilt": rebuilt*volt,
            "gain": np.array(GAINS), "quantum": quanta*volt,
            "spikes": np.array([len(t) for t in run.times]), "expected": variation/quanta,
            "ideal": np.array([ideal_spikes(signal(np.arange(0, float(duration), _FINE)), q)
                               for q in quanta]),
            "error": np.abs(rebuilt - true).max(axis=1)*volt,
            "spike_t": run.times[k]*second, "spike_sign": signs[k]}
    axes = {"t": ("time",), "signal": ("time",), "rebuilt": ("gain", "time"), "gain": ("gain",),
            **dict.fromkeys(("quantum", "spikes", "expected", "ideal", "error"), ("gain",)),
            "spike_t": ("spike",), "spike_sign": ("spike",)}
    return Result(data, axes, {"beats": beats}, _attrs(neuron, k),
                  _metrics(data, variation, beats, run, k, quick))


def _metrics(data, variation, beats, run, k, quick):
    off = np.abs(data["spikes"]/data["ideal"] - 1)
    over = np.asarray(data["error"])/np.asarray(data["quantum"])
    counts = np.histogram(run.times[k], np.linspace(0, float(beats*BEAT), 80*beats + 1))[0]
    quiet = float(np.mean(counts == 0))
    claim = judged(
        quick, as_many_spikes_as_an_ideal_encoder_within_8_percent_or_one=np.all(
            np.abs(data["spikes"] - data["ideal"]) <= np.maximum(1, 0.08*data["ideal"])),
        fewer_than_the_total_variation_has_quanta=np.all(data["spikes"] <= data["expected"]),
        rebuilt_within_one_quantum=np.all(over < 1.1),
        silent_most_of_the_time=quiet > 0.5,
        both_signs=set(np.unique(data["spike_sign"])) == {-1, 1})
    return {"spikes_per_beat_gain_10": float(data["spikes"][k]/beats),
            "total_variation_over_quantum": float(data["expected"][k]/beats),
            "worst_count_from_ideal_encoder": float(off.max()), "error_over_quantum": over.tolist(),
            "silent_fraction_of_5ms_bins": quiet, "total_variation_V": float(variation),
            "basis": "proposed circuit and signal", **claim}


def _attrs(neuron, k):
    return provenance.collect(
        kind="vo2_encoder", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, shown=k, beat_s=float(BEAT),
        evidence={name: e.kind for name, e in neuron.evidence.items()})


def plot(result):
    """Draw signal, spikes and reconstruction, and spikes and error against the quantum."""
    from brianmem import plotting

    k, beat = int(result.attrs["shown"]), result.attrs["beat_s"]
    t = np.asarray(result["t"])
    first = t < beat
    spikes = np.asarray(result["spike_t"]) < beat
    return {"encoding": plotting.encoding(
                result["t"][first], result["signal"][first], result["rebuilt"][k][first],
                result["spike_t"][spikes], result["spike_sign"][spikes], result["quantum"][k]),
            "sparsity": plotting.encoder_sweep(result["quantum"], result["spikes"],
                                               result["expected"], result["ideal"],
                                               result["error"])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
