"""The second Stanford-PKU model: the gap's voltage, the order of gap and width, convergence."""

import numpy as np
import pytest
from brian2 import nmetre, nsecond, volt
from scipy.optimize import brentq

from brianmem.models.devices.stanford_pku_v2 import stanford_pku_v2
from tests.physics.measured import final, order


@pytest.mark.parametrize("v", [-3.0, -0.75, -0.1, 0.1, 1.0, 3.0])
@pytest.mark.parametrize("x", [0.0, 0.2, 1.0, 2.9, 3.0])
def test_voltage_of_the_gap_solves_the_series_of_gap_and_filament(v, x):
    """V_g + R_CF*I(V_g) = v; the width cancels."""
    k = 1.9635e-5 * (3 - x) * 1e-9 * 1e13 * np.exp(-x / 0.4)
    expected = brentq(lambda u: u + k * np.sinh(u / 0.4) - v, min(v, 0), max(v, 0), xtol=1e-14)
    for w in (0.5, 5.0):
        found = stanford_pku_v2.evaluate("V_g", v=v * volt, x=x * nmetre, w=w * nmetre)
        assert float(found) == pytest.approx(expected, rel=3e-6)


@pytest.mark.long
def test_gap_closes_first_then_the_filament_widens():
    start = {"x": 0.6 * nmetre, "w": 2 * nmetre}
    before = final(stanford_pku_v2, "0.8*volt", 1e-3 * nsecond, 50, start, method="rk4")
    after = final(stanford_pku_v2, "0.8*volt", 1000 * nsecond, 20, start, method="adaptive")
    assert 0 < before["x"] < 0.6e-9
    assert before["w"] == 2e-9
    assert after["x"] == 0
    assert after["w"] > 2.01e-9


def test_reset_opens_the_gap_and_leaves_the_width():
    state = final(stanford_pku_v2, "-0.8*volt", 5 * nsecond, 20,
                  {"x": 0 * nmetre, "w": 5 * nmetre}, method="adaptive")
    # To 0.5 nm in 2.4 ns, by quadrature of the rate; then it creeps.
    assert 0.5e-9 < state["x"] < 0.6e-9
    assert state["w"] == 5e-9


def test_nothing_moves_at_rest():
    start = {"x": 0.05 * nmetre, "w": 2 * nmetre}
    assert final(stanford_pku_v2, "0*volt", 1e9 * nsecond, 5, start, method="rk4") == \
        pytest.approx({"x": 0.05e-9, "w": 2e-9}, rel=1e-15)


@pytest.mark.long
def test_order_four_while_the_gap_shrinks_and_while_the_filament_widens():
    rising = "(0.75 + 0.05*sin(2*pi*t/(10*nsecond)))*volt"
    wide = {"x": 1.2 * nmetre, "w": 5 * nmetre}
    assert order(stanford_pku_v2, "x", rising, 0.2 * nsecond, 6, wide, method="rk4") == \
        pytest.approx(4, abs=0.5)
    closed = {"x": 0 * nmetre, "w": 1 * nmetre}
    rising = "(1 + 0.05*sin(2*pi*t/(20000*nsecond)))*volt"
    assert order(stanford_pku_v2, "w", rising, 1000 * nsecond, 4, closed, method="rk4") == \
        pytest.approx(4, abs=0.5)
