"""Sweeps at several rates: the switching voltage against closed forms."""

import numpy as np
import pytest
from brian2 import kohm, msecond, nmetre, ohm, second, siemens, usecond, volt

from brianmem import Device, IVSweep, Result, Variation, find, plotting
from brianmem.errors import ProtocolError, VariationError
from tests.unit.volatile import VOLATILE

COUNTER = Device(
    name="counter", equations="dx/dt = v/phi_0 : 1\nI = v*(G_min + G_max*x) : amp",
    parameters={"phi_0": 10*volt*msecond, "G_min": 1e-6*siemens, "G_max": 1e-3*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"sweep": (1*volt, 1*second), "read": (0.1*volt, 1*usecond)})


def test_exponential_law_gives_its_slope_per_decade():
    device, rates = find("memdiode"), np.array([0.1, 1, 10])
    result = IVSweep(1.5*volt, negative_amplitude=2*volt, rates=rates*volt/second).run(device)
    eta, v_set = 18.8897, 0.897561
    # 1 - H = exp(-exp(eta (V - V_set))/(eta r)) on the way up
    expected = v_set + np.log(np.log(2) * eta * rates) / eta
    np.testing.assert_allclose(result["switching_voltage"] / volt, expected, atol=2e-4)
    assert result.metrics["mV_per_decade"] == pytest.approx(1e3 * np.log(10) / eta, rel=1e-3)
    np.testing.assert_allclose(result["return_voltage"][:2] / volt, [-0.772, -1.764], atol=2e-3)
    np.testing.assert_array_equal(result["returned"], [True, True, False])
    assert result["return_voltage"][2] == 0*volt


def test_one_rate_agrees_with_the_plain_sweep():
    options = {"amplitude": 1.2*volt, "series_resistance": 500*ohm}
    plain = IVSweep(rate=100*volt/second, **options).run(VOLATILE)
    rated = IVSweep(rates=[100, 300]*volt/second, **options).run(VOLATILE)
    t = np.interp(np.arange(2049) / 2048, [0, 1], [0, float(plain["t"][-1])])
    x = np.interp(t, np.asarray(plain["t"]), plain["x"])
    np.testing.assert_allclose(rated["x"][0], x, atol=2e-3)
    assert float(rated["energy"][0]) == pytest.approx(plain.metrics["energy_per_cycle_J"], rel=1e-2)
    assert np.abs(np.asarray(rated["v_cell"])).max() < 1.1


def test_flux_counter_and_energy_at_each_rate():
    rates = np.array([20., 80., 500.])
    result = IVSweep(rates=rates*volt/second).run(COUNTER)
    # x = v^2/(2 r phi_0) on the way up
    expected = np.sqrt(0.5 * 2 * rates * 10e-3)
    np.testing.assert_array_equal(result["switched"], [True, True, False])
    np.testing.assert_allclose(result["switching_voltage"][:2] / volt, expected[:2], rtol=1e-5)
    x = np.asarray(result["x"])
    np.testing.assert_allclose(x[1:, 512], 1 / (2 * rates[1:] * 10e-3), rtol=1e-4)
    half = np.abs(np.diff(result["v"] / volt)) / rates[:, None]
    v = np.asarray(result["v"])
    power = v**2 * (1e-6 + 1e-3 * x)
    np.testing.assert_allclose(np.asarray(result["energy"]),
                               np.sum((power[:, 1:] + power[:, :-1]) / 2 * half, axis=1), rtol=1e-3)


def test_threshold_and_volatile_devices_and_copies():
    result = IVSweep(1*volt, rates=[2e6, 4e6]*volt/second).run(
        find("vteam"), n=2, variation=Variation(v_off=0.2), seed=1, initial={"w": 0*nmetre})
    threshold, rates = np.asarray(result.parameters["v_off"]), np.array([2e6, 4e6])
    # w = k (v - v_th)^2/(2 r v_th) above the threshold
    expected = threshold[:, None] + np.sqrt(2 * 1.5e-9 * rates * threshold[:, None] / 5e-4)
    np.testing.assert_allclose(np.asarray(result["switching_voltage"]), expected, rtol=1e-3)
    volatile = IVSweep(1.5*volt, rates=[10, 100]*volt/second).run(VOLATILE)
    assert np.all(volatile["returned"])
    assert volatile["switching_voltage"][1] > volatile["switching_voltage"][0]


def test_figure(tmp_path):
    result = IVSweep(rates=[20, 80]*volt/second).run(COUNTER)
    figure = plotting.figures(Result.load(result.save(tmp_path / "r.h5")))["iv_rates"]
    assert figure.axes[1].get_xlabel() == "Sweep rate (V/s)"
    assert "mV per decade" in figure.axes[1].get_legend().get_texts()[0].get_text()


@pytest.mark.parametrize(("make", "message"), [
    (lambda: IVSweep(rates=[1]*volt/second, rate=1*volt/second), "only one of them"),
    (lambda: IVSweep(rates=[1]*volt/second, waveform="sine"), "a sine has no rate"),
    (lambda: IVSweep(state="x"), "state belongs to rates"),
    (lambda: IVSweep(rates=[1]*volt), "must be in volt/second"),
    (lambda: IVSweep(rates=[-1]*volt/second), "must be positive"),
    (lambda: IVSweep(rates=[1]*volt/second, state="y").run(COUNTER), "no state 'y'"),
    (lambda: IVSweep(rates=[1]*volt/second).run(Device(
        name="r", equations="I = v/R : amp", parameters={"R": 1*kohm},
        operation=COUNTER.operation)), "no state with bounds"),
    (lambda: IVSweep(rates=[1]*volt/second).run(COUNTER, variation=Variation(
        cycle={"phi_0": 0.1}), seed=1), "nothing repeats here"),
])
def test_bad_input_is_one_line(make, message):
    with pytest.raises((ProtocolError, VariationError), match=message) as error:
        make()
    assert "\n" not in str(error.value)
