"""Figures of spiking circuits, as plain functions of arrays."""

import numpy as np
from brian2.units.fundamentalunits import get_dimensions

from brianmem.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    legend,
    new_figure,
    scaled,
    styled,
)


def _pair(one, other, label):
    """Return two arrays in the unit that fits both, and the label."""
    joined = np.concatenate([np.asarray(one, dtype=float), np.asarray(other, dtype=float)])
    values, text = scaled(joined, label, get_dimensions(one))
    return values[:len(one)], values[len(one):], text


@styled
def rate_sweeps(sweeps, labels, rate_label, measured_label="measured", log=False):
    """Draw the rate over one or more quantities, side by side.

    `sweeps`: (x, rate, (x, rate) in closed form or None, (x, rate) measured or None), with
    the x of all in one unit; `labels` name the x, `log` its axis.
    """
    figure, axes = new_figure(1, len(sweeps), height=2.2, sharey=True, squeeze=False)
    for axis, (x, rate, exact, measured), label in zip(axes[0], sweeps, labels, strict=True):
        x_shown, x_label = scaled(x, label)
        y, y_label = scaled(rate, rate_label)
        if exact is not None:
            line = [_as_shown(*each) for each in zip(exact, (x, rate), (x_shown, y), strict=True)]
            axis.plot(*line, "-", color=GREY, lw=0.9, label="closed form")
        axis.plot(x_shown, y, "o", ms=2.6, color=BLUE, label="circuit")
        if measured is not None:
            points = [_as_shown(*each) for each in zip(measured, (x, rate), (x_shown, y), strict=True)]
            axis.plot(*points, "s", ms=4.5, mfc="none", mew=1, color=ORANGE, label=measured_label)
        if log:
            axis.set_xscale("log")
        axis.set_xlabel(x_label)
        axis.set_ylim(bottom=0)
        axis.margins(y=0.1)
    axes[0, 0].set_ylabel(y_label)
    if len(sweeps) == 1:
        legend(axes[0, 0], loc="upper left")
    elif len(axes[0, 0].get_legend_handles_labels()[1]) > 1:
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3,
                      handlelength=1.5, columnspacing=1.2)
    return figure


def _as_shown(values, like, shown):
    return np.asarray(values, dtype=float)*_factor(like, shown)


@styled
def traces(t, rows, spikes=None, levels=None, one_scale=False):
    """Draw rows (label, values) over time, spikes above; `levels`: row to values to mark.

    With `one_scale` all rows, then in one unit, have the same vertical axis.
    """
    figure, axes = new_figure(len(rows), 1, height=0.5 + 0.85*len(rows), sharex=True,
                              sharey=one_scale, squeeze=False)
    shown, t_label = scaled(t, "Time")
    for k, (axis, (label, values)) in enumerate(zip(axes[:, 0], rows, strict=True)):
        y, text = scaled(values, label)
        axis.plot(shown, y, color=(BLUE, ORANGE, GREEN)[k % 3], lw=0.8)
        for level in (levels or {}).get(k, ()):
            axis.axhline(level*_factor(values, y), color=GREY, lw=0.6, ls=":")
        axis.set_ylabel(text)
        axis.margins(x=0.01, y=0.08)
    if spikes is not None:
        at = np.asarray(spikes, dtype=float)*_factor(t, shown)
        axes[0, 0].plot(at, np.full(len(at), 1.04), "|", color=GREY, ms=5, clip_on=False,
                        transform=axes[0, 0].get_xaxis_transform())
    axes[-1, 0].set_xlabel(t_label)
    figure.align_ylabels()
    return figure


def _factor(values, shown):
    largest = np.argmax(np.abs(shown))
    return shown[largest]/np.asarray(values, dtype=float)[largest] if np.any(shown) else 1.0


