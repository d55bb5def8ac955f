"""Figures of what depends on time: delay and forgetting."""

import numpy as np
from brian2 import second
from brian2.units.fundamentalunits import get_dimensions

from brianmem.plotting.devices import title
from brianmem.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    instances,
    legend_above,
    new_figure,
    scaled,
    styled,
    unit_symbol,
)


@styled
def switching_time(result):
    """Return delay and energy against voltage, each copy and the median."""
    figure, (top, bottom) = new_figure(2, 1, height=3.4, sharex=True)
    v, v_label = scaled(result["voltage"], "Source voltage")
    arrived = np.atleast_2d(result["arrived"])
    for axis, key, name in ((top, "delay", "Delay"), (bottom, "energy", "Energy")):
        values = np.asarray(instances(result[key]))
        for row, there in zip(values, arrived, strict=True):
            axis.plot(v[there], row[there], "o", ms=2.5, color=BLUE, mew=0,
                      alpha=max(0.08, 1 / len(values)**0.5))
        every = arrived.all(axis=0)
        axis.plot(v[every], np.median(values, axis=0)[every], color=ORANGE, lw=1,
                  label=_median(result))
        axis.set_yscale("log")
        axis.set_ylabel(f"{name} ({unit_symbol(get_dimensions(result[key]))})")
    _never(top, v, arrived)
    top.legend(loc="best")
    bottom.set_xlabel(v_label)
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"switching_time": figure}


def _never(axis, v, arrived):
    late = ~arrived.all(axis=0)
    if late.any():
        axis.plot(v[late], np.full(late.sum(), 0.97), "v", ms=4, color=GREY, clip_on=False, mew=0,
                  transform=axis.get_xaxis_transform(), label="not within the time given")


def _median(result):
    slope = result.metrics.get("slope_decades_per_V")
    return "median" if not slope else f"median: {1000 / abs(slope):.3g} mV per decade"


@styled
def stdp_window(result):
    """Return the spikes and the change of each state against the delay of a pair."""
    states = [k.removeprefix("change_") for k in result if k.startswith("change_")]
    states = states if len(states) > 2 else states[:1]
    figure, axes = new_figure(1 + len(states), 1, height=1.5 + 1.6 * len(states))
    t, t_label = scaled(result["spike_t"], "Time since the spike")
    v, v_label = scaled(result["spike_pre"], "Spike")
    axes[0].plot(t, v, color=BLUE, label="pre")
    axes[0].plot(t, v * _ratio(result["spike_post"], result["spike_pre"]), "--", color=ORANGE,
                 label="post")
    axes[0].set(xlabel=t_label, ylabel=v_label)
    axes[0].legend(loc="best")
    for axis, state in zip(axes[1:], states, strict=True):
        _window(axis, result, state)
    axes[-1].set_xlabel(scaled(result["delay"], "$t_\\mathrm{post} - t_\\mathrm{pre}$")[1])
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"stdp_window": figure}


def _ratio(a, b):
    return float(np.abs(np.asarray(a)).max() / max(np.abs(np.asarray(b)).max(), 1e-300))


def _window(axis, result, state):
    order = np.argsort(result["delay"])
    delay = scaled(result["delay"], "")[0][order]
    name = "Conductance change" if state == "conductance" else f"Change of {state}"
    values, label = scaled(instances(result[f"change_{state}"]), name)
    values = values[:, order]
    middle, before = np.median(values, axis=0), delay < 0
    for part, color in ((before, ORANGE), (~before, BLUE)):
        axis.plot(delay[part], middle[part], "o-", ms=2.5, lw=0.9, color=color)
        if len(values) > 1:
            axis.fill_between(delay[part], values[:, part].min(axis=0), values[:, part].max(axis=0),
                              color=color, alpha=0.25, lw=0)
    lone = np.atleast_2d(np.asarray(result[f"lone_change_{state}"])).mean(axis=0)
    lone = lone / _ratio(result[f"change_{state}"], values) if np.any(values) else lone
    for level, text, style in zip(lone, ("lone pre", "lone post"), ("--", ":"), strict=True):
        axis.axhline(level, color=GREY, lw=0.9, ls=style, label=text)
    axis.axvline(0, color=GREY, lw=0.4, zorder=0)
    axis.set_ylabel(label)
    axis.legend(loc="best")


