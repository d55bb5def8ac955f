"""The memdiode against its closed form and the law of its SET voltage."""

import numpy as np
import pytest
from brian2 import msecond, second, volt

from brianmem import IVSweep, PulseTrain
from brianmem.models.devices.memdiode import memdiode
from tests.physics.measured import crossing, final, order

ETA_SET, V_SET, ETA_RES, V_RES = 18.8897, 0.897561, 2.12766, -1.57


def after(h, v, t):
    """Return H after `t` seconds at constant voltage, exactly."""
    if v >= 0:
        return 1 - (1 - h) * np.exp(-t * np.exp(ETA_SET * (v - V_SET)))
    return h * np.exp(-t * np.exp(-ETA_RES * (v - V_RES)))


@pytest.mark.parametrize(("h", "v", "t"), [(0.1, 1.1, 1e-2), (0.0, 1.3, 1e-4), (0.9, -2.0, 0.3),
                                           (0.5, -0.5, 2.0), (0.3, 0.1, 1.0)])
@pytest.mark.parametrize("method", ["rk4", "exponential_euler"])
def test_constant_voltage_follows_the_closed_form(h, v, t, method):
    found = final(memdiode, f"({v})*volt", t * second, 200, {"H": h}, method)["H"]
    assert found == pytest.approx(after(h, v, t), rel=1e-6)


def test_pulses_follow_the_closed_form():
    result = PulseTrain(count=10, rest=0.1 * msecond).run(memdiode, initial={"H": 0.2})
    h, expected = np.asarray(result["pulse_H"]), [0.2]
    plan = PulseTrain().resolved(memdiode)
    for kind in ("set",) * 10 + ("reset",) * 10:
        x = after(expected[-1], *plan[kind][:2])
        expected.append(after(x, 0, 1e-4))
    np.testing.assert_allclose(h, expected, rtol=1e-6)


@pytest.mark.parametrize(("rate", "v_set", "v_reset"), [(0.1, 0.912, -0.77), (1.0, 1.034, -1.76)])
def test_switching_voltage_depends_on_the_sweep_rate(rate, v_set, v_reset):
    result = IVSweep(1.5 * volt, negative_amplitude=2 * volt, rate=rate * volt / second).run(memdiode)
    assert crossing(result, "H", 0.5) == pytest.approx(v_set, abs=4e-3)
    back = {k: np.asarray(result[k])[300:] for k in ("H", "v")}
    below = np.argmax(back["H"] < 0.5)
    assert back["v"][below] == pytest.approx(v_reset, abs=0.01)


def test_set_voltage_grows_by_a_fixed_step_per_decade():
    found = [crossing(IVSweep(1.5 * volt, rate=rate * volt / second).run(memdiode), "H", 0.5)
             for rate in (0.1, 1, 10)]
    np.testing.assert_allclose(np.diff(found), np.log(10) / ETA_SET, rtol=0.02)


def test_current_is_that_of_two_diodes():
    # I = I_0 * 2 sinh(alpha v/2) at b = 1/2, in both states.
    for h, i_0, alpha in ((0, 3.8942e-5, 2.94744), (1, 4.7370e-3, 2.54408)):
        current = memdiode.evaluate("I", v=0.7 * volt, H=h)
        assert float(current) == pytest.approx(2 * i_0 * np.sinh(alpha * 0.35), rel=1e-12)


def test_forgets_under_the_smallest_negative_bias_only():
    assert final(memdiode, "-1e-6*volt", 28.2 * second, 500, {"H": 1})["H"] == pytest.approx(
        np.exp(-1), rel=0.01)
    rested = final(memdiode, "0*volt", 28.2 * second, 500, {"H": 0.5})["H"]
    assert rested == pytest.approx(0.5, rel=1e-5)


def test_order_of_convergence():
    sweep = "0.9*volt + 0.1*volt*sin(2*pi*t/second)"
    assert order(memdiode, "H", sweep, 1 * second, 40, method="rk4") == pytest.approx(4, abs=0.5)
    assert order(memdiode, "H", sweep, 0.3 * second, 40, method="exponential_euler") == pytest.approx(
        1, abs=0.25)
