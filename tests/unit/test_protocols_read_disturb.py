"""Half-select pulses against closed forms, up to a million of them."""

import numpy as np
import pytest
from brian2 import kohm, msecond, mvolt, nmetre, second, siemens, usecond, volt

from brianmem import Device, ReadDisturb, Result, Variation, find, plotting
from brianmem.errors import ProtocolError
from tests.unit.volatile import TAU_OFF, VOLATILE, on_time

# Two states: y follows x, which counts flux in both directions.
TWO = Device(
    name="two", equations="""
    dx/dt = (x_end - x)*k*v/volt : 1
    dy/dt = (x - y)/tau : 1
    I = v*G*(1 + y) : amp""",
    parameters={"x_end": 0.5, "k": 2/second, "tau": 20*msecond, "G": 1e-3*siemens},
    initial={"x": 0.1, "y": 0.2}, bounds={"x": (0, 1), "y": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "reset": (0.5*volt, 2*msecond),
               "read": (0.1*volt, 1*usecond)})


def test_below_threshold_nothing_moves_in_a_million_pulses():
    result = ReadDisturb(reset_amplitude=30*mvolt).run(find("vteam"), initial={"w": 1*nmetre})
    assert result["count"][-1] == 10**6
    np.testing.assert_array_equal(result["change_w"], 0)
    assert result.metrics["largest_drift_of_range"] == 0
    # v^2/R for a million widths
    resistance = 50 + 950 / 3
    np.testing.assert_allclose(np.asarray(result["energy"])[:, -1],
                               [0.15**2 / resistance * 5e-5, 0.015**2 / resistance * 30e-3],
                               rtol=1e-6)


def test_above_threshold_the_drift_is_that_of_the_constant_rate():
    result = ReadDisturb(count=1000).run(find("vteam"))
    # 0.05 V: 5e-4 m/s * 1.5 for 30 ns each, from 0 up to 3 nm
    expected = np.minimum(5e-4 * 1.5 * 30e-9 * result["count"], 3e-9)
    np.testing.assert_allclose(result["change_w"][1] / nmetre, expected * 1e9, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(result["change_w"][0], 0)


def test_exponential_law_and_map_agree_with_the_closed_form():
    device = find("memdiode")
    constant = float(device.evaluate("T_S", v=0.55*volt))
    for options in ({}, {"rest": 1*msecond}):
        result = ReadDisturb(**options).run(device)
        expected = -np.expm1(-result["count"] * 0.9e-3 / constant)
        np.testing.assert_allclose(result["change_H"][0], expected, rtol=1e-4)
    assert result.metrics["map_error"] < 1e-9


def test_v_third_has_both_signs():
    device = find("memdiode")
    result = ReadDisturb("V/3", count=10).run(device, initial={"H": 0.5})
    np.testing.assert_allclose(result["voltage"] / volt, np.array([1.1, -1.1, -2, 2]) / 3)
    change = result["change_H"][:, -1]
    assert change[0] > 0 > change[1]
    assert change[3] > 0 > change[2]


def test_volatile_device_settles_with_and_without_rest():
    result = ReadDisturb(rest=2*msecond).run(VOLATILE)
    tau, end = on_time(0.5)
    rest_tau, rest_end = on_time(0)
    assert result["voltage"].shape == (1,)
    up, down = np.exp(-1e-3 / tau), np.exp(-2e-3 / rest_tau)
    x = 0.0
    expected = [x]
    for _ in range(10):
        x = end + (x - end) * up
        x = rest_end + (x - rest_end) * down
        expected.append(x)
    counts = result["count"]
    few = counts <= 10
    np.testing.assert_allclose(result["change_x"][0, few], np.array(expected)[counts[few]], rtol=1e-4)
    fixed = (end * (1 - up) * down + rest_end * (1 - down)) / (1 - up * down)
    assert result["change_x"][0, -1] == pytest.approx(fixed, rel=1e-4)
    held = ReadDisturb().run(VOLATILE)
    assert held["change_x"][0, -1] == pytest.approx(end, rel=1e-5)
    assert end < TAU_OFF / (TAU_OFF + 1e-3)


@pytest.mark.parametrize("rest", [None, 0.5*msecond])
def test_two_states_with_and_without_rest(rest):
    result = ReadDisturb(count=100, rest=rest, set_width=1*msecond).run(TWO)
    n = result["count"]
    rate = 2 * 0.5
    x = 0.5 - 0.4 * np.exp(-rate * 1e-3 * n)
    np.testing.assert_allclose(result["change_x"][0], x - 0.1, atol=2e-5)
    if rest is None:
        # y' = (x - y)/tau with x = 0.5 - 0.4 exp(-r t)
        t, tau = n * 1e-3, 20e-3
        share = -0.4 / (1 - rate * tau)
        y = 0.5 + share * np.exp(-rate * t) + (0.2 - 0.5 - share) * np.exp(-t / tau)
        np.testing.assert_allclose(result["change_y"][0], y - 0.2, atol=1e-6)
    else:
        assert 0 < result.metrics["map_error"] < 2e-4


def test_copies_with_their_own_parameters():
    device = find("memdiode")
    result = ReadDisturb(count=1000).run(device, n=3, variation=Variation(V_set=0.02), seed=1)
    assert result.axes["change_H"] == ("instance", "voltage", "count")
    for k, threshold in enumerate(np.asarray(result.parameters["V_set"])):
        constant = np.exp(-18.8897 * (0.55 - threshold))
        np.testing.assert_allclose(result["change_H"][k, 0], -np.expm1(
            -result["count"] * 0.9e-3 / constant), rtol=1e-4)


def test_figure(tmp_path):
    result = ReadDisturb(count=100).run(find("memdiode"))
    figure = plotting.figures(Result.load(result.save(tmp_path / "r.h5")))["read_disturb"]
    words = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert words == ["0.55 V", "-1 V"]
    assert figure.axes[-1].get_xlabel() == "Pulses (V/2 scheme)"


@pytest.mark.parametrize(("make", "message"), [
    (lambda: ReadDisturb("V/4"), "must be one of V/2, V/3"),
    (lambda: ReadDisturb(count=0), "whole number >= 1"),
    (lambda: ReadDisturb(rest=-1*second), "must be positive"),
    (lambda: ReadDisturb(set_amplitude=1*second), "must be in volt"),
    (lambda: ReadDisturb(count=10).run(find("vteam"), variation=Variation(stuck=0.5), seed=1),
     "stuck devices do not drift"),
    (lambda: ReadDisturb(count=10).run(Device(
        name="d", equations="dx/dt = -x/tau + s*xi*tau**-0.5 : 1\nI = v*(1 + x)/R : amp",
        parameters={"tau": 1*msecond, "s": 0.05, "R": 1*kohm}, initial={"x": 0},
        bounds={"x": (-1, 1)}, operation=TWO.operation), seed=1), "has noise"),
    (lambda: ReadDisturb(count=10).run(Device(
        name="d", equations="dx/dt = -x/tau : 1\nI = v*(1 + x)/R : amp", initial={"x": 0},
        parameters={"tau": 1*msecond, "R": 1*kohm}, bounds={"x": (-1, 1)})),
     "Give set_amplitude= and set_width="),
])
def test_bad_input_is_one_line(make, message):
    with pytest.raises(ProtocolError, match=message) as error:
        make()
    assert "\n" not in str(error.value)
