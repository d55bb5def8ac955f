"""A memristive synapse among ordinary Brian2 groups, event by event."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    amp,
    mA,
    ms,
    mV,
    nA,
    ohm,
    prefs,
    second,
    siemens,
    uA,
    volt,
)

from brianmem.synapse import PulseRule, Synapse, model, read_code
from brianmem.synapse_code import write_code
from brianmem.variation import Variation
from tests.unit.bending_device import DEVICE, GAIN, RULE, sources, targets

pytestmark = pytest.mark.usefixtures("numpy_target")


def run(*objects, duration=50 * ms):
    Network(*objects).run(duration, namespace={})


def test_post_spike_sets_recent_inputs_and_resets_the_others():
    source, target = sources([10] * ms), targets(25 * ms)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN)
    made = synapse.connect(source, target)
    run(source, target, made)
    (set_map,), (reset_map,) = synapse.maps
    np.testing.assert_allclose(made.x[:], [set_map.step(0.25), reset_map.step(0.25)], rtol=1e-12)
    assert made.x[0] > 0.25 > made.x[1]


@pytest.mark.parametrize(("fired", "sets"), [(5.0, True), (4.8, False)])
def test_window_ends_where_it_says(fired, sets):
    source, target = sources([fired] * ms), targets(25 * ms)
    made = Synapse(DEVICE, write=RULE, read=GAIN).connect(source, target)
    run(source, target, made)
    assert (made.x[0] > 0.25) == sets


def test_silent_input_counts_as_idle_from_the_start():
    source, target = sources([] * ms), targets(1 * ms)
    made = Synapse(DEVICE, write=RULE, read=GAIN).connect(source, target)
    run(source, target, made)
    assert np.all(made.x[:] < 0.25)


def test_read_drives_the_target_with_the_current_times_the_gain():
    source, target = sources([10, 20] * ms), targets(99 * ms)
    made = Synapse(DEVICE, write=RULE, read=GAIN).connect(source, target, x=[0.5, 0.9])
    np.testing.assert_allclose(made.I_read / uA, [60, 100], rtol=1e-6)
    run(source, target, made)
    np.testing.assert_allclose(target.v / mV, 2 * 60, rtol=1e-6)
    np.testing.assert_array_equal(made.x[:], [0.5, 0.9])


def test_cached_current_follows_each_write():
    source, target = sources([10] * ms), targets(25 * ms, 3)
    made = Synapse(DEVICE, write=RULE, read=GAIN).connect(source, target, x="rand()")
    run(source, target, made, duration=60 * ms)
    np.testing.assert_allclose(made.I_read / uA, 100 * (0.1 + made.x[:]), rtol=1e-6)


def test_conductance_and_plain_targets_take_their_own_gain():
    source = sources([10] * ms)
    target = NeuronGroup(1, "g : siemens\nn : 1", namespace={})
    device = Synapse(DEVICE, read=2 * siemens / amp)
    conducting = device.connect(source, target, into="g", x=0.5)
    plain = Synapse(DEVICE, read=3 / amp).connect(source, target, into="n", x=0.5)
    run(source, target, conducting, plain)
    np.testing.assert_allclose(float(target.g[0]), 2 * 60e-6, rtol=1e-6)
    np.testing.assert_allclose(target.n[0], 3 * 60e-6, rtol=1e-6)


def test_without_a_write_rule_nothing_moves():
    source, target = sources([10] * ms), targets(15 * ms)
    made = Synapse(DEVICE, read=GAIN).connect(source, target)
    run(source, target, made)
    np.testing.assert_array_equal(made.x[:], 0.25)


def test_energies_are_those_of_the_pulses():
    source, target = sources([10] * ms), targets(25 * ms)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN)
    made = synapse.connect(source, target)
    run(source, target, made)
    expected = [float(m[0].energy(0.25)) for m in synapse.maps]
    np.testing.assert_allclose(np.asarray(made.write_energy), expected, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(made.read_energy), [0.1 * 35e-6 * 1e-3, 0], rtol=1e-6)


def test_target_neurons_collect_energy_where_they_offer_to():
    source = sources([10] * ms)
    target = targets(25 * ms, extra="write_energy : joule\nread_energy : joule")
    synapse = Synapse(DEVICE, write=RULE, read=GAIN)
    made = synapse.connect(source, target)
    assert "write_energy" not in made.equations
    run(source, target, made)
    expected = sum(float(m[0].energy(0.25)) for m in synapse.maps)
    np.testing.assert_allclose(float(target.write_energy[0]), expected, rtol=1e-12)


def test_source_that_keeps_its_last_spike_is_asked():
    source = NeuronGroup(2, "last_spike : second", threshold="i == 0 and abs(t - 10*ms) < dt/2",
                         reset="last_spike = t", namespace={})
    source.last_spike = -1 * second
    target = targets(25 * ms)
    made = Synapse(DEVICE, write=RULE, read=GAIN).connect(source, target)
    assert "last_spike" not in made.equations
    run(source, target, made)
    assert made.x[0] > 0.25 > made.x[1]


def test_pulses_of_the_rule_come_before_those_of_the_device():
    rule = PulseRule(window=20 * ms, set=(1 * volt, 2 * ms), reset=(-1 * volt, 1 * ms, 500 * ohm))
    synapse = Synapse(DEVICE, write=rule, read=GAIN)
    assert synapse.maps[0][0].width == 2 * ms
    assert synapse.maps[1][0].options["series_resistance"] == 500 * ohm
    assert Synapse(DEVICE, write=RULE, read=GAIN).maps[0][0].width == 1 * ms


def test_device_spread_is_lognormal_in_conductance_and_step():
    source, target = sources([10] * ms, 1000), targets(25 * ms, 2)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=Variation(d2d=0.2))
    made = synapse.connect(source, target, x=0.0, seed=1)
    factors = np.log(np.stack([getattr(made, n)[:] for n in ("f_min", "f_max", "f_set", "f_reset")]))
    np.testing.assert_allclose(factors.std(axis=1), 0.2, rtol=0.1)
    assert np.all(np.abs(np.corrcoef(factors) - np.eye(4)) < 0.1)
    np.testing.assert_allclose(made.I_read / uA, 10 * made.f_min[:], rtol=1e-6)
    synapse.set_state(made, 1.0)
    np.testing.assert_allclose(made.I_read / uA, 110 * made.f_max[:], rtol=1e-6)
    synapse.set_state(made, 0.5)
    run(source, target, made, duration=30 * ms)
    step = synapse.maps[1][0].step(0.5) - 0.5
    idle = (made.j[:] == 0) & (made.i[:] > 0)
    np.testing.assert_allclose((made.x[:] - 0.5)[idle], (step * made.f_reset[:])[idle], rtol=1e-9)


def test_cycle_noise_scales_each_change():
    source, target = sources([] * ms, 2000), targets(25 * ms)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=Variation(c2c=0.3))
    made = synapse.connect(source, target, x=0.5)
    run(source, target, made)
    steps = (made.x[:] - 0.5) / (synapse.maps[1][0].step(0.5) - 0.5)
    np.testing.assert_allclose([steps.mean(), steps.std()], [1, 0.3], rtol=0.1)


def test_wild_noise_stays_between_the_bounds():
    source, target = sources([10] * ms, 50), targets(11 * ms, 20)
    variation = Variation(c2c=30, d2d=0.5)
    made = Synapse(DEVICE, write=RULE, read=GAIN, variation=variation).connect(source, target)
    run(source, target, made, duration=250 * ms)
    assert made.x[:].min() == 0
    assert made.x[:].max() == 1


def test_stuck_devices_never_move_nor_are_set_by_hand():
    source, target = sources([10] * ms, 100), targets(25 * ms, 3)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=Variation(stuck=0.3))
    made = synapse.connect(source, target, seed=4)
    stuck, before = made.mobile[:] == 0, made.x[:].copy()
    assert 60 < stuck.sum() < 120
    synapse.set_state(made, "0.1 + 0.2*rand()")
    run(source, target, made, duration=60 * ms)
    np.testing.assert_array_equal(made.x[:][stuck], before[stuck])
    assert np.all(made.x[:][~stuck] != before[~stuck])


def test_seed_fixes_connections_and_spread():
    variation = Variation(d2d=0.2, stuck=0.1)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=variation)
    source, target = sources([] * ms, 30), targets(25 * ms, 4)
    made = [synapse.connect(source, target, p=0.5, seed=s) for s in (1, 1, 2)]
    np.testing.assert_array_equal(made[0].i[:], made[1].i[:])
    np.testing.assert_array_equal(made[0].f_set[:], made[1].f_set[:])
    assert len(made[0]) != len(made[2]) or np.any(made[0].f_set[:] != made[2].f_set[:])


def test_pairs_can_be_given():
    source, target = sources([] * ms, 5), targets(25 * ms, 3)
    made = Synapse(DEVICE, read=GAIN).connect(source, target, i=[4, 0], j=[1, 2], name="pairs")
    assert made.name == "pairs"
    assert list(zip(made.i[:], made.j[:], strict=True)) == [(4, 1), (0, 2)]


def test_physical_spread_uses_maps_at_quantiles():
    source, target = sources([] * ms, 200), targets(25 * ms)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=Variation(tau=0.3), quantiles=8)
    made = synapse.connect(source, target, x=0.5, seed=1)
    assert synapse.tables.shape == (256, 40)
    run(source, target, made)
    steps = 0.5 - made.x[:]
    expected = 0.5 - 0.5 * np.exp(-0.5 * ms / synapse.spread_values)
    np.testing.assert_allclose(steps, expected[made.quantile[:]], rtol=1e-9)
    np.testing.assert_allclose(np.bincount(made.quantile[:], minlength=8), 25, atol=15)


def test_physical_spread_of_the_current_is_read():
    source, target = sources([] * ms, 100), targets(25 * ms)
    synapse = Synapse(DEVICE, write=RULE, read=GAIN, variation=Variation(G=0.3), quantiles=4)
    made = synapse.connect(source, target, x=0.4, seed=1)
    expected = 0.1 * 0.5 * np.asarray(synapse.spread_values)[made.quantile[:]]
    np.testing.assert_allclose(np.asarray(made.I_read), expected, rtol=1e-6)
    run(source, target, made)
    assert np.all(np.asarray(made.I_read) < expected)


def test_text_is_available_for_other_engines():
    assert "gain : amp**-1" in model((1 / amp).dim)
    assert "last_spike = t" in read_code("v")
    assert "v_post += gain*I_read" in read_code("v")
    assert "last_spike_pre" not in write_code()
    assert "+ 5*quantile" in write_code(quantiles=True)


def test_only_brian2_objects_come_out_and_preferences_stay():
    before = prefs.codegen.target
    made = Synapse(DEVICE, read=GAIN).connect(sources([] * ms), targets(1 * ms))
    assert type(made).__module__.startswith("brian2.")
    assert prefs.codegen.target == before


def test_twenty_lines_in_a_plain_script():
    inputs = PoissonGroup(50, rates=40 * Hz)
    neurons = NeuronGroup(5, "dv/dt = -v/(20*ms) : volt", threshold="v > 10*mV", reset="v = 0*mV",
                          method="exact")
    memory = Synapse(DEVICE, write=RULE, read=0.05 * mV / uA)
    synapses = memory.connect(inputs, neurons, x="rand()")
    before = synapses.x[:].copy()
    Network(inputs, neurons, synapses).run(100 * ms)
    assert np.mean(synapses.x[:] != before) > 0.5
    assert np.all((synapses.x[:] >= 0) & (synapses.x[:] <= 1))
    assert float(synapses.read_energy[:].sum()) > 0
    assert nA < synapses.I_read[0] < mA
