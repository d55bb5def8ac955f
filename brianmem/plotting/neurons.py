"""Figures of neurons: rate against drive, and traces with spikes."""

import numpy as np
from brian2 import hertz

from brianmem.plotting.devices import title
from brianmem.plotting.style import (
    BLUE,
    GREY,
    ORANGE,
    instances,
    legend,
    new_figure,
    scaled,
    styled,
)


@styled
def fi_curve(result):
    """Return the rate against the drive, and the energy per spike where it is known."""
    energy = "energy_per_spike" in result
    figure, axes = new_figure(1 + energy, 1, height=2.4 + 1.2 * energy, sharex=True, squeeze=False)
    _rates(axes[0, 0], result)
    if energy:
        drive = scaled(result["drive"], "")[0]
        spent, label = scaled(instances(result["energy_per_spike"]), "Energy per spike")
        axes[1, 0].plot(drive, spent.T, "o-", ms=2.5, color=BLUE, lw=0.9)
        axes[1, 0].set_ylabel(label)
        axes[1, 0].set_ylim(0, 1.08 * np.nanmax(spent) if np.any(spent > 0) else None)
    axes[-1, 0].set_xlabel(scaled(result["drive"], _drive(result))[1])
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"fi_curve": figure}


def _drive(result):
    return f"Drive {_symbol(result.attrs['drive'])}"


def _symbol(name):
    head, _, index = name.partition("_")
    head = head if len(head) == 1 else rf"\mathrm{{{head}}}"
    index = index.replace("_", r"\ ")
    return rf"${head}_\mathrm{{{index}}}$" if index else f"${head}$"


def _rates(axis, result):
    drive = scaled(result["drive"], "")[0]
    series = (("first_rate", ORANGE, "s:", "1/first interval"), ("rate", BLUE, "o-", "mean rate"))
    both, label = scaled([np.atleast_2d(np.asarray(result[key])) for key, *_ in series], "Rate",
                         hertz.dim)
    for rates, (_, color, style, name) in zip(both, series, strict=True):
        axis.plot(drive, np.median(rates, axis=0), style, ms=2.5, lw=0.9, color=color, label=name)
        if len(rates) > 1:
            axis.fill_between(drive, rates.min(axis=0), rates.max(axis=0), color=color, alpha=0.25,
                              lw=0)
    axis.set_ylabel(label)
    axis.set_ylim(bottom=0)
    legend(axis, loc="best")


@styled
def spike_response(result):
    """Return the trace that the neuron shows, its drive and its spikes."""
    figure, (top, bottom) = new_figure(2, 1, height=2.9, sharex=True, height_ratios=(3, 1))
    _trace(top, result)
    t, t_label = scaled(result["t"], "Time")
    drive, label = scaled(instances(result[result.attrs["drive"]]),
                          _symbol(result.attrs["drive"]))
    bottom.plot(t, drive[0], color=ORANGE)
    bottom.set(xlabel=t_label, ylabel=label)
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"spike_response": figure}


def _trace(axis, result):
    name = result.attrs["voltage"]
    t, t_label = scaled(result["t"], "Time")
    factor = np.max(np.abs(np.asarray(result["t"]))) / max(np.max(np.abs(t)), 1e-300)
    v, label = scaled(instances(result[name]), _symbol(name))
    axis.plot(t, v[0], color=BLUE, lw=0.8)
    own = np.asarray(result["spike_instance"]) == 0
    spikes = np.asarray(result["spike_t"])[own] / (factor or 1)
    axis.plot(spikes, np.full(len(spikes), 1.0), "|", color=GREY, ms=5, clip_on=False,
              transform=axis.get_xaxis_transform())
    axis.set_ylabel(label)
    return t_label


@styled
def neuron_portrait(name, results):
    """Draw the results of `brianmem.protocols.portrait.neuron_portrait`."""
    figure, (left, right) = new_figure(1, 2, width=6.4, height=2.5)
    _rates(left, results["fi_curve"])
    left.set_xlabel(scaled(results["fi_curve"]["drive"], _drive(results["fi_curve"]))[1])
    right.set_xlabel(_trace(right, results["spike_response"]))
    figure.suptitle(name.replace("_", " "))
    return figure
