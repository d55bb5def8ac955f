"""Figures of retention and endurance."""

import numpy as np

from brianmem.plotting.style import BLUE, GREY, ORANGE, instances, legend, new_figure, scaled, styled


@styled
def retention(result):
    """Return conductance over storage time, and the Arrhenius plot of the time to loss."""
    figure, (left, right) = new_figure(1, 2, height=2.2, width=2 * 3.4)
    G = result["retention_conductance"]
    G = G[None] if G.ndim == 2 else G
    fresh = np.atleast_1d(np.asarray(result["fresh_conductance"]))
    share = np.median(np.asarray(G) / fresh[:, None, None], axis=0)
    times, kelvins = (np.asarray(result[n]) for n in ("retention_time", "temperature"))
    heat = np.linspace(0, 1, len(kelvins))
    colors = [_mixed(h) for h in heat]
    for line, T, color in zip(share, kelvins, colors, strict=True):
        left.plot(times, line, color=color, label=f"{T:.0f} K")
    left.axhline(result.attrs["retained"], color=GREY, lw=0.5, zorder=0)
    left.set_xscale("log")
    left.set(xlabel="Time (s)", ylabel="Conductance left", ylim=(0, None))
    legend(left, loc="lower left")
    lost = np.atleast_2d(np.asarray(result["time_to_loss"]))
    for row in lost[:20]:
        right.plot(1e3 / kelvins, np.where(np.isfinite(row), row, np.nan), "o", ms=3, color=BLUE)
    if np.isfinite(lost).any():
        right.set_yscale("log")
    right.set(xlabel="1000/T (1/K)", ylabel="Time to loss (s)")
    energy = result.metrics.get("activation_energy_eV")
    if energy is not None:
        median = np.median(lost, axis=0)
        seen = np.isfinite(median)
        slope = np.polyfit(1e3 / kelvins[seen], np.log(median[seen]), 1)
        right.plot(1e3 / kelvins[seen], np.exp(np.polyval(slope, 1e3 / kelvins[seen])),
                   color=ORANGE, label=f"{energy:.3g} eV")
        legend(right, loc="upper left")
    figure.suptitle(str(result.attrs["device"]).replace("_", " "))
    return {"retention": figure}


def _mixed(share):
    from matplotlib.colors import to_rgb

    return tuple((1 - share) * np.array(to_rgb(BLUE)) + share * np.array(to_rgb(ORANGE)))


@styled
def endurance(result):
    """Return both levels over the number of cycles, and the share of failed devices."""
    figure, (top, bottom) = new_figure(2, 1, height=3.4, sharex=True)
    n = np.asarray(result["cycle"])
    for name, color, label in (("on_conductance", BLUE, "ON"), ("off_conductance", ORANGE, "OFF")):
        values, axis_label = scaled(instances(result[name]), "Conductance")
        top.plot(n, np.median(values, axis=0), color=color, label=label)
        if len(values) > 1:
            top.fill_between(n, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, lw=0)
    top.set_xscale("log")
    top.set(ylabel=axis_label, ylim=(0, None))
    legend(top, loc="lower left")
    bottom.plot(n, np.asarray(result["failed"]), color=GREY, drawstyle="steps-post")
    bottom.set(xlabel="Cycle", ylabel="Failed devices (share)", ylim=(-0.02, 1.02))
    figure.align_ylabels()
    count = int(result.attrs["instances"])
    figure.suptitle(f"{result.attrs['device']}, {count} instances".replace("_", " "))
    return {"endurance": figure}
