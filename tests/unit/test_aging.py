"""Storage changes each device's own conductance, and nothing else of a trained network."""

import numpy as np
import pytest
from brian2 import kelvin, second, siemens

from brianmem import PowerLawDrift, StretchedRetention, Variation
from brianmem.errors import InputError
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.devices.vteam import vteam
from brianmem.models.networks.ideal_digits import DiehlCook
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network.aging import aged
from brianmem.network.classifier import Classifier

IMAGES = np.random.default_rng(0).integers(0, 255, (6, 36), dtype=np.uint8)
LABELS = np.arange(6) % 3


def network(device=memdiode, **options):
    return MemristiveDigits(device, **{"neurons": 4, "n_inputs": 36, "n_classes": 3, "block": 6,
                                       **options})


@pytest.mark.parametrize("device", [memdiode, vteam], ids=lambda d: d.name)
@pytest.mark.parametrize("spread", [0, 0.2])
def test_state_and_current_are_inverse(device, spread):
    net = network(device, variation=Variation(d2d=spread), seed=3)
    x = np.linspace(0.01, 0.99, 36 * 4)
    found, clipped = net.state_of_current(net.synaptic_current({"synapses.x": x}))
    np.testing.assert_allclose(found, x, atol=1e-9)
    assert not clipped.any()


def test_each_device_drifts_by_the_law():
    net = network(variation=Variation(d2d=0.1), seed=3)
    state = net.initial_state(0)
    after, clipped = aged(net, state, PowerLawDrift(nu=0.01), 1e4*second)
    np.testing.assert_allclose(net.weights(after), net.weights(state) * 1e4**-0.01, rtol=1e-6)
    assert clipped == 0
    assert after.keys() == state.keys()
    assert np.array_equal(after["neurons.theta"], state["neurons.theta"])


def test_what_no_state_has_is_clipped_and_counted():
    net = network()
    state = net.initial_state(0)
    lost, clipped = aged(net, state, StretchedRetention(), 1e30*second)
    assert clipped == 1
    np.testing.assert_allclose(lost["synapses.x"], 0, atol=1e-9)
    above, clipped = aged(net, state, StretchedRetention(G_final=1*siemens), 1e30*second)
    assert clipped == 1
    np.testing.assert_allclose(above["synapses.x"], 1, atol=1e-9)


def test_heat_is_the_same_as_time():
    net, model = network(), StretchedRetention()
    state = net.initial_state(0)
    hot, cold = 358*kelvin, 298*kelvin
    one, _ = aged(net, state, model, 1e3*second, hot)
    other, _ = aged(net, state, model, model.acceleration(hot, cold) * 1e3*second, cold)
    np.testing.assert_allclose(one["synapses.x"], other["synapses.x"], rtol=1e-9)
    assert np.all(one["synapses.x"] < state["synapses.x"])


def test_stuck_devices_stay():
    net = network(variation=Variation(stuck=0.5), seed=1)
    state, stuck = net.initial_state(0), net.devices[1]
    after, _ = aged(net, state, PowerLawDrift(nu=0.1), 1e5*second)
    moved = after["synapses.x"] != state["synapses.x"]
    assert 0 < stuck.sum() < stuck.size
    assert not moved[stuck].any()
    assert moved[~stuck].all()


def test_the_seed_decides_the_spread():
    net, model = network(), PowerLawDrift(nu=0.02, nu_spread=0.01)
    state = net.initial_state(0)
    first, again, other = (aged(net, state, model, 1e3*second, seed=s)[0]["synapses.x"]
                           for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_classifier_ages_into_another_one():
    fresh = Classifier(network(), "runtime", seed=2)
    fresh.train(IMAGES, LABELS).label(IMAGES, LABELS)
    before = fresh.state["synapses.x"].copy()
    stored = fresh.aged(StretchedRetention(), 1e6*second, 358*kelvin)
    assert stored.readout is fresh.readout
    assert np.array_equal(fresh.state["synapses.x"], before)
    assert not np.array_equal(stored.state["synapses.x"], before)
    unchanged = fresh.aged(StretchedRetention(), 0*second)
    np.testing.assert_allclose(unchanged.state["synapses.x"], before, atol=1e-9)
    assert unchanged.clipped == 0
    assert 0 <= stored.evaluate(IMAGES, LABELS)["accuracy"] <= 1


def test_what_does_not_age_is_refused():
    with pytest.raises(InputError, match="only devices age"):
        aged(DiehlCook(neurons=4, n_inputs=36), {}, PowerLawDrift(), 1*second)
    with pytest.raises(InputError, match="must be a PowerLawDrift"):
        aged(network(), network().initial_state(0), "power_law", 1*second)
