"""Habituate a neuron: an equal stimulus, repeated, is answered ever less.

Claim: behind a lithium silicate synapse at 500 uA compliance the firing rate falls under equal
pulses, and not at 100 uA; the sooner the shorter the pauses; rest restores it.
Citation: Z. Wu et al., Adv. Mater. 32, 2004398 (2020); the two compliances are those of
Peng, Gan and Guo, Chip 3, 100093 (2024).
Published: the behaviour. Its magnitudes are not confirmed, and every number here follows from
a proposed model. Whether another, strong stimulus restores the response is measured, but
no claim: nothing but time heals the filament of this model.
Run time: a minute, half of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import TimedArray, msecond, second, siemens, uamp, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing

#: A pulse of the stimulus, and the strong other one: voltage (V) and width (ms).
PULSE, STRONG = (1.0, 1.0), (2.0, 10.0)
#: Pauses between pulses (ms); the shortest is that of all comparisons.
PAUSES = (1, 5, 10)
#: Responses are means over this many pulses; a strong stimulus comes, and ends, this long
#: before the test (ms).
MEAN, BEFORE = 5, 20
_GRID = 0.02  # ms
_SHOWN = (0.08, 0.11)  # s, of the traces
_NAMES = ("500 uA, pause 1 ms", "100 uA, pause 1 ms", "500 uA, pause 5 ms",
          "500 uA, pause 10 ms", "strong stimulus", "no strong stimulus")


def main(pulses: int = 100, rest: second = 1*second, quick: bool = False) -> Result:
    """Repeat a pulse at two compliances and three pauses, rest, and test.

    Parameters
    ----------
    pulses : of the trains
    rest : after the trains with the shortest pause, before the test
    quick : fewer pulses and less rest, for a look and for tests
    """
    if pulses < 4*MEAN or not 0.1 <= float(rest) <= 5:
        raise InputError(f"--pulses must be at least {4*MEAN} and --rest 0.1 to 5 s.")
    pulses, rest = (80, 500*msecond) if quick else (pulses, rest)
    neuron = find("habituating_neuron")
    low = neuron.parameter_sets["non_habituating"]
    starts = [_starts(pulses, pause) for pause in (PAUSES[0], *PAUSES, PAUSES[0], PAUSES[0])]
    starts = [starts[0], starts[0], *starts[2:]]
    ends = starts[0][-1] + PULSE[1] + PAUSES[0]
    soon, late = (ends + wait + _starts(MEAN, PAUSES[0])
                  for wait in (2*BEFORE + STRONG[1], float(rest)*1e3))
    tests = [late, late, [], [], soon, soon]
    drives = [[(s, *PULSE) for s in (*a, *b)] for a, b in zip(starts, tests, strict=True)]
    drives[4].append((ends + BEFORE, *STRONG))
    duration = max(s + w for d in drives for s, _, w in d) + 1
    run = firing(neuron, "stimulus", duration*msecond, n=len(drives), interpolate=False,
                 parameters={"X1_I_cc": np.array([500, 100, 500, 500, 500, 500])*uamp,
                             "mirror": np.array([float(p["mirror"]) for p in
                                                 (neuron.parameters, low, *[neuron.parameters]*4)])},
                 namespace={"stimulus": TimedArray(_table(drives, duration)*volt,
                                                   dt=_GRID*msecond)},
                 record=("X1_G", "v_mem"))
    answers = np.array([_answers(t, s) for t, s in zip(run.times, starts, strict=True)])
    tested = np.array([_answers(t, s).mean() if len(s) else np.nan
                       for t, s in zip(run.times, tests, strict=True)])
    shown = (run.t > _SHOWN[0]) & (run.t < _SHOWN[1])
    data = {"name": np.array(_NAMES), "spikes": answers, "spikes_tested": tested,
            "pulse": np.arange(1, pulses + 1), "t": run.t[shown]*second,
            "G": run.X1_G[0, shown]*siemens, "v_mem": run.v_mem[0, shown]*volt}
    axes = {"name": ("case",), "spikes": ("case", "pulse"), "spikes_tested": ("case",),
            "pulse": ("pulse",), **dict.fromkeys(("t", "G", "v_mem"), ("time",))}
    return Result(data, axes, {"pulses": pulses, "rest": rest}, _attrs(neuron),
                  _metrics(answers, tested, quick))


def _starts(count, pause):
    return np.arange(count)*(PULSE[1] + pause)


def _table(drives, duration):
    """Return the stimuli on the grid, (times, copies)."""
    t = np.arange(round(duration/_GRID))*_GRID
    table = np.zeros((len(t), len(drives)))
    for k, drive in enumerate(drives):
        for start, v, width in drive:
            table[(t > start - _GRID/2) & (t < start + width - _GRID/2), k] = v
    return table


def _answers(times, starts):
    """Return the number of spikes from each start until a pulse's length after the pulse."""
    since = times[:, None]*1e3 - np.asarray(starts)[None, :]
    return np.sum((since >= 0) & (since < 2*PULSE[1]), axis=0)


def _largest(answers):
    return np.convolve(answers, np.ones(MEAN)/MEAN, "valid").max()


def _half(answers):
    """Return the first pulse, from 1, after the largest answer that gets below half of it; or None."""
    low = np.flatnonzero((answers < _largest(answers)/2)
                         & (np.arange(len(answers)) > np.argmax(answers)))
    return int(low[0]) + 1 if len(low) else None


def _metrics(answers, tested, quick):
    share = np.array([a[-MEAN:].mean()/_largest(a) for a in answers])
    halves = [_half(answers[k]) for k in (0, 2, 3)]
    order = [np.inf if h is None else h for h in halves]
    claim = judged(
        quick, falls_at_500_uA=share[0] < 0.5, stays_at_100_uA=share[1] > 0.9,
        sooner_the_shorter_the_pauses=order[0] < order[1] <= order[2],
        recovers_after_rest=tested[0] > 2*answers[0][-MEAN:].mean() and tested[0] > 0)
    return {"share_left_500uA": float(share[0]), "share_left_100uA": float(share[1]),
            **{f"half_at_pulse_pause_{p}ms": h for p, h in zip(PAUSES, halves, strict=True)},
            "largest_spikes_per_pulse": float(_largest(answers[0])),
            "spikes_per_pulse_at_end": float(answers[0][-MEAN:].mean()),
            "spikes_per_pulse_after_rest": float(tested[0]),
            "spikes_per_pulse_after_strong_stimulus": float(tested[4]),
            "spikes_per_pulse_without_it": float(tested[5]),
            "dishabituation": bool(tested[4] > tested[5]),
            "basis": "proposed model; magnitudes of the source not confirmed", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="habituation", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()},
        pulse=f"{PULSE[0]} V, {PULSE[1]} ms", strong=f"{STRONG[0]} V, {STRONG[1]} ms")


def plot(result):
    """Draw the answers to the trains, and synapse and membrane while the first one fails."""
    from brianmem import plotting

    return {"habituation": plotting.answers(
                result["pulse"], result["spikes"][:4],
                [n.replace("uA", "µA") for n in result["name"][:4]],
                "Pulse", "Spikes per pulse"),
            "synapse": plotting.traces(result["t"], [("Synapse", result["G"]),
                                                     ("Membrane", result["v_mem"])])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
