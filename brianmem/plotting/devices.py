"""Figures of one device: traces over time, I-V loops, potentiation and depression."""

import numpy as np
from brian2 import second
from matplotlib.cm import viridis

from brianmem.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    instances,
    legend,
    new_figure,
    scaled,
    styled,
)

_NOT_STATES = ("t", "v", "I", "v_source", "energy", "conductance", "pulse", "read_energy")
#: More copies than this are drawn as median and range.
_SHOWN = 10


@styled
def transient(result):
    """Return voltage, current and each state over time."""
    names = ["v", "I", *_states(result)]
    figure, axes = new_figure(len(names), 1, height=0.9 + 0.85 * len(names), sharex=True,
                              squeeze=False)
    t, label = scaled(result["t"], "Time")
    for axis, name, color in zip(axes[:, 0], names, (GREY, BLUE, *[ORANGE, GREEN] * 4),
                                 strict=False):
        _lines(axis, t, instances(result[name]), _symbol(name), color)
    if "v_source" in result:
        source, _ = scaled(instances(result["v_source"])[0], "")
        axes[0, 0].plot(t, source, color=ORANGE, lw=0.6, alpha=0.6, zorder=0, label="source")
        axes[0, 0].lines[0].set_label("device")
        legend(axes[0, 0], ncols=2, loc="lower left", bbox_to_anchor=(0, 0.97), borderpad=0)
    axes[-1, 0].set_xlabel(label)
    figure.align_ylabels()
    return {"transient": figure}


@styled
def iv_sweep(result):
    """Return the I-V loop, linear and logarithmic, and the state over the sweep."""
    figure, (linear, log) = new_figure(1, 2, height=2.0, width=2 * 3.4)
    source = instances(result["v_source"] if "v_source" in result else result["v"])
    v, v_label = scaled(source, "Source voltage" if "v_source" in result else "Voltage")
    current, i_label = scaled(instances(result["I"]), "Current")
    magnitude = np.abs(np.asarray(instances(result["I"])))
    top = magnitude.max()
    magnitude[magnitude < top * 1e-9] = np.nan
    rising = np.gradient(np.abs(v[0])) >= 0
    for k in range(min(len(v), _SHOWN)):
        for part, color, name in ((rising, BLUE, "away from 0 V"), (~rising, ORANGE, "back to 0 V")):
            shown = {"color": color, "alpha": 1.0 if len(v) == 1 else 0.5,
                     "label": name if k == 0 else None}
            linear.plot(_only(v[k], part), _only(current[k], part), **shown)
            log.plot(_only(v[k], part), _only(magnitude[k], part), **shown)
    log.set_yscale("log")
    linear.set(xlabel=v_label, ylabel=i_label)
    log.set(xlabel=v_label, ylabel="|Current| (A)")
    for axis in (linear, log):
        axis.axvline(0, color=GREY, lw=0.4, zorder=0)
    linear.axhline(0, color=GREY, lw=0.4, zorder=0)
    legend(linear, loc="upper left")
    figure.suptitle(title(result))
    return {"iv_sweep": figure, **transient(result)}


@styled
def iv_rates(result):
    """Return the I-V loops at each sweep rate and the switching voltage over the rate."""
    figure, (loops, slope) = new_figure(2, 1, height=3.8)
    rates = np.asarray(result["rate"])
    current = np.abs(np.asarray(result["I"]))
    current = np.median(current, axis=0) if current.ndim == 3 else current
    v, v_label = scaled(result["v"], "Source voltage")
    colors = viridis(np.linspace(0, 0.9, len(rates)))
    for k, color in zip(np.argsort(rates), colors, strict=True):
        shown = np.where(current[k] > current.max() * 1e-9, current[k], np.nan)
        loops.plot(v, shown, color=color, lw=0.9, label=f"{rates[k]:.3g} V/s")
    loops.set(yscale="log", xlabel=v_label, ylabel="|Current| (A)")
    loops.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderpad=0, columnspacing=0.8,
                 handlelength=1)
    for name, done, color, text in (("switching_voltage", "switched", BLUE, "switching"),
                                    ("return_voltage", "returned", ORANGE, "back")):
        found, there = np.atleast_2d(np.asarray(result[name])), np.atleast_2d(result[done])
        per_decade = result.metrics.get({"switched": "", "returned": "return_"}[done]
                                        + "mV_per_decade")
        text += "" if per_decade is None else f": {per_decade:.3g} mV per decade"
        for k, (row, mask) in enumerate(zip(found, there, strict=True)):
            slope.plot(rates[mask], np.abs(row[mask]), "o", ms=3, color=color, mew=0,
                       alpha=max(0.15, 1 / len(found)**0.5), label=text if k == 0 else None)
    slope.set(xscale="log", xlabel="Sweep rate (V/s)", ylabel="|Voltage| (V)")
    slope.legend(loc="best")
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"iv_rates": figure}


