"""Figures of a study, from the data set that `Study.collect` returns."""

import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS

from brianmem.errors import InputError, suggestion
from brianmem.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    legend,
    new_figure,
    scaled,
    styled,
)
from brianmem.units import dimension_of

_COLORS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
_LINES = ("-", "--", ":")


@styled
def sweep(dataset, x=None, y=None, hue=None, log=False):
    """Return a figure of the metric `y` over the parameter `x`, a line for each `hue`.

    Lines are means over all other parameters and seeds, bands their standard
    deviation; points that form no grid are drawn one by one.
    """
    x, y = _chosen(dataset, x, y, hue)
    figure, axis = new_figure()
    if "point" in dataset.dims:
        _scatter(axis, dataset, x, y, hue)
    else:
        _lines(axis, dataset, x, y, hue)
    label = _label(dataset, x)[1]
    if log:
        axis.set_xscale("log")
    axis.set(xlabel=label, ylabel=y.replace("_", " "))
    legend(axis, title=None if hue is None else _label(dataset, hue)[1], title_fontsize=7)
    return figure


def _chosen(dataset, x, y, hue):
    coords, metrics = [str(c) for c in dataset.coords], [str(v) for v in dataset.data_vars]
    if not metrics:
        raise InputError("The study has no metrics yet. Run some of its points first.")
    x = x or next((c for c in coords if c not in ("seed", "point")), coords[0] if coords else None)
    for name, known, flag in ((x, coords, "--x"), (y or metrics[0], metrics, "--y"),
                              (hue, coords, "--hue")):
        if name is not None and name not in known:
            raise InputError(f"{flag}: the study has no '{name}'{suggestion(name, known)} Known: "
                             f"{', '.join(known)}.")
    if x is None or x == hue:
        raise InputError("--x and --hue must be two parameters that the study varies.")
    return x, y or metrics[0]


def _label(dataset, name):
    """Return the values of a parameter in a fitting unit, and its label."""
    coord = dataset[name]
    if coord.dtype.kind not in "iuf":
        return np.arange(coord.size), name
    units = coord.attrs.get("units", "1")
    dim = DIMENSIONLESS if units == "1" else dimension_of(units)
    return scaled(coord.values, name.replace("_", " ") if dim is DIMENSIONLESS else name, dim)


def _lines(axis, dataset, x, y, hue):
    others = [d for d in dataset[y].dims if d not in (x, hue)]
    numbers, _ = _label(dataset, x)
    shades = [None] if hue is None else _texts(dataset, hue)
    for k, text in enumerate(shades):
        part = dataset[y] if hue is None else dataset[y].isel({hue: k})
        mean = part.mean(others).values if others else part.values
        style = {"color": _COLORS[k % 5], "ls": _LINES[k // 5 % 3]}
        axis.plot(numbers, mean, marker="o", ms=3, label=text, **style)
        if others:
            spread = part.std(others).values
            axis.fill_between(numbers, mean - spread, mean + spread, color=style["color"], alpha=0.2,
                              lw=0)
    if others:
        axis.set_title(f"mean and standard deviation over {', '.join(map(str, others))}", fontsize=7)
    if dataset[x].dtype.kind not in "iuf":
        axis.set_xticks(numbers, [str(v) for v in dataset[x].values])


def _scatter(axis, dataset, x, y, hue):
    numbers, _ = _label(dataset, x)
    color = {} if hue is None else {"c": _label(dataset, hue)[0], "cmap": "viridis"}
    dots = axis.scatter(numbers, dataset[y].values, s=6, **color or {"color": BLUE})
    if hue is not None:
        axis.figure.colorbar(dots, ax=axis, label=_label(dataset, hue)[1])


def _texts(dataset, name):
    values, _ = _label(dataset, name)
    if dataset[name].dtype.kind not in "iuf":
        return [str(v) for v in dataset[name].values]
    return [f"{v:.4g}" for v in values]


@styled
def sensitivity(indices, y):
    """Return a figure of `indices`: name to a dict of first (and total, with intervals)."""
    figure, axis = new_figure(height=0.7 + 0.35 * len(indices))
    names = list(indices)
    places = np.arange(len(names))
    kinds = [k for k in ("first", "total") if k in next(iter(indices.values()))]
    width = 0.8 / len(kinds)
    for k, kind in enumerate(kinds):
        values = [indices[n][kind] for n in names]
        errors = [indices[n].get(f"{kind}_interval", 0.0) for n in names]
        axis.barh(places + (k - (len(kinds) - 1) / 2) * width, values, width, color=_COLORS[k],
                  label={"first": "main effect", "total": "with interactions"}[kind],
                  xerr=errors if any(errors) else None, error_kw={"lw": 0.8})
    axis.set_yticks(places, names)
    axis.invert_yaxis()
    axis.set(xlabel=f"Share of the variance of {y.replace('_', ' ')}",
             xlim=(min(0, axis.get_xlim()[0]), 1.05))
    legend(axis)
    return figure


@styled
def front(x, accuracy, on_front, names, spread, xlabel):
    """Return accuracy over `x`, a colour for each row; points of a front are joined.

    Arrays are (names, points); `on_front` is None or says which points are on the front.
    """
    figure, axis = new_figure()
    x, accuracy, spread = (np.asarray(a) for a in (x, accuracy, spread))
    for k, name in enumerate(names):
        axis.errorbar(x[k], accuracy[k], spread[k], fmt="o", ms=3, lw=0.8, color=_COLORS[k % 5],
                      label=name)
    if on_front is not None:
        best = np.asarray(on_front, dtype=bool)
        order = np.argsort(x[best])
        axis.plot(x[best][order], accuracy[best][order], color="black", lw=0.8, zorder=0, label="front")
    axis.set_xscale("log")
    axis.set(xlabel=xlabel, ylabel="Accuracy")
    legend(axis)
    return figure


@styled
def families(x, accuracy, names, spread, xlabel, title):
    """Return accuracy (x, names) over `x`, a line and a band for each name."""
    figure, axis = new_figure()
    for k, name in enumerate(names):
        mean, half = np.asarray(accuracy)[:, k], np.asarray(spread)[:, k]
        axis.plot(x, mean, marker="o", ms=3, color=_COLORS[k % 5], label=name)
        axis.fill_between(x, mean - half, mean + half, color=_COLORS[k % 5], alpha=0.2, lw=0)
    axis.set(xlabel=xlabel, ylabel="Accuracy", ylim=(0, 1))
    legend(axis, title=title, title_fontsize=7)
    return figure
