"""Point neurons in the competitive layer: scales, refusals, the same run compiled and in Python."""

import shutil

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeMonitor, StateMonitor, amp, ms, mV, prefs, second
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import datasets, find
from brianmem.errors import InputError
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks import competitive_layer, neuron_layer
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network.classifier import Classifier

compiler = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
SUITABLE = ("lif", "integrate_and_fire", "adaptive_lif", "dexat")


def small(name):
    neuron = None if name is None else find(name)
    return MemristiveDigits(memdiode, neurons=20, block=100, neuron=neuron)


@pytest.mark.parametrize("name", ["srm", "izhikevich", "hodgkin_huxley"])
def test_what_a_layer_cannot_drive_is_refused(name):
    with pytest.raises(InputError, match=f"Neuron '{name}': a layer needs"):
        small(name)


@pytest.mark.parametrize(("name", "rest"), [("lif", 0.02), ("integrate_and_fire", 0.02),
                                            ("adaptive_lif", 0.01), ("dexat", 0.01)])
def test_the_threshold_at_rest_is_the_scale_of_voltage(name, rest):
    network = small(name)
    assert neuron_layer.rest_threshold(find(name)) == pytest.approx(rest, rel=1e-12)
    state = network.initial_state(0)
    given = network.inputs(state, np.zeros((1, 784)), learning=True, seed=0, first_image=0,
                           total_images=1)
    scale = rest / 13e-3
    assert state["neurons.theta"] == pytest.approx(np.full(20, 40e-3 * scale))
    assert given["neurons.E_inhibition"] == pytest.approx(-50e-3 * scale)
    own = small(None).inputs(small(None).initial_state(0), np.zeros((1, 784)), learning=True, seed=0,
                             first_image=0, total_images=1)
    assert given["synapses.gain"] == pytest.approx(own["synapses.gain"] * scale)


def test_a_network_without_point_neuron_keeps_its_settings():
    assert "neuron" not in small(None).settings
    assert "adaptive_lif" in small("adaptive_lif").settings["neuron"]
    assert "neurons.a" in small("adaptive_lif").state_names


@pytest.mark.parametrize(("changes", "fault"), [
    ({"slowdown": 3*ms}, "slowdown must be a plain number, got 3 ms"),
    ({"slowdown": "3"}, "slowdown must be a plain number, got '3'"),
    ({"slowdown": -3}, "slowdown must be positive, got -3"),
    ({"slowdown": 0}, "slowdown must be positive, got 0"),
    ({"slowdown": float("nan")}, "slowdown must be positive, got nan"),
    ({"tau": 60}, "tau must be in second, got 60"),
    ({"tau": 60*mV}, "tau must be in second, got 60 mV"),
    ({"tau": 0*ms}, "tau must be positive, got 0 s"),
    ({"shunt": 20*mV}, "shunt must be in second, got 20 mV"),
    ({"neuron": "lif"}, r"neuron must be a Neuron, such as brianmem.find\('lif'\), got lif")])
def test_a_time_scale_of_a_wrong_unit_is_refused(changes, fault):
    with pytest.raises(InputError, match=f"^MemristiveDigits: {fault}"):
        MemristiveDigits(memdiode, neurons=20, **{"neuron": find("diffusive_lif"), **changes})


def test_slowdown_scales_every_time_of_the_neuron():
    """The same neuron, three times slower: its free decay and its refractory period."""
    lif, times = find("lif"), {}
    for slowdown in (1.0, 3.0):
        text = neuron_layer.layer_text(lif, slowdown)
        group = NeuronGroup(1, text["equations"] + "\ntheta : volt\nstep : volt",
                            threshold=text["threshold"], reset=text["reset"],
                            refractory=text["refractory"], method="exact", dt=0.1 * ms,
                            codeobj_class=NumpyCodeObject,
                            namespace={**neuron_layer.constants(text), "I_in": 1e-9 * amp})
        spikes = SpikeMonitor(group, codeobj_class=NumpyCodeObject)
        Network(group, spikes).run(0.2 * second, namespace={})
        times[slowdown] = np.array(spikes.t_)
    assert times[3.0][1] - times[3.0][0] == pytest.approx(3*(times[1.0][1] - times[1.0][0]), abs=3e-4)
    assert len(times[1.0]) > 10


def test_the_neuron_that_fires_is_not_inhibited_and_the_others_are(monkeypatch):
    monkeypatch.setitem(prefs, "codegen.target", "numpy")
    text = neuron_layer.layer_text(find("adaptive_lif"), 1.0)
    objects = {o.name: o for o in competitive_layer.create(
        2, 3, 1, 0.08, 1e-3, 256, False, neuron=text)}
    neurons, schedule = objects["neurons"], objects["schedule"]
    neurons.theta, schedule.n_images, schedule.inhibition = 0.01, 5, 0.0
    schedule.total_images, neurons.E_inhibition = 1, -0.05
    objects["synapses"].window, objects["synapses"].I_high = 0.02 * second, 1 * amp
    trace = StateMonitor(neurons, "v", record=True)
    neurons.run_regularly("v += 0.025*int(i == 1)*int(t > 4.5*ms)*int(t < 5.5*ms)", dt=1 * ms,
                          when="groups", order=-1)
    Network(*objects.values(), trace).run(8 * ms, namespace={})
    assert list(objects["spikes"].i) == [1]
    v = np.asarray(trace.v)
    after = int(np.argmin(v[0]))
    assert v[0, after] == v[2, after] == pytest.approx(-0.05)
    # What it takes off: its own threshold with the rise, and the layer's part.
    assert -0.01 < v[1, after] < 0.005


@pytest.mark.parametrize("name", SUITABLE)
def test_a_layer_of_each_neuron_runs_and_learns_something(name):
    few = datasets.load("sample", 10, 10)
    made = Classifier(small(name), "runtime", seed=1).train(few.train_images, few.train_labels)
    assert np.isfinite(made.state["neurons.theta"]).all()
    assert not np.array_equal(made.initial_state["synapses.x"], made.state["synapses.x"])
    assert made.progress.totals["output_spikes"] > 5


@compiler
@pytest.mark.standalone
@pytest.mark.long
@pytest.mark.parametrize("name", ["lif", "adaptive_lif"])
def test_python_and_compiled_runs_agree(name):
    few = datasets.load("sample", 60, 10)
    python, cpp = (Classifier(small(name), engine, seed=1).train(few.train_images, few.train_labels)
                   for engine in ("runtime", "compiled"))
    for state in python.state:
        np.testing.assert_allclose(cpp.state[state], python.state[state], rtol=1e-9, atol=1e-12)
    assert cpp.progress.totals == pytest.approx(python.progress.totals, rel=1e-9)
