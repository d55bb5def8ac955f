"""Tantalum oxide: its laws as written, extreme arguments, stiff RESET, and its order."""

import numpy as np
import pytest
from brian2 import msecond, second, usecond, volt
from scipy.integrate import solve_ivp

from brianmem import PulseMap, PulseTrain
from brianmem.flow import flow
from brianmem.models.devices.tantalum_oxide import tantalum_oxide
from tests.physics.measured import final, order


def written(v, x, a=2.3e-6, b=1.6):
    """Return the current and the rate of the published law, without guards."""
    current = v * (0.025 * x + (1 - x) * a * np.exp(b * np.sqrt(abs(v))))
    power = current * v
    if v > 0:
        return current, 1e-4 * np.sinh(v / 0.45) * np.exp(-(x / 0.06)**2) * np.exp(power / 4e-5)
    return current, 1e-10 * np.sinh(v / 0.013) * np.exp(-(0.4 / x)**2) * np.exp(1 / (1 + 500 * power))


@pytest.mark.parametrize("v", [-0.6, -0.3, 0.1, 0.5, 0.7])
@pytest.mark.parametrize("x", [0.02, 0.1, 0.3])
def test_current_and_rate_are_the_published_ones(v, x):
    current, rate = written(v, x)
    assert float(tantalum_oxide.evaluate("I", v=v * volt, x=x)) == pytest.approx(current)
    found = float(tantalum_oxide.evaluate("x", v=v * volt, x=x))
    # The limit of one range in 10 ps enters as a series time.
    assert found == pytest.approx(rate / (1 + abs(rate) / 1e11), rel=1e-9, abs=1e-300)


def test_extreme_voltages_stay_finite():
    v, x = np.meshgrid(np.linspace(-20, 20, 41), np.linspace(0, 1, 21))
    rates = np.asarray(tantalum_oxide.evaluate("x", v=v * volt, x=x))
    assert np.all(np.isfinite(rates))
    assert np.abs(rates).max() <= 1e11 * (1 + 1e-12)
    assert np.all(rates * np.sign(v) >= 0)


@pytest.mark.parametrize("v", [-0.3, -0.45, -0.6])
def test_reset_over_decades_agrees_with_radau(v):
    """RESET decelerates over more than ten decades of rate and time."""
    start = 0.9
    fast = abs(written(v, start)[1])
    for decades in (0, 4, 9):
        time = 10.0**decades / fast
        exact = solve_ivp(lambda _t, y: [written(v, y[0])[1]], (0, time), [start], "Radau",
                          rtol=1e-10, atol=1e-13).y[0, -1]
        found = flow(tantalum_oxide, v * volt, time * second, [[start]])[0][0, 0]
        # At -0.6 V the limit of the rate slows the first of these by a share of 6e-2.
        limited = written(v, start)[1] / 1e11
        assert found == pytest.approx(exact, rel=1e-6 + 2 * abs(limited))
    assert exact < 0.12


def test_set_runs_away_within_a_thousandth_of_its_time():
    before, after = (flow(tantalum_oxide, 0.9 * volt, t * 1e-3 * second, [[0.02]])[0][0, 0]
                     for t in (0.2028, 0.2032))
    assert before < 0.05
    assert after == 1


def test_a_series_resistance_ends_the_runaway():
    voltage, width, resistance = tantalum_oxide.operation["set"]
    reached = [flow(tantalum_oxide, voltage, width * k, [[0.1]], series_resistance=resistance)[0][0, 0]
               for k in (1, 10, 100, 1000)]
    assert np.all(np.diff(reached) > 0)
    assert reached[-1] < 0.3


def test_read_moves_nothing_that_matters():
    moved = final(tantalum_oxide, "0.1*volt", 1 * second, 100, {"x": 0.2})["x"] - 0.2
    assert abs(moved) < 1e-4


@pytest.mark.long
def test_order_of_convergence():
    rising = "(0.7 + 0.1*sin(2*pi*t/(10*msecond)))*volt"
    assert order(tantalum_oxide, "x", rising, 1 * msecond, 20, {"x": 0.02}, "rk4") == pytest.approx(
        4, abs=0.4)
    falling = "-(0.4 + 0.02*sin(2*pi*t/(100*usecond)))*volt"
    found = order(tantalum_oxide, "x", falling, 40 * usecond, 10, {"x": 0.3}, "rk4")
    assert found == pytest.approx(4, abs=0.4)


def test_pulses_are_useful_steps_in_the_window():
    x = np.linspace(0.13, 0.21, 41)
    for kind, sign in (("set", 1), ("reset", -1)):
        voltage, width, *rest = tantalum_oxide.operation[kind]
        made = PulseMap.from_device(tantalum_oxide, voltage, width,
                                    series_resistance=rest[0] if rest else None)
        moved = sign * (made.step(x) - x)
        assert moved.min() > 5e-5
        assert 0.01 < moved.max() < 0.05
        assert made.monotone
        exact = flow(tantalum_oxide, voltage, width, [x],
                     series_resistance=rest[0] if rest else None)[0][0]
        np.testing.assert_allclose(made.step(x), exact, atol=1e-4)


def test_pulse_train_goes_up_and_down_in_the_window():
    result = PulseTrain(count=10).run(tantalum_oxide, initial={"x": 0.13})
    x = np.asarray(result["pulse_x"])
    assert np.all(np.diff(x[:11]) > 0)
    assert np.all(np.diff(x[10:]) < 0)
    assert x[10] > 0.21
    assert x[-1] < 0.16
