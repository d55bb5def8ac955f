"""The look of all figures: one column wide, readable in grey and by the colour-blind."""

import functools
import re

import matplotlib
import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from brianmem.units import unit_label

#: Width of one journal column in inches.
COLUMN = 3.4
#: Okabe and Ito's palette, told apart with any colour vision.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555"
_RC = {
    "font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8, "legend.fontsize": 7,
    "xtick.labelsize": 7, "ytick.labelsize": 7, "lines.linewidth": 1.2, "axes.linewidth": 0.6,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 200, "savefig.dpi": 200,
    "image.interpolation": "nearest", "axes.formatter.limits": (-3, 4),
    "axes.formatter.useoffset": False, "axes.axisbelow": True,
}
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"),
             (1e-9, "n"), (1e-12, "p"), (1e-15, "f"), (1e-18, "a"))
#: Symbols of figures, and units that a prefix may stand before: no powers, whose prefix is unclear.
_SYMBOLS = (("ohm", "Ω"), ("*", " "), ("^-1", "⁻¹"), ("^2", "²"), ("^3", "³"))
_PREFIXED = re.compile(r"[^\W\d]+([/ ][^\W\d]+)?")


def styled(function):
    """Run a drawing function with our settings and leave matplotlib's as they were."""
    @functools.wraps(function)
    def draw(*args, **kwargs):
        with matplotlib.rc_context(_RC):
            return function(*args, **kwargs)

    return draw


def new_figure(rows=1, columns=1, height=2.4, width=COLUMN, **options):
    """Return a figure that belongs to no window, and its axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def scaled(values, label, dim=None):
    """Return values in a unit with a fitting prefix, and the axis label with that unit."""
    dim = get_dimensions(values) if dim is None else dim
    array = np.asarray(values, dtype=float)
    if dim is DIMENSIONLESS:
        return array, label
    unit = unit_symbol(dim)
    if not _PREFIXED.fullmatch(unit):
        return array, f"{label} ({unit})"
    factor, prefix = _prefix(np.nanmax(np.abs(array)) if array.size else 1.0)
    return array / factor, f"{label} ({prefix}{unit})"


def unit_symbol(dim):
    """Return the SI unit as figures write it, e.g. ``W/m²`` or ``Ω``."""
    text = unit_label(dim)
    for plain, shown in _SYMBOLS:
        text = text.replace(plain, shown)
    return text


def _prefix(largest):
    for factor, prefix in _PREFIXES:
        if largest >= 0.999 * factor:
            return factor, prefix
    return (1.0, "") if not largest > 0 else _PREFIXES[-1]


def legend(axes, **options):
    """Add a legend if more than one thing is named."""
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(**options)


def instances(array):
    """Return an array of one or many copies as (copies, points)."""
    return Quantity(np.atleast_2d(np.asarray(array)), dim=get_dimensions(array))


def legend_above(axes, ncols=2):
    """Add a legend over the frame, where no data can be."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=ncols, borderpad=0, columnspacing=1,
                handlelength=1.5)


def log_axis(axes):
    """Make the vertical axis logarithmic, with plain numbers where it spans few decades."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if 1e-3 < low < high < min(1e4, 100 * low):
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
