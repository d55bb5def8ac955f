"""Habituate a neuron: an equal stimulus, repeated, is answered ever less.

Claim: behind a lithium silicate synapse at 500 uA compliance the firing rate falls under equal
pulses, and not at 100 uA; the sooner the shorter the pauses; rest restores it, and so does a
strong stimulus (dishabituation), but not one that is as long and no stronger than the pulses.
Citation: Z. Wu et al., Adv. Mater. 32, 2004398 (2020); the two compliances are those of
Peng, Gan and Guo, Chip 3, 100093 (2024).
Published: the behaviour. Its magnitudes are not confirmed, and every number here follows from
a proposed model; that a strong stimulus restores the response is a property of this model, and
of habituation in animals, and was not found reported of the device.
Run time: a minute, half of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import Quantity, TimedArray, get_dimensions, msecond, second, siemens, usecond, volt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing

#: A pulse of the stimulus, the strong other one, and one that is only long: voltage (V), width (ms).
PULSE, STRONG, LONG = (1.0, 1.0), (2.0, 10.0), (1.0, 10.0)
#: Pauses between pulses (ms); the shortest is that of all comparisons.
PAUSES = (1, 5, 10)
#: Responses are means over this many pulses, a test has as many as this; the other stimulus
#: comes this long after the train, and ends this long before the test (ms).
MEAN, TEST, BEFORE = 5, 40, 2
_GRID = 20  # us
_SHOWN = (0.08, 0.11)  # s, of the traces
_NAMES = ("500 uA, pause 1 ms", "100 uA, pause 1 ms", "500 uA, pause 5 ms",
          "500 uA, pause 10 ms", "a strong stimulus", "no other stimulus", "a long stimulus")


def main(pulses: int = 100, rest: second = 1*second, quick: bool = False) -> Result:
    """Repeat a pulse at two compliances and three pauses, rest or meet another stimulus, and test.

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
    starts = [_starts(pulses, pause) for pause in (PAUSES[0], *PAUSES, *PAUSES[:1]*3)]
    ends = starts[0][-1] + PULSE[1] + PAUSES[0]
    soon, late = (ends + wait + _starts(TEST, PAUSES[0])
                  for wait in (2*BEFORE + STRONG[1], float(rest)*1e3))
    tests = [late, late, [], [], soon, soon, soon]
    drives = [[(s, *PULSE) for s in (*a, *b)] for a, b in zip(starts, tests, strict=True)]
    drives[4].append((ends + BEFORE, *STRONG))
    drives[6].append((ends + BEFORE, *LONG))
    duration = max(s + w for d in drives for s, _, w in d) + 1
    run = firing(neuron, "stimulus", duration*msecond, n=len(drives), interpolate=False,
                 parameters={key: _at_low(neuron, key) for key in ("X1_I_cc", "mirror")},
                 namespace={"stimulus": TimedArray(_table(drives, duration)*volt,
                                                   dt=_GRID*usecond)},
                 record=("X1_G", "v_mem"))
    answers = np.array([_answers(t, s) for t, s in zip(run.times, starts, strict=True)])
    tested = np.array([_answers(t, s) if len(s) else np.full(TEST, np.nan)
                       for t, s in zip(run.times, tests, strict=True)])
    shown = (run.t > _SHOWN[0]) & (run.t < _SHOWN[1])
    data = {"name": np.array(_NAMES), "spikes": answers, "spikes_tested": tested,
            "pulse": np.arange(1, pulses + 1), "test_pulse": np.arange(1, TEST + 1),
            "t": run.t[shown]*second, "G": run.X1_G[0, shown]*siemens,
            "v_mem": run.v_mem[0, shown]*volt}
    axes = {"name": ("case",), "spikes": ("case", "pulse"), "spikes_tested": ("case", "test_pulse"),
            "pulse": ("pulse",), "test_pulse": ("test_pulse",),
            **dict.fromkeys(("t", "G", "v_mem"), ("time",))}
    return Result(data, axes, {"pulses": pulses, "rest": rest}, _attrs(neuron),
                  _metrics(answers, tested, quick))


