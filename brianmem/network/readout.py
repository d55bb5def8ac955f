"""From output spikes to classes: counts, labels, predictions.

A neuron is labelled by its responses to training images with learning off. Two
read-outs predict a class from spike counts: by the highest mean response of the
neurons labelled with it (Diehl and Cook 2015), and by summed class proportions.
"""

from dataclasses import dataclass

import numpy as np

NO_ANSWER = -1


def spike_counts(neuron, time, shown, presentation, n_images, n_neurons):
    """Count spikes per image and neuron in each image's last presentation.

    Parameters
    ----------
    neuron, time : array (n_spikes,)
        Index and time in seconds of each output spike.
    shown : int array (n_presentations,)
        Index of the image of each presentation; larger than any image: ignored.
    presentation : float
        Seconds per presentation.

    Returns a uint16 array (n_images, n_neurons).
    """
    shown = np.asarray(shown)
    last = np.full(n_images, -1)
    valid = np.flatnonzero(shown < n_images)
    last[shown[valid]] = valid
    # Half a microsecond keeps a spike at the start of a presentation in it.
    index = np.floor((np.asarray(time) + 5e-7) / presentation).astype(int)
    index = np.minimum(index, len(shown) - 1)
    image = shown[index]
    keep = image < n_images
    keep[keep] = last[image[keep]] == index[keep]
    counts = np.zeros((n_images, n_neurons), dtype=np.uint16)
    np.add.at(counts, (image[keep], np.asarray(neuron)[keep]), 1)
    return counts


def class_responses(counts, labels, n_classes):
    """Return summed responses (n_neurons, n_classes) and images per class (n_classes,)."""
    one_hot = np.equal.outer(np.asarray(labels), np.arange(n_classes)).astype(float)
    return counts.T.astype(float) @ one_hot, one_hot.sum(axis=0)


@dataclass(frozen=True)
class Readout:
    """Hold the label and the class proportions of each neuron.

    assigned : int array (n_neurons,), `NO_ANSWER` where a neuron never fired;
    proportion : array (n_neurons, n_classes), rows sum to 1 (or 0).
    """

    assigned: np.ndarray
    proportion: np.ndarray

    @classmethod
    def from_responses(cls, responses, images):
        """Label by mean responses, given sums and images per class."""
        mean = responses / np.maximum(images, 1)
        total = mean.sum(axis=1, keepdims=True)
        assigned = np.where(total[:, 0] > 0, mean.argmax(axis=1), NO_ANSWER)
        return cls(assigned, mean / np.where(total > 0, total, 1))

    def predict(self, counts):
        """Return the class of highest mean response per image, or `NO_ANSWER`."""
        members = np.equal.outer(self.assigned, np.arange(self.proportion.shape[1])).astype(float)
        return _winner(counts @ (members / np.maximum(members.sum(axis=0), 1)))

    def predict_proportion(self, counts):
        """Return the class of highest summed class proportion, or `NO_ANSWER`."""
        return _winner(counts @ self.proportion)


def _winner(score):
    return np.where(score.max(axis=1) > 0, score.argmax(axis=1), NO_ANSWER)


def accuracy(predicted, labels):
    """Return the fraction of correct answers; no answer is a wrong one."""
    return float(np.mean(np.asarray(predicted) == np.asarray(labels)))


def confusion(predicted, labels, n_classes):
    """Return counts (n_classes, n_classes + 1): true class by answer, last column none."""
    matrix = np.zeros((n_classes, n_classes + 1), dtype=int)
    answer = np.where(np.asarray(predicted) == NO_ANSWER, n_classes, predicted)
    np.add.at(matrix, (np.asarray(labels), answer), 1)
    return matrix
