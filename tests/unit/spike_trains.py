"""Spike trains on a clock, and the rules evaluated on them without Brian2.

Each law is written here once more from its definition, with sums over all earlier
spikes instead of traces.
"""

import numpy as np
from brian2 import NeuronGroup, SpikeGeneratorGroup, TimedArray, ms

STEP = 1.0  # ms


def random_trains(rng, spikes=40, steps=1000, apart=False):
    """Return two trains in steps; `apart`: they have no step in common."""
    if apart:
        both = rng.permutation(steps - 2)[:2 * spikes] + 1
        return np.sort(both[:spikes]), np.sort(both[spikes:])
    return tuple(np.sort(rng.permutation(steps - 2)[:spikes]) + 1 for _ in range(2))


def generator(train, **options):
    return SpikeGeneratorGroup(1, np.zeros(len(train), dtype=int), train * STEP * ms,
                               dt=STEP * ms, **options)


def neuron(train, equations="", reset="", method="exact"):
    """Return one neuron that fires at `train` and can hold traces."""
    fires = np.zeros(max(train, default=0) + 2)
    fires[train] = 1
    return NeuronGroup(1, f"v : volt\n{equations}", threshold="fires(t) > 0", reset=reset,
                       method=method, dt=STEP * ms,
                       namespace={"fires": TimedArray(fires, dt=STEP * ms)})


def seen(train, now, tau, nearest=False):
    """Return the trace at step `now` that earlier spikes left."""
    lags = STEP * (now - train[train < now])
    if lags.size == 0:
        return 0.0
    return float(np.exp(-lags.min() / tau)) if nearest else float(np.exp(-lags / tau).sum())


def follow(law, pre, post, w):
    """Return the weight in 0..1 after all spikes, `law` giving (w, pre, post, now, at target)."""
    events = sorted([(t, True) for t in post] + [(t, False) for t in pre])
    for now, at_target in events:
        w = min(max(w + law(w, pre, post, now, at_target), 0.0), 1.0)
    return w


def pair(A_plus, A_minus, tau_plus, tau_minus, nearest=False, mu=0.0, mu_minus=0.0):
    def law(w, pre, post, now, at_target):
        if at_target:
            return A_plus * (1 - w)**mu * seen(pre, now, tau_plus, nearest)
        return -A_minus * w**mu_minus * seen(post, now, tau_minus, nearest)
    return law


def triplet(A2_plus, A3_plus, A2_minus, A3_minus, tau_x, tau_y, nearest=False):
    def law(w, pre, post, now, at_target):
        if at_target:
            return seen(pre, now, 16.8, nearest) * (
                A2_plus + A3_plus * seen(post, now, tau_y, nearest))
        return -seen(post, now, 33.7, nearest) * (A2_minus + A3_minus * seen(pre, now, tau_x, nearest))
    return law


def diehl_cook(w, pre, post, now, at_target):
    if at_target:
        return 0.01 * seen(pre, now, 20, True) * seen(post, now, 40, True)
    return -1e-4 * seen(post, now, 20, True)


def post_only(change):
    """Return the law of `change`(weight, nearest trace of 20 ms)."""
    def law(w, pre, post, now, at_target):
        return change(w, seen(pre, now, 20, True)) if at_target else 0.0
    return law


def recent(w, pre, post, now, at_target):
    if not at_target:
        return 0.0
    earlier = pre[pre < now]
    fired = earlier.size > 0 and (now - earlier.max()) * STEP <= 20
    return 0.02 if fired else -0.01
