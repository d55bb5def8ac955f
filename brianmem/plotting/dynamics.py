"""Figures of what depends on time: delay and forgetting."""

import numpy as np
from brian2.units.fundamentalunits import get_dimensions

from brianmem.plotting.devices import title
from brianmem.plotting.style import BLUE, GREY, ORANGE, instances, new_figure, scaled, styled
from brianmem.units import unit_label


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
        axis.set_ylabel(f"{name} ({unit_label(get_dimensions(result[key]))})")
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
