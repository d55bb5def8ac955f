"""Figures of learning in time, as plain functions of arrays."""

import numpy as np

from brianmem.plotting.style import BLUE, GREEN, GREY, ORANGE, PURPLE, legend, new_figure, styled

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)


@styled
def learning_curves(x, curves, xlabel, ylabel, levels=()):
    """Draw curves [(label, values (repeats, x))]: mean, and all repeats as a band.

    `levels` [(label, y)] are horizontal lines to compare with.
    """
    figure, axis = new_figure()
    x = np.asarray(x)
    for colour, (label, values) in zip(_COLOURS, curves, strict=False):
        values = np.atleast_2d(np.asarray(values))
        axis.plot(x, values.mean(axis=0), color=colour, label=label)
        if len(values) > 1:
            axis.fill_between(x, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25,
                              linewidth=0)
    for style, (label, y) in zip(("--", ":", "-."), levels, strict=False):
        axis.axhline(y, color=GREY, linestyle=style, linewidth=0.9, label=label)
    axis.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    legend(axis)
    return figure


@styled
def one_against_others(x, one, others, xlabel, ylabel, labels):
    """Draw one curve over the mean and the range of the others (others, x)."""
    figure, axis = new_figure()
    x, others = np.asarray(x), np.asarray(others)
    axis.fill_between(x, np.nanmin(others, axis=0), np.nanmax(others, axis=0), color=GREY,
                      alpha=0.3, linewidth=0, label=f"{labels[1]}, range")
    axis.plot(x, np.nanmean(others, axis=0), color=GREY, label=f"{labels[1]}, mean")
    axis.plot(x, np.asarray(one), color=ORANGE, label=labels[0])
    axis.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    legend(axis)
    return figure
