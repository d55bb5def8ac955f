"""Yakopcic against its closed form inside the windows, its thresholds and its windows."""

import numpy as np
import pytest
from brian2 import msecond, second, usecond, volt

from brianmem import PulseMap
from brianmem.models.devices.yakopcic import yakopcic
from tests.physics.measured import final, order

SETS = (None, *yakopcic.parameter_sets)


@pytest.mark.parametrize("name", SETS)
def test_constant_voltage_inside_the_windows_is_a_constant_rate(name):
    device = yakopcic.with_parameters(name)
    p = {k: float(q) for k, q in device.parameters.items()}
    for v, amplitude, threshold, sign, low, high in (
            (1.0, p["A_p"], p["V_p"], 1, 0.0, p["x_p"]),
            (-1.0, p["A_n"], p["V_n"], -1, 1 - p["x_n"], 1.0)):
        rate = sign * amplitude * (np.exp(abs(v)) - np.exp(threshold))
        start = low + 0.05 if sign > 0 else high - 0.05
        time = 0.5 * (high - low - 0.05) / abs(rate)
        found = final(device, f"{v}*volt", time * second, 10, {"x": start})["x"]
        assert found == pytest.approx(start + rate * time, rel=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_state_is_frozen_between_the_thresholds(name):
    device = yakopcic.with_parameters(name)
    for v in (0.999 * device.parameters["V_p"], -0.999 * device.parameters["V_n"]):
        assert float(device.evaluate("x", v=v, x=0.4)) == 0
        assert float(device.evaluate("x", v=1.01 * v, x=0.4)) * float(v) > 0


def test_windows_stop_the_state_at_the_bound_ahead_only():
    assert float(yakopcic.evaluate("f", v=1 * volt, x=1)) == 0
    assert float(yakopcic.evaluate("f", v=-1 * volt, x=1)) == 1
    assert float(yakopcic.evaluate("f", v=-1 * volt, x=0)) == 0
    assert float(yakopcic.evaluate("f", v=1 * volt, x=0)) == 1
    # Continuous where they set in, and as written in the source inside.
    for v, x, expected in ((1, 0.65, np.exp(-0.35) * ((0.3 - 0.65) / 0.7 + 1)),
                           (-1, 0.2, np.exp(5 * (0.2 + 0.5 - 1)) * 0.2 / 0.5)):
        assert float(yakopcic.evaluate("f", v=v * volt, x=x)) == pytest.approx(expected)
    for v, x in ((1, 0.3), (-1, 0.5)):
        near = yakopcic.evaluate("f", v=v * volt, x=np.array([x - 1e-9, x, x + 1e-9]))
        np.testing.assert_allclose(near, 1, atol=1e-7)


def test_eta_turns_the_direction_and_the_windows():
    turned = yakopcic.with_parameters(eta=-1)
    assert float(turned.evaluate("x", v=1 * volt, x=0.9)) < 0
    assert float(turned.evaluate("x", v=1 * volt, x=0)) == 0
    assert float(turned.evaluate("x", v=-1 * volt, x=1)) == 0


def test_current_is_odd_and_pinched():
    current = np.asarray(yakopcic.evaluate("I", v=np.array([-0.5, 0, 0.5]) * volt, x=0.7))
    np.testing.assert_allclose(current, 0.17 * 0.7 * np.sinh([-0.025, 0, 0.025]), rtol=1e-12)


@pytest.mark.long
def test_order_of_convergence():
    smooth = "(0.9 + 0.1*sin(2*pi*t/msecond))*volt"
    assert order(yakopcic, "x", smooth, 0.4 * msecond, 8, {"x": 0.4}) == pytest.approx(4, abs=0.4)
    falling = "-(0.9 + 0.1*sin(2*pi*t/msecond))*volt"
    assert order(yakopcic, "x", falling, 0.15 * msecond, 8, {"x": 0.35}) == pytest.approx(4, abs=0.4)


@pytest.mark.parametrize("kind", ["set", "reset"])
def test_pulses_are_useful_steps(kind):
    made = PulseMap.from_device(yakopcic, *yakopcic.operation[kind][:2])
    moved = np.abs(np.clip(made.table[0], 0, 1) - np.linspace(0, 1, made.points))
    assert 0.01 < moved.max() < 0.05
    assert made.monotone
    assert made.error(pulses=100, copies=21) < 2e-4
    assert yakopcic.operation[kind][1] <= 10 * usecond
