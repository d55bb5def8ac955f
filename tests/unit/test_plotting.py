"""Figures are drawn from results and arrays alone, with what a reader needs on them."""

import io

import matplotlib
import numpy as np
import pytest
from brian2 import kohm, msecond, siemens, volt

from brianmem import Device, IVSweep, PulseTrain, Result, Transient, plotting
from brianmem.errors import InputError

DEVICE = Device(
    name="some_device", equations="dx/dt = v/phi_0 : 1\nI = v*(G_min + G_max*x) : amp",
    parameters={"phi_0": 10*volt*msecond, "G_min": 1e-6*siemens, "G_max": 1e-3*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond),
               "read": (0.1*volt, 1*msecond), "sweep": (1*volt, 20*msecond)})


def texts(figure):
    found = [t.get_text() for a in figure.axes for t in (a.xaxis.label, a.yaxis.label, a.title)]
    for axis in figure.axes:
        if axis.get_legend():
            found += [t.get_text() for t in axis.get_legend().get_texts()]
    return [*found, figure.get_suptitle()]


def drawn(figure):
    """Return the number of pixels that are not white."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=50)
    pixels = np.frombuffer(buffer.getvalue(), np.uint8).reshape(-1, 4)[:, :3]
    return int(np.sum(pixels.min(axis=1) < 200))


@pytest.mark.parametrize("n", [1, 3, 15])
def test_pulse_train(n):
    result = PulseTrain(count=3).run(DEVICE, n=n, seed=1)
    figures = plotting.figures(result)
    assert set(figures) == {"pulse_train", "transient"}
    found = texts(figures["pulse_train"])
    assert "Conductance (µS)" in found
    assert "SET: 1 V, 1 ms" in found
    assert "RESET: -1 V, 1 ms" in found
    assert "Pulse number" in found
    x, y = figures["pulse_train"].axes[0].lines[0].get_data()
    np.testing.assert_array_equal(x, [0, 1, 2, 3])
    np.testing.assert_allclose(y, [1, 101, 201, 301])
    assert all(drawn(f) > 500 for f in figures.values())


def test_iv_sweep_is_linear_and_logarithmic(tmp_path):
    result = IVSweep().run(DEVICE)
    loaded = Result.load(result.save(tmp_path / "r.h5"))
    figure = plotting.figures(loaded)["iv_sweep"]
    linear, log = figure.axes
    assert log.get_yscale() == "log"
    assert linear.get_yscale() == "linear"
    assert {"Voltage (V)", "Current (µA)", "|Current| (A)", "away from 0 V", "back to 0 V",
            "some device"} <= set(texts(figure))
    shown = np.concatenate([line.get_ydata() for line in linear.lines[:2]])
    assert np.nanmax(shown) == pytest.approx(float(result["I"].max()) * 1e6)
    assert drawn(figure) > 1000


def test_source_and_device_voltage_are_told_apart():
    result = Transient([0, 2]*volt, duration=1*msecond, series_resistance=1*kohm).run(DEVICE)
    figure = plotting.figures(result)["transient"]
    assert {"device", "source"} <= set(texts(figure))
    assert texts(figure)[0:2] == ["", "Voltage (V)"]


def test_unknown_kind_is_refused():
    with pytest.raises(InputError, match="kind 'dance'; known: transient"):
        plotting.figures(Result({"x": [1.0]}, attrs={"kind": "dance"}))


def test_receptive_fields_show_each_neuron_where_it_belongs():
    weights = np.zeros((6, 4))
    weights[np.arange(4), np.arange(4)] = 1e-3
    figure = plotting.receptive_fields(weights * siemens, [2, 0, -1, 1], (2, 3), shown=4)
    image = np.asarray(figure.axes[0].images[0].get_array().filled(np.nan))
    assert image.shape == (5, 7)
    # sorted by class: neuron 2 (none), 1, 3, 0
    assert np.nanargmax(image[:2, :3]) == 2
    assert np.nanargmax(image[:2, 4:]) == 1
    assert np.nanargmax(image[3:, :3]) == 3
    assert np.nanargmax(image[3:, 4:]) == 0
    assert [t.get_text() for t in figure.axes[0].texts] == ["–", "0", "1", "2"]
    assert "Weight (mS)" in texts(figure)


def test_receptive_fields_spread_over_many_neurons():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 40)
    figure = plotting.receptive_fields(rng.random((784, 400)), labels)
    written = [t.get_text() for t in figure.axes[0].texts]
    assert len(written) == 100
    assert set(written) == set("0123456789")


def test_confusion_matrix_is_in_percent_of_the_true_class():
    figure = plotting.confusion_matrix([[3, 1, 0], [0, 1, 1]])
    assert [t.get_text() for t in figure.axes[0].texts] == ["75", "25", "50", "50"]
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["0", "1", "none"]
    assert {"Answer", "True class", "Share of the class (%)"} <= set(texts(figure))


def test_training_curve_with_and_without_a_final_accuracy():
    figure = plotting.training_curve([100, 200], [0.5, 0.75], 0.8)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [50, 75])
    assert "test images: 80.0 %" in texts(figure)
    assert plotting.training_curve([1], [0.5]).axes[0].get_legend() is None


def test_pulse_response_marks_the_operating_range():
    curve = np.linspace(1, 5, 11) * 1e-3 * siemens
    figure = plotting.pulse_response(curve, curve[::-1], np.full((4, 4), 2e-3) * siemens,
                                     "some_device: SET 1 V 1 ms, RESET -1 V 1 ms")
    axis = figure.axes[0]
    np.testing.assert_allclose(axis.lines[0].get_ydata(), np.linspace(1, 5, 11))
    np.testing.assert_array_equal(axis.lines[1].get_xdata(), 10 + np.arange(11))
    np.testing.assert_allclose(axis.lines[2].get_ydata(), 2)
    assert "Conductance (mS)" in texts(figure)
    assert axis.get_title().startswith("some_device\nSET 1 V")


def test_weight_distribution_is_normalised_per_network():
    rng = np.random.default_rng(0)
    figure = plotting.weight_distribution(rng.random((20, 5)), rng.random((20, 5)) / 2)
    heights = [np.diff(p.get_path().vertices[:, 0]) for p in figure.axes[0].patches]
    assert len(heights) == 4
    assert {"Weight", "Share of the synapses (%)", "before training", "after training"} <= set(
        texts(figure))


def test_drawing_leaves_matplotlib_as_it_was_and_opens_no_window():
    before = dict(matplotlib.rcParams)
    figure = plotting.training_curve([1, 2], [0.1, 0.2])
    assert dict(matplotlib.rcParams) == before
    assert type(figure).__name__ == "Figure"
    assert figure.get_figwidth() == pytest.approx(3.4)