def _at_low(neuron, key):
    """Return the parameter for all copies: the second is at the low compliance."""
    values = np.full(len(_NAMES), float(neuron.parameters[key]))
    values[1] = float(neuron.parameter_sets["non_habituating"][key])
    return Quantity(values, dim=get_dimensions(neuron.parameters[key]))


def _starts(count, pause):
    return np.arange(count)*(PULSE[1] + pause)


def _table(drives, duration):
    """Return the stimuli on the grid, (times, copies)."""
    t = np.arange(round(duration*1e3/_GRID))*_GRID*1e-3
    table = np.zeros((len(t), len(drives)))
    for k, drive in enumerate(drives):
        for start, v, width in drive:
            table[(t > start - 1e-6) & (t < start + width - 1e-6), k] = v
    return table


def _answers(times, starts):
    """Return the number of spikes from each start until a pulse's length after the pulse."""
    since = times[:, None]*1e3 - np.asarray(starts)[None, :]
    return np.sum((since >= 0) & (since < 2*PULSE[1]), axis=0)


def _largest(answers):
    return np.lib.stride_tricks.sliding_window_view(answers, MEAN).mean(axis=1).max()


def _half(answers):
    """Return the first pulse, from 1, after the largest answer with half of it or less; or None."""
    low = np.flatnonzero((answers <= _largest(answers)/2)
                         & (np.arange(len(answers)) > np.argmax(answers)))
    return int(low[0]) + 1 if len(low) else None


def _metrics(answers, tested, quick):
    share = np.array([a[-MEAN:].mean()/_largest(a) for a in answers])
    halves = [_half(answers[k]) for k in (0, 2, 3)]
    order = [np.inf if h is None else h for h in halves]
    left, (rested, _, _, _, strong, none, long) = answers[0][-MEAN:].mean(), tested[:, :MEAN].mean(1)
    claim = judged(
        quick, falls_at_500_uA=share[0] < 0.5, stays_at_100_uA=share[1] > 0.9,
        sooner_the_shorter_the_pauses=order[0] < order[1] <= order[2],
        recovers_after_rest=rested > 2*left,
        strong_stimulus_restores=strong > max(2*none, left),
        long_stimulus_does_not=long <= none)
    return {"share_left_500uA": float(share[0]), "share_left_100uA": float(share[1]),
            **{f"half_at_pulse_pause_{p}ms": h for p, h in zip(PAUSES, halves, strict=True)},
            "largest_spikes_per_pulse": float(_largest(answers[0])),
            "spikes_per_pulse_at_end": float(left),
            "spikes_per_pulse_after_rest": float(rested),
            "spikes_per_pulse_after_strong_stimulus": float(strong),
            "spikes_per_pulse_after_long_stimulus": float(long),
            "spikes_per_pulse_without_other_stimulus": float(none),
            "basis": "proposed model; magnitudes of the source not confirmed", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="habituation", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()},
        pulse=f"{PULSE[0]} V, {PULSE[1]} ms", strong=f"{STRONG[0]} V, {STRONG[1]} ms",
        long=f"{LONG[0]} V, {LONG[1]} ms")


def plot(result):
    """Draw the answers to trains and tests, and synapse and membrane while the first one fails."""
    from brianmem import plotting

    return {"habituation": plotting.answers(
                result["pulse"], result["spikes"][:4],
                [n.replace("uA", "µA") for n in result["name"][:4]],
                "Pulse", "Spikes per pulse"),
            "dishabituation": plotting.answers(
                result["test_pulse"], result["spikes_tested"][[0, 4, 5, 6]],
                ["after rest", *(f"after {n}" for n in result["name"][4:])],
                "Pulse of the test", "Spikes per pulse"),
            "synapse": plotting.traces(result["t"], [("Synapse", result["G"]),
                                                     ("Membrane", result["v_mem"])])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
