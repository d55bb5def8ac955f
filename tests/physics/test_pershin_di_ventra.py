"""Pershin and Di Ventra against the closed form and the XSPICE code model of ngspice."""

from pathlib import Path

import numpy as np
import pytest
from brian2 import kohm, nsecond, ohm, psecond, second, volt

from brianmem import PulseMap, PulseTrain, Transient
from brianmem.models.devices.pershin_di_ventra import pershin_di_ventra
from tests.physics.measured import final, order

REFERENCE = Path(__file__).parent / "against_ngspice" / "pershin_di_ventra.csv"


@pytest.mark.parametrize("v", [-3, -1.7, 2, 3])
def test_constant_voltage_is_a_constant_rate(v):
    rate = 2e12 * (abs(v) - 1.6) * np.sign(v)
    time = 2000 / abs(rate)
    found = final(pershin_di_ventra, f"({v})*volt", time * second, 20, {"R": 5 * kohm})["R"]
    assert found == pytest.approx(5000 + 2000 * np.sign(v), rel=1e-9)


def test_below_the_threshold_only_alpha_moves():
    frozen = final(pershin_di_ventra, "1.59*volt", 100 * nsecond, 100, {"R": 5 * kohm})["R"]
    assert frozen == pytest.approx(5000, abs=1e-6)
    slow = pershin_di_ventra.with_parameters(alpha=1e11 * ohm / volt / second)
    assert final(slow, "1*volt", 10 * nsecond, 100, {"R": 5 * kohm})["R"] == pytest.approx(6000)
    # Above it both: alpha*V_t + beta*(v - V_t).
    assert float(slow.evaluate("R", v=2 * volt)) == pytest.approx(1e11 * 1.6 + 2e12 * 0.4)


def test_agrees_with_the_code_model_of_ngspice():
    """The current is that of ngspice's code model, the resistance that of the equations there."""
    t, kiloohm, current = np.loadtxt(REFERENCE, delimiter=",", skiprows=1).T
    result = Transient("3*volt*sin(2*pi*t/(10*nsecond))", duration=20 * nsecond).run(pershin_di_ventra)
    ours = [np.interp(t, np.asarray(result["t"]), np.asarray(result[k])) for k in ("R", "I")]
    assert np.ptp(kiloohm) > 5
    np.testing.assert_allclose(ours[0], 1e3 * kiloohm, rtol=1e-4)
    np.testing.assert_allclose(ours[1], current, atol=1e-4 * np.abs(current).max())


@pytest.mark.parametrize("kind", ["set", "reset"])
def test_pulses_are_useful_steps(kind):
    voltage, width = pershin_di_ventra.operation[kind]
    made = PulseMap.from_device(pershin_di_ventra, voltage, width)
    x = np.linspace(0.1, 0.9, 9)
    np.testing.assert_allclose(made.step(x) - x, np.sign(float(voltage)) * 280 / 9000, rtol=1e-6)
    assert made.error(pulses=100, copies=21) < 1e-9


def test_pulse_train_goes_up_and_down():
    g = np.asarray(PulseTrain(count=5).run(pershin_di_ventra)["pulse_conductance"])
    assert np.all(np.diff(g[:6]) > 0)
    assert np.all(np.diff(g[5:]) < 0)
    assert g[-1] == pytest.approx(g[0], rel=1e-6)


@pytest.mark.long
def test_order_of_convergence():
    # Above the threshold the rate is smooth; across it the kink leaves order 2.
    smooth = "(2.5 + 0.3*sin(2*pi*t/nsecond))*volt"
    assert order(pershin_di_ventra, "R", smooth, 0.7 * nsecond, 8, {"R": 5 * kohm}) == \
        pytest.approx(4, abs=0.4)
    across = "3*volt*sin(2*pi*t/(10*nsecond))"
    errors = [abs(final(pershin_di_ventra, across, 2500 * psecond, steps)["R"] - 9942.772913)
              for steps in (37, 592)]
    assert np.log2(errors[0] / errors[1]) / 4 > 1
