"""The metastable switch against its closed form at constant voltage."""

import numpy as np
import pytest
from brian2 import msecond, second, volt

from brianmem import PulseMap
from brianmem.models.devices.metastable_switch import metastable_switch
from tests.physics.measured import final, order

V_T = 1.380649e-23 * 298.5 / 1.602176634e-19


def probabilities(v):
    return 1 / (1 + np.exp(-(v - 0.27) / V_T)), 1 - 1 / (1 + np.exp(-(v + 0.27) / V_T))


def after(x, v, t):
    """Return X after `t` seconds at constant voltage, exactly."""
    on, off = probabilities(v)
    rest = on / (on + off)
    return rest + (x - rest) * np.exp(-(on + off) * t / 1e-4)


@pytest.mark.parametrize(("x", "v", "t"), [(0, 0.2, 1e-3), (0.3, 0.5, 1e-4), (0.9, -0.25, 5e-4),
                                           (1, 0, 1.0), (0.2, 0.1, 0.05)])
def test_constant_voltage_follows_the_closed_form(x, v, t):
    found = final(metastable_switch, f"({v})*volt", t * second, 400, {"X": x})["X"]
    assert found == pytest.approx(after(x, v, t), rel=1e-7)


def test_balance_of_the_two_directions():
    v = np.linspace(-0.6, 0.6, 13)
    on, off = (np.asarray(metastable_switch.evaluate(k, v=v * volt)) for k in ("p_on", "p_off"))
    np.testing.assert_allclose(on, probabilities(v)[0], rtol=1e-10)
    np.testing.assert_allclose(off, probabilities(v)[1], rtol=1e-5, atol=1e-14)
    np.testing.assert_allclose(on, off[::-1], rtol=1e-12)


def test_current_of_both_parts():
    v = np.array([-0.3, 0, 0.4])
    ohmic = v * (0.25 / 500 + 0.75 / 1500)
    found = np.asarray(metastable_switch.evaluate("I", v=v * volt, X=0.25))
    np.testing.assert_allclose(found, ohmic, rtol=1e-12)
    mixed = metastable_switch.with_parameters("schottky")
    found = np.asarray(mixed.evaluate("I", v=v * volt, X=0.25))
    np.testing.assert_allclose(found, 0.8 * ohmic + 0.2 * 2 * 8e-4 * np.sinh(4 * v), rtol=1e-12)


def test_extreme_voltages_stay_finite():
    with np.errstate(over="ignore"):
        rates = metastable_switch.evaluate("X", v=np.array([-30, 30]) * volt, X=0.5)
    np.testing.assert_allclose(np.asarray(rates), [-5e3, 5e3])


@pytest.mark.parametrize("kind", ["set", "reset"])
def test_pulse_map_is_the_closed_form_and_a_useful_step(kind):
    voltage, width = metastable_switch.operation[kind]
    made = PulseMap.from_device(metastable_switch, voltage, width)
    assert made.rate is not None
    x = np.linspace(0, 1, 101)
    np.testing.assert_allclose(made.step(x), after(x, float(voltage), float(width)), atol=1e-12)
    assert 0.01 < np.max(np.abs(made.step(x) - x)) < 0.05
    assert made.error(pulses=100, copies=21) < 1e-9


def test_order_of_convergence():
    sweep = "0.3*volt*sin(2*pi*t/(2*msecond))"
    assert order(metastable_switch, "X", sweep, 0.7 * msecond, 20) == pytest.approx(4, abs=0.4)
