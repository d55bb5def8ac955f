"""The habituation synapse: closed form of the filament, compliance, recovery, convergence."""

import numpy as np
import pytest
from brian2 import msecond, second, uamp, volt

from brianmem.models.devices.lithium_silicate import lithium_silicate
from tests.physics.measured import final, order

HOT = lithium_silicate.with_parameters("Habituating")


def test_filament_follows_its_exponential_either_way():
    rate = 400 * np.expm1(0.5 / 0.3) / np.expm1(1 / 0.3)
    grown = final(lithium_silicate, "0.5*volt", 5 * msecond, 200, {"c": 0.1})["c"]
    assert grown == pytest.approx(1 - 0.9 * np.exp(-rate * 5e-3), rel=1e-6)
    erased = final(lithium_silicate, "-0.5*volt", 5 * msecond, 200, {"c": 0.9})["c"]
    assert erased == pytest.approx(0.9 * np.exp(-rate * 5e-3), rel=1e-6)


def test_compliance_limits_the_current_of_either_sign_and_the_heat():
    for v in (-1.0, 1.0):
        assert abs(float(HOT.evaluate("I", v=v * volt, c=1.0))) == pytest.approx(500e-6)
    assert float(HOT.evaluate("T", v=1 * volt, c=1.0)) == pytest.approx(800)
    cool = lithium_silicate.evaluate("T", v=1 * volt, c=1.0)
    assert float(cool) == pytest.approx(320)


def test_rupture_heals_at_its_rate_and_the_filament_stays():
    healed = final(HOT, "0*volt", 1 * second, 200, {"c": 1.0, "d": 0.8})
    rest = 40 / (1 + np.exp(10))  # what 300 K still ruptures
    expected = rest / (1 + rest) + (0.8 - rest / (1 + rest)) * np.exp(-(1 + rest))
    assert healed["d"] == pytest.approx(expected, rel=1e-6)
    assert healed["c"] == 1


@pytest.mark.parametrize(("v", "closes"), [(1.0, 0.1), (2.0, 78.677199)])
def test_field_closes_what_heat_ruptures(v, closes):
    """Held at the compliance the heat is constant, so the ruptured share is an exponential."""
    rate = np.array([40 / (1 + np.exp(-200 / 30)), 1 + closes])
    settled = rate[0] / rate.sum()
    found = final(HOT, f"{v}*volt", 5 * msecond, 200, {"c": 1.0, "d": 0.6})["d"]
    assert found == pytest.approx(settled + (0.6 - settled) * np.exp(-rate.sum() * 5e-3), rel=1e-5)
    assert (found < 0.6) == (v > 1)


def test_more_current_means_less_response():
    """Thompson and Spencer: the response falls, and more for the stronger stimulus."""
    left = [final(HOT.with_parameters(I_cc=i * uamp), "1*volt", 50 * msecond, 250)["d"]
            for i in (100, 350, 400, 500)]
    assert np.all(np.diff(left) > 0)
    assert left[0] < 0.01 < 0.5 < left[-1]


def test_order_four_under_a_smooth_drive():
    drive = "(0.35 + 0.05*sin(2*pi*t/(20*msecond)))*volt"
    for state, steps in (("c", 2), ("d", 16)):
        found = order(HOT, state, drive, 13 * msecond, steps, {"c": 0.3, "d": 0.1})
        assert found == pytest.approx(4, abs=0.5)
