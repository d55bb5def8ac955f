"""Delays against closed forms: threshold, exponential and noisy devices."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import joule, kohm, msecond, nmetre, nsecond, second, siemens, usecond, volt
from hypothesis import given, settings
from hypothesis import strategies as st

from brianmem import Device, Result, SwitchingTime, Variation, find, plotting
from brianmem.errors import InputError, ProtocolError
from tests.unit.volatile import VOLATILE, on_time

# dx/dt is a constant drift plus noise: arrival at a level is an inverse Gaussian.
DRIFT = Device(
    name="drift", equations="dx/dt = mu*v/volt + s*xi : 1\nI = v*(1 + x)/(2*R) : amp",
    parameters={"mu": 1/msecond, "s": 10*second**-0.5, "R": 1*kohm}, initial={"x": 0},
    bounds={"x": (-1, 1)}, suggested_dt=2*usecond,
    operation={"set": (1*volt, 1*msecond), "read": (0.1*volt, 1*usecond)})

# Without a threshold or a window: x moves by v/phi_0.
DRIFTING = Device(
    name="drifting", equations="dx/dt = v/phi_0 : 1\nI = v*(1 + x)/R : amp",
    parameters={"phi_0": 1*volt*msecond, "R": 1*kohm}, initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "read": (0.1*volt, 1*usecond)})


def test_exponential_law_over_seven_decades():
    voltages = np.linspace(0.55, 1.3, 11)*volt
    device = find("memdiode")
    result = SwitchingTime(voltages).run(device)
    expected = np.log(2) * device.evaluate("T_S", v=voltages)
    assert expected[0] / expected[-1] > 1e6
    np.testing.assert_allclose(result["delay"] / second, expected / second, rtol=1e-8)
    assert result.metrics["slope_decades_per_V"] == pytest.approx(
        -float(device.parameters["eta_set"]) / np.log(10), rel=1e-6)
    assert result["arrived"].all()


def test_threshold_device_and_polarity():
    result = SwitchingTime([-0.3, -0.5, -1]*volt).run(find("vteam"), initial={"w": 3*nmetre})
    # half of 3 nm at the constant rate 10 m/s (v/v_on - 1)^3
    np.testing.assert_allclose(result["delay"] / second, 1.5e-10 / np.array([0.5, 1.5, 4])**3,
                               rtol=1e-9)


def test_never_is_a_mask_and_no_nan():
    result = SwitchingTime([-0.1, -0.5]*volt, max_time=1*nsecond).run(
        find("vteam"), initial={"w": 3*nmetre})
    np.testing.assert_array_equal(result["arrived"], [False, True])
    assert result["delay"][0] == 1*nsecond
    assert all(np.all(np.isfinite(np.asarray(result[k], dtype=float))) for k in result)
    assert "slope_decades_per_V" not in result.metrics


def test_energy_until_the_arrival():
    result = SwitchingTime([1*volt]).run(VOLATILE)
    # I = v (G_0 + G_1 x), x = x_inf (1 - exp(-t/tau))
    tau, end = on_time(1.0)
    t = float(result["delay"][0])
    x = end * (t - tau * (1 - np.exp(-t / tau)))
    assert float(result["energy"][0]) == pytest.approx(1e-6 * t + 1e-3 * x, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(v=st.floats(0.8, 3), level=st.floats(0.05, 0.6))
def test_volatile_device_has_its_closed_form_and_saturates(v, level):
    tau, end = on_time(v)
    result = SwitchingTime(v*volt, level=level, max_time=1000*second).run(VOLATILE)
    if level < end:
        assert float(result["delay"][0]) == pytest.approx(-tau * np.log(1 - level / end), rel=1e-6)
    else:
        assert not result["arrived"][0]


def test_conductance_as_the_level():
    of_state = SwitchingTime([1, 1.5]*volt, level=0.25).run(VOLATILE)
    text = SwitchingTime([1, 1.5]*volt, state="conductance", level="251usiemens").run(VOLATILE)
    np.testing.assert_allclose(text["delay"] / second, of_state["delay"] / second, rtol=1e-9)
    quantity = SwitchingTime(1*volt, state="conductance", level=251e-6*siemens).run(VOLATILE)
    assert quantity["delay"][0] / second == pytest.approx(of_state["delay"][0] / second)


def test_segments_agree_with_the_followed_path():
    followed = SwitchingTime([1, 1.5, 2]*volt, max_time=1*second).run(VOLATILE)
    given_dt = SwitchingTime([1, 1.5, 2]*volt, max_time=1*second, dt=1*second).run(VOLATILE)
    np.testing.assert_allclose(given_dt["delay"] / second, followed["delay"] / second, rtol=3e-3)
    np.testing.assert_allclose(given_dt["energy"], followed["energy"], rtol=1e-2)


def test_noisy_arrival_times_have_the_mean_and_spread_of_the_inverse_gaussian():
    n = 800
    result = SwitchingTime([1, 2]*volt, level=0.5, max_time=50*msecond).run(DRIFT, n=n, seed=3)
    assert result["delay"].shape == (n, 2)
    assert result["arrived"].all()
    delay = np.asarray(result["delay"])
    for k, rate in enumerate((1e3, 2e3)):
        mean, variance = 0.5 / rate, 0.5 * 100 / rate**3
        assert delay[:, k].mean() == pytest.approx(mean, abs=3 * np.sqrt(variance / n) + 0.01 * mean)
        assert delay[:, k].std() == pytest.approx(np.sqrt(variance), rel=0.15)
    again = SwitchingTime([1, 2]*volt, level=0.5, max_time=50*msecond).run(DRIFT, n=n, seed=3)
    np.testing.assert_array_equal(again["delay"], result["delay"])


def test_variation_and_stuck_copies():
    device = find("memdiode")
    result = SwitchingTime([1, 1.1]*volt).run(device, n=6, variation=Variation(tau_1=0.3), seed=1)
    expected = np.log(2) * np.asarray(result.parameters["tau_1"])[:, None] \
        * np.exp(-18.8897 * (np.array([1, 1.1]) - 0.897561))
    np.testing.assert_allclose(result["delay"] / second, expected, rtol=1e-6)
    stuck = SwitchingTime([1]*volt, max_time=1*second).run(
        device, n=4, variation=Variation(stuck=1.0, stuck_at="low"), seed=1)
    assert not stuck["arrived"].any()


def test_figure(tmp_path):
    result = SwitchingTime([0.5, 1, 1.1, 1.2]*volt, max_time=10*second).run(
        find("memdiode"), n=3, variation=Variation(tau_1=0.3), seed=1)
    figure = plotting.figures(Result.load(result.save(tmp_path / "r.h5")))["switching_time"]
    assert figure.axes[0].get_ylabel().startswith("Delay (")
    assert figure.axes[1].get_xlabel() == "Source voltage (V)"
    words = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert any("mV per decade" in w for w in words)
    assert "not within the time given" in words


@pytest.mark.parametrize(("options", "message"), [
    ({"voltages": [1, 2]*second}, "must be in volt"),
    ({"voltages": [1, 1]*volt}, "names a value twice"),
    ({"voltages": []*volt}, "one or more values"),
    ({"voltages": [np.nan]*volt}, "one finite value"),
    ({"max_time": -1*second}, "must be positive"),
    ({"state": "y"}, "no state 'y'. Known: x, conductance"),
    ({"level": 2.0}, "not one value within the bounds"),
    ({"level": "1 V"}, "level must be a plain number"),
    ({"level": 0.0}, "starts at the level itself"),
])
def test_bad_options_are_refused_in_one_line(options, message):
    with pytest.raises(ProtocolError, match=message) as error:
        SwitchingTime(**options).run(VOLATILE)
    assert "\n" not in str(error.value)


def test_the_conductance_of_a_device_that_keeps_its_state_has_no_usual_level():
    with pytest.raises(ProtocolError, match="no usual level. Give level="):
        SwitchingTime([1]*volt, state="conductance").run(DRIFTING)


def test_variation_from_cycle_to_cycle_is_refused():
    with pytest.raises(InputError, match="nothing repeats here"):
        SwitchingTime().run(VOLATILE, variation=Variation(cycle={"tau_off": 0.1}), seed=1)


@pytest.mark.long
def test_events_are_integrated_in_segments():
    # m counts how often x has passed a half, after which x starts anew.
    jumping = Device(
        name="jumping", equations="dx/dt = v/phi_0 : 1\ndm/dt = 0/second : 1\n"
        "I = v*(1 + x + m)/R : amp", parameters={"phi_0": 10*volt*msecond, "R": 1*kohm},
        initial={"x": 0, "m": 0}, bounds={"x": (0, 1), "m": (0, 5)},
        events=(("x > 0.5", "x = 0; m = m + 1"),),
        operation={"set": (1*volt, 1*msecond), "read": (0.1*volt, 1*usecond)})
    result = SwitchingTime([1, 2]*volt, state="m", level=1.5, max_time=50*msecond).run(jumping)
    np.testing.assert_allclose(result["delay"] / msecond, [10, 5], rtol=2e-2)


def test_noise_needs_a_step():
    device = Device(name="d", equations=DRIFT.equations, parameters=DRIFT.parameters,
                    initial={"x": 0}, bounds={"x": (-1, 1)})
    with pytest.raises(ProtocolError, match="Give dt="):
        SwitchingTime([1*volt], level=0.5, max_time=1*msecond).run(device, seed=1)
    with pytest.raises(ProtocolError, match="Shorten max_time"):
        SwitchingTime([1*volt], level=0.5, max_time=1e6*second,
                      dt=1*usecond).run(device, seed=1)


def test_implicit_steps_arrive_when_explicit_ones_do():
    explicit = SwitchingTime([1, 1.5]*volt).run(VOLATILE)
    implicit = SwitchingTime([1, 1.5]*volt).run(replace(VOLATILE, stiff=True))
    assert not np.array_equal(implicit["delay"], explicit["delay"])
    np.testing.assert_allclose(implicit["delay"] / second, explicit["delay"] / second, rtol=1e-6)
    np.testing.assert_allclose(implicit["energy"] / joule, explicit["energy"] / joule, rtol=1e-5)


def test_a_volatile_device_is_watched_half_way_to_what_its_pulse_does():
    result = SwitchingTime([0.9, 1, 1.2]*volt).run(VOLATILE)
    assert result.attrs["state"] == "conductance"
    tau, end = on_time(1)
    half = end * (1 - np.exp(-1e-3 / tau)) / 2
    assert result.attrs["level"] == pytest.approx(1e-6 + 1e-3 * half, rel=1e-3)
    for v, delay in zip((0.9, 1, 1.2), result["delay"], strict=True):
        tau, end = on_time(v)
        assert float(delay) == pytest.approx(-tau * np.log(1 - half / end), rel=2e-3)
    # A given state has its own middle, here of the same law.
    of_state = SwitchingTime([1]*volt, state="x").run(VOLATILE)
    assert float(of_state["delay"][0]) == pytest.approx(float(result["delay"][1]), rel=1e-6)


def test_a_pulse_that_does_nothing_leaves_no_usual_level():
    idle = VOLATILE.with_parameters(G_1=1e-12*siemens)
    with pytest.raises(ProtocolError, match="does not change 'conductance'.*Give level="):
        SwitchingTime().run(idle)


def test_a_metallic_core_forms_with_all_defaults():
    result = SwitchingTime().run(find("niobium_dioxide"))
    assert result["arrived"].all()
    delay = result["delay"] / second
    assert np.all(np.diff(delay) < 0)
    # The pulse of 5 ns is stated to SET at 1.5 V, and half of that takes less.
    assert 1e-10 < delay[len(delay) // 2] < 5e-9


def test_a_state_driven_away_from_the_middle_goes_half_way_to_the_bound():
    def run(x, v):
        return SwitchingTime(v, max_time=1*second).run(DRIFTING, initial={"x": x})

    up = run(0.6, [1]*volt)
    assert up.attrs["level"] == pytest.approx(0.8)
    assert float(up["delay"][0]) == pytest.approx(0.2e-3)
    assert run(0.6, [-1]*volt).attrs["level"] == 0.5
    # At the bound there is no way to go: the middle stays, and is never passed.
    stays = run(1.0, [1]*volt)
    assert stays.attrs["level"] == 0.5
    assert not stays["arrived"].any()


def test_a_memoryless_switch_waits_for_the_mean_time_with_all_defaults():
    device = find("stochastic_switch")
    n, voltages = 100, [3]*volt
    result = SwitchingTime(voltages).run(device, n=n, seed=7)
    assert result.attrs["max_time_s"] == pytest.approx(2**15 * 20e-6)
    assert result["arrived"].all()
    tau = 2.5e5 * np.exp(-3 / 0.16)
    # A crossing lies half a step before the end of the step that it happens in.
    mean = np.asarray(result["delay"]).mean(axis=0)
    assert np.all(np.abs(mean - tau) < 3 * tau / np.sqrt(n) + 20e-6)
    again = SwitchingTime(voltages).run(device, n=n, seed=7)
    np.testing.assert_array_equal(again["delay"], result["delay"])
