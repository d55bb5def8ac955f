"""Reward-modulated STDP against its closed form and against clock-driven equations."""

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, StateMonitor, Synapses, ms, second
from scipy.integrate import solve_ivp

from brianmem.plasticity import Dopamine, IdealWeight, PairSTDP, RewardSTDP, RewardSynapse

pytestmark = pytest.mark.usefixtures("numpy_target")

TAU_C, TAU_D, TONIC, STEPS = 1000.0, 200.0, 0.02, 12_000  # ms
RULE = PairSTDP(A_plus=0.01, A_minus=0.0105)


@pytest.fixture(scope="module")
def events():
    """Spikes of both sides and rewards of both signs, in ms, over a shift of the origin."""
    rng = np.random.default_rng(5)
    pre, post, reward = (np.sort(rng.choice(STEPS - 10, n, replace=False)) for n in (60, 60, 25))
    return pre, post, reward, rng.normal(size=25)


def charges(pre, post):
    """Return (time, demand) of every spike of a synapse."""
    up = [(t, 0.01 * np.exp(-(t - pre[pre < t]) / 20).sum()) for t in post]
    down = [(t, -0.0105 * np.exp(-(t - post[post < t]) / 20).sum()) for t in pre]
    return sorted(up + down)


def closed_form(events, times, span):
    """Return the weight at `times` from the sum over all pairs of charges and rewards.

    A charge a at s and a reward r at u contribute, from max(s, u) on, the integral of
    a r exp(-(t - s)/TAU_C - (t - u)/TAU_D); tonic dopamine that of a exp(-(t - s)/TAU_C).
    """
    pre, post, reward, amount = events
    both = 1 / (1 / TAU_C + 1 / TAU_D)
    w = np.zeros(len(times))
    for s, a in charges(pre, post):
        late = np.maximum(times - s - 1, 0)
        w += a * TONIC * TAU_C * -np.expm1(-late / TAU_C)
        for u, r in zip(reward, amount, strict=True):
            start = max(s, u)
            start_value = a * r * np.exp(-(start - s) / TAU_C - (start - u) / TAU_D)
            w += start_value * both * -np.expm1(-np.maximum(times - start - 1, 0) / both)
    return span * w / 1000


def simulated(events, span, every=100, steps=STEPS):
    """Return times in ms and the weight of a `RewardSynapse` there."""
    pre, post, reward, amount = events
    source, target = (SpikeGeneratorGroup(1, np.zeros(len(t), int), t * ms, dt=1 * ms)
                      for t in (pre, post))
    rewards = SpikeGeneratorGroup(len(reward), np.arange(len(reward)), reward * ms, dt=1 * ms)
    dopamine = Dopamine(TAU_D * ms, TAU_C * ms, TONIC)
    group = dopamine.group(dt=1 * ms)
    deliver = dopamine.deliver(rewards, group, amount, dt=1 * ms)
    synapse = RewardSynapse(IdealWeight(-span / 2, span / 2), RewardSTDP(RULE, group))
    made = synapse.connect(source, target, dt=1 * ms)
    seen = StateMonitor(made, "w_now", record=True, dt=every * ms)
    Network(source, target, rewards, group, deliver, made, seen).run(steps * ms, namespace={})
    return np.asarray(seen.t / ms), np.asarray(seen.w_now[0]), made, group


def test_weights_follow_the_closed_form(events):
    times, w, _, _ = simulated(events, span=10.0)
    expected = closed_form(events, times, 10.0)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(w, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_weights_follow_dense_integration(events):
    times, w, _, _ = simulated(events, span=10.0, steps=6000)
    pre, post, reward, amount = events
    jumps = sorted([(t + 1, 0, a) for t, a in charges(pre, post)]
                   + [(t + 1, 1, r) for t, r in zip(reward, amount, strict=True)])
    y, found, now = np.zeros(3), np.zeros(len(times)), 0.0
    for at, which, size in [*jumps, (6000.0, 0, 0.0)]:
        if now >= 6000:
            break
        at = min(at, 6000.0)
        wanted = (times >= now) & (times <= at)
        if at > now:
            path = solve_ivp(lambda _, y: [-y[0] / TAU_C, -y[1] / TAU_D,
                                           10 * y[0] * (y[1] + TONIC) / 1000],
                             (now, at), y, method="DOP853", rtol=1e-11, atol=1e-15,
                             t_eval=np.unique([*times[wanted], at]))
            found[wanted] = path.y[2][:wanted.sum()]
            y = path.y[:, -1]
        y[which] += size
        now = at
    np.testing.assert_allclose(w, found, rtol=0, atol=1e-6 * np.abs(found).max())


def clock_driven(events, dt, span, steps):
    """Return the weight at the end by Euler steps of the synaptic equations."""
    pre, post, reward, amount = events
    names = ("pre", "post")
    sides = dict(zip(names, (SpikeGeneratorGroup(1, np.zeros(len(t), int), (t + 1) * ms, dt=dt)
                             for t in (pre, post)), strict=True))
    rewards = SpikeGeneratorGroup(len(reward), np.arange(len(reward)), (reward + 1) * ms, dt=dt)
    made = Synapses(sides["pre"], sides["post"], f"""
        dc/dt = -c/({TAU_C}*ms) : 1 (clock-driven)
        dd/dt = -d/({TAU_D}*ms) : 1 (clock-driven)
        dw/dt = {span}*c*(d + {TONIC})/second : 1 (clock-driven)
        da/dt = -a/(20*ms) : 1 (event-driven)
        db/dt = -b/(20*ms) : 1 (event-driven)""",
        on_pre="c -= 0.0105*b\na += 1", on_post="c += 0.01*a\nb += 1", method="euler", dt=dt)
    made.connect()
    paid = Synapses(rewards, made, "r : 1", on_pre="d_post += r", dt=dt)
    paid.connect()
    paid.r = amount
    Network(*sides.values(), rewards, made, paid).run(
        steps * ms, namespace={"ms": ms, "second": second})
    return float(made.w[0])


def test_a_clock_driven_synapse_converges_to_it(events):
    pre, post, reward, amount = events
    keep = reward < 2990
    short = (pre[pre < 2990], post[post < 2990], reward[keep], amount[keep])
    _, _, made, _ = simulated(short, span=10.0, steps=3000)
    exact = float(np.asarray(made.w_now[0]))
    errors = [abs(clock_driven(short, dt * ms, 10.0, 3000) - exact) for dt in (1.0, 0.5, 0.25)]
    assert errors[0] > errors[1] > errors[2]
    np.testing.assert_allclose(np.array(errors[:-1]) / errors[1:], 2, rtol=0.25)  # first order


def test_a_weight_keeps_its_precision_over_shifts_of_the_origin():
    """A synapse that waits through two shifts of the origin ends where the closed form does."""
    train = np.array([10]), np.array([15]), np.array([500]), np.array([1.0])
    _, _, made, group = simulated(train, span=1.0, every=5000, steps=25_000)
    expected = closed_form(train, np.array([25_000.0]), 1.0)[0]
    assert float(made.w_now[0]) == pytest.approx(expected, rel=1e-9)
    assert np.isfinite(group.gathered[0])
    last, charge = charges(*train[:2])[-1]
    left = charge * np.exp(-(25_000 - last - 1) / TAU_C)  # a spike of a generator acts a step later
    assert float(made.eligibility[0]) == pytest.approx(left, rel=1e-9)
