"""The competitive layer: tables, variation, and the same run compiled and in Python."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from brian2 import Quantity, kohm, msecond, mvolt, ohm, volt

from brianmem import Device, Variation, datasets
from brianmem.errors import InputError, SynapseError
from brianmem.models.devices.linear_ion_drift import linear_ion_drift
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.devices.stanford_pku import stanford_pku
from brianmem.models.networks.memristive_digits import MemristiveDigits, pulse_scale
from brianmem.network.classifier import Classifier, make_engine
from brianmem.pulses import PULSE_MODEL, PULSE_WRITE, pulse_text

compiler = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
SIZE = {"neurons": 20, "block": 100}


@pytest.fixture(scope="module")
def digits():
    return datasets.load("sample", 200, 50)


def small(device=memdiode, **options):
    return MemristiveDigits(device, **{**SIZE, **options})


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(InputError, match="seed must be a whole number >= 0"):
        Classifier(small(), "runtime", seed)


@pytest.mark.parametrize("device", [memdiode, stanford_pku], ids=lambda d: d.name)
def test_set_raises_and_reset_lowers_the_read_current_everywhere_in_the_window(device):
    network = small(device)
    low, high = network.window_current
    x = network.state_of(np.linspace(0.05, 0.95, 19))
    now = network.current(x)
    after = [network.current(np.interp(x, np.linspace(0, 1, 256), network.tables[:, k]))
             for k in (0, 1)]
    assert low < high
    assert np.all(after[0] > now)
    assert np.all(after[1] < now)


@pytest.mark.parametrize("device", [memdiode, stanford_pku], ids=lambda d: d.name)
def test_level_and_current_are_inverse(device):
    network = small(device)
    low, high = network.window_current
    level = np.linspace(0, 1, 11)
    np.testing.assert_allclose(network.current(network.state_of(level)),
                               low + level * (high - low), rtol=1e-6)


def test_memdiode_table_is_its_closed_form():
    voltage, width = memdiode.operation["set"]
    p = memdiode.parameters
    rate = np.exp(float(p["eta_set"]) * float(voltage - p["V_set"]))
    x = np.linspace(0, 1, 256)
    np.testing.assert_allclose(small().tables[:, 0], 1 - (1 - x) * np.exp(-rate * float(width)),
                               rtol=1e-9)


def test_pulse_scale_shortens_pulses_of_long_runs_only():
    assert pulse_scale(12_000, 400) == 1
    assert pulse_scale(60_000, 400) == 1
    assert pulse_scale(180_000, 400) == pytest.approx(3**-0.5)


def test_d2d_spreads_conductance_by_its_lognormal_width():
    network = small(variation=Variation(d2d=0.2), seed=1)
    state = {"synapses.x": np.ones(784 * 20)}  # the memdiode's high end: G_max times its factor
    ratio = np.log(network.synaptic_current(state) / network.read_current[-1])
    assert ratio.std() == pytest.approx(0.2, rel=0.05)
    assert np.median(ratio) == pytest.approx(0, abs=0.01)


def test_the_device_is_refused_without_an_operating_point():
    bare = replace(memdiode, operation={"read": memdiode.operation["read"]})
    with pytest.raises(SynapseError, match=r"operation\['set'\] is needed"):
        small(bare)


def test_a_set_that_lowers_the_conductance_is_refused():
    swapped = replace(memdiode, operation={**memdiode.operation,
                                           "set": memdiode.operation["reset"],
                                           "reset": memdiode.operation["set"]})
    with pytest.raises(SynapseError, match="must raise conductance"):
        _ = small(swapped).window_current


def test_rates_keep_the_square_root_of_the_brightness():
    network = small()
    images = np.zeros((2, 784))
    images[0, :100], images[1, :100] = 64, 256
    rates = network.rates(images).sum(axis=1)
    assert rates[1] / rates[0] == pytest.approx(2)
    assert rates[2:].sum() == 0
    mean = np.full((1, 784), 26130 / 784)
    assert network.rates(mean).sum() == pytest.approx(float(network.input_rate))


def test_settings_hold_every_field_as_json():
    settings = small(variation=Variation(d2d=0.1)).settings
    assert settings["tau"] == pytest.approx(0.06)
    assert "Variation(d2d=0.1)" in settings["variation"]
    assert all(isinstance(v, (int, float, str)) for v in settings.values())


def train(network, digits, engine, seed=1):
    classifier = Classifier(network, engine, seed=seed)
    return classifier.train(digits.train_images, digits.train_labels)


@pytest.fixture(scope="module")
def compiled():
    return make_engine(small(), "compiled")


@compiler
@pytest.mark.standalone
def test_python_and_compiled_runs_agree(digits, compiled):
    """Same seed, same random numbers: even the spikes agree, though nobody needs that."""
    few = digits.select(train_images=100)
    python = train(small(), few, "runtime")
    cpp = train(small(), few, compiled)
    for name in python.state:
        np.testing.assert_allclose(cpp.state[name], python.state[name], rtol=1e-9, atol=1e-12)
    assert cpp.progress.totals == pytest.approx(python.progress.totals, rel=1e-9)


@compiler
@pytest.mark.standalone
def test_training_beats_chance_and_repeats_for_its_seed(digits, compiled):
    one = train(small(), digits, compiled)
    two = train(small(), digits, compiled)
    other = train(small(), digits, compiled, seed=2)
    assert np.array_equal(one.state["synapses.x"], two.state["synapses.x"])
    assert not np.array_equal(one.state["synapses.x"], other.state["synapses.x"])
    one.label(digits.train_images, digits.train_labels)
    assert one.evaluate(digits.test_images, digits.test_labels)["accuracy"] > 0.25


@compiler
@pytest.mark.standalone
@pytest.mark.parametrize("device", [stanford_pku], ids=lambda d: d.name)
def test_another_device_runs_in_the_same_program(digits, compiled, device):
    trained = train(small(device), digits, compiled)
    before = trained.initial_state["synapses.x"]
    assert not np.array_equal(before, trained.state["synapses.x"])
    assert np.all((trained.state["synapses.x"] >= 0) & (trained.state["synapses.x"] <= 1))


@compiler
@pytest.mark.standalone
def test_stuck_devices_never_move_and_others_do(digits, compiled):
    network = small(variation=Variation(stuck=0.3), seed=4)
    trained = train(network, digits, compiled)
    stuck = network.devices[1]
    moved = trained.state["synapses.x"] != trained.initial_state["synapses.x"]
    assert stuck.mean() == pytest.approx(0.3, abs=0.02)
    assert not moved[stuck].any()
    assert moved[~stuck].mean() > 0.9


@compiler
@pytest.mark.standalone
def test_c2c_noise_changes_states_but_not_the_read_out_of_the_table(digits, compiled):
    quiet = train(small(), digits, compiled)
    noisy = train(small(variation=Variation(c2c=0.2)), digits, compiled)
    assert not np.array_equal(quiet.state["synapses.x"], noisy.state["synapses.x"])


@compiler
@pytest.mark.standalone
def test_responding_changes_neither_weights_nor_thresholds(digits, compiled):
    trained = train(small(), digits, compiled)
    inputs = small().inputs(trained.state, digits.test_images, learning=False, seed=3,
                            first_image=0, total_images=1)
    after = compiled.run(inputs, [*trained.state, "synapses.write_energy", "synapses.I_read"])
    for name, value in trained.state.items():
        assert np.array_equal(after[name], value)
    assert after["synapses.write_energy"].sum() == 0
    # Renewed by the same formula in C++: the last digit may differ.
    np.testing.assert_allclose(after["synapses.I_read"], inputs["synapses.I_read"], rtol=1e-12)


@compiler
@pytest.mark.standalone
def test_every_chunk_draws_from_its_own_seed(digits, compiled):
    images = digits.test_images[:20]
    outputs = [compiled.run(small().inputs(small().initial_state(0), images, learning=True,
                                           seed=s, first_image=0, total_images=20),
                            ["inputs.count"])["inputs.count"] for s in (5, 5, 6)]
    assert np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


@compiler
@pytest.mark.standalone
def test_write_energy_is_the_table_summed_over_pulses(digits, compiled):
    """Without series resistance a memdiode pulse costs the integral of v*I of its ODE."""
    network = small()
    trained = train(network, digits, compiled)
    pulses = trained.progress.totals["output_spikes"] * 784
    mean = trained.progress.totals["write_energy"] / pulses
    assert network.tables[:, 2:4].min() < mean < network.tables[:, 2:4].max()


@compiler
@pytest.mark.standalone
def test_saved_and_loaded_classifiers_answer_alike(tmp_path, digits, compiled):
    trained = train(small(), digits, compiled).label(digits.train_images, digits.train_labels)
    trained.save(tmp_path / "net.npz")
    loaded = Classifier.load(tmp_path / "net.npz", small(), compiled, seed=1)
    answers = [c.evaluate(digits.test_images, digits.test_labels)["predicted"]
               for c in (trained, loaded)]
    assert np.array_equal(*answers)
    with pytest.raises(InputError, match="threshold ="):
        Classifier.load(tmp_path / "net.npz", small(threshold=12e-3 * volt), compiled, seed=1)


def test_missing_saved_file_and_wrong_image_size_are_input_errors(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        Classifier.load(tmp_path / "none.npz", small(), "runtime")
    with pytest.raises(InputError, match="784 pixels, got 100"):
        Classifier(small(), "runtime").respond(np.zeros((2, 10, 10)))


def test_a_foreign_device_with_a_series_resistor_makes_a_table():
    width = 20 * msecond
    device = replace(linear_ion_drift, operation={
        "set": (1 * volt, width, 100 * ohm), "reset": (-1 * volt, width),
        "read": (0.01 * volt, 1e-6 * width)})
    network = small(device)
    assert isinstance(network.drive, Quantity)
    assert network.tables.shape == (256, 5)


def two_states():
    """Return a quick device whose y follows x's pulses four times slower."""
    return Device(
        name="two", equations="""
        dx/dt = rate*(int(v > 0*volt)*(1 - x) - int(v < 0*volt)*x) : 1
        dy/dt = rate/4*(int(v > 0*volt)*(1 - y) - int(v < 0*volt)*y) : 1
        rate = v**2/volt**2/(20*ms) : Hz
        I = v*(0.02 + x*(0.3 + 0.7*y))/R : amp""",
        parameters={"R": 1*kohm}, initial={"x": 0.5, "y": 0.5}, bounds={"x": (0, 1), "y": (0, 1)},
        operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 0.5*msecond),
                   "read": (50*mvolt, 1*msecond)})


