"""The contenders of plasticity.py: synapses of every rule between the same two groups."""

from brian2 import EventMonitor, Synapses, amp, ms, mvolt

from brianmem import PulseRule, Synapse, find
from brianmem.plasticity import (
    DiehlCookSTDP,
    Dopamine,
    ExponentialSTDP,
    IdealSynapse,
    PairSTDP,
    PowerLawSTDP,
    RewardPulses,
    RewardSTDP,
    RewardSynapse,
    SymmetricSTDP,
    TripletSTDP,
    WeightDependentSTDP,
    WindowRule,
)
from brianmem.plasticity.supervised import BPSTDP

RULES = {
    "pair": PairSTDP(), "pair_nearest": PairSTDP(pairing="nearest"), "soft": WeightDependentSTDP(),
    "triplet_minimal": TripletSTDP(), "triplet_full": TripletSTDP.published("hippocampus", "full"),
    "diehl_cook": DiehlCookSTDP(), "power_law": PowerLawSTDP(), "exponential": ExponentialSTDP(),
    "symmetric": SymmetricSTDP(), "window": WindowRule(),
}
DT = 0.5 * ms
#: Of BP-STDP, half of them wanted: those that stay silent send errors back in every window.
OUTPUTS = 10


def contenders():
    """Return name: function(name, source, target) that makes synapses of that name.

    They come in a list with whatever else the network has to hold.
    """
    return {"plain": plain, **{f"ideal_{name}": ideal(rule) for name, rule in RULES.items()},
            "ideal_rewarded_pair": rewarded, "ideal_bp_stdp": back_propagated,
            "device_pulse_rule": on_device(PulseRule(window=20 * ms)),
            **{f"device_{name}": on_device(rule) for name, rule in RULES.items()},
            "device_rewarded_pair": rewarded_device}


def plain(name, source, target):
    """Make the clipped update that the others are compared with."""
    made = Synapses(source, target, "w : 1\nA : 1 (shared, constant)", on_pre="w = clip(w - A, 0, 1)",
                    on_post="w = clip(w + A, 0, 1)", name=name, namespace={}, clock=source.clock)
    made.connect()
    made.w, made.A = 0.5, 0.01
    return [made]


def ideal(rule):
    return lambda name, source, target: [
        IdealSynapse(write=rule).connect(source, target, name=name)]


def on_device(rule):
    return lambda name, source, target: [Synapse(
        find("memdiode"), write=rule, read=1 * mvolt / amp).connect(
            source, target, x=0.5, seed=0, name=name)]


def rewarded(name, source, target):
    """Let pairs leave eligibility: each event also brings the weight up to date."""
    group, reward = _reward(name, target)
    made = RewardSynapse(write=RewardSTDP(PairSTDP(), group)).connect(source, target, name=name)
    return [made, group, reward]


def rewarded_device(name, source, target):
    """Let pairs leave eligibility; every 50 ms rewards turn it into pulses."""
    group, reward = _reward(name, target)
    made = on_device(RewardPulses(PairSTDP(), group, every=50 * ms))
    return [*made(name, source, target), group, reward]


def _reward(name, target):
    """Return dopamine, and what makes each spike of the first neuron a reward."""
    group = Dopamine().group(f"{name}_dopamine", dt=DT)
    return group, group.dopamine.deliver(target[:1], group, name=f"{name}_delivery", dt=DT)


def back_propagated(name, source, target):
    """Let as many hidden neurons as `target` has learn from errors, and count those.

    They fire at about the rate of an input. The learning rate is so small that they keep their rate.
    """
    layers = BPSTDP(rate=1e-9).layers(source, len(target), OUTPUTS, dt=DT, name=name)
    layers.first.w, layers.second.w = f"2*rand()/{len(source)}", "rand() - 0.5"
    layers.hidden.v, layers.hidden.v_threshold, layers.outputs.v_threshold = "rand()", 1, 1e9
    layers.outputs.wanted, layers.outputs.learning = "int(i % 2 == 0)", 1
    return [*layers, EventMonitor(layers.hidden, "error", record=False)]
