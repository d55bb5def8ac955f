"""Digits by reward alone: above chance, and nothing is learned where reward says nothing."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from brianmem import Result, datasets
from brianmem.errors import InputError
from brianmem.experiments import reward_digits
from brianmem.models.networks.digits_by_reward import RewardDigits
from brianmem.network.program import program

compiled = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")


@pytest.mark.standalone
@compiled
@pytest.mark.long
def test_reward_teaches_digits(tmp_path):
    result = reward_digits.main(quick=True)
    metrics = result.metrics
    assert metrics["accuracy"] > 0.65
    assert metrics["accuracy_memristive"] > 0.4
    assert metrics["linear_readout"] > 0.8
    assert metrics["write_energy_per_image_J"] > 0
    loaded = Result.load(result.save(tmp_path / "result.h5"))
    assert set(reward_digits.plot(loaded)) == {"learning"}


@pytest.mark.standalone
@compiled
@pytest.mark.long
def test_one_reward_moves_the_synapses_of_the_neuron_that_answered_and_no_other():
    data = datasets.load("sample", 200, 10)
    network = RewardDigits(neurons=100, threshold_step=0.0)
    images, start = reward_digits.halved(data.train_images)[:1], network.initial_state(0)
    for label in range(10):
        out = program(network.structure()).run(
            network.inputs(start, images, [label], learning=True, seed=3),
            [*network.state_names, *network.output_names])
        moved = (out["synapses.x"] - start["synapses.x"]).reshape(196, 100)
        answered = network.answers(out, 1)[0]
        (neuron,) = np.unique(np.nonzero(moved)[1])
        assert neuron % 10 == answered
        dark = images[0] == 0
        sign = 1 if answered == label else -1
        assert np.all(sign * moved[dark, neuron] <= 0)
        assert np.any(sign * moved[~dark, neuron] > 0)
        np.testing.assert_allclose(out["critic.mean"], sign / 50 * (np.arange(10) == label))


def test_images_are_halved_by_means_and_others_refused():
    images = np.zeros((1, 28, 28))
    images[0, 2:4, 6:8] = [[4, 0], [0, 0]]
    small = reward_digits.halved(images).reshape(14, 14)
    assert small[1, 3] == 1
    assert small.sum() == 1
    with pytest.raises(InputError, match="28 x 28"):
        reward_digits.halved(np.zeros((1, 20, 20)))
    with pytest.raises(InputError, match="--seeds"):
        reward_digits.main(seeds=0)
    with pytest.raises(InputError, match="--baseline"):
        reward_digits.main(baseline=2.0)


def test_unseen_digits_are_those_that_the_sample_does_not_test_on(monkeypatch):
    sample = datasets.load("sample")
    others = sample.test_images[:3] ^ np.uint8(1)
    every = replace(sample, test_images=np.concatenate([sample.test_images, others]),
                    test_labels=np.append(sample.test_labels, [7, 8, 9]))
    monkeypatch.setattr(datasets, "load_mnist", lambda: every)
    data = reward_digits._data("sample", 100, None, unseen=True)
    np.testing.assert_array_equal(data.test_images, others)
    np.testing.assert_array_equal(data.test_labels, [7, 8, 9])
    assert len(data.train_labels) == 100
    assert len(reward_digits._data("sample", 100, None, unseen=False).test_labels) == 1000
