"""The gap model: point values, the minimum field, switching times, and its order."""

import numpy as np
import pytest
from brian2 import amp, kelvin, kohm, mamp, metre, nmetre, nsecond, second, uamp, usecond, volt
from scipy.integrate import solve_ivp

from brianmem import IVSweep
from brianmem.models.devices.stanford_pku import stanford_pku
from tests.physics.measured import final, order


def test_point_values():
    """Golden values at g = 0.5 nm, 1.5 V and g = 1 nm, 1.1 V."""
    at = {"v": 1.5 * volt, "g": 0.5 * nmetre}
    assert float(stanford_pku.evaluate("I", **at) / amp) == pytest.approx(2.729891e-2, rel=1e-6)
    assert float(stanford_pku.evaluate("T", **at) / kelvin) == pytest.approx(383.9916, rel=1e-6)
    rate = stanford_pku.evaluate("g", **at) / (metre / second)
    assert float(rate) == pytest.approx(-0.2215563, rel=1e-6)
    at = {"v": 1.1 * volt, "g": 1 * nmetre}
    assert float(stanford_pku.evaluate("T", **at) / kelvin) == pytest.approx(299.7228, rel=1e-6)
    assert float(stanford_pku.evaluate("g", **at)) == 0


def test_resistances_at_the_bounds():
    """542 ohm and 218586 ohm at 0.1 V: the r_on and r_off of MemTorch."""
    r = 1 / stanford_pku.conductance(g=[0.2, 1.7] * nmetre)
    assert float(r[0]) == pytest.approx(542, rel=1e-3)
    assert float(r[1]) == pytest.approx(218586, rel=1e-4)


def test_no_set_below_the_minimum_field():
    # gamma(1.7 nm)*V/t_ox = F_min at V = 1.392 V.
    threshold = 1.4e9 * 12e-9 / (16 - 0.8 * 1.7**3)
    assert threshold == pytest.approx(1.392, abs=1e-3)
    for factor, moves in ((0.999, False), (1.001, True)):
        rate = float(stanford_pku.evaluate("g", v=factor * threshold * volt, g=1.7 * nmetre))
        assert (rate != 0) is moves


def reference(v, start, level):
    """Return the time in s to reach a gap at constant voltage, by scipy at rtol 1e-9."""
    def rate(_t, y):
        return [float(stanford_pku.evaluate("g", v=v * volt, g=np.clip(y[0], 0.2, 1.7) * nmetre)) * 1e9]

    def hit(_t, y):
        return y[0] - level

    hit.terminal = True
    solution = solve_ivp(rate, (0, 1e-3), [start], "LSODA", events=hit, rtol=1e-9, atol=1e-12)
    return solution.t_events[0][0]


@pytest.mark.parametrize(("v", "start", "level", "time"), [
    (1.4, 1.7, 0.5, 0.47e-6), (1.8, 1.7, 0.5, 6.7e-9),
    (-1.2, 0.2, 1.0, 0.35e-6), (-1.4, 0.2, 1.0, 23e-9)])
def test_switching_times(v, start, level, time):
    found = reference(v, start, level)
    assert found == pytest.approx(time, rel=0.03)
    reached = final(stanford_pku, f"({v})*volt", found * second, 4000, {"g": start * nmetre})["g"]
    assert reached == pytest.approx(level * 1e-9, abs=0.02e-9)


def test_set_voltage_in_a_fast_sweep():
    # The compliance, ten times the current before the SET, only spares the steps after it.
    result = IVSweep(1.6 * volt, rate=1e6 * volt / second, compliance=4 * mamp).run(stanford_pku)
    first = np.argmax(np.asarray(result["g"]) < 1e-9)
    assert np.asarray(result["v_source"])[first] == pytest.approx(1.56, abs=0.01)


def test_series_resistance_makes_the_loop_physical():
    result = IVSweep(2 * volt, series_resistance=2 * kohm).run(stanford_pku)
    assert np.max(result["I"]) < 2 * volt / (2 * kohm)
    assert np.ptp(np.asarray(result["g"])) > 0.2e-9


def test_compliance_holds_on_the_cell():
    limit = 200 * uamp
    result = IVSweep(1.8 * volt, period=7.2 * usecond, compliance=limit).run(stanford_pku)
    assert np.max(np.abs(result["I"])) == pytest.approx(float(limit), rel=1e-6)
    limited = np.asarray(result["I"]) > 0.999 * float(limit)
    assert np.all(np.asarray(result["v"])[limited] < np.asarray(result["v_source"])[limited])


def test_fit_without_heat_and_threshold_moves_at_any_voltage():
    device = stanford_pku.with_parameters("AlON")
    assert float(device.evaluate("T", v=1 * volt, g=0.5 * nmetre)) == 298
    assert float(device.evaluate("g", v=0.2 * volt)) < 0


@pytest.mark.long
def test_order_of_convergence():
    smooth = "(1.6 + 0.1*sin(2*pi*t/(10*nsecond)))*volt"
    found = order(stanford_pku, "g", smooth, 10 * nsecond, 80, {"g": 1.7 * nmetre})
    assert found == pytest.approx(4, abs=0.6)
    # RESET runs into the minimum field: the end of the motion is found to first order.
    values = np.array([final(stanford_pku, "-1.2*volt", 600 * nsecond, 150 * 2**k,
                             {"g": 1.2 * nmetre})["g"] for k in range(6)])
    errors = np.abs(values[:5] - 1e-9 * ((16 - 1.4 * 12 / 1.2) / 0.8)**(1 / 3))
    assert np.all(errors < 0.05e-9)
    assert errors[-1] < errors[0] / 4
