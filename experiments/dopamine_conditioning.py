"""Reward one of a hundred stimuli, late and among others, and see its response grow.

Claim: eligibility that spike pairs leave and dopamine reads out a second later finds the
synapses of the rewarded stimulus: the response to it grows over those to all others.
Citation: E. M. Izhikevich, Cereb. Cortex 17, 2443-2452 (2007).
Published: the response to the rewarded stimulus comes to stand out; no number is compared
here. Numbers of the network are those of the author's program as it circulates (reported).
A quick run has 20 stimuli instead of 100, so that rewards come five times as often: there
the other responses grow too, and less.
Measured (an hour, one seed): 188 spikes to the rewarded stimulus, 67 +- 7 to the others (95 at the
most), 67 before.
Run time: two minutes of CPU for an hour of the network, a third of it the one build.
"""

import sys
from itertools import pairwise
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import ms, second

from brianmem import Result, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.networks.dopamine_network import (
    EXCITATORY,
    SNAPSHOT,
    TEXT,
    DopamineNetwork,
    pairs,
)
from brianmem.network.program import program

# Spikes count as a response from the step after the stimulus, in ms.
RESPONSE = (1, 50)
PARTS = 12


def main(duration: second = 3600*second, warm_up: second = 100*second, stimuli: int = 100,
         delay: second = 1*second, seed: int = 0, quick: bool = False) -> Result:
    """Present stimuli, reward the first of them, and compare responses.

    Parameters
    ----------
    duration : of the simulated session
    warm_up : stretch before the first reward
    stimuli : groups of 50 random neurons, up to 100
    delay : rewards come up to this after the rewarded stimulus
    seed : of groups, order of stimuli, delays and noise
    quick : ten minutes with 20 stimuli, for a look and for tests
    """
    if quick:
        duration, warm_up, stimuli = 600*second, 60*second, 20
    if not 0 < 4*float(warm_up) <= float(duration):
        raise InputError(f"--warm-up must be positive and at most a quarter of --duration, got "
                         f"{warm_up} of {duration}.")
    if not 1 <= float(delay/ms) <= 1e5:
        raise InputError(f"--delay must be 1 ms to 100 s, got {delay}.")
    network = DopamineNetwork(duration=duration, stimuli=stimuli, delay=delay, warm_up=warm_up,
                              seed=seed)
    plan = network.schedule()
    out = program(network.structure()).run(network.inputs(plan), network.output_names)
    edges = np.linspace(0, float(duration), PARTS + 1)
    before, after, course = _responses(out["count.fired"], plan, network, edges)
    weights = _group_weights(out["weights.w_now"], plan[0][:stimuli], network)
    data = {"time": 0.5*(edges[1:] + edges[:-1])*second, "response": course,
            "response_before": before, "response_after": after, "weight": weights,
            "weight_time": np.arange(weights.shape[1])*SNAPSHOT}
    axes = {"time": ("time_of_session",), "response": ("stimulus", "time_of_session"),
            "response_before": ("stimulus",), "response_after": ("stimulus",),
            "weight": ("stimulus", "snapshot"), "weight_time": ("snapshot",)}
    options = {"duration": duration, "warm_up": warm_up, "stimuli": stimuli, "delay": delay,
               "seed": seed, "quick": quick}
    attrs = provenance.collect(kind="dopamine_conditioning", equations=TEXT, seed=seed,
                               references=("Izhikevich2007", "Izhikevich2003"))
    rate = out["count.fired"][-1]/EXCITATORY/float(duration)
    return Result(data, axes, options, attrs, _metrics(before, after, weights, rate, quick))


def _responses(fired, plan, network, edges):
    """Return spikes that follow each stimulus: before rewards, in the last third, in each part."""
    _, onsets, which, _ = plan
    total = float(network.duration/ms)
    shown = onsets < total - RESPONSE[1] - 1
    onsets, which = onsets[shown].astype(int), which[shown]
    spikes = fired[onsets + RESPONSE[1]] - fired[onsets + RESPONSE[0]]

    def mean(start, end):
        now = (onsets >= 1e3*start) & (onsets < 1e3*end)
        times = np.bincount(which[now], minlength=network.stimuli)
        sums = np.bincount(which[now], spikes[now], network.stimuli)
        return np.where(times > 0, sums/np.maximum(times, 1), np.nan)

    end = float(network.duration)
    return (mean(0, float(network.warm_up)), mean(2*end/3, end),
            np.array([mean(a, b) for a, b in pairwise(edges)]).T)


def _group_weights(recorded, members, network):
    """Return the mean weight of synapses from excitatory neurons of each group, in time."""
    sources = pairs(network.connection_seed)[0][0]
    recorded = recorded.reshape(-1, sources.size)
    return np.array([recorded[:, row[sources] > 0].mean(axis=1) for row in members])


def _metrics(before, after, weights, rate, quick):
    others, first = after[1:], np.nanmean(before)
    claim = judged(quick, rewarded_responds_most=after[0] > others.max(),
                   response_to_rewarded_grows=after[0] > 1.2*first,
                   its_weights_exceed_all_others=weights[0, -1] > weights[1:, -1].max())
    return {"response_rewarded": float(after[0]), "response_others": float(others.mean()),
            "response_others_sd": float(others.std()), "response_others_max": float(others.max()),
            "response_before": float(first), "ratio": float(after[0]/others.mean()),
            "weight_rewarded": float(weights[0, -1]), "weight_others": float(weights[1:, -1].mean()),
            "weight_others_max": float(weights[1:, -1].max()), "rate_hz": float(rate), **claim}


def plot(result):
    """Draw responses and weights of the rewarded stimulus against those of the others."""
    from brianmem import plotting

    def draw(time, values, label):
        values = np.asarray(values)
        return plotting.one_against_others(np.asarray(time)/60, values[0], values[1:],
                                           "Time (min)", label, ("Rewarded", "Others"))

    return {"responses": draw(result["time"], result["response"],
                              f"Spikes within {RESPONSE[1]} ms"),
            "weights": draw(result["weight_time"], result["weight"], "Mean weight of the group")}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
