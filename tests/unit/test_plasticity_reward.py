"""Reward-modulated synapses: bounds, baselines, pulses gated by eligibility, refusals."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    hertz,
    ms,
    mV,
    second,
    siemens,
    uA,
    volt,
)

from brianmem.device import Device
from brianmem.errors import SynapseError
from brianmem.plasticity import (
    Baseline,
    Dopamine,
    IdealWeight,
    PairSTDP,
    RewardPulses,
    RewardSTDP,
    RewardSynapse,
    bring_up_to_date,
)
from brianmem.synapse import Synapse

pytestmark = pytest.mark.usefixtures("numpy_target")

DEVICE = Device(name="steps", equations="""
    dx/dt = int(v > 0*volt)*0.1/ms - int(v < 0*volt)*0.1/ms : 1
    I = G*v*(0.1 + x) : amp""",
    parameters={"G": 1e-3 * siemens}, initial={"x": 0.5}, bounds={"x": (0, 1)},
    operation={"set": (1 * volt, 1 * ms), "reset": (-1 * volt, 1 * ms),
               "read": (0.1 * volt, 1 * ms)})
RULE = PairSTDP(A_plus=0.01, A_minus=0.01)


def spikes(times, indices=None, n=1):
    indices = np.zeros(len(times), int) if indices is None else indices
    return SpikeGeneratorGroup(n, indices, np.array(times) * ms, dt=1 * ms)


def rewarded(make, reward, at=50, pre=(10,), post=(15,), duration=120):
    """Return the synapses of `make(dopamine group)` after a pair of spikes and a reward."""
    source, target = spikes(pre), NeuronGroup(
        1, "v : volt\nfires = int(abs(t - 15*ms) < 0.5*ms) : 1", threshold="fires > 0.5", dt=1 * ms,
        namespace={"ms": ms})
    if post != (15,):
        target = spikes(post)
        target.variables.add_array("v", size=1, dimensions=volt.dim)
    dopamine, rewards = Dopamine(), spikes([at])
    group = dopamine.group(dt=1 * ms)
    deliver = dopamine.deliver(rewards, group, reward, dt=1 * ms)
    made = make(group).connect(source, target)
    Network(source, target, rewards, group, deliver, made).run(duration * ms, namespace={})
    return made


def ideal(group, **options):
    return RewardSynapse(IdealWeight(), RewardSTDP(RULE, group, **options))


def test_no_reward_no_change():
    made = rewarded(ideal, 0.0)
    assert made.w_now[0] == 0.5
    assert made.eligibility[0] > 0


@pytest.mark.parametrize("reward", [1.0, -1.0])
@pytest.mark.parametrize("order", [1, -1])
def test_the_sign_of_reward_and_of_timing_decide(reward, order):
    post = (15,) if order > 0 else (5,)
    made = rewarded(ideal, reward, post=post)
    assert np.sign(made.w_now[0] - 0.5) == reward * order


def test_the_weight_at_present_is_what_bringing_up_to_date_gives():
    made = rewarded(ideal, 1.0)
    before, now = float(made.w[0]), float(made.w_now[0])
    assert before == 0.5 < now
    bring_up_to_date(made)
    assert float(made.w[0]) == float(made.w_now[0]) == now


def test_bounds_hold():
    assert rewarded(lambda g: ideal(g, rate=1e6 * hertz), 1.0).w_now[0] == 1
    assert rewarded(lambda g: ideal(g, rate=1e6 * hertz), -1.0).w_now[0] == 0


def test_a_weight_that_is_held_stays():
    source, target = spikes([10, 90]), spikes([15, 95])
    dopamine, rewards = Dopamine(), spikes([50])
    group = dopamine.group(dt=1 * ms)
    deliver = dopamine.deliver(rewards, group, dt=1 * ms)
    made = ideal(group).connect(source, target)
    made.plastic = 0
    Network(source, target, rewards, group, deliver, made).run(120 * ms, namespace={})
    assert made.w[0] == made.w_now[0] == 0.5


def pulses(group, **options):
    return Synapse(DEVICE, write=RewardPulses(RULE, group, every=100 * ms, **options),
                   read=1 * mV / uA)


@pytest.mark.parametrize(("reward", "expected"), [(1.0, 0.6), (-1.0, 0.4), (0.5, 0.5), (0.0, 0.5)])
def test_reward_times_eligibility_above_the_threshold_sends_one_pulse(reward, expected):
    """The pair leaves 0.01 exp(-5/20) = 0.0078 and at the phase exp(-0.085) of it; threshold 0.005."""
    made = rewarded(pulses, reward)
    assert made.x[0] == pytest.approx(expected, abs=1e-6)
    assert (made.write_energy[0] > 0) == (expected != 0.5)


def test_pulses_by_chance_come_as_often_as_demanded():
    n, share = 4000, 0.01 * np.exp(-5 / 20) * np.exp(-84 / 1000) / 0.02
    source, target = spikes([10]), spikes(np.full(n, 15), np.arange(n), n)
    target.variables.add_array("v", size=n, dimensions=volt.dim)
    dopamine, rewards = Dopamine(), spikes([50])
    group = dopamine.group(dt=1 * ms)
    deliver = dopamine.deliver(rewards, group, dt=1 * ms)
    made = pulses(group, mode="chance", full=0.02).connect(source, target)
    Network(source, target, rewards, group, deliver, made).run(120 * ms, namespace={})
    moved = np.mean(np.asarray(made.x) > 0.55)
    assert moved == pytest.approx(share, abs=4 * np.sqrt(share / n))


@pytest.mark.parametrize(("clear", "left"), [(True, False), (False, True)])
def test_a_reward_uses_up_eligibility_if_told_so(clear, left):
    made = rewarded(lambda g: pulses(g, clear=clear), 1.0)
    assert bool(made.eligibility[0] != 0) is left


def test_a_baseline_learns_each_class_by_itself():
    baseline = Baseline(2, memory=10)
    surprises = [baseline.surprise(0, 1.0) for _ in range(200)]
    assert surprises[0] == 1
    assert abs(surprises[-1]) < 1e-6
    np.testing.assert_allclose(surprises[:30], 0.9**np.arange(30))
    assert baseline.surprise(1, 1.0) == 1


@pytest.mark.parametrize(("make", "message"), [
    (lambda g: RewardSTDP("pair", g), "rule must be a timing rule"),
    (lambda g: RewardSTDP(RULE, None), "dopamine must be what"),
    (lambda g: RewardSTDP(RULE, g, rate=1 * second), "rate must be in"),
    (lambda g: RewardSTDP(RULE, g, rate=-1 * hertz), "one positive value"),
    (lambda g: RewardSTDP(RewardSTDP(RULE, g), g), "rule must be a timing rule"),
    (lambda g: RewardSynapse(IdealWeight(), RULE), r"write must be RewardSTDP"),
    (lambda g: RewardPulses(RULE, g, every=0 * ms), "one positive value"),
    (lambda g: RewardPulses(RULE, g, every=1 * ms, mode="often"), "mode must be one of"),
    (lambda g: RewardPulses(RULE, g, every=1 * ms, full=-1), "full must be a positive"),
    (lambda g: Synapse(DEVICE, write=RewardSTDP(RULE, g), read=1 * mV / uA).connect(
        spikes([1]), spikes([1])), "needs RewardPulses"),
    (lambda g: Dopamine(tau=0 * ms), "one positive value"),
    (lambda g: Dopamine(tonic=float("nan")), "one finite number"),
    (lambda g: Baseline(0), "whole number"),
    (lambda g: Baseline(2, memory=0), "1 trial or more"),
    (lambda g: Baseline(2).surprise(2, 1.0), "no class 2"),
    (lambda g: Baseline(2).surprise(0, float("nan")), "rewards finite"),
])
def test_bad_input_is_refused(make, message):
    with pytest.raises(SynapseError, match=message):
        make(Dopamine().group(dt=1 * ms))