@styled
def encoding(t, signal, rebuilt, spikes, signs, quantum):
    """Draw a signal, what its signed spikes rebuild, the spikes, and the error in quanta."""
    figure, (top, middle, bottom) = new_figure(3, 1, height=3.3, sharex=True,
                                               height_ratios=(3, 0.8, 1.4))
    shown, t_label = scaled(t, "Time")
    true, decoded, label = _pair(signal, rebuilt, "Signal")
    top.plot(shown, true, color=GREY, lw=1.4, label="signal")
    top.step(shown, decoded, where="post", color=BLUE, lw=0.8, label="from the spikes")
    top.set_ylabel(label)
    legend(top, loc="upper right")
    at = np.asarray(spikes, dtype=float)*_factor(t, shown)
    for sign, color, row in ((1, BLUE, 1), (-1, ORANGE, 0)):
        middle.plot(at[np.asarray(signs) == sign], np.full(np.sum(np.asarray(signs) == sign), row),
                    "|", ms=6, mew=0.7, color=color)
    middle.set_yticks((0, 1), ("OFF", "ON"))
    middle.set_ylim(-0.6, 1.6)
    bottom.plot(shown, (np.asarray(rebuilt) - np.asarray(signal))/float(quantum), color=GREEN, lw=0.7)
    for level in (-1, 1):
        bottom.axhline(level, color=GREY, lw=0.6, ls=":")
    bottom.set(xlabel=t_label, ylabel="Error\n(quanta)", ylim=(-1.35, 1.35), yticks=(-1, 0, 1))
    figure.align_ylabels()
    return figure


@styled
def encoder_sweep(quanta, spikes, expected, ideal, errors):
    """Draw spikes of circuit and ideal encoder, and largest error, against the quantum."""
    figure, (left, right) = new_figure(1, 2, height=2.0)
    x, label = scaled(quanta, "Quantum")
    left.plot(x, np.asarray(expected), "-", color=GREY, lw=0.9, label="variation/quantum")
    left.plot(x, np.asarray(ideal), "s", ms=4.5, mfc="none", mew=0.8, color=ORANGE,
              label="ideal encoder")
    left.plot(x, np.asarray(spikes), "o", ms=2.4, color=BLUE, label="circuit")
    left.set(ylabel="Spikes", yscale="log")
    right.axhline(1, color=GREY, lw=0.9)
    right.plot(x, np.asarray(errors)/np.asarray(quanta), "o", ms=3, color=ORANGE)
    right.set(ylabel="Largest error (quanta)", ylim=(0, 1.3))
    for axis in (left, right):
        axis.set(xlabel=label, xscale="log")
        axis.minorticks_off()
        axis.set_xticks(x[::-2], [f"{v:.0f}" for v in x[::-2]])
    left.set_ylim(bottom=0.3*np.min(spikes))  # room for the legend
    low, high = left.get_ylim()
    ticks = [v for v in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= v <= high]
    left.set_yticks(ticks, [f"{v}" for v in ticks])
    left.legend(loc="lower left", fontsize=6, handlelength=1.2)
    return figure


@styled
def adaptation(neurons):
    """Draw the rate over time of each (title, t, rate, fitted rate), in panels of their own."""
    rows = -(-len(neurons)//2)
    figure, axes = new_figure(rows, 2, height=1.5*rows + 0.2, squeeze=False)
    for axis in axes.flat[len(neurons):]:
        axis.set_axis_off()
    for axis, (title, t, rate, fit) in zip(axes.flat, neurons, strict=False):
        shown, t_label = scaled(t, "Time")
        y, curve, y_label = _pair(rate, fit, "Rate")
        axis.plot(shown, y, "o", ms=2.2, color=BLUE, label="intervals")
        axis.plot(shown, curve, "-", lw=0.9, color=ORANGE, label="exponential in spikes")
        axis.set(xlabel=t_label, ylabel=y_label)
        axis.set_ylim(0, 1.15*max(y.max(), curve.max()))
        axis.set_xlim(left=0)
        axis.set_title(title, fontsize=7)
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
