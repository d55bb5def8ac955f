"""Forgetting and paired pulses against the closed forms of a leaky state."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import kohm, msecond, second, siemens, usecond, volt
from hypothesis import given, settings
from hypothesis import strategies as st

from brianmem import Device, PairedPulse, Relaxation, Result, Variation, find, plotting
from brianmem.errors import ProtocolError, UnitError
from brianmem.protocols.relaxation import stretched, time_to
from tests.unit.volatile import G_1, TAU_OFF, VOLATILE, on_time

# Without drive nothing sets: exp(-50) of the rate at 1 V.
LEAKY = VOLATILE.with_parameters(V_0=0.02*volt)
TAU, END = on_time(1)
PEAK = END * (1 - np.exp(-1e-3 / TAU))


class TestRelaxation:
    def test_decay_energy_and_time_constants_of_an_exponential(self):
        result = Relaxation().run(LEAKY)
        wait = np.asarray(result["wait"])
        np.testing.assert_allclose(result["x"], PEAK * np.exp(-wait / TAU_OFF), rtol=1e-5)
        np.testing.assert_allclose(result["conductance"] / siemens, 1e-6 + 1e-3 * result["x"])
        np.testing.assert_allclose(result["remaining"], np.exp(-wait / TAU_OFF), rtol=1e-5)
        assert float(result["time_to_1_over_e"]) == pytest.approx(TAU_OFF, rel=1e-6)
        assert float(result["stretched_tau"]) == pytest.approx(TAU_OFF, rel=1e-5)
        assert float(result["stretched_beta"]) == pytest.approx(1, abs=1e-5)
        assert result["reached"]
        assert result["fitted"]
        flux = END * (1e-3 - TAU * (1 - np.exp(-1e-3 / TAU)))
        assert float(result["energy"][-1]) == pytest.approx(1e-6 * 1e-3 + 1e-3 * flux, rel=1e-5)

    def test_pulses_accumulate(self):
        result = Relaxation([1, 2]*msecond, count=3, gap=2*msecond).run(LEAKY)
        x = 0.0
        for k in range(3):
            x = x * np.exp(-2e-3 / TAU_OFF) if k else x
            x = END + (x - END) * np.exp(-1e-3 / TAU)
        np.testing.assert_allclose(result["x"], x * np.exp(-np.array([0, 1, 2]) * 1e-3 / TAU_OFF),
                                   rtol=1e-5)
        assert not result["reached"]
        assert result["time_to_1_over_e"] == 2*msecond
        assert not result["fitted"]

    def test_non_volatile_device_keeps_everything(self):
        result = Relaxation().run(find("memdiode"))
        np.testing.assert_allclose(result["remaining"], 1, atol=2e-3)
        assert not result["reached"]
        assert not result["fitted"]
        assert all(np.all(np.isfinite(np.asarray(result[k], dtype=float))) for k in result)

    def test_variation_and_baseline(self):
        result = Relaxation().run(LEAKY, n=4, variation=Variation(tau_off=0.2), seed=2)
        np.testing.assert_allclose(result["time_to_1_over_e"] / second,
                                   result.parameters["tau_off"] / second, rtol=1e-5)
        # At rest the device settles where setting and forgetting balance.
        settled = Relaxation(np.geomspace(0.1, 200, 40)*msecond, baseline="end").run(VOLATILE)
        tau, _ = on_time(0)
        assert float(settled["stretched_tau"]) == pytest.approx(tau, rel=1e-4)
        start = Relaxation(np.geomspace(0.1, 200, 40)*msecond).run(VOLATILE)
        assert start["remaining"][-1] == pytest.approx(on_time(0)[1] / PEAK, rel=1e-2)

    def test_noise(self):
        device = Device(
            name="noisy", equations="""
            dx/dt = int(v > 0.5*volt)*(1 - x)/tau_on - x/tau_off + s*sqrt(clip(x, 0, 1))*xi : 1
            I = v*(1 + x)/R : amp""",
            parameters={"tau_off": 10*msecond, "tau_on": 1*msecond, "s": 0.3*second**-0.5,
                        "R": 1*kohm},
            initial={"x": 0}, bounds={"x": (0, 1)}, suggested_dt=50*usecond,
            operation={"set": (1*volt, 1*msecond), "relax": (0*volt, 30*msecond),
                       "read": (0.1*volt, 1*usecond)})
        waits = [2, 5, 10, 20, 30]*msecond
        result = Relaxation(waits).run(device, n=1000, seed=4)
        x = result["x"]
        # The drift is linear, so the mean decays exponentially; the pace must not change
        # the noise: d(x^2)/dt = -2 x^2/tau + s^2 x.
        expected = x[:, 0].mean() * np.exp(-result["wait"] / (10*msecond))
        error = x.std(axis=0) / np.sqrt(1000)
        np.testing.assert_array_less(np.abs(x.mean(axis=0) - expected), 3.5 * error + 0.01 * expected)
        t = 10e-3
        decay = np.exp(-t / 10e-3)
        variance = x[:, 0].var() * decay**2 + x[:, 0].mean() * 0.09 * 10e-3 * (decay - decay**2)
        assert x[:, 3].var() == pytest.approx(variance, rel=0.15)
        np.testing.assert_array_equal(Relaxation(waits).run(device, n=1000, seed=4)["x"], x)


@settings(max_examples=30, deadline=None)
@given(tau=st.floats(1e-6, 1e3), beta=st.floats(0.3, 2))
def test_fit_recovers_a_stretched_exponential(tau, beta):
    times = np.concatenate([[0], tau * np.geomspace(1e-2, 20, 40)])
    share = np.exp(-(times / tau)**beta)
    when, reached = time_to(times, share[None], np.exp(-1))
    assert reached[0]
    assert when[0] == pytest.approx(tau, rel=0.02)
    found = stretched(times, share[None], when)
    np.testing.assert_allclose(found[:, 0], [tau, beta, 0], rtol=1e-5, atol=1e-7)


def test_a_drop_between_two_waits_and_a_poor_fit_are_not_fitted():
    times = np.concatenate([[0], np.geomspace(1e-2, 10, 40)])
    drop, wave = (times < 1).astype(float), 0.5 + 0.45 * np.cos(3 * times)
    found = stretched(times, np.stack([drop, wave, np.exp(-times)]), np.ones(3))
    np.testing.assert_array_equal(found[0] > 0, [False, False, True])


def test_a_stiff_device_gives_the_same():
    stiff = replace(LEAKY, stiff=True)
    for protocol, key in ((Relaxation([1, 10]*msecond), "x"), (PairedPulse([1, 10]*msecond),
                                                              "change_ratio")):
        np.testing.assert_allclose(protocol.run(stiff)[key], protocol.run(LEAKY)[key], rtol=1e-4)


class TestPairedPulse:
    def test_ratios_follow_the_closed_form(self):
        delays = np.array([0.5, 2, 10, 50]) * 1e-3
        result = PairedPulse(delays*second).run(LEAKY)
        waited = PEAK * np.exp(-delays / TAU_OFF)
        second_ = END + (waited - END) * np.exp(-1e-3 / TAU)
        np.testing.assert_allclose(result["conductance_waited"] / siemens, 1e-6 + G_1 * waited,
                                   rtol=1e-4)
        np.testing.assert_allclose(result["change_ratio"], second_ / PEAK, rtol=1e-5)
        np.testing.assert_allclose(result["facilitation"],
                                   (1e-6 + G_1 * second_) / (1e-6 + G_1 * PEAK), rtol=1e-5)
        assert np.all(np.diff(result["change_ratio"]) < 0)
        assert np.all(result["energy"] > 0)

    def test_an_integrator_that_keeps_all_doubles_the_change(self):
        device = Device(
            name="counter", equations="dx/dt = v/phi_0 : 1\nI = v*G*(1 + x) : amp",
            parameters={"phi_0": 10*volt*msecond, "G": 1e-3*siemens}, initial={"x": 0},
            bounds={"x": (0, 1)}, operation={"set": (1*volt, 1*msecond), "read": (.1*volt, 1*usecond)})
        result = PairedPulse([1, 10]*msecond).run(device, n=2, variation=Variation(G=0.1), seed=1)
        np.testing.assert_allclose(result["change_ratio"], 2)
        np.testing.assert_allclose(result["facilitation"], 1.2 / 1.1)
        assert result.axes["facilitation"] == ("instance", "delay")


def test_figures(tmp_path):
    for protocol, name in ((Relaxation(), "relaxation"), (PairedPulse(), "paired_pulse")):
        result = protocol.run(LEAKY, n=2, variation=Variation(tau_off=0.1), seed=1)
        figure = plotting.figures(Result.load(result.save(tmp_path / f"{name}.h5")))[name]
        assert figure.axes[-1].get_xscale() == "log"
        assert "(s)" in figure.axes[-1].get_xlabel()


@pytest.mark.parametrize(("protocol", "message"), [
    (lambda: Relaxation([1, -1]*second), "must be positive"),
    (lambda: Relaxation(baseline="zero"), "must be one of start, end"),
    (lambda: Relaxation(count=0), "whole number >= 1"),
    (lambda: Relaxation(amplitude=0*volt).run(LEAKY), "does not change the conductance"),
    (lambda: PairedPulse([0]*second), "must be positive"),
    (lambda: PairedPulse(amplitude=1*second), "must be in volt"),
    (lambda: PairedPulse().run(LEAKY, initial={"x": END}), "Raise amplitude or width"),
])
def test_bad_input_is_one_line(protocol, message):
    with pytest.raises((ProtocolError, UnitError), match=message) as error:
        protocol()
    assert "\n" not in str(error.value)


def test_device_without_a_pulse():
    bare = Device(name="bare", equations=LEAKY.equations, parameters=LEAKY.parameters,
                  initial={"x": 0}, bounds={"x": (0, 1)})
    for cls in (Relaxation, PairedPulse):
        with pytest.raises(ProtocolError, match="Give amplitude= and width="):
            cls().run(bare)
    result = Relaxation([1]*msecond, amplitude=1*volt, width=1*msecond).run(bare)
    assert result["x"][0] == pytest.approx(PEAK, rel=1e-4)
