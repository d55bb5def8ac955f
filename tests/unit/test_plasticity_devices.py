"""Plasticity rules that program devices through their pulse maps."""

import numpy as np
import pytest
from brian2 import (
    Network,
    SpikeGeneratorGroup,
    ms,
    mV,
    prefs,
    siemens,
    uA,
    volt,
)

from brianmem.device import Device
from brianmem.errors import SynapseError
from brianmem.plasticity import (
    IdealSynapse,
    IdealWeight,
    PairSTDP,
    PowerLawSTDP,
    Pulsed,
    TripletSTDP,
    WeightDependentSTDP,
    WindowRule,
    connect,
)
from brianmem.synapse import PulseRule, Synapse
from brianmem.variation import Variation
from tests.unit import bending_device
from tests.unit import spike_trains as trains
from tests.unit.bending_device import GAIN
from tests.unit.test_plasticity import RULES

pytestmark = pytest.mark.usefixtures("numpy_target")

DEVICE = bending_device.DEVICE.with_parameters(tau=30 * ms, x=0.5)


def on_device(rule, pre, post, n=1, duration=150, **options):
    """Return a synapse and its `brian2.Synapses` after one source and `n` targets fired."""
    source = trains.generator(pre)
    target = SpikeGeneratorGroup(n, np.tile(np.arange(n), len(post)), np.repeat(post, n) * ms,
                                 dt=1 * ms)
    target.variables.add_array("v", size=n, dimensions=volt.dim)
    synapse = Synapse(DEVICE, write=rule, read=GAIN, **options)
    made = synapse.connect(source, target, seed=0)
    Network(source, target, made).run(duration * ms, namespace={})
    return synapse, made


