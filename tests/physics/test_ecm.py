"""The metallisation cell: the ionic current as a root, kinetics, limits and nucleation."""

import numpy as np
import pytest
from brian2 import msecond, nsecond, second, usecond, volt
from scipy.optimize import brentq

from brianmem.flow import flow
from brianmem.models.devices.ecm import ecm, ecm_nucleation
from brianmem.models.targets.ecm import growth_time, nucleation_time
from tests.physics.measured import final, order

EMPTY = np.log(20)


def overpotential(u, alpha):
    """Invert u = exp(alpha*p) - exp(-(1 - alpha)*p)."""
    return brentq(lambda p: np.exp(alpha * p) - np.exp(-(1 - alpha) * p) - u, 0, 200, xtol=1e-13)


def current_density(v, x):
    """Return J (A/m2) at |v| and gap x (nm) by nested root finding, without resistances."""
    v_t = 1.380649e-23 * 298 / 1.602176634e-19

    def missing(log_u):
        u = np.exp(log_u)
        hop = 2 * x / 0.25 * np.arcsinh(u * 3.2e5 / 2.2e11)
        return overpotential(u, 0.3) + overpotential(u, 0.7) + hop - v / v_t

    return 3.2e5 * np.exp(brentq(missing, -40, 40, xtol=1e-13))


@pytest.mark.parametrize("v", [0.01, 0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("x", [0.5, 3.0, 20.0])
def test_ionic_current_is_the_root(v, x):
    ohmic = {name: 1e-9 * ecm.parameters[name] for name in ("R_s", "rho_fil")}
    free = ecm.with_parameters(**ohmic)
    for sign in (-1, 1):
        found = float(free.evaluate("J", v=sign * v * volt, y=np.log(x)))
        assert found == pytest.approx(sign * current_density(v, x), rel=1e-6)


def test_equal_interfaces_give_the_sinh_law():
    """alpha = 1/2 without hopping: J = 2 j0 sinh(zeV/4kT)."""
    half = ecm.with_parameters(alpha=0.5, j_hop=1e10 * ecm.parameters["j_hop"])
    v = np.array([-0.3, 0.01, 0.2, 0.6])
    v_t = 1.380649e-23 * 298 / 1.602176634e-19
    found = np.asarray(half.evaluate("J", v=v * volt, y=EMPTY))
    np.testing.assert_allclose(found, 2 * 3.2e5 * np.sinh(v / (4 * v_t)), rtol=1e-6)


def test_current_rises_with_voltage_and_vanishes_at_zero():
    y, v = np.linspace(*(float(b) for b in ecm.bounds["y"]), 31)[:, None], np.linspace(-2, 2, 81)
    current = np.asarray(ecm.evaluate("I", v=v * volt, y=y))
    assert np.all(np.isfinite(current))
    assert np.all(current[:, 40] == 0)
    assert np.all(np.diff(current, axis=1) > 0)
    np.testing.assert_allclose(current, -current[:, ::-1], rtol=1e-12)


def test_series_resistance_inside_takes_its_share():
    device = ecm.with_parameters(R_s=1e4 * ecm.parameters["R_s"])
    v, y = 0.5 * volt, np.log(0.3)
    current, gap = device.evaluate("I", v=v, y=y), device.evaluate("V_gap", v=v, y=y)
    assert float((v - gap) / current) == pytest.approx(float(device.evaluate("R", y=y)), rel=1e-9)
    assert abs(float(device.evaluate("residual", v=v, y=y))) < 1e-9


@pytest.mark.parametrize("v", [0.2, 0.6, 2.0])
def test_simulated_growth_takes_the_time_of_the_quadrature(v):
    y, energy = flow(ecm, v * volt, growth_time(v), [[EMPTY]])
    assert np.exp(y[0, 0]) == pytest.approx(1.0, abs=0.01)
    back, _ = flow(ecm, -v * volt, growth_time(v, 15, 1), [[y[0, 0]]])
    assert np.exp(back[0, 0]) == pytest.approx(15, abs=0.1)
    assert energy[0] > 0


def test_hopping_flattens_the_fast_end():
    slopes = [0.2 / np.log10(float(growth_time(v) / growth_time(v + 0.2))) for v in (0.4, 1.6)]
    assert slopes[0] == pytest.approx(0.281, abs=0.003)
    assert slopes[1] > 1.4 * slopes[0]


def test_the_gap_stops_at_contact():
    y, _ = flow(ecm, 0.4 * volt, 1e-3 * second, [[EMPTY]])
    assert np.exp(y[0, 0]) == pytest.approx(0.05)
    resistance = 1 / float(ecm.conductance(y=y[0, 0]))
    assert resistance == pytest.approx(43.54 + 1.6e-8 * 19.95e-9 / (np.pi * 4e-18) + 10, rel=1e-3)


def test_order_of_convergence():
    # Not a whole period, over which the error of a sum would cancel.
    smooth = "(0.3 + 0.1*sin(2*pi*t/(1700*nsecond)))*volt"
    assert order(ecm, "y", smooth, 400 * nsecond, 10, {"y": np.log(2)}, method="rk4") == \
        pytest.approx(4, abs=0.5)


def test_no_filament_before_the_nucleus():
    before, _ = flow(ecm_nucleation, 0.1 * volt, 16 * msecond, [[EMPTY], [0.0]])
    assert before[0, 0] == pytest.approx(EMPTY, abs=1e-12)
    assert before[1, 0] == pytest.approx(16 / 16.60476, rel=1e-4)
    delay = nucleation_time(0.1, 1 * msecond) + growth_time(0.1)
    for share in (0.998, 1.002):
        y, _ = flow(ecm_nucleation, 0.1 * volt, share * delay, [[EMPTY], [0.0]])
        assert bool(np.exp(y[0, 0]) < 1) is (share > 1)


def test_reset_dissolves_filament_and_nucleus():
    on, _ = flow(ecm_nucleation, 0.1 * volt, 20 * msecond, [[EMPTY], [0.0]])
    np.testing.assert_allclose(on[:, 0], [np.log(0.05), 1])
    short, _ = flow(ecm_nucleation, -0.1 * volt, 100 * usecond, on)
    assert np.exp(short[0, 0]) > 5
    assert short[1, 0] == 1
    off, _ = flow(ecm_nucleation, -0.1 * volt, 20 * msecond, on)
    np.testing.assert_allclose(off[:, 0], [EMPTY, 0], atol=1e-9)


def test_growth_limits_at_high_voltage():
    """At 0.4 V both devices follow the same gap."""
    one = final(ecm, "0.4*volt", 10 * usecond, 50, {"y": EMPTY})["y"]
    two = final(ecm_nucleation, "0.4*volt", 10 * usecond, 50)["y"]
    assert two == pytest.approx(one, abs=1e-3)
