"""Plasticity rules on ideal weights, against evaluators that know nothing of Brian2."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, PoissonGroup, amp, collect, mA, ms, mV, uA, volt

from brianmem import plasticity
from brianmem.errors import SynapseError
from brianmem.plasticity import (
    DiehlCookSTDP,
    ExponentialSTDP,
    IdealSynapse,
    IdealWeight,
    PairSTDP,
    PowerLawSTDP,
    SymmetricSTDP,
    TripletSTDP,
    WeightDependentSTDP,
    WindowRule,
)
from tests.unit import spike_trains as trains

pytestmark = pytest.mark.usefixtures("numpy_target")

VISUAL, HIPPOCAMPUS = (0.0, 6.5e-3, 7.1e-3, 0.0, 101, 114), (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27)
NEAREST = (4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575, 47)
PAIR = {"A_plus": 0.004, "A_minus": 0.003, "tau_plus": 15 * ms, "tau_minus": 30 * ms}
SOFT = {**PAIR, "A_plus": 0.04, "A_minus": 0.05, "mu_plus": 0.7, "mu_minus": 1.3}
RULES = {
    "pair": (PairSTDP(**PAIR), trains.pair(0.004, 0.003, 15, 30)),
    "pair_nearest": (PairSTDP(pairing="nearest", **PAIR), trains.pair(0.004, 0.003, 15, 30, True)),
    "soft": (WeightDependentSTDP(**SOFT), trains.pair(0.04, 0.05, 15, 30, mu=0.7, mu_minus=1.3)),
    "soft_linear": (WeightDependentSTDP(**{**SOFT, "mu_plus": 1.0, "mu_minus": 0.0}),
                    trains.pair(0.04, 0.05, 15, 30, mu=1.0, mu_minus=0.0)),
    "triplet_minimal": (TripletSTDP(), trains.triplet(*VISUAL)),
    "triplet_full": (TripletSTDP.published("hippocampus", "full"), trains.triplet(*HIPPOCAMPUS)),
    "triplet_nearest": (TripletSTDP.published("hippocampus", "full", "nearest"),
                        trains.triplet(*NEAREST, nearest=True)),
    "diehl_cook": (DiehlCookSTDP(), trains.diehl_cook),
    "power_law": (PowerLawSTDP(eta=0.05, mu=0.9), trains.post_only(
        lambda w, x: 0.05 * (x - 0.4) * (1 - w)**0.9)),
    "exponential": (ExponentialSTDP(eta=0.05, beta=2.0), trains.post_only(
        lambda w, x: 0.05 * (x * np.exp(-2 * w) - 0.4 * np.exp(-2 * (1 - w))))),
    "symmetric": (SymmetricSTDP(eta=0.05, mu=0.5), trains.post_only(
        lambda w, x: 0.05 * (x * (1 - w)**0.5 - 0.4 * w**0.5))),
    "window": (WindowRule(20 * ms, A_plus=0.02, A_minus=0.01), trains.recent),
}


@pytest.fixture(scope="module")
def learnt(numpy_target):
    """Return trains and {rule: weight} for every rule, from one network each of two pairs."""
    found = []
    for seed in (1, 2):
        pre, post = trains.random_trains(np.random.default_rng(seed), apart=seed == 2)
        source, target = trains.generator(pre), trains.generator(post)
        made = {name: IdealSynapse(write=rule).connect(source, target)
                for name, (rule, _) in RULES.items()}
        Network(source, target, *made.values()).run(1000 * ms, namespace={})
        found.append((pre, post, {name: float(s.w[0]) for name, s in made.items()}))
    return found


@pytest.mark.parametrize("name", RULES)
def test_random_trains_give_what_sums_over_all_spikes_give(learnt, name):
    law = RULES[name][1]
    for pre, post, weights in learnt:
        expected = trains.follow(law, pre, post, 0.5)
        assert abs(expected - 0.5) > 1e-3
        np.testing.assert_allclose(weights[name], expected, rtol=0, atol=1e-9)


def lone_pair(rule, lag, w=0.5):
    source, target = trains.generator(np.array([50])), trains.generator(np.array([50 + lag]))
    made = IdealSynapse(write=rule).connect(source, target, x=w)
    Network(source, target, made).run(150 * ms, namespace={})
    return float(made.w[0]) - w


@pytest.mark.parametrize("lag", [-40, -1, 0, 1, 25])
def test_window_of_a_pair_is_exponential(lag):
    expected = 0.004 * np.exp(-lag / 15) if lag > 0 else -0.003 * np.exp(lag / 30)
    np.testing.assert_allclose(lone_pair(PairSTDP(**PAIR), lag), expected * (lag != 0), atol=1e-12)


def test_weight_stays_between_its_bounds_and_keeps_its_unit():
    rng = np.random.default_rng(0)
    pre, post = trains.random_trains(rng)
    source, target = trains.generator(pre), trains.neuron(post)
    weight = IdealWeight(-1 * mV, 2 * mV)
    rule = PairSTDP(A_plus=0.9, A_minus=0.8)
    made = IdealSynapse(weight, rule, read=0.5).connect(source, target, x=1.0)
    seen, network = [], Network(source, target, made)
    for _ in range(10):
        network.run(100 * ms, namespace={})
        seen.append(float(made.w[0] / mV))
    assert min(seen) >= -1
    assert max(seen) <= 2
    assert len(set(seen)) > 3
    assert made.w.dim is volt.dim


def test_weight_of_any_range_changes_by_the_same_share():
    rule, shares = RULES["soft"][0], []
    pre, post = trains.random_trains(np.random.default_rng(3), spikes=20, steps=300)
    for low, high in ((0, 1), (-2 * uA, 6 * uA)):
        source, target = trains.generator(pre), trains.generator(post)
        made = IdealSynapse(IdealWeight(low, high), rule).connect(source, target, x="0.25")
        Network(source, target, made).run(300 * ms, namespace={})
        shares.append(float((made.w[0] - low) / (high - low)))
    np.testing.assert_allclose(*shares, rtol=1e-12)


def test_read_drives_the_target_by_the_weight_before_it_changes():
    source, target = trains.generator(np.array([5])), trains.neuron(np.array([], dtype=int))
    made = IdealSynapse(IdealWeight(0 * uA, 10 * uA), PairSTDP(), read=2 * mV / uA)
    synapses = made.connect(source, target, x=0.3)
    Network(source, target, synapses).run(10 * ms, namespace={})
    np.testing.assert_allclose(float(target.v[0] / mV), 6.0)


def test_plastic_zero_holds_every_weight():
    source, target = trains.generator(np.array([5])), trains.generator(np.array([9]))
    made = IdealSynapse(write=PairSTDP()).connect(source, target)
    made.plastic = 0
    Network(source, target, made).run(20 * ms, namespace={})
    assert made.w[0] == 0.5


@pytest.mark.parametrize("name", ["pair", "pair_nearest", "triplet_full", "window"])
def test_neurons_that_hold_the_traces_learn_the_same(learnt, name):
    rule, (pre, post, weights) = RULES[name][0], learnt[0]
    source = trains.neuron(pre, rule.source_equations, rule.source_reset)
    target = trains.neuron(post, rule.target_equations, rule.target_reset)
    made = IdealSynapse(write=rule).connect(source, target)
    assert not any(isinstance(o, NeuronGroup) for o in made.contained_objects)
    Network(source, target, made).run(1000 * ms, namespace={})
    np.testing.assert_allclose(float(made.w[0]), weights[name], rtol=0, atol=1e-12)


def test_poisson_sources_teach_in_a_network_that_collects_itself():
    inputs = PoissonGroup(20, 100 * Hz, dt=1 * ms)
    neurons = NeuronGroup(5, "v : volt", threshold="rand() < 0.05", reset="", dt=1 * ms, namespace={})
    synapses = IdealSynapse(write=PairSTDP(A_minus=0.0)).connect(inputs, neurons)
    collected = Network(collect())
    collected.run(200 * ms, namespace={})
    assert np.all(synapses.w[:] >= 0.5)
    assert np.mean(synapses.w[:]) > 0.52


def test_parts_of_groups_and_recurrent_synapses_learn():
    rule = PairSTDP(**PAIR)
    group = NeuronGroup(4, f"{rule.source_equations}\n{rule.target_equations}\nt_fire : second",
                        threshold="abs(t - t_fire) < dt/2", method="exact", namespace={},
                        reset=f"{rule.source_reset}\n{rule.target_reset}", dt=1 * ms)
    group.t_fire = [10, 20, 30, 40] * ms
    held = IdealSynapse(write=rule).connect(group[2:], group[:2])
    inputs = NeuronGroup(3, "t_fire : second", threshold="abs(t - t_fire) < dt/2", namespace={},
                         dt=1 * ms)
    inputs.t_fire = [99, 99, 15] * ms
    beside = IdealSynapse(write=rule).connect(inputs[1:], group[1:3])
    Network(group, held, inputs, beside).run(60 * ms, namespace={})
    expected = [-0.003 * np.exp(-lag / 30) for lag in (20, 10, 30, 20)]
    np.testing.assert_allclose(held.w[:] - 0.5, expected, rtol=1e-9)
    expected = [0, 0, 0.004 * np.exp(-5 / 15), 0.004 * np.exp(-15 / 15)]
    np.testing.assert_allclose(beside.w[:] - 0.5, expected, atol=1e-12)


@pytest.mark.parametrize(("equations", "reset", "fault"), [
    ("dinput_trace/dt = -input_trace/(0.015*second) : 1", "", "reset lacks 'input_trace \\+= 1'"),
    ("dinput_trace/dt = -input_trace/(0.2*second) : 1", "input_trace += 1", "does not obey"),
    ("input_trace : 1", "input_trace += 1", "does not obey")])
def test_trace_that_behaves_otherwise_is_refused(equations, reset, fault):
    source = trains.neuron(np.array([1]), equations, reset)
    with pytest.raises(SynapseError, match=fault):
        IdealSynapse(write=PairSTDP(**PAIR)).connect(source, trains.generator(np.array([2])))


@pytest.mark.parametrize("name", ["A_plus", "w"])
def test_name_that_targets_use_too_is_refused(name):
    target = NeuronGroup(1, f"{name} : 1", namespace={})
    with pytest.raises(SynapseError, match=f"has a variable '{name}'.* Rename that of the group"):
        IdealSynapse(write=PairSTDP()).connect(trains.generator(np.array([2])), target)


@pytest.mark.parametrize(("make", "fault"), [
    (lambda: PairSTDP(tau_plus=-1 * ms), "PairSTDP: tau_plus must be positive"),
    (lambda: PairSTDP(tau_minus=0 * ms), "tau_minus must be positive"),
    (lambda: PairSTDP(tau_minus=20), "tau_minus must be in second, got 20"),
    (lambda: PairSTDP(A_plus=-0.1), "A_plus must be a number 0 or more"),
    (lambda: PairSTDP(A_plus=float("nan")), "A_plus must be a number 0 or more"),
    (lambda: PairSTDP(A_plus=1 * mV), "A_plus must be a plain number, got 1. mV|1 mV"),
    (lambda: PairSTDP(A_plus=np.array([0.1, 0.2])), "A_plus must be one value"),
    (lambda: PairSTDP(A_plus="big"), "A_plus must be a plain number"),
    (lambda: PairSTDP(pairing="some"), "pairing must be one of all, nearest"),
    (lambda: WeightDependentSTDP(mu_plus=-1), "mu_plus"),
    (lambda: TripletSTDP(tau_y=0 * ms), "TripletSTDP: tau_y must be positive"),
    (lambda: TripletSTDP.published("retina"), "no fit .*Known are .*hippocampus"),
    (lambda: DiehlCookSTDP(tau_post=1 * volt), "tau_post must be in second"),
    (lambda: ExponentialSTDP(beta=1e6), "beta must be a number in 0..100"),
    (lambda: WindowRule(window=-1 * ms), "window must be positive"),
    (lambda: IdealWeight(1, 0), "low must lie below high"),
    (lambda: IdealWeight(0, 1 * mV), "Use one unit"),
    (lambda: IdealWeight("a", 1), "must be one number"),
    (lambda: IdealSynapse(write=3), "write must be a rule of brianmem.plasticity"),
    (lambda: IdealSynapse(5, PairSTDP()), "weight must be an IdealWeight")])
def test_bad_values_are_named_at_construction(make, fault):
    with pytest.raises(SynapseError, match=fault) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_bad_gain_and_states_are_named():
    source, target = trains.generator(np.array([2])), trains.neuron(np.array([3]))
    with pytest.raises(SynapseError, match="read gain for 'v' must be in volt, got volt/amp|got"):
        IdealSynapse(write=PairSTDP(), read=1 * mV / mA).connect(source, target)
    with pytest.raises(SynapseError, match="no variable 'ge'"):
        IdealSynapse(read=1).connect(source, target, into="ge")
    with pytest.raises(SynapseError, match=r"states must lie in 0\.\.1"):
        IdealSynapse(IdealWeight(0 * amp, 1 * amp)).connect(source, target, x=2)


def test_every_rule_is_public_and_does_not_change():
    for rule, _ in RULES.values():
        assert getattr(plasticity, type(rule).__name__) is type(rule)
        assert rule == pickle.loads(pickle.dumps(rule))
        assert rule.full > 0
        with pytest.raises(FrozenInstanceError):
            rule.tau_plus = 1 * ms
