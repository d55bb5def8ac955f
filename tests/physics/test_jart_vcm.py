"""JART VCM v1b: the solved current, and simulated kinetics against quadrature."""

import numpy as np
import pytest
from brian2 import mA, mV, usecond, volt
from scipy.optimize import brentq

from brianmem.flow import flow
from brianmem.models.devices.jart_vcm import jart_vcm, jart_vcm_implicit
from brianmem.models.targets.jart_vcm import time_between
from tests.physics.measured import final, order

BOTH = pytest.mark.parametrize("device", [jart_vcm, jart_vcm_implicit], ids=str)


def carried(i, v, n):
    """Return the barrier's current (A) at total current i, written as in Bengel 2020."""
    p = {k: float(q) for k, q in jart_vcm_implicit.parameters.items()}
    q, kb, density, area = p["q"], p["k_B"], n * 1e26, np.pi * p["r_disc"]**2
    line = p["R_TiOx"] + p["R_0"] * (1 + p["R_0"] * p["alpha_line"] * i**2 * p["R_th_line"])
    ohms = (p["l_disc"] / density + (p["l_cell"] - p["l_disc"]) / 2e27) / (2 * q * p["mu"] * area)
    v_s, heat = v - i * (ohms + line), p["R_th"] * (1 if v < 0 else p["s_th"])
    kt = kb * (p["T_0"] + i * (v - i * line) * heat)
    lowering = (q**3 * 2 * density * max(0.08 - v_s, 0) / (8 * np.pi**2 * p["eps_b"]**3))**0.25
    phi = max(0.18 - lowering, 0)
    scale = area * p["A_star"] * kt / kb
    if v > 0:
        return scale * kt / kb * np.exp(-q * phi / kt) * (np.exp(q * v_s / kt) - 1)
    w00 = q * p["h"] / (4 * np.pi) * np.sqrt(2 * density / (p["m_eff"] * p["eps"]))
    w0, xi = w00 / np.tanh(w00 / kt), w00 / (w00 / kt - np.tanh(w00 / kt))
    root = np.sqrt(np.pi * w00 * q * (abs(v_s) + phi / np.cosh(w00 / kt)**2))
    return -scale / kb * root * np.exp(-q * phi / w0) * (np.exp(q * abs(v_s) / xi) - 1)


@pytest.mark.parametrize("v", [-1.5, -0.6, -0.2, -0.02, 0.02, 0.3, 0.8, 1.5])
@pytest.mark.parametrize("n", [0.008, 0.05, 0.7, 20])
def test_current_is_the_root(v, n):
    found = float(jart_vcm_implicit.evaluate("I", v=v * volt, y=np.log(n)))
    ends = sorted((found * 0.999, found * 1.001))
    assert brentq(lambda i: carried(i, v, n) - i, *ends, xtol=1e-20) == pytest.approx(found, rel=1e-9)


def test_current_falls_through_the_origin_and_stays_finite():
    n = np.geomspace(0.008, 20, 41)[:, None]
    v = np.array([-3, -1e-3, -1e-6, 0, 1e-6, 1e-3, 3])
    for device in (jart_vcm, jart_vcm_implicit):
        current = np.asarray(device.evaluate("I", v=v * volt, y=np.log(n)))
        assert np.all(np.isfinite(current))
        assert np.all(current[:, 3] == 0)
        assert np.all(np.diff(current, axis=1) > 0)


def test_solution_at_low_voltage_has_the_smallest_barrier_voltage():
    """Three roots at 0.1 V: the device follows the largest current."""
    i = np.linspace(1e-7, 7e-5, 4000)
    miss = np.array([carried(x, 0.1, 5) - x for x in i])
    roots = i[:-1][np.diff(np.sign(miss)) != 0]
    assert len(roots) == 3
    found = float(jart_vcm_implicit.evaluate("I", v=0.1 * volt, y=np.log(5)))
    assert found == pytest.approx(roots[-1], abs=i[1] - i[0])


def test_fit_is_too_low_from_high_resistance():
    low = [float(d.evaluate("I", v=-0.2 * volt, y=np.log(0.008)) / mA)
           for d in (jart_vcm, jart_vcm_implicit)]
    assert low[0] / low[1] == pytest.approx(0.54, abs=0.01)
    assert time_between("jart_vcm", -0.45, 0.01, 5) / \
        time_between("jart_vcm_implicit", -0.45, 0.01, 5) == pytest.approx(7.1, abs=0.1)


@BOTH
@pytest.mark.parametrize(("v", "start", "end"), [(-0.6, 0.01, 1.0), (0.8, 2.0, 0.1)])
def test_simulated_switching_takes_the_time_of_the_quadrature(device, v, start, end):
    """Within 0.1 %; SET runs away in the last millionth of its time."""
    duration = time_between(device.name, v, start, end)
    sign = np.sign(end - start)
    for share in (0.999, 1.001):
        y, energy = flow(device, v * volt, share * duration, [[np.log(start)]])
        assert sign * (y[0, 0] - np.log(end)) * (share - 1) > 0
        assert energy[0] > 0


@BOTH
def test_set_is_abrupt_and_reset_gradual(device):
    wait = [float(time_between(device.name, -0.6, *ends)) for ends in ((0.01, 0.1), (0.1, 1))]
    assert wait[1] < 1e-5 * wait[0]
    fall = [float(time_between(device.name, 0.8, *ends)) for ends in ((5, 2), (2, 1))]
    assert fall[0] > 50 * fall[1]


@BOTH
def test_states_stay_where_the_room_ends(device):
    for v, y in ((-0.8, device.bounds["y"][1]), (1.2, device.bounds["y"][0])):
        assert abs(float(device.evaluate("y", v=v * volt, y=y))) < 1e-3
        assert float(device.evaluate("T", v=v * volt, y=y)) > 293


@BOTH
def test_order_of_convergence(device):
    smooth = "(-0.38 - 0.02*sin(2*pi*t/(10*usecond)))*volt"
    assert order(device, "y", smooth, 10 * usecond, 20, {"y": np.log(0.3)}, method="rk4") == \
        pytest.approx(4, abs=0.5)


def test_pulse_of_aihwkit_is_gradual_only_in_the_middle():
    """1 us at -342 mV: percents at n = 0.3, nothing from 0.01."""
    g = []
    for n in (0.01, 0.3):
        y = final(jart_vcm, "-0.342*volt", 1 * usecond, 8, {"y": np.log(n)}, method="rk4")["y"]
        before, after = (jart_vcm.conductance(200 * mV, y=x) for x in (np.log(n), y))
        g.append(float(after / before) - 1)
    assert 0 < g[0] < 1e-9
    assert g[1] == pytest.approx(0.0116, abs=5e-4)
