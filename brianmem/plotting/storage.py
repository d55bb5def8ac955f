"""Figures of retention and endurance."""

import numpy as np

from brianmem.plotting.devices import title
from brianmem.plotting.style import (
    BLUE,
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
def retention(result):
    """Return conductance over storage time, and the Arrhenius plot of the time to loss."""
    figure, (left, right) = new_figure(1, 2, height=2.6, width=2 * 3.4)
    G = result["retention_conductance"]
    G = G[None] if G.ndim == 2 else G
    fresh = np.atleast_1d(np.asarray(result["fresh_conductance"]))
    share = np.median(np.asarray(G) / fresh[:, None, None], axis=0)
    times, kelvins = (np.asarray(result[n]) for n in ("retention_time", "temperature"))
    heat = np.linspace(0, 1, len(kelvins))
    colors = [_mixed(h) for h in heat]
    for line, T, color in zip(share, kelvins, colors, strict=True):
        left.plot(times, line, color=color, label=f"{T:.0f} K")
    retained = float(result.attrs["retained"])
    left.axhline(retained, color=GREY, lw=0.8, ls=":", zorder=0, label=f"retained: {retained:g}")
    left.set_xscale("log")
    left.set(xlabel="Time (s)", ylabel="Conductance left", ylim=(0, None))
    left.legend(loc="lower left")
    _arrhenius(right, result, kelvins, times[-1])
    figure.suptitle(title(result))
    return {"retention": figure}


def _arrhenius(axis, result, kelvins, longest):
    """Draw the times to loss; a mark that points up stands for one beyond `longest`."""
    lost = np.atleast_2d(np.asarray(result["time_to_loss"]))
    inverse = 1e3 / kelvins
    for k, row in enumerate(lost[:20]):
        axis.plot(inverse, np.where(np.isfinite(row), row, np.nan), "o", ms=3, color=BLUE,
                  label="lost" if k == 0 and np.isfinite(lost).any() else None)
    kept = ~np.isfinite(lost).all(axis=0)
    if kept.any():
        axis.plot(inverse[kept], np.full(kept.sum(), longest), "^", ms=4, color=GREY, mew=0,
                  label="not lost in the time simulated")
    energy = result.metrics.get("activation_energy_eV")
    if energy is not None:
        median = np.median(lost, axis=0)
        seen = np.isfinite(median)
        slope = np.polyfit(inverse[seen], np.log(median[seen]), 1)
        axis.plot(inverse[seen], np.exp(np.polyval(slope, inverse[seen])), color=ORANGE,
                  label=f"{energy:.2f} eV")
    # At least a decade: where heat changes nothing, all times are equal.
    shown = np.where(np.isfinite(lost), lost, longest)
    axis.set(yscale="log", ylim=(shown.min() / 3.2, shown.max() * 3.2), xlabel="1000/T (1/K)",
             ylabel="Time to loss (s)")
    log_axis(axis)
    legend_above(axis)


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
    legend_above(top)
    bottom.plot(n, np.asarray(result["failed"]), color=GREY, drawstyle="steps-post")
    bottom.set(xlabel="Cycle", ylabel="Failed devices (share)", ylim=(-0.02, 1.02))
    figure.align_ylabels()
    figure.suptitle(title(result))
    return {"endurance": figure}