@styled
def pulse_train(result):
    """Return conductance and energy over the pulses, and the traces behind them."""
    count = int(result.attrs["count"])
    figure, (top, bottom) = new_figure(2, 1, height=3.6, sharex=True)
    g, label = scaled(instances(result["pulse_conductance"]), "Conductance")
    pulse = np.arange(g.shape[1])
    for part, color, name in ((slice(0, count + 1), BLUE, "SET"),
                              (slice(count, None), ORANGE, "RESET")):
        _curve(top, pulse[part], g[:, part], color, f"{name}: {_pulse_text(result, name)}")
    top.set_ylabel(label)
    top.set_ylim(bottom=0)
    top.text(0.5, 0.02, _shape(result.metrics), transform=top.transAxes, fontsize=6, ha="center",
             color=GREY)
    legend(top, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0)
    energy, energy_label = scaled(instances(result["pulse_energy"]), "Energy per pulse")
    for part, color in ((slice(0, count), BLUE), (slice(count, None), ORANGE)):
        _curve(bottom, pulse[1:][part], energy[:, part], color, None)
    if energy.min() > 0 and energy.max() > 30 * energy.min():
        bottom.set_yscale("log")
    bottom.set(xlabel="Pulse number", ylabel=energy_label)
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"pulse_train": figure, **transient(result)}


def _shape(metrics):
    """Return non-linearity, asymmetry and levels in one line, as far as they exist."""
    parts = [f"{text}: {metrics[key]:+.2f}" for key, text in (
        ("ltp_nonlinearity", "NL SET"), ("ltd_nonlinearity", "NL RESET")) if key in metrics]
    parts += [f"area {metrics['symmetry_area']:.2f}"] if "symmetry_area" in metrics else []
    parts += [f"levels {metrics['levels_set']}, {metrics['levels_reset']}"] \
        if "levels_set" in metrics else []
    return ";  ".join(parts)


def _curve(axis, x, values, color, label):
    axis.plot(x, np.median(values, axis=0), "o-", ms=2, lw=0.8, color=color, label=label)
    if len(values) > 1:
        axis.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.25, lw=0)


def _lines(axis, t, values, name, color):
    array, label = scaled(values, name)
    if len(array) <= _SHOWN:
        axis.plot(t, array.T, color=color, alpha=1.0 if len(array) == 1 else 0.5)
    else:
        axis.plot(t, np.median(array, axis=0), color=color)
        axis.fill_between(t, array.min(axis=0), array.max(axis=0), color=color, alpha=0.25, lw=0)
    axis.set_ylabel(label)


def _only(values, part):
    # One neighbour more, so that the branches touch.
    part = part | np.roll(part, -1)
    return np.where(part, values, np.nan)


def _states(result):
    return [k for k in result if k not in _NOT_STATES and not k.startswith("pulse_")
            and result.axes[k][-1:] == ("t",)]


def _symbol(name):
    return {"v": "Voltage", "I": "Current"}.get(name, f"State {name}")


def _pulse_text(result, name):
    voltage, width, resistance = result.attrs[f"{name.lower()}_pulse"]
    width, label = scaled(width, "", second.dim)
    text = f"{voltage:g} V, {float(width):.3g} {label[2:-1]}"
    return text if resistance in (None, 0) else f"{text}, {resistance:g} Ω"


def title(result):
    n = int(result.attrs.get("instances", 1))
    name = str(result.attrs.get("device", result.attrs.get("neuron"))).replace("_", " ")
    return name + (f", {n} instances" if n > 1 else "")
