"""The engine in Python leaves the user's Brian2 as it found it."""

import brian2
import numpy as np
import pytest
from brian2.devices.device import reset_device

from brianmem.errors import EngineError
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network.runtime import RuntimeEngine

IMAGES = np.random.default_rng(0).integers(0, 255, (3, 36))


@pytest.fixture
def network():
    return MemristiveDigits(memdiode, neurons=4, n_inputs=36, block=3)


def run(network, engine=None, seed=5, outputs=("neurons.theta", "inputs.count")):
    inputs = network.inputs(network.initial_state(0), IMAGES, learning=True, seed=seed,
                            first_image=0, total_images=3)
    engine = engine or RuntimeEngine(network.structure(dense_read=False))
    return engine.run(inputs, outputs)


def test_a_seed_decides_the_run(network):
    one, two, other = run(network), run(network), run(network, seed=6)
    assert one["inputs.count"].sum() > 0
    assert all(np.array_equal(one[k], two[k]) for k in one)
    assert not np.array_equal(one["inputs.count"], other["inputs.count"])


def test_random_numbers_and_preferences_of_the_user_stay(network):
    np.random.seed(3)
    expected = np.random.random(4)
    np.random.seed(3)
    target = brian2.prefs.codegen.target
    run(network)
    assert brian2.prefs.codegen.target == target
    assert np.array_equal(np.random.random(4), expected)


def test_a_standalone_device_of_the_user_stays_active(network):
    brian2.set_device("cpp_standalone", build_on_run=False)
    try:
        active = brian2.get_device()
        assert run(network)["inputs.count"].sum() > 0
        assert brian2.get_device() is active
    finally:
        brian2.device.reinit()
        reset_device()


def test_unknown_names_are_told(network):
    engine = RuntimeEngine(network.structure(dense_read=False))
    with pytest.raises(EngineError, match=r"no variable 'neurons\.nosuch'"):
        run(network, engine, outputs=["neurons.nosuch"])
    with pytest.raises(EngineError, match="no table 'nosuch'"):
        engine.run({"nosuch": 1}, [])
