"""Figures, drawn from a `Result` or plain arrays alone; the only user of matplotlib."""

from matplotlib.backend_bases import FigureCanvasBase

from brianmem.errors import InputError
from brianmem.plotting.circuits import draw_circuit, overlaid_traces
from brianmem.plotting.devices import iv_rates, iv_sweep, pulse_train, transient
from brianmem.plotting.dynamics import (
    paired_pulse,
    read_disturb,
    relaxation,
    stdp_window,
    switching_time,
)
from brianmem.plotting.fits import fit
from brianmem.plotting.gallery import answers, gallery, panels
from brianmem.plotting.imperfections import nonlinearity_map, spread_panels
from brianmem.plotting.learning import learning_curves, one_against_others
from brianmem.plotting.networks import (
    confusion_matrix,
    pulse_response,
    receptive_fields,
    training_curve,
    weight_distribution,
)
from brianmem.plotting.neurons import fi_curve, neuron_portrait, spike_response
from brianmem.plotting.portraits import portrait
from brianmem.plotting.spiking import adaptation, encoder_sweep, encoding, rate_sweeps, traces
from brianmem.plotting.storage import endurance, retention

_BY_KIND = {"transient": transient, "iv_sweep": iv_sweep,
            "iv_rates": iv_rates, "pulse_train": pulse_train,
            "switching_time": switching_time, "stdp_window": stdp_window,
            "relaxation": relaxation, "paired_pulse": paired_pulse, "read_disturb": read_disturb,
            "retention": retention, "endurance": endurance, "fit": fit,
            "fi_curve": fi_curve, "spike_response": spike_response}

__all__ = ["adaptation", "answers", "confusion_matrix", "draw_circuit", "encoder_sweep", "encoding",
           "figures", "file_formats", "gallery", "learning_curves", "neuron_portrait",
           "nonlinearity_map", "one_against_others", "overlaid_traces", "panels", "portrait",
           "pulse_response", "rate_sweeps", "receptive_fields", "spread_panels", "traces",
           "training_curve", "weight_distribution"]


def figures(result):
    """Return name to `matplotlib.figure.Figure` for the `Result` of a protocol.

    Raises `InputError` for a kind of result that has no figure here.
    """
    kind = result.attrs.get("kind")
    if kind not in _BY_KIND:
        raise InputError(f"No figure for a result of kind {kind!r}; known: {', '.join(_BY_KIND)}.")
    return _BY_KIND[kind](result)


def file_formats():
    """Return what figures can be written as: the endings of file names."""
    return tuple(sorted(FigureCanvasBase.get_supported_filetypes()))
