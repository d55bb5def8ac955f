"""The ideal network: its rule by hand, its invariants, the C++ against the equations."""

import shutil

import brian2
import numpy as np
import pytest
from brian2 import ms, mV, second

from brianmem.errors import InputError
from brianmem.models.networks import diehl_cook_code, diehl_cook_layer
from brianmem.models.networks.ideal_digits import DiehlCook
from brianmem.network import training
from brianmem.network.classifier import make_engine

compiler = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")

# A stronger column than 78/784 makes so small a network fire.
SMALL = DiehlCook(neurons=9, n_inputs=36, n_classes=3, block=10, mean_weight=0.4,
                  theta_step=0.5 * mV)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 2, (10, 36)) * 255


@pytest.fixture(scope="module")
def compiled():
    return make_engine(SMALL, "compiled")


@pytest.fixture(scope="module")
def runtime():
    return make_engine(SMALL, "runtime")


def run(engine, images, network=SMALL, learning=True, seed=5, state=None, also=()):
    inputs = network.inputs(state or network.initial_state(0), images, learning=learning, seed=seed)
    return engine.run(inputs, [*network.state_names, *network.output_names, *also])


def test_parameters_are_the_published_ones():
    network = DiehlCook()
    inputs = network.inputs(network.initial_state(0), np.zeros((1, 784)), learning=True, seed=0)
    assert network.target == pytest.approx(78)
    assert inputs["neurons.v_threshold"] == pytest.approx(-72e-3)  # -52 - 20 mV + theta
    assert inputs["neurons.period"] == pytest.approx(5e-3)
    assert inputs["inhibitory.tau"] == pytest.approx(10e-3)
    assert inputs["inhibitory.v_reset"] == pytest.approx(-45e-3)
    assert network.rates(np.full((1, 784), 255))[0, 0] * network.intensity == pytest.approx(63.75)
    assert network.presentation == 0.5 * second


def test_delays_are_uniform_and_belong_to_the_seed():
    delays = DiehlCook().delays
    assert delays.min() >= 0
    assert delays.max() < 10e-3
    assert delays.mean() == pytest.approx(5e-3, rel=0.01)
    assert not np.array_equal(delays, DiehlCook(seed=1).delays)


def test_delays_longer_than_the_memory_of_spikes_are_refused():
    with pytest.raises(InputError, match="longest_delay: at most 63 steps"):
        DiehlCook(dt=0.1 * ms)


def test_settings_hold_every_field_as_json():
    settings = SMALL.settings
    assert settings["exposure"] == pytest.approx(0.35)
    assert set(DiehlCook.__dataclass_fields__) < set(settings)
    assert all(isinstance(v, (int, float, str)) for v in settings.values())


def test_a_checkpoint_of_another_network_is_refused(images, runtime, tmp_path):
    labels, path = np.arange(10) % 3, tmp_path / "checkpoint.npz"
    training.save_checkpoint(path, training.Progress(SMALL.initial_state(0)),
                             {**SMALL.settings, "seed": 0, "epochs": 1, "images": 10})
    with pytest.raises(InputError, match="inhibition"):
        training.train(runtime, SMALL.scaled(inhibition=20.0), images, labels,
                       checkpoint=path, resume=True)


def scheduled(delay=0.0):
    """Run the rule on one synapse: input at 1, 21, 24 ms, output at 11 and 29 ms."""
    brian2.set_device("runtime")
    clock = {"dt": 0.5 * ms}
    source = brian2.SpikeGeneratorGroup(1, [0] * 3, [1, 21, 24] * ms, **clock)
    forced = brian2.SpikeGeneratorGroup(1, [0] * 2, [11, 29] * ms, **clock)
    # The neuron fires when told so, in the step of the input that tells it.
    neuron = brian2.NeuronGroup(1, diehl_cook_layer.EXCITATORY + "told : 1", threshold="told > 0",
                                refractory="period", name="rule_neuron", namespace={},
                                reset=diehl_cook_layer.EXCITATORY_SPIKE + "told = 0",
                                method="exponential_euler", **clock)
    tell = brian2.Synapses(forced, neuron, on_pre="told_post = 1", namespace={}, **clock)
    tell.connect()
    tell.pre.when = "start"
    synapse = brian2.Synapses(source, neuron, diehl_cook_layer.SYNAPSES, namespace={},
                              on_pre=diehl_cook_layer.ARRIVAL, on_post=diehl_cook_layer.SPIKE,
                              **clock)
    synapse.connect()
    synapse.pre.delay = delay * second
    values = SMALL.inputs(SMALL.initial_state(0), np.zeros((1, 36)), learning=True, seed=0)
    for owner, group in ((neuron, "neurons"), (synapse, "synapses")):
        for name, value in values.items():
            variable = name.removeprefix(group + ".")
            if name.startswith(group + ".") and variable not in ("delay", "w"):
                owner.variables[variable].set_value(np.ravel(value)[:1])
    synapse.w = 0.5
    brian2.Network(source, forced, neuron, tell, synapse).run(40 * ms, namespace={})
    return float(synapse.w[0]), float(neuron.theta[0])


