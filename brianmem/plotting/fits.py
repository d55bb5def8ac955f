"""Figure of a fit: data, fit and residuals."""

import numpy as np
from brian2 import kelvin

from brianmem.plotting.style import BLUE, GREY, ORANGE, PURPLE, legend, new_figure, scaled, styled

_LABELS = {"time": "Time", "voltage": "Voltage", "pulse": "Pulse number", "current": "Current",
           "conductance": "Conductance", "delay": "Delay"}


@styled
def fit(result):
    """Return data and fit over what was applied, and the residuals below."""
    attrs = result.attrs
    sweep = attrs["quantity"] == "current"
    figure, axes = new_figure(2, 2 if sweep else 1, height=3.4, width=2 * 3.4 if sweep else 3.4,
                              squeeze=False, gridspec_kw={"height_ratios": (2.2, 1)})
    x, x_label = scaled(result["x"], _LABELS[attrs["x"]]) if not attrs["logarithmic_x"] \
        else (np.asarray(result["x"]), f"{_LABELS[attrs['x']]} (s)")
    y, y_label = scaled(result["measured"], _LABELS[attrs["quantity"]])
    model = np.asarray(result["fitted"]) * _factor(y, np.asarray(result["measured"]))
    for k, axis in enumerate(axes[0]):
        shown = (np.abs(y), np.abs(model)) if k else (y, model)
        _both(axis, x, *shown, _groups(result))
        axis.set_ylabel(f"|{_LABELS[attrs['quantity']]}|{y_label[y_label.index(' ('):]}" if k
                        else y_label)
        if k or attrs["quantity"] == "delay":
            axis.set_yscale("log")
    if sweep:
        floor = np.abs(y)[np.abs(y) > 0].min()
        axes[0, 1].set_ylim(bottom=max(floor, np.abs(y).max() * 1e-6) / 2)
    residual = 100 * np.asarray(result["residual"])
    axes[1, 0].plot(x, residual, ".", ms=2, color=GREY)
    axes[1, 0].axhline(0, color=BLUE, lw=0.8)
    axes[1, 0].set_ylabel("Residual (%)")
    if sweep:
        _histogram(axes[1, 1], residual)
    if attrs["logarithmic_x"]:
        scale = {"value": "log"} if x.min() > 0 else \
            {"value": "symlog", "linthresh": x[x > 0].min()}
        for axis in axes[:, 0]:
            axis.set_xscale(**scale)
    for axis in (axes[1, 0], *axes[0, 1:]):
        axis.set_xlabel(x_label)
    legend(axes[0, 0])
    figure.align_ylabels(axes[:, 0])
    break_ = ", " if sweep else "\n"
    figure.suptitle(f"{attrs['device'].replace('_', ' ')} fitted to {attrs['source']}{break_}"
                    f"rms residual {100 * float(result.metrics['rms']):.2g} %", fontsize=8)
    return {"fit": figure}


def _factor(shown, raw):
    k = int(np.argmax(np.abs(raw)))
    return shown[k] / raw[k]


def _groups(result):
    """Return one selection of points for each temperature, with its label."""
    if "temperature" not in result:
        return [(slice(None), "")]
    kelvins = np.asarray(result["temperature"] / kelvin)
    return [(kelvins == t, f", {t:.4g} K") for t in np.unique(kelvins)]


def _both(axis, x, y, model, groups):
    colors = [ORANGE, PURPLE, GREY] if len(groups) > 1 else [ORANGE]
    for k, (part, label) in enumerate(groups):
        axis.plot(x[part], y[part], ".", ms=2.5, color=BLUE, label="data" if k == 0 else None)
        axis.plot(x[part], model[part], lw=1, color=colors[k % len(colors)], label=f"fit{label}")


def _histogram(axis, residual):
    axis.hist(residual, bins=40, color=GREY)
    axis.set(xlabel="Residual (%)", ylabel="Points")
