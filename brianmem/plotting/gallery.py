"""Small panels of many neurons: output over stimulus."""

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

_COLUMNS = 4


@styled
def gallery(names, t, runs, detected):
    """Draw a panel for each name: output above, stimulus (on a scale of its own) below.

    `runs`: (outputs, stimuli) of the runs to show and of those to show faintly, if others.
    """
    rows = -(-len(names)//_COLUMNS)
    figure, axes = new_figure(rows, _COLUMNS, height=1.2*rows + 0.2, width=2.1*COLUMN, squeeze=False,
                              sharex=True, sharey=True)
    shown, t_label = scaled(t, "Time")
    (outputs, stimuli), beside = [[np.asarray(a, dtype=float) for a in run] for run in runs]
    top = outputs.max()
    for k, (axis, name, yes) in enumerate(zip(axes.flat, names, detected, strict=False)):
        size = max(np.abs(stimuli[k]).max(), np.abs(beside[1][k]).max()) or 1.0
        if not np.array_equal(stimuli[k], beside[1][k]):
            axis.plot(shown, beside[0][k]/top, color=ORANGE, lw=0.6, alpha=0.75)
            axis.plot(shown, -1.7 + 0.45*beside[1][k]/size, color=ORANGE, lw=0.8, alpha=0.75)
        axis.plot(shown, outputs[k]/top, color=BLUE, lw=0.7)
        axis.plot(shown, -1.7 + 0.45*stimuli[k]/size, color=BLUE, lw=0.8)
        axis.text(1.0, 0.0, f"{size:.2g} V", transform=axis.transAxes, ha="right", va="bottom",
                  fontsize=6, color=GREY)
        axis.set_title(name, fontsize=7.5, pad=8)
        axis.text(0.5, 1.0, "detected" if yes else "not detected", transform=axis.transAxes,
                  ha="center", va="bottom", fontsize=6, color=GREY if yes else ORANGE)
        axis.set_ylim(-2.6, 1.15)
        axis.set_yticks(())
        axis.spines["left"].set_visible(False)
    for axis in axes.flat[len(names):]:
        axis.set_axis_off()
    for axis in axes.flat[max(0, len(names) - _COLUMNS):len(names)]:  # the lowest of each column
        axis.set_xlabel(t_label)
        axis.tick_params(labelbottom=True)
    return figure


@styled
def panels(curves):
    """Draw (x, x label, y, y label, style) in panels, two in a row."""
    rows = -(-len(curves)//2)
    figure, axes = new_figure(rows, 2, height=1.6*rows, width=1.4*COLUMN, squeeze=False)
    for axis, (x, x_label, y, y_label, style) in zip(axes.flat, curves, strict=False):
        x_shown, x_text = scaled(x, x_label)
        y_shown, y_text = scaled(y, y_label)
        axis.plot(x_shown, y_shown, style, color=BLUE, ms=2.6, lw=0.9)
        axis.set(xlabel=x_text, ylabel=y_text)
        axis.set_ylim(bottom=min(0.0, 1.1*np.nanmin(y_shown)))
        axis.margins(y=0.1)
    for axis in axes.flat[len(curves):]:
        axis.set_axis_off()
    return figure


@styled
def answers(x, rows, names, x_label, y_label):
    """Draw several series over one axis, each named."""
    figure, axis = new_figure(height=2.3)
    for k, (row, name) in enumerate(zip(rows, names, strict=True)):
        axis.step(x, row, where="mid", color=(BLUE, ORANGE, GREEN, PURPLE)[k % 4], lw=1.0,
                  ls=("-", "--", "-.", ":")[k % 4], label=name)
    axis.set(xlabel=x_label, ylabel=y_label)
    axis.set_ylim(bottom=-0.2)
    axis.margins(x=0.02)
    figure.legend(loc="outside upper center", ncols=2)
    return figure