# A generated spike reaches `told` at the start of the next step.
STEP = 0.5e-3


@pytest.mark.parametrize("delay", [pytest.param(0.0, marks=pytest.mark.long), 4e-3])
def test_rule_equals_a_triplet_update_by_hand(delay):
    """Nearest spikes; post2 as it was before the spike, so the first one teaches nothing."""
    arrivals, spikes = np.array([1, 21, 24]) * 1e-3 + delay, np.array([11, 29]) * 1e-3 + STEP
    w = 0.5
    for t, kind in sorted([(t, "in") for t in arrivals] + [(t, "out") for t in spikes]):
        last_out = max((s for s in spikes if s < t), default=-np.inf)
        last_in = max((s for s in arrivals if s <= t), default=-np.inf)
        if kind == "in":
            w -= 1e-4 * np.exp(-(t - last_out) / 20e-3)
        else:
            w += 0.01 * np.exp(-(t - last_in) / 20e-3) * np.exp(-(t - last_out) / 40e-3)
    found, theta = scheduled(delay)
    assert found == pytest.approx(w, rel=1e-9)
    assert found - 0.5 > 1e-3
    start = float(SMALL.theta_start)
    assert theta == pytest.approx(start + 2 * float(SMALL.theta_step), rel=1e-5)


def test_exponential_of_the_fast_step_is_written_for_every_variable():
    equations = brian2.Equations("dv/dt = -v*(1 + g)/(10*ms) : 1\ng : 1")
    group = brian2.NeuronGroup(1, equations, method="exponential_euler", namespace={})
    _ = brian2.Network(group)  # Brian2 warns of a group that no network holds
    text = diehl_cook_code.exponential_euler_vectorised(equations, group.variables)
    assert "fast_exp(" in text
    assert text.count("exp(") == text.count("fast_exp(")


@pytest.fixture(scope="module")
def pair(images, compiled, runtime):
    return run(compiled, images), run(runtime, images)


@compiler
@pytest.mark.standalone
def test_python_and_compiled_runs_agree(pair):
    """The C++ for arrays does what the equations say: same seed, same spikes and weights."""
    cpp, python = pair
    assert len(cpp["spikes.i"]) > 30
    for name in cpp:
        np.testing.assert_allclose(cpp[name], python[name], rtol=1e-8, atol=1e-10, err_msg=name)


@compiler
@pytest.mark.standalone
def test_columns_of_weights_sum_to_the_target_and_weights_stay_in_bounds(pair):
    weights = SMALL.weights(pair[0])
    np.testing.assert_allclose(weights.sum(axis=0), 0.4 * 36, rtol=1e-12)
    assert weights.min() >= 0
    assert weights.max() <= 1.01  # the last scaling may lift what the rule has clipped


@compiler
@pytest.mark.standalone
def test_testing_changes_neither_weights_nor_thresholds(images, pair, compiled):
    state = {name: pair[0][name] for name in SMALL.state_names}
    after = run(compiled, images, learning=False, state=state)
    assert len(after["spikes.i"]) > 30
    for name, value in state.items():
        np.testing.assert_allclose(after[name], value, rtol=1e-9, err_msg=name)


@compiler
@pytest.mark.standalone
def test_a_dark_image_is_shown_brighter_up_to_the_cap_and_counted_silent(compiled):
    network = SMALL.scaled(intensity_cap=4.0)
    found = run(compiled, np.zeros((2, 36)), network, also=["schedule.presented"])
    assert found["schedule.silent"][0] == 2
    assert found["shown.image"][:7].tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert found["inputs.count"].sum() == 0


@compiler
@pytest.mark.standalone
def test_input_rate_is_that_of_one_trial_per_step_and_dark_in_the_rest(compiled):
    network = SMALL.scaled(min_spikes=0)
    counts = [run(compiled, np.full((10, 36), 255), network, seed=s)["inputs.count"].sum()
              for s in range(4)]
    expected = 4 * 10 * 36 * 0.35 * 255 / 8 * 2
    assert sum(counts) == pytest.approx(expected, abs=5 * expected**0.5)


@compiler
@pytest.mark.standalone
def test_every_chunk_draws_from_its_own_seed(images, compiled):
    one, same, other = (run(compiled, images, seed=s)["inputs.count"] for s in (5, 5, 6))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("function", [diehl_cook_code.transmit_function(4, 2, 5e-4, "delays"),
                                      diehl_cook_code.normalise_function(4, 2)])
def test_functions_over_arrays_are_refused_in_python(function):
    with pytest.raises(NotImplementedError, match="dense_read=False"):
        function.pyfunc(0)