@pytest.mark.parametrize("name", RULES)
def test_scaled_pulses_follow_the_demands_through_the_maps(name):
    rule, law = RULES[name]
    pre, post = trains.random_trains(np.random.default_rng(5), spikes=25, steps=500, apart=True)
    synapse, made = on_device(Pulsed(rule, mode="scaled"), pre, post, duration=500)
    (set_map,), (reset_map,) = synapse.maps

    def step(w, pre, post, now, at_target):
        demand = law(w, pre, post, now, at_target)
        pulse = set_map if demand >= 0 else reset_map
        return min(abs(demand) / rule.full, 1) * (float(pulse.step(w)) - w)

    expected = trains.follow(step, pre, post, 0.5)
    assert abs(expected - 0.5) > 1e-3
    # The table against the map's own closed form or table: both are straight between points.
    np.testing.assert_allclose(made.x[0], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_causal_spikes_set_and_the_others_reset(name):
    rule = Pulsed(RULES[name][0])
    causal = on_device(rule, np.array([20, 22]), np.array([23, 24]), n=50)[1]
    silent = on_device(rule, np.array([25]), np.array([20]), n=50)[1]
    assert np.mean(causal.x[:]) > 0.5
    if name != "diehl_cook":  # its depression is a hundredth of its potentiation
        assert np.mean(silent.x[:]) < 0.5


def test_weight_is_what_is_read_where_a_set_lowers_the_state():
    lowered = Device(name="lowered", equations="""
        dx/dt = int(v > 0*volt)*(1 - x)/tau - int(v < 0*volt)*x/tau : 1
        I = G*v*(1.1 - x) : amp""",
        parameters={"tau": 30 * ms, "G": 1e-3 * siemens}, initial={"x": 0.2}, bounds={"x": (0, 1)},
        operation={"set": (-1 * volt, 1 * ms), "reset": (1 * volt, 1 * ms),
                   "read": (0.1 * volt, 1 * ms)})
    source, target = trains.generator(np.array([20])), trains.neuron(np.array([23]))
    rule = WeightDependentSTDP(A_plus=0.01, A_minus=0.01, mu_plus=2.0)
    made = connect(lowered, Pulsed(rule, mode="scaled"), source, target, read=GAIN)
    Network(source, target, made).run(40 * ms, namespace={})
    # The weight was 0.8.
    expected = 0.2 - np.exp(-3 / 20) * (1 - 0.8)**2 * 0.2 * (1 - np.exp(-1 / 30))
    np.testing.assert_allclose(made.x[0], expected, rtol=1e-6)


def test_wild_demands_stay_between_the_bounds():
    rng = np.random.default_rng(0)
    pre, post = trains.random_trains(rng, spikes=60, steps=400)
    rule = Pulsed(PairSTDP(A_plus=5.0, A_minus=4.0), full=0.5)
    made = on_device(rule, pre, post, n=40, duration=400, variation=Variation(c2c=5, d2d=0.5))[1]
    assert made.x[:].min() >= 0
    assert made.x[:].max() <= 1
    assert made.x[:].std() > 0.01


def test_chance_sends_whole_pulses_as_often_as_asked():
    rule = PairSTDP(A_plus=0.02, A_minus=0.01, tau_plus=20 * ms)
    synapse, made = on_device(rule, np.array([20]), np.array([30]), n=4000, duration=40)
    step = float(synapse.maps[0][0].step(0.5)) - 0.5
    moved = (made.x[:] - 0.5) / step
    assert set(np.round(moved, 6)) == {0.0, 1.0}
    expected = np.exp(-0.5)
    assert abs(moved.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / 4000)
    energy = float(synapse.maps[0][0].energy(0.5))
    np.testing.assert_allclose(np.asarray(made.write_energy), energy * moved, rtol=1e-6)


def test_full_demand_chooses_the_share_of_a_pulse():
    rule = PairSTDP(A_plus=0.02, tau_plus=20 * ms)
    changes = [on_device(Pulsed(rule, mode="scaled", full=f), np.array([20]), np.array([30]))[1].x[0]
               - 0.5 for f in (0.02, 0.04)]
    np.testing.assert_allclose(changes[0], 2 * changes[1], rtol=1e-9)


def test_window_rule_is_the_pulse_rule():
    rng = np.random.default_rng(2)
    # Spikes of both sides in one step are recent for PulseRule alone, and rounding decides
    # at its window's very end.
    pre, post = trains.random_trains(rng, steps=600, apart=True)
    found = [on_device(rule, pre, post, duration=600)[1]
             for rule in (WindowRule(window=20.5 * ms), PulseRule(window=20.5 * ms))]
    assert found[0].x[0] == found[1].x[0] != 0.5
    assert float(found[0].write_energy[0]) == float(found[1].write_energy[0]) > 0


def test_pulses_of_the_wrapper_come_before_those_of_the_device():
    rule = Pulsed(PairSTDP(), set=(1 * volt, 2 * ms))
    synapse = Synapse(DEVICE, write=rule, read=GAIN)
    assert synapse.maps[0][0].width == 2 * ms
    assert synapse.maps[1][0].width == 0.5 * ms


def test_stuck_and_spread_devices_learn_as_with_the_pulse_rule():
    variation = Variation(stuck=0.3, d2d=0.3, tau=0.2)
    synapse, made = on_device(Pulsed(PairSTDP(), mode="scaled"), np.array([20]), np.array([21]),
                              n=200, variation=variation)
    moved = made.x[:] != 0.5
    stuck = made.mobile[:] == 0
    assert 0.2 < stuck.mean() < 0.4
    start, end = synapse.maps[0][0].step(0.5) - 0.5, made.x[:][~stuck] - 0.5
    assert np.all(moved[~stuck])
    assert end.std() / end.mean() > 0.2
    np.testing.assert_allclose(end.mean() / start, np.exp(-1 / 20), rtol=0.5)


@pytest.mark.parametrize("mode", ["ideal", "device"])
def test_one_argument_swaps_ideal_and_device(mode):
    weight = DEVICE if mode == "device" else IdealWeight(10 * uA, 110 * uA)
    source = SpikeGeneratorGroup(2, [0, 0], [5, 20] * ms)
    target = trains.neuron(np.array([25]))
    made = connect(weight, PairSTDP(), source, target, read=GAIN, x=[0.5, 0.5])
    Network(source, target, made).run(30 * ms, namespace={})
    np.testing.assert_allclose(float(target.v[0] / mV), 2 * 60, rtol=1e-4)
    state = made.x if mode == "device" else made.w
    assert float(state[0]) > float(state[1])


@pytest.mark.parametrize(("make", "fault"), [
    (lambda: Pulsed(3), "rule must be one of brianmem.plasticity"),
    (lambda: Pulsed(PairSTDP(), mode="often"), "mode must be one of chance, scaled"),
    (lambda: Pulsed(PairSTDP(), full=0), "full must be a positive number"),
    (lambda: Pulsed(PairSTDP(), full="a"), "full must be a positive number"),
    (lambda: Pulsed(PairSTDP(A_plus=0, A_minus=0)), "full must be a positive number"),
    (lambda: Synapse(DEVICE, write="stdp", read=GAIN), "write must be a rule such as PulseRule")])
def test_bad_values_are_named_at_construction(make, fault):
    with pytest.raises(SynapseError, match=fault) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.long
def test_cython_learns_what_numpy_learns(monkeypatch):
    pre, post = trains.random_trains(np.random.default_rng(7), spikes=20, steps=300)
    found = []
    for target in ("numpy", "cython"):
        monkeypatch.setitem(prefs, "codegen.target", target)
        source, fired = trains.generator(pre), trains.neuron(post)
        made = [connect(DEVICE, Pulsed(TripletSTDP(), mode="scaled"), source, fired, read=GAIN),
                IdealSynapse(write=PowerLawSTDP()).connect(source, fired)]
        Network(source, fired, *made).run(300 * ms, namespace={})
        found.append([float(made[0].x[0]), float(made[1].w[0])])
    np.testing.assert_allclose(*found, rtol=1e-12)
    assert 0.5 not in np.round(found[0], 6)


def test_delay_holds_for_the_read_and_the_change():
    source, target = trains.generator(np.array([20])), trains.neuron(np.array([23]))
    # Before the target's spike without the delay, after it with the delay.
    made = connect(DEVICE, Pulsed(PairSTDP(A_plus=0), mode="scaled"), source, target, read=GAIN,
                   delay=5 * ms)
    Network(source, target, made).run(40 * ms, namespace={})
    assert made.x[0] < 0.5
    np.testing.assert_allclose(float(target.v[0] / mV), 60, rtol=1e-4)
