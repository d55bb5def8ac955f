"""The diffusive devices: the sliding bridge, closed forms, order of convergence."""

import numpy as np
import pytest
from brian2 import kohm, msecond, second, volt

from brianmem.models.devices.diffusive import diffusive, diffusive_langevin
from tests.physics.measured import final, order

PULSE = diffusive.with_parameters("pulse")


def test_order_four_before_the_gap_is_bridged():
    wave = "(0.18 + 0.03*sin(2*pi*t/(20*msecond)))*volt"
    found = order(diffusive, "tot", wave, 20 * msecond, 16, {"tot": 0.3, "res": 0.1}, "rk4")
    assert found == pytest.approx(4, abs=0.4)


@pytest.mark.parametrize("method", ["rk4", "adaptive"])
def test_the_area_of_a_full_bridge_follows_its_closed_form(method):
    # u = exp(S - 1): du/dt = theta*V - gamma_3*u**2, solved by a tanh.
    theta, gamma, v, t = 100.0, 10.0, 0.3, 0.02
    level, rate = np.sqrt(theta * v / gamma), np.sqrt(theta * v * gamma)
    u = level * np.tanh(rate * t + np.arctanh(1 / level)) if level > 1 else np.nan
    found = final(diffusive, "0.3*volt", t * second, 400, {"tot": 1, "res": 0.5}, method)
    assert found["S"] == pytest.approx(1 + np.log(u), rel=1e-6)
    assert found["tot"] == 1
    assert found["res"] == 0.5


def test_no_bridge_grows_before_the_gap_is_full():
    found = final(diffusive, "0.5*volt", 15 * msecond, 60)
    assert 0 < found["res"] < found["tot"] < 1
    assert found["S"] == 1


def test_a_bridge_holds_while_thick_and_breaks_when_thin():
    # Without voltage exp(1 - S) grows by gamma_3 per second.
    life = (1 - np.exp(-0.5)) / 10
    before = final(diffusive, "0*volt", 0.98 * life * second, 200, {"tot": 1, "res": 0.4, "S": 1.5})
    after = final(diffusive, "0*volt", 1.1 * life * second, 200, {"tot": 1, "res": 0.4, "S": 1.5})
    assert before["tot"] == 1
    assert 1 < before["S"] < 1.02
    assert after["tot"] < 1
    assert after["S"] == 1


def test_the_step_matters_to_first_order_where_the_gap_fills():
    # 0.3 V for 60 ms: the gap fills on the way, and the area tells when.
    values = np.array([final(diffusive, "0.3*volt", 80 * msecond, 800 * 2**k, method="rk4")["S"]
                       for k in range(3)])
    exact = final(diffusive, "0.3*volt", 80 * msecond, 80)["S"]
    assert exact > 1.05
    assert np.all(np.abs(values - exact) < 1e-2 / 2**np.arange(3))


def test_either_polarity_sets_the_symmetric_set_and_one_the_other():
    asymmetric = diffusive.with_parameters("asymmetric")
    for device, v, filled in ((diffusive, 0.4, True), (diffusive, -0.4, True),
                              (asymmetric, 0.4, True), (asymmetric, -0.4, False)):
        found = final(device, f"({v})*volt", 0.1 * second, 50)["tot"]
        assert (found == 1) is filled


def test_the_residue_shortens_the_delay():
    empty, prepared = (final(PULSE, "1*volt", 10 * msecond, 50, {"tot": r, "res": r},
                             series_resistance=22 * kohm)["tot"] for r in (0, 0.4))
    assert empty < 0.5
    assert prepared == 1


def test_a_bridge_behind_a_resistor_is_integrated_in_few_steps():
    # The area falls to 1 while the bridge is held: once a trap of the error control.
    found = final(diffusive, "0.5846*volt", 50 * msecond, 20, {"tot": 1, "res": 0.3, "S": 1.05},
                  series_resistance=1000 * kohm)
    assert found["tot"] == 1
    assert found["S"] == 1


def test_a_cluster_at_rest_has_the_variance_of_its_well():
    # Small T: variance T/U'' at x_0, with U'' = k_r + U_0/s**2; 400 copies, 3 standard errors.
    from brian2 import Network, nsecond, usecond

    from brianmem.ode import ode_group
    from brianmem.protocols.surroundings import untouched_random_state

    cold = diffusive_langevin.with_parameters(T_0=0.002, T=0.002)
    made = ode_group(cold, 400, "0*volt", dt=5 * nsecond, target="numpy", energy=False)
    with untouched_random_state(4):
        Network(*made.objects).run(3 * usecond, namespace={})
    x = np.asarray(made.group.x_)
    expected = 0.002 / (1 + 0.3 / 0.25**2)
    # The well flattens: a Gaussian force is weaker than its slope, by some per cent here.
    assert x.var() == pytest.approx(expected, rel=3 * np.sqrt(2 / 400) + 0.02)


def test_the_temperature_follows_the_power_with_kappa():
    # At x_0 and 0 V: T - T_0 falls by exp(-kappa t/tau_0).
    found = final(diffusive_langevin, "0*volt", 2e-6 * second, 1000, {"T": 1.005 * 1})["T"]
    assert found == pytest.approx(0.005 + np.exp(-1), rel=2e-3)


def test_the_scales_do_not_change_the_law():
    rate = diffusive_langevin.with_parameters(tau_0=1 * msecond).evaluate("T", v=0.3 * volt)
    assert float(rate) == pytest.approx(1e-3 * float(diffusive_langevin.evaluate("T", v=0.3 * volt)))
