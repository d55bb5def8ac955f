"""Figures of a trained network, as plain functions of arrays."""

import textwrap

import numpy as np
from brian2.units.fundamentalunits import get_dimensions

from brianmem.plotting.style import (
    BLUE,
    COLUMN,
    GREY,
    ORANGE,
    legend,
    new_figure,
    scaled,
    styled,
)


@styled
def receptive_fields(weights, labels=None, shape=None, shown=100):
    """Draw the weights (inputs, neurons) of `shown` neurons as images of `shape`.

    Neurons are sorted by `labels`, the class each was assigned (negative: none),
    which is written beside each row of a class that starts there.
    """
    array = np.asarray(weights, dtype=float)
    side = int(np.sqrt(array.shape[0]))
    shape = (side, side) if shape is None else tuple(int(s) for s in shape)
    chosen = _spread_over(labels, array.shape[1], shown)
    columns = int(np.ceil(np.sqrt(len(chosen))))
    rows = -(-len(chosen) // columns)
    canvas = np.full((rows * (shape[0] + 1) - 1, columns * (shape[1] + 1) - 1), np.nan)
    for k, neuron in enumerate(chosen):
        y, x = k // columns * (shape[0] + 1), k % columns * (shape[1] + 1)
        canvas[y:y + shape[0], x:x + shape[1]] = array[:, neuron].reshape(shape)
    canvas, unit = scaled(canvas, "Weight", get_dimensions(weights))
    figure, axis = new_figure(height=COLUMN * rows / columns * 0.88)
    image = axis.imshow(canvas, cmap="cividis", vmin=np.nanmin(canvas),
                        vmax=np.nanpercentile(canvas, 99.5))
    axis.set_axis_off()
    figure.colorbar(image, ax=axis, shrink=0.85, pad=0.02,
                    label=unit if "(" in unit else "Weight")
    if labels is not None:
        _write_labels(axis, np.asarray(labels)[chosen], columns, shape)
    return figure


def _spread_over(labels, neurons, shown):
    order = np.arange(neurons) if labels is None else np.argsort(np.asarray(labels), kind="stable")
    if neurons <= shown:
        return order
    return order[np.linspace(0, neurons - 1, shown).round().astype(int)]


def _write_labels(axis, labels, columns, shape):
    for k, label in enumerate(labels):
        text = str(int(label)) if label >= 0 else "–"
        axis.text(k % columns * (shape[1] + 1) + 1, k // columns * (shape[0] + 1), text,
                  color="white", fontsize=5, va="top", ha="left")


@styled
def confusion_matrix(matrix, names=None):
    """Draw the counts (true class, answer) as fractions of each class, in percent.

    One column more than there are rows means images without an answer.
    """
    matrix = np.asarray(matrix, dtype=float)
    share = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [str(k) for k in range(len(matrix))] if names is None else list(names)
    answers = names + ["none"] * (matrix.shape[1] - len(names))
    figure, axis = new_figure(height=3.0)
    image = axis.imshow(share, cmap="Blues", vmin=0, vmax=100)
    axis.set_xticks(range(len(answers)), answers)
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="Answer", ylabel="True class")
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    for (y, x), value in np.ndenumerate(share):
        if value >= 0.5:
            axis.text(x, y, f"{value:.0f}", ha="center", va="center", fontsize=6,
                      color="white" if value > 55 else "black")
    figure.colorbar(image, ax=axis, shrink=0.85, label="Share of the class (%)")
    return figure


@styled
def training_curve(images, accuracy, final=None):
    """Draw the accuracy during training over the images seen; `final`: on test images."""
    figure, axis = new_figure(height=2.2)
    accuracy = 100 * np.asarray(accuracy, dtype=float)
    axis.plot(np.asarray(images), accuracy, "o-", ms=2.5, color=BLUE, label="while training")
    if final is not None:
        axis.axhline(100 * float(final), color=ORANGE, ls="--", lw=0.9,
                     label=f"test images: {100 * float(final):.1f} %")
    axis.set(xlabel="Training images seen", ylabel="Accuracy (%)")
    axis.set_xlim(left=0)
    axis.margins(y=0.1)
    axis.grid(axis="y", lw=0.3, color="#cccccc")
    axis.ticklabel_format(axis="x", style="plain")
    legend(axis, loc="lower right")
    return figure


@styled
def pulse_response(set_curve, reset_curve, weights=None, operation=None):
    """Draw conductance after 0..n SET and RESET pulses, and where the network works.

    `weights`: the conductances of a trained network; their 5 to 95 % range is the
    operating range. `operation`: the pulses in words, as the title.
    """
    figure, axis = new_figure(height=2.5)
    start = len(set_curve) - 1
    joined, label = scaled(np.concatenate([np.asarray(set_curve), np.asarray(reset_curve)]),
                           "Conductance", get_dimensions(set_curve))
    factor = np.asarray(set_curve, dtype=float).max() / joined[:start + 1].max()
    axis.plot(np.arange(start + 1), joined[:start + 1], "o-", ms=1.8, lw=0.8, color=BLUE,
              label="SET")
    axis.plot(start + np.arange(len(reset_curve)), joined[start + 1:], "o-", ms=1.8, lw=0.8,
              color=ORANGE, label="RESET")
    if weights is not None:
        low, middle, high = np.percentile(np.asarray(weights, dtype=float), (5, 50, 95)) / factor
        axis.axhspan(low, high, color=GREY, alpha=0.15, lw=0, label="trained, 5–95 %")
        axis.axhline(middle, color=GREY, lw=0.8, ls="--", label="trained, median")
    axis.set(xlabel="Pulse number", ylabel=label)
    axis.set_ylim(bottom=0)
    axis.legend(loc="upper right", fontsize=6)
    if operation:
        axis.set_title(_wrapped(operation), fontsize=6)
    return figure


def _wrapped(text, width=72):
    first, _, rest = str(text).partition(": ")
    return "\n".join([first, *textwrap.wrap(rest, width)])


@styled
def weight_distribution(before, after):
    """Draw the histogram of all weights before and after training."""
    figure, axis = new_figure(height=2.2)
    both = np.concatenate([np.asarray(before, dtype=float).ravel(),
                           np.asarray(after, dtype=float).ravel()])
    values, label = scaled(both, "Weight", get_dimensions(after))
    values = np.split(values, [np.size(before)])
    edges = np.linspace(min(v.min() for v in values), max(v.max() for v in values) + 1e-12, 61)
    for array, color, name in zip(values, (GREY, BLUE), ("before training", "after training"),
                                  strict=True):
        weight = np.full(array.size, 100 / array.size)
        axis.hist(array, edges, weights=weight, histtype="stepfilled", color=color, alpha=0.35)
        axis.hist(array, edges, weights=weight, histtype="step", color=color, lw=1, label=name)
    axis.set_yscale("log")
    axis.set(xlabel=label if "(" in label else "Weight", ylabel="Share of the synapses (%)")
    legend(axis, loc="upper right")
    return figure
