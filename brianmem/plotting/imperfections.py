"""Figures of what imperfect devices cost a network: a map, and curves with their spread."""

import numpy as np

from brianmem.plotting.style import (
    BLUE,
    COLUMN,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    new_figure,
    styled,
)

_COLORS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
_MARKS = ("o", "s", "^", "v", "D")


@styled
def nonlinearity_map(labels, accuracy, branches):
    """Draw accuracy (LTP, LTD) 0..1 over the labels of both, beside the branches of the largest ones.

    `branches` maps a name to (share of the pulses, conductance 0..1).
    """
    figure, (left, right) = new_figure(1, 2, height=2.7, width=1.6 * COLUMN,
                                       gridspec_kw={"width_ratios": (1, 1.7)})
    for k, (name, (p, g)) in enumerate(branches.items()):
        left.plot(p, g, color=(BLUE, BLUE, ORANGE, ORANGE)[k % 4], ls=("-", "--")[k % 2], label=name)
    left.set(xlabel="SET pulses, then RESET pulses\n(in units of each branch)",
             ylabel="Conductance (of its range)", ylim=(-0.02, 1.02))
    left.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, columnspacing=1,
                handlelength=1.5)
    half = (labels[1] - labels[0]) / 2
    ends = (labels[0] - half, labels[-1] + half)
    image = right.imshow(100 * accuracy.T, origin="lower", extent=(*ends, *ends), cmap="viridis")
    right.plot(ends, ends, color="white", lw=0.7, ls=":")
    right.plot(ends, ends[::-1], color="white", lw=0.7, ls="--")
    for draw in (right.axhline, right.axvline):
        draw(0, color="white", lw=0.5)
    right.set(xlabel="Nonlinearity of LTP", ylabel="Nonlinearity of LTD", xlim=ends, ylim=ends)
    for axis in (right.xaxis, right.yaxis):
        axis.set_ticks(labels)
    right.set_title("+: saturates in its own direction\n"
                    "dotted: same shape; dashed: LTD retraces LTP", fontsize=7)
    figure.colorbar(image, ax=right, label="Accuracy (%)")
    return figure


@styled
def spread_panels(panels, x_labels, y_label, columns=2):
    """Draw panels of curves, each (name, x, y (x, seed)): mean, and every seed as a faint mark.

    Names of a panel's curves make its legend where there are several. Positions along x
    are those of its values, in order and evenly spaced.
    """
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(rows, columns, height=1.75 * rows + 0.2, width=0.85 * columns * COLUMN,
                              squeeze=False, sharey=True)
    for k, (axis, curves, label) in enumerate(zip(axes.flat, panels, x_labels, strict=False)):
        for n, (name, x, y) in enumerate(curves):
            places, style = np.arange(len(x)), {"color": _COLORS[n % 5], "marker": _MARKS[n % 5]}
            values = np.asarray(y, dtype=float)
            for seed in values.T:
                axis.plot(places, seed, ls="none", ms=1.8, alpha=0.4, **style)
            spread = values.std(axis=1, ddof=1) if values.shape[1] > 1 else None
            axis.errorbar(places, values.mean(axis=1), spread, ms=3, capsize=2, elinewidth=0.7,
                          label=name, **style)
        axis.set_xticks(places, [f"{v:g}" for v in x])
        axis.set(xlabel=label, ylabel=y_label if k % columns == 0 else None)
        if len(curves) > 1:
            axis.legend(fontsize=6)
    for axis in axes.flat[len(panels):]:
        axis.set_axis_off()
    return figure
