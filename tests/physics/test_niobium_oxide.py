"""Volatile niobium oxide: it forgets by its closed form, and a read does not write."""

import numpy as np
import pytest
from brian2 import msecond, usecond, volt
from scipy.special import expi

from brianmem import find
from brianmem.models.targets.niobium_oxide import BLOCKED, recovery, relaxation
from tests.physics.measured import final, order

DEVICE = find("niobium_oxide")
P = {k: float(v) for k, v in DEVICE.parameters.items()}


@pytest.mark.parametrize(("start", "time"), [(0.9, 0.2), (0.9, 0.5), (0.2, 0.1)])
def test_relaxes_by_the_closed_form(start, time):
    left = final(DEVICE, "0*volt", time*msecond, 200, {"g": start})["g"]
    passed = P["tau_0"]*(expi(P["m"]*start) - expi(P["m"]*left))
    assert passed == pytest.approx(time*1e-3, rel=1e-6)


def test_small_conductance_forgets_with_tau_0():
    left = final(DEVICE, "0*volt", 0.1*msecond, 100, {"g": 1e-4})["g"]
    assert left == pytest.approx(1e-4*np.exp(-1), rel=1e-3)


def test_a_read_writes_next_to_nothing():
    voltage, width = DEVICE.operation["read"]
    assert final(DEVICE, f"{float(voltage)}*volt", width, 10)["g"] < 1e-5


@pytest.mark.long
def test_both_polarities_write_alike():
    ends = [final(DEVICE, f"{v}*volt", 30*usecond, 100)["g"] for v in (1.6, -1.6)]
    assert ends[0] == ends[1] > 0.2


@pytest.mark.long
def test_deeper_writing_blocks_for_longer_than_in_proportion():
    found = [recovery(v) for v in (1.3, 1.5, 2.0)]
    start, time = (np.array([row[k] for row in found]) for k in (0, 1))
    assert np.all(np.diff(time) > 0)
    # At one volatile speed the time would grow as the logarithm of the depth.
    assert np.all(np.diff(time/np.log(start/BLOCKED)) > 0)
    np.testing.assert_allclose(time, [relaxation(g) for g in start], rtol=1e-3)


def test_current_is_ohmic_between_the_two_conductances():
    g = np.array([0.0, 0.5, 1.0])
    current = np.asarray(DEVICE.evaluate("I", v=0.2*volt, g=g))
    np.testing.assert_allclose(current, 0.2*(P["G_off"] + (P["G_on"] - P["G_off"])*g), rtol=1e-12)


@pytest.mark.long
def test_order_of_convergence():
    found = order(DEVICE, "g", "1.5*volt*sin(2*pi*t/(100*usecond))", 50*usecond, 20, method="rk4")
    assert found == pytest.approx(4, abs=0.5)
