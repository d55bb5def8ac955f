"""The window of overlapping spikes against an independent quadrature."""

import numpy as np
import pytest
from brian2 import msecond, second, siemens, usecond, volt

from brianmem import Device, Result, STDPWindow, Variation, find, plotting
from brianmem.errors import ProtocolError
from tests.unit.threshold_window import I_0, V_0, V_TH, expected
from tests.unit.volatile import VOLATILE

# The rate law of ZamarrenoRamos2011.
THRESHOLD = Device(
    name="threshold", equations="""
    dw/dt = int(abs(v) > v_th)*sign(v)*I_0*(exp(clip(abs(v)/v_0, 0, 50)) - exp(v_th/v_0)) : 1
    I = v*(1 + w)*G : amp
    """,
    parameters={"I_0": I_0/second, "v_th": V_TH*volt, "v_0": V_0*volt, "G": 1e-6*siemens},
    initial={"w": 0}, bounds={"w": (-1, 1)},
    operation={"set": (1.1*volt, 1*msecond), "reset": (-1.1*volt, 1*msecond),
               "read": (0.1*volt, 1*usecond)})
# Counts flux, so that a window is the integral of the voltage.
COUNTER = Device(
    name="counter", equations="dx/dt = v/phi_0 : 1\nI = v*(G_min + G_max*x) : amp",
    parameters={"phi_0": 10*volt*msecond, "G_min": 1e-3*siemens, "G_max": 1e-3*siemens},
    initial={"x": 0.5}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond),
               "read": (0.1*volt, 1*usecond)})
DELAYS = np.array([0.5, 2, 10, -0.5, -2, -10, -40])


def test_window_agrees_with_quadrature_and_lone_spikes_change_nothing():
    result = STDPWindow(DELAYS*msecond).run(THRESHOLD)
    reference = np.array([expected(d) for d in DELAYS])
    # -40 ms passes the threshold for the shortest time, and is 4 % of the largest.
    np.testing.assert_allclose(result["change_w"], reference, rtol=1e-3,
                               atol=1e-3 * abs(reference).max())
    normalised = reference / np.abs(reference).max()
    np.testing.assert_allclose(normalised, [.3933, .3267, .1093, -1, -.9024, -.4790, -.0407],
                               atol=1e-4)
    np.testing.assert_array_equal(result["lone_change_w"], 0)
    assert result.metrics["lone_share"] == 0
    assert np.all(result["lone_energy"] > 0)


def test_spikes_that_need_no_partner_are_warned_of(caplog):
    metrics = STDPWindow([-2, 2]*msecond, positive_amplitude=4*volt).run(THRESHOLD).metrics
    assert metrics["lone_share"] > 0.9
    assert "a lone spike changes 'w' of Device 'threshold'" in caplog.text


def test_it_converges_with_the_step():
    tail = {"negative_time": 20*msecond, "negative_tau": 1000*msecond}
    coarse, middle, fine = (float(STDPWindow([2]*msecond, dt=d*msecond, **tail).run(
        THRESHOLD)["change_w"][0]) for d in (0.8, 0.4, 0.2))
    assert 0 < abs(fine - middle) < abs(middle - coarse) / 1.8


@pytest.mark.parametrize("shape", ["rectangular", "triangular", "sampled"])
def test_flux_counter_sees_the_integral_and_the_energy_of_each_shape(shape):
    sampled = {"samples": [0, 1, -0.5, 0]*volt, "sample_step": 1*msecond} if shape == "sampled" else {}
    protocol = STDPWindow([-3, -1, 0, 0.37, 2]*msecond, shape=shape, positive_amplitude=1*volt,
                          negative_amplitude=0.5*volt, positive_time=1*msecond,
                          negative_time=2*msecond, post_scale=0.5, pre_scale=1, **sampled)
    result = protocol.run(COUNTER)
    area = {"rectangular": 1 - 1, "triangular": 0.5 - 0.5, "sampled": 0.5 + 0.25 - 0.25}[shape]
    # The kinks of a sampled spike need not lie on steps.
    tolerance = 5e-6 if shape == "sampled" else 1e-9
    np.testing.assert_allclose(result["change_x"], -0.5 * area / 10, atol=tolerance)
    np.testing.assert_allclose(result["lone_change_x"], [-area / 10, 0.5 * area / 10],
                               atol=tolerance)
    # The same voltage, sampled finely, through another protocol.
    t = np.linspace(-5e-3, 8e-3, 400001)
    v = protocol.voltage(0.37e-3, t)
    x = 0.5 + np.cumsum(v) * (t[1] - t[0]) / 10e-3
    energy = np.sum(v**2 * (1e-3 + 1e-3 * x)) * (t[1] - t[0])
    assert float(result["energy"][3]) == pytest.approx(energy, rel=2e-3)


