"""Self-rectifying device: closed form at constant voltage, rectification, write schemes."""

import numpy as np
import pytest
from brian2 import msecond, second, volt

from brianmem import PulseMap, PulseTrain, find
from brianmem.flow import flow
from tests.physics.measured import final, order

DEVICE = find("self_rectifying")


def share_left(v, seconds):
    """The closed form: 1 - x (SET) or x (RESET) shrinks by this at constant voltage."""
    return np.exp(-np.sinh(abs(v) / 0.15) / 1e8 * seconds)


@pytest.mark.parametrize("v", [2.8, 3.0, -2.9])
def test_constant_voltage_is_the_closed_form(v):
    x = final(DEVICE, f"{v}*volt", 50 * msecond, 50, {"x": 0.4})["x"]
    left = share_left(v, 0.05)
    assert x == pytest.approx(1 - 0.6 * left if v > 0 else 0.4 * left, rel=1e-6)
    assert abs(x - 0.4) > 0.001


def test_pulse_map_is_exact():
    made = PulseMap.from_device(DEVICE, *DEVICE.operation["set"])
    x = np.linspace(0, 1, 7)
    np.testing.assert_allclose(made.step(x), 1 - (1 - x) * share_left(3, 0.01), rtol=1e-12)


@pytest.mark.long
def test_order_four_of_a_smooth_drive():
    # Not a full period, over which equal steps would converge faster.
    wave = "(2.9 + 0.1*sin(2*pi*t/(60*msecond)))*volt"
    assert order(DEVICE, "x", wave, 40 * msecond, 4, {"x": 0.2}) == pytest.approx(4, abs=0.4)


def test_ratio_of_forward_to_reverse_current_is_stated():
    v = np.array([0.01, 0.5, 1, 2]) * volt
    ratio = np.asarray(DEVICE.evaluate("I", v=v, x=0.5) / -DEVICE.evaluate("I", v=-v, x=0.5))
    np.testing.assert_allclose(ratio, 1e4)


def test_potentiation_and_depression_saturate_at_the_closed_form():
    result = PulseTrain(count=40).run(DEVICE)
    x, left = np.asarray(result["pulse_x"]), share_left(3, 0.01)
    k = np.arange(41)
    np.testing.assert_allclose(x[:41], 1 - left**k, atol=1e-4)
    np.testing.assert_allclose(x[40:], x[40] * left**k, atol=1e-4)


def test_a_third_of_the_write_voltage_takes_a_million_times_longer():
    voltage, width = DEVICE.operation["set"]
    full = flow(DEVICE, voltage, width, [[0.5]])[0][0, 0] - 0.5
    third = flow(DEVICE, voltage / 3, 1e4 * width, [[0.5]], tolerance=1e-13)[0][0, 0] - 0.5
    assert third / full == pytest.approx(1e4 / 617_439, rel=0.03)


def test_at_rest_the_state_stays():
    assert final(DEVICE, "0*volt", 1e6 * second, 10, {"x": 0.3})["x"] == 0.3
