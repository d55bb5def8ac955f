"""Figures of learning rules, as plain functions of arrays."""

import numpy as np

from brianmem.plotting.style import (
    BLUE,
    COLUMN,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    new_figure,
    scaled,
    styled,
)


@styled
def over_rate(rate, panels, measured):
    """Draw how triplets and pairs change a weight over the rate of pairing.

    `panels`: (title, y label, triplet, pair) with changes of shape (lag, rate), the lag
    positive first; `measured`: (rate, change, standard error) for the first panel.
    """
    figure, axes = new_figure(1, len(panels), height=2.5, width=1.4 * COLUMN, squeeze=False)
    x, label = scaled(rate, "Rate of pairing")
    order = np.argsort(x)
    for axis, (title, y_label, triplet, pair) in zip(axes[0], panels, strict=True):
        for k, (color, lag) in enumerate(((BLUE, "+"), (ORANGE, "\u2212"))):
            axis.plot(x[order], triplet[k][order], "-", color=color, label=f"triplets, {lag}10 ms")
            axis.plot(x[order], pair[k][order], "--", color=color, label=f"pairs, {lag}10 ms")
        axis.axhline(0, color=GREY, lw=0.4, zorder=0)
        axis.set(title=title, xlabel=label, ylabel=y_label)
    at = np.asarray(measured[0], dtype=float)
    for change, error, color in zip(measured[1], measured[2], (BLUE, ORANGE), strict=True):
        axes[0, 0].errorbar(at, change, error, fmt="o", ms=3, lw=0.8, capsize=1.5, color=color)
    axes[0, 0].errorbar([], [], [], fmt="o", ms=3, lw=0.8, color=GREY, label="measured")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def windows(panels, y_label="Change / largest change"):
    """Draw changes over the delay of two spikes, one panel below the other.

    `panels`: (title, delays, name to changes, points); points is None or
    (delays, changes, label).
    """
    figure, axes = new_figure(len(panels), 1, height=2.3 * len(panels), squeeze=False)
    everyone = list(dict.fromkeys(name for _, _, curves, _ in panels for name in curves))
    for axis, (title, delay, curves, points) in zip(axes[:, 0], panels, strict=True):
        x, label = scaled(delay, "$t_\\mathrm{post} - t_\\mathrm{pre}$")
        x, part = np.asarray(x), np.asarray(delay, dtype=float) < 0
        for name, change in curves.items():
            k = everyone.index(name)
            look = {"color": (BLUE, ORANGE, GREEN, PURPLE, GREY)[k % 5],
                    "marker": "osv^d"[k % 5] if len(x) < 50 else "", "ms": 2.5, "lw": 0.9,
                    "ls": ("-", "--", "-.", ":")[k % 4]}
            # No line across the jump at 0.
            axis.plot(x[~part], change[~part], label=name.replace("_", " "), **look)
            axis.plot(x[part], change[part], **look)
        if points is not None:
            axis.plot(scaled(points[0], "")[0], points[1], "x", color="black", ms=5, label=points[2],
                      zorder=5)
        axis.axhline(0, color=GREY, lw=0.4, zorder=0)
        axis.set(title=title, xlabel=label, ylabel=y_label)
        axis.legend(loc="best")
    return figure
