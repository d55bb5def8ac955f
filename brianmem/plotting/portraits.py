"""One picture of a device: its loop beside what pulses do to it."""

import numpy as np

from brianmem.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    instances,
    legend_above,
    log_axis,
    new_figure,
    scaled,
    styled,
)


@styled
def portrait(name, results):
    """Draw the results of `brianmem.protocols.portrait` ("sweep", and "pulses" or "transient")."""
    figure, (left, right) = new_figure(1, 2, width=6.4, height=2.5)
    _loop(left, results["sweep"])
    if "pulses" in results:
        _pulses(right, results["pulses"])
    else:
        _transient(right, results["transient"])
    figure.suptitle(name.replace("_", " "))
    return figure


def _loop(axis, result):
    v, v_label = scaled(instances(result["v_source"] if "v_source" in result else result["v"]),
                        "Source voltage" if "v_source" in result else "Voltage")
    current, label = scaled(np.abs(instances(result["I"])), "|Current|", result["I"].dim)
    k = np.arange(v.shape[1])
    quarter = v.shape[1] // 4
    for part, color, text in ((k <= v.shape[1] // 2, BLUE, "positive half"),
                              (k > v.shape[1] // 2, ORANGE, "negative half")):
        axis.plot(v[0][part], np.where(current[0][part] > 0, current[0][part], np.nan), color=color,
                  label=text)
    top = np.nanmax(current)
    positive = current[0][quarter // 4:][current[0][quarter // 4:] > 0]
    axis.set_ylim(max(np.percentile(positive, 2) / 2, top * 1e-12), top * 2)
    log_axis(axis)
    axis.axvline(0, color=GREY, lw=0.4)
    axis.set(xlabel=v_label, ylabel=label)
    legend_above(axis)


def _pulses(axis, result):
    count = int(result.attrs["count"])
    g, label = scaled(instances(result["pulse_conductance"]), "Conductance")
    pulse = np.arange(g.shape[1])
    axis.plot(pulse[:count + 1], g[0, :count + 1], "o-", ms=2, lw=0.8, color=BLUE, label="SET")
    axis.plot(pulse[count:], g[0, count:], "o-", ms=2, lw=0.8, color=ORANGE, label="RESET")
    axis.set(xlabel="Pulse number", ylabel=label)
    axis.set_ylim(0, 1.05 * np.max(g))
    legend_above(axis)


def _transient(axis, result):
    t, t_label = scaled(result["t"], "Time")
    v, v_label = scaled(instances(result["v_source"] if "v_source" in result else result["v"]),
                        "Voltage")
    # At rest no current flows: what the device forgets shows in its conductance.
    g, label = scaled(instances(result["conductance"]), "Conductance")
    axis.plot(t, g[0], color=BLUE)
    if g[0].min() > 0 and g[0].max() > 30 * g[0].min():
        log_axis(axis)
    axis.set(xlabel=t_label)
    axis.set_ylabel(label, color=BLUE)
    other = axis.twinx()
    # A shade behind the line: both often have the same shape.
    other.fill_between(t, v[0], color=GREEN, alpha=0.25, lw=0)
    other.set_ylabel(v_label, color=GREEN)
    other.spines["right"].set_visible(True)
    axis.set_zorder(other.get_zorder() + 1)
    axis.patch.set_visible(False)