@styled
def relaxation(result):
    """Return conductance and the remaining share of its change after the drive."""
    figure, (top, bottom) = new_figure(2, 1, height=3.4, sharex=True)
    later = np.asarray(result["wait"]) > 0
    t, t_label = result["wait"][later], f"Time after the drive ({unit_symbol(second.dim)})"
    g, g_label = scaled(instances(result["conductance"]), "Conductance")
    _band(top, t, g[:, later], BLUE, None)
    top.set_ylabel(g_label)
    remaining = np.atleast_2d(result["remaining"])[:, later]
    _band(bottom, t, remaining, BLUE, "simulated")
    fitted = np.atleast_1d(result["fitted"])
    if fitted.any():
        tau, beta = (np.median(np.atleast_1d(np.asarray(result[key]))[fitted])
                     for key in ("stretched_tau", "stretched_beta"))
        shown, unit = scaled(tau, "", second.dim)
        bottom.plot(t, np.exp(-(np.asarray(t) / tau)**beta), "--", color=ORANGE,
                    label=f"exp(−(t/τ)$^β$): τ = {float(shown):.3g} {unit[2:-1]}, β = {beta:.3g}")
    bottom.axhline(np.exp(-1), color=GREY, lw=0.6, ls=":", label="1/e")
    bottom.set(xscale="log", xlabel=t_label, ylabel="Remaining share")
    bottom.set_ylim(min(0, remaining.min()) - 0.02, max(1, remaining.max()) + 0.05)
    bottom.legend(loc="lower left")
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"relaxation": figure}


@styled
def paired_pulse(result):
    """Return both ratios of a pair of pulses against the delay between them."""
    figure, axis = new_figure(height=2.4)
    order = np.argsort(result["delay"])
    delay = np.asarray(result["delay"])[order]
    for key, color, name in (("change_ratio", BLUE, "change by both / by the first"),
                             ("facilitation", ORANGE, "conductance, second / first")):
        _band(axis, delay, np.atleast_2d(result[key])[:, order], color, name,
              "o-" if key == "change_ratio" else "--")
    axis.axhline(1, color=GREY, lw=0.6, ls=":")
    axis.set(xscale="log", xlabel=f"Delay between the pulses ({unit_symbol(second.dim)})",
             ylabel="Ratio")
    # Ratios that hardly differ from 1 are shown as such.
    low, high = axis.get_ylim()
    axis.set_ylim(min(low, 0.999), max(high, 1.001))
    legend_above(axis, ncols=1)
    figure.suptitle(title(result))
    return {"paired_pulse": figure}


@styled
def read_disturb(result):
    """Return the drift of each state and the conductance over the half-select pulses."""
    names = [k for k in result if k.startswith("change_")] + ["conductance"]
    figure, axes = new_figure(len(names), 1, height=0.7 + 1.4 * len(names), sharex=True)
    later = np.asarray(result["count"]) > 0
    count = np.asarray(result["count"])[later]
    single = np.ndim(result["conductance"]) == 2
    for axis, name in zip(axes, names, strict=True):
        shown = "Conductance" if name == "conductance" else f"Change of {name[7:]}"
        values, label = scaled(result[name], shown)
        values = values[None] if single else values
        for k, color in zip(range(values.shape[1]), (BLUE, ORANGE, GREEN, PURPLE), strict=False):
            _band(axis, count, values[:, k][:, later], color,
                  f"{float(result['voltage'][k]):.3g} V", "o-")
        axis.set_ylabel(label)
    axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderpad=0, fontsize=6,
                   columnspacing=0.8, handlelength=1, handletextpad=0.4)
    axes[-1].set(xscale="log", xlabel=f"Pulses ({result.attrs['scheme']} scheme)")
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"read_disturb": figure}


def _band(axis, x, values, color, label, style="-"):
    axis.plot(x, np.median(values, axis=0), style, ms=2.5, color=color, label=label)
    if len(values) > 1:
        axis.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.25, lw=0)