def test_coincident_equal_spikes_cancel():
    result = STDPWindow([0]*msecond, post_scale=1).run(COUNTER)
    assert result["change_x"][0] == 0
    assert result["energy"][0] == 0


def test_instances_and_physical_devices():
    result = STDPWindow([-2, 2]*msecond).run(THRESHOLD, n=3, variation=Variation(I_0=0.2), seed=1)
    factor = np.asarray(result.parameters["I_0"]) / I_0
    assert result["change_w"].shape == (3, 2)
    np.testing.assert_allclose(result["change_w"] / factor[:, None],
                               np.tile([expected(-2), expected(2)], (3, 1)), rtol=2e-3)
    memdiode = STDPWindow([-2, 2]*msecond, positive_amplitude=0.7*volt,
                          negative_amplitude=0.4*volt).run(find("memdiode"), initial={"H": 0.5})
    assert memdiode["change_H"][1] > 0 > memdiode["change_H"][0]
    assert STDPWindow([-2, 2]*msecond).run(VOLATILE)["change_x"].shape == (2,)


def test_figure(tmp_path):
    result = STDPWindow().run(THRESHOLD, n=2, variation=Variation(I_0=0.2), seed=1)
    figure = plotting.figures(Result.load(result.save(tmp_path / "r.h5")))["stdp_window"]
    assert figure.axes[1].get_xlabel().endswith("(ms)")
    assert figure.axes[0].get_ylabel() == "Spike (V)"
    assert [t.get_text() for t in figure.axes[1].get_legend().get_texts()] == ["lone pre", "lone post"]


@pytest.mark.parametrize(("options", "message"), [
    ({"shape": "square"}, "must be one of exponential"),
    ({"shape": "sampled"}, "needs samples= and sample_step="),
    ({"shape": "sampled", "samples": [1]*volt, "sample_step": 1*second}, "array of 2 to"),
    ({"samples": [1, 2]*volt}, "belong to shape='sampled'"),
    ({"delays": [1, 2]*volt}, "must be in second"),
    ({"pre_scale": 1*volt}, "must be a plain number"),
    ({"positive_time": 0*second}, "must be positive"),
])
def test_bad_options_are_refused_in_one_line(options, message):
    with pytest.raises((ProtocolError, TypeError), match=message) as error:
        STDPWindow(**options)
    assert "\n" not in str(error.value)


def test_time_in_the_equations_is_refused():
    device = Device(name="d", equations="dx/dt = v/phi_0*exp(-t/second) : 1\nI = v*G*x : amp",
                    parameters={"phi_0": 10*volt*msecond, "G": 1e-3*siemens}, initial={"x": 0.5},
                    bounds={"x": (0, 1)}, operation=COUNTER.operation)
    with pytest.raises(ProtocolError, match="Replace 't' by a state"):
        STDPWindow().run(device)


def test_a_device_that_forgets_before_the_spikes_end_is_refused():
    relaxes = VOLATILE.with_operation(relax=(0*volt, 1*msecond))
    with pytest.raises(ProtocolError, match="forgets within 1 ms.*Shorten the spikes") as error:
        STDPWindow([2]*msecond).run(relaxes)
    assert "\n" not in str(error.value)