def test_two_states_move_by_their_tables_in_python(digits):
    network = small(two_states())
    assert network.state_names == ("synapses.x", "synapses.y", "neurons.theta")
    start = network.initial_state(0)
    low, high = network.window_current
    level = (network.current(start["synapses.x"], start["synapses.y"]) - low) / (high - low)
    assert 0.19 < level.min() < level.max() < 0.51
    engine = make_engine(network, "runtime")
    inputs = network.inputs(start, digits.train_images[:8], learning=True, seed=1, first_image=0,
                            total_images=8)
    outputs = engine.run(inputs, [*network.state_names, *network.output_names, "synapses.I_read"])
    x, y = outputs["synapses.x"], outputs["synapses.y"]
    assert not np.array_equal(x, start["synapses.x"])
    assert not np.array_equal(y, start["synapses.y"])
    # Each neuron that fired k times sent k pulses to all of its devices; the border saw RESETs.
    fired = np.bincount(outputs["spikes.i"], minlength=20)
    border = np.arange(20)
    expected = start["synapses.y"][border] * np.exp(-0.5 / 20 / 4 * fired)
    np.testing.assert_allclose(y[border], expected, atol=1e-3)
    np.testing.assert_allclose(outputs["synapses.I_read"], network.current(x, y), rtol=1e-9)
    assert outputs["synapses.write_energy"].sum() > 0


@compiler
@pytest.mark.standalone
@pytest.mark.long
def test_two_states_give_the_same_network_compiled(digits):
    network, images = small(two_states()), digits.train_images[:20]
    outputs = [make_engine(network, engine).run(
        network.inputs(network.initial_state(0), images, learning=True, seed=1, first_image=0,
                       total_images=20), [*network.state_names, *network.output_names])
        for engine in ("compiled", "runtime")]
    spikes = [len(o["spikes.i"]) for o in outputs]
    assert spikes[0] == pytest.approx(spikes[1], rel=0.5)  # other random numbers
    for name in ("synapses.x", "synapses.y"):
        means = [o[name].mean() for o in outputs]
        assert means[0] == pytest.approx(means[1], abs=0.03)


def test_one_state_keeps_its_text():
    """The compiled program of one state must stay what it was, to the letter."""
    model, write = pulse_text(1)
    assert (model, write) == (PULSE_MODEL, PULSE_WRITE)
    assert "y" not in {name for line in write.splitlines() for name in line.split()}
    assert small().structure().sizes["states"] == 1
