"""Selectors and the silver-silica switch: closed forms and order of convergence."""

import numpy as np
import pytest
from brian2 import nsecond, second, usecond

from brianmem.models.devices.selector import selector
from brianmem.models.devices.silver_silica import silver_silica
from brianmem.models.devices.stochastic_switch import stochastic_switch
from tests.physics.measured import final, order


@pytest.mark.parametrize(("device", "state", "voltage", "duration", "nominal"), [
    (selector, "s", "(0.3 + 0.0004*sin(2*pi*t/(100*nsecond)))*volt", 100 * nsecond, 4),
    (silver_silica, "x", "(0.45 + 0.05*sin(2*pi*t/(10*usecond)))*volt", 7 * usecond, 4)])
def test_order_of_the_smooth_law(device, state, voltage, duration, nominal):
    assert order(device, state, voltage, duration, 20, method="rk4") == pytest.approx(nominal, abs=0.5)


@pytest.mark.parametrize("v", [0.4, -0.4])
def test_selector_forms_and_breaks_exponentially(v):
    formed = final(selector, f"({v})*volt", 45 * nsecond, 100)["s"]
    assert formed == pytest.approx(1 - np.exp(-45 / 30), rel=1e-6)
    broken = final(selector, "0*volt", 150 * nsecond, 100, {"s": 1})["s"]
    assert broken == pytest.approx(np.exp(-1.5), rel=1e-6)


@pytest.mark.long
def test_selector_keeps_its_state_between_the_thresholds():
    for start in (0, 0.4, 1):
        assert final(selector, "0.2*volt", 10 * usecond, 100, {"s": start})["s"] == start


def test_selector_conducts_in_quanta():
    for n in (1, 2, 5):
        on = selector.with_parameters("Song2023", n=n, s=1).conductance()
        assert float(on) == pytest.approx(n * 7.748091729e-5, rel=1e-12)


def test_selector_is_stable_at_any_step_of_the_error_controlled_method():
    found = final(selector, "0.5*volt*int(t < 5*usecond)", 10 * usecond, 4, method="adaptive")["s"]
    assert found == pytest.approx(np.exp(-50), abs=1e-6)


def test_silver_relaxes_exponentially():
    found = final(silver_silica, "0*volt", 100 * usecond, 50, {"x": 0.4})["x"]
    rise, fall = 1 / 78.6e-3, 1e4
    settled = rise / (rise + fall)
    assert found == pytest.approx(settled + (0.4 - settled) * np.exp(-(rise + fall) * 1e-4), rel=1e-4)


def test_silver_bridge_holds_above_its_hold_voltage_only():
    held, lost = (final(silver_silica, f"{v}*volt", 1e-3 * second, 100, {"x": 1})["x"]
                  for v in (0.06, 0.04))
    assert held > 0.5 > lost


def test_switch_adds_up_the_hazard_of_any_waveform():
    # A ramp of the voltage: the integral of exp(V/V_0)/tau_0, while nothing has switched.
    found = final(stochastic_switch, "2.5*volt*t/(10*msecond)", 0.01 * second, 200, {"h_c": 50})["h"]
    exact = 0.16 / 250 / 2.5e5 * np.expm1(2.5 / 0.16)
    assert found == pytest.approx(exact, rel=1e-4)
