"""The smooth two-state switch: where its folds lie, and how it goes to instant switching."""

import numpy as np
import pytest
from brian2 import metre, nsecond, second, volt, watt

from brianmem import find
from brianmem.models.targets.vanadium_dioxide_threshold import oscillators, period
from tests.physics.measured import final, order

DARK, BRIGHT = {}, {"light": 1000*watt/metre**2}
CASES = [("vanadium_dioxide_threshold", {}, DARK), ("gallium_selenide", {"a": 0.0}, DARK),
         ("gallium_selenide", {"a": 0.5}, DARK), ("neodymium_nickelate", {}, DARK),
         ("neodymium_nickelate", {}, BRIGHT)]


def rate(device, v, x, given):
    return np.asarray(device.evaluate("x", v=v*volt, x=x, **given))


@pytest.mark.parametrize(("name", "states", "inputs"), CASES)
def test_folds_lie_at_threshold_and_holding_voltage(name, states, inputs):
    device, given = find(name), states | inputs
    v_th = float(device.evaluate("V_th", **given)) if "V_th" in device.observables \
        else float(device.parameters["V_th"])
    x = np.linspace(0, 1, 4001)
    low, high = x < 0.3, x > 0.7
    hold = float(device.parameters["V_hold"])
    # Off exists up to V_th, on down to V_hold, and neither beyond.
    assert rate(device, v_th*0.999, x[low], given).min() < 0
    assert rate(device, v_th*1.001, x[low], given).min() > 0
    assert rate(device, hold*1.001, x[high], given).max() > 0
    assert rate(device, hold*0.999, x[high], given).max() < 0


@pytest.mark.parametrize("name", sorted({name for name, *_ in CASES}))
def test_ends_of_x_are_the_two_resistances(name):
    device = find(name)
    off = device.evaluate("R", x=0)
    expected = device.parameters.get("R_off", device.parameters.get("R_off0"))
    assert float(off) == pytest.approx(float(expected), rel=1e-12)
    assert float(device.evaluate("R", x=1)) == pytest.approx(float(device.parameters["R_on"]))


@pytest.mark.parametrize("name", [
    pytest.param(n, marks=() if n == "vanadium_dioxide_threshold" else pytest.mark.long)
    for n in sorted({name for name, *_ in CASES})])
def test_order_of_convergence(name):
    # Near the unstable state, where x is no mere sequence of saturated values.
    device = find(name)
    p = {k: float(v) for k, v in device.parameters.items()}
    middle = (p.get("V_th", p.get("V_th0")) + p["V_hold"])/2
    voltage = f"{middle}*volt*(1 + 0.01*sin(t/({p['tau_x']}*second)))"
    found = order(device, "x", voltage, p["tau_x"]*second, 20, {"x": 0.48}, method="rk4")
    assert found == pytest.approx(4, abs=0.5)


@pytest.mark.long
def test_threshold_rises_with_conduction_and_recovers():
    device = find("gallium_selenide")
    p = {k: float(v) for k, v in device.parameters.items()}
    used = final(device, "2*volt", 4000*nsecond, 8, {"x": 1.0})["a"]
    # At x = 1 the residue goes to its balance with the sum of both rates.
    speed = 1/p["tau_q"] + 1/p["tau_a"]
    assert used == pytest.approx((1 - np.exp(-4e-6*speed))/p["tau_q"]/speed, rel=1e-3)
    left = final(device, "0*volt", 1e6*nsecond, 20, {"a": 0.4})["a"]
    assert left == pytest.approx(0.4*np.exp(-1e-3/p["tau_a"]), rel=1e-4)


def test_light_beyond_the_limits_changes_nothing_more():
    device = find("neodymium_nickelate")
    light = np.array([-1.0, 0.0, 1e3, 1e9])*watt/metre**2
    v_th = np.asarray(device.evaluate("V_th", light=light))
    assert v_th[0] == v_th[1] == 1.2
    assert v_th[2] == v_th[3] > float(device.parameters["V_hold"])


@pytest.mark.long
def test_frequency_goes_to_that_of_instant_switching():
    # A fold passed at constant speed holds x up for a time that grows as tau_x**(2/3).
    exact = 1/period(6.0, 3e3)
    errors = [1 - oscillators(tau)[0]/exact for tau in (1.6, 0.2)]
    assert errors[1] < 0.01
    assert errors[0]/errors[1] == pytest.approx(8**(2/3), rel=0.15)
