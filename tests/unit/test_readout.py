"""Spike counts, labels and predictions on hand-made responses."""

import numpy as np
import pytest

from brianmem.network.readout import (
    NO_ANSWER,
    Readout,
    accuracy,
    class_responses,
    confusion,
    spike_counts,
)

# Three neurons, four images of classes 0, 0, 1, 1.
COUNTS = np.array([[3, 0, 0], [1, 0, 0], [1, 2, 0], [0, 4, 0]])
LABELS = np.array([0, 0, 1, 1])


@pytest.fixture
def labelled():
    return Readout.from_responses(*class_responses(COUNTS, LABELS, 2))


def test_only_the_last_presentation_of_an_image_counts():
    # Image 0 is shown twice: its first presentation came to one spike only.
    counts = spike_counts(neuron=[1, 0, 0, 1], time=[0.05, 0.1, 0.15, 0.2999],
                          shown=[0, 0, 1], presentation=0.1, n_images=2, n_neurons=2)
    assert counts.tolist() == [[2, 0], [0, 1]]


def test_a_silent_last_presentation_leaves_no_spikes_of_an_earlier_one():
    counts = spike_counts([0], [0.05], shown=[0, 0, 1], presentation=0.1, n_images=2, n_neurons=1)
    assert counts.tolist() == [[0], [0]]


def test_the_step_that_ends_the_run_belongs_to_no_image():
    counts = spike_counts([0, 0], [0.05, 0.1], shown=[0, 1], presentation=0.1, n_images=1,
                          n_neurons=1)
    assert counts.tolist() == [[1]]


def test_a_spike_at_the_very_start_belongs_to_the_new_presentation():
    time = 3 * 0.1 - 1e-16  # what floating point makes of the third boundary
    counts = spike_counts([0], [time], shown=[0, 1, 2, 3], presentation=0.1, n_images=4,
                          n_neurons=1)
    assert counts[:, 0].tolist() == [0, 0, 0, 1]


def test_neurons_are_labelled_by_their_mean_response(labelled):
    assert labelled.assigned.tolist() == [0, 1, NO_ANSWER]
    np.testing.assert_allclose(labelled.proportion, [[2 / 2.5, 0.5 / 2.5], [0, 1], [0, 0]])


def test_unequal_classes_do_not_bias_the_label():
    # Class 0 has three images with one spike each, class 1 one image with two.
    sums, images = class_responses(np.array([[1], [1], [1], [2]]), [0, 0, 0, 1], 2)
    assert images.tolist() == [3, 1]
    assert Readout.from_responses(sums, images).assigned.tolist() == [1]


def test_the_mean_over_a_class_decides_and_not_the_sum():
    # Two neurons of class 0 and one of class 1: sums 4 against 3, means 2 against 3.
    two_one = Readout(np.array([0, 0, 1]), np.eye(2)[[0, 0, 1]])
    assert two_one.predict(np.array([[2, 2, 3]])).tolist() == [1]
    assert two_one.predict_proportion(np.array([[2, 2, 3]])).tolist() == [0]


def test_no_spikes_are_no_answer_and_wrong(labelled):
    silent = np.zeros((1, 3))
    assert labelled.predict(silent).tolist() == [NO_ANSWER]
    assert labelled.predict_proportion(silent).tolist() == [NO_ANSWER]
    assert accuracy([NO_ANSWER, 0], [0, 0]) == 0.5


def test_a_class_without_neurons_is_never_answered():
    only_zero = Readout(np.array([0]), np.array([[1.0, 0.0, 0.0]]))
    assert only_zero.predict(np.array([[5]])).tolist() == [0]


def test_confusion_counts_every_image_once():
    matrix = confusion([0, 1, NO_ANSWER, 1], [0, 0, 1, 1], 2)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 1]]
