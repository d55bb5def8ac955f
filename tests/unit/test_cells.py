"""Cells against closed forms, against the options of protocols, and by their residual."""

import pickle

import numpy as np
import pytest
from brian2 import amp, kohm, metre, nsecond, ohm, second, siemens, uamp, usiemens, volt

from brianmem import Device, PulseMap, Transient, check_device, find
from brianmem.cells import (
    complementary_pair,
    half_selected,
    one_selector,
    one_transistor,
    with_compliance,
    with_series_resistor,
    xnor_column,
)
from brianmem.errors import DeviceError, InputError
from brianmem.flow import flow

DRIFT, GAP, VTEAM = find("linear_ion_drift"), find("stanford_pku"), find("vteam")
# 80 pieces, so that current and energy are recorded densely.
WAVE = np.interp(np.arange(81), np.arange(0, 90, 10), [0, 1, 2, 2, 1, 0, -1, -0.5, 0]) * volt


def sinh(V_0, scale):
    """A device without state whose current grows e-fold in V_0."""
    return Device(name="sinh", equations="I = I_0*sinh(v/V_0) : amp",
                  parameters={"I_0": scale*amp, "V_0": V_0*volt})


@pytest.mark.parametrize(("device", "R", "duration", "steps"), [
    (DRIFT, 5*kohm, 1*second, 320), (GAP, 500*ohm, 30*nsecond, 80)], ids=["linear", "solved"])
def test_series_resistor_is_the_option_of_a_protocol(device, R, duration, steps):
    dt = duration / steps
    options = {"duration": duration, "dt": dt}
    cell = Transient(WAVE, **options).run(with_series_resistor(device, R))
    option = Transient(WAVE, series_resistance=R, **options).run(device)
    for name in ("I", *device.states):
        scale = np.ptp(np.asarray(option[name]))
        assert scale > 0
        np.testing.assert_allclose(np.asarray(cell[name]), np.asarray(option[name]),
                                   rtol=0, atol=1e-6 * scale)
    # The energy of the cell is that of device and resistor.
    lost = float(R) * np.trapezoid(np.asarray(option["I"])**2, np.asarray(option["t"]))
    both = float(option["energy"][-1]) + lost
    assert float(cell["energy"][-1]) == pytest.approx(both, rel=0.02)


@pytest.mark.parametrize("scale", 10.0**np.arange(-15, 3, 3))
@pytest.mark.parametrize("V_0", [0.1, 0.25])
def test_residual_of_the_solved_voltage(V_0, scale):
    v = np.array([-5, -1, -1e-3, 1e-6, 0.01, 0.1, 0.5, 1, 2, 5.0])
    device, R, limit = sinh(V_0, scale), 1e3, 1e-4
    cell = with_series_resistor(device, R*ohm)
    inner, current = (np.asarray(cell.evaluate(n, v=v*volt)) for n in ("v_m", "I"))
    np.testing.assert_allclose(inner + R * current, v, rtol=1e-9)
    limited = with_compliance(device, limit*amp)
    inner, current = (np.asarray(limited.evaluate(n, v=v*volt)) for n in ("v_m", "I"))
    alone = np.asarray(device.evaluate("I", v=v*volt))
    np.testing.assert_allclose(np.abs(current), np.minimum(np.abs(alone), limit), rtol=1e-9)
    np.testing.assert_allclose(inner[np.abs(alone) < 0.99 * limit],
                               v[np.abs(alone) < 0.99 * limit], rtol=1e-9)


def test_no_voltage_no_current():
    for cell in (with_series_resistor(GAP, 1*kohm), with_compliance(GAP, 1*uamp)):
        assert cell.evaluate("I") == 0*amp
        assert cell.evaluate("v_m") == 0*volt


def test_compliance_of_a_linear_device_is_the_clip_of_its_voltage():
    cell = with_compliance(VTEAM, 100*uamp)
    v = np.array([-1, -0.01, 0.05, 2]) * volt
    expected = np.clip(np.asarray(v), -100e-6 * 50, 100e-6 * 50)
    np.testing.assert_allclose(np.asarray(cell.evaluate("v_m", v=v)), expected)


def test_compliance_acts_on_the_physics_not_on_the_record():
    """A SET behind a limit stops where the device's voltage falls to its threshold."""
    cell = with_compliance(VTEAM, 0.4e-3*amp, polarity="set")
    (w,), _ = flow(cell, -1*volt, 1e-6*second, [[3e-9]])
    assert VTEAM.conductance(w=w[0]*metre) / siemens == pytest.approx(0.4e-3 / 0.2, rel=0.02)
    (free,), _ = flow(VTEAM, -1*volt, 1e-6*second, [[3e-9]])
    assert free[0] == 0
    # RESET is not limited.
    assert cell.evaluate("v_m", v=1*volt) == 1*volt


@pytest.mark.parametrize("make", [
    lambda: with_series_resistor(DRIFT, 1*kohm), lambda: with_compliance(VTEAM, 1e-3*amp),
    lambda: one_transistor(VTEAM, 0.01*amp/volt**2, 0.4*volt, 1*volt),
    lambda: one_selector(VTEAM, Device(name="load", equations="I = v/R : amp",
                                       parameters={"R": 20*ohm})),
    lambda: complementary_pair(DRIFT)],
    ids=["series", "compliance", "1t1r", "1s1r", "pair"])
def test_a_cell_is_a_device(make):
    cell = make()
    report = check_device(cell)
    assert {"passivity", "convergence", "operation", "seed"} <= set(report.passed)
    assert pickle.loads(pickle.dumps(cell)) == cell
    assert cell.evidence["parameters"].kind == "proposed"


def test_cells_stand_in_cells_and_names_do_not_clash():
    twice = with_series_resistor(with_series_resistor(DRIFT, 1*kohm), 2*kohm)
    once = with_series_resistor(DRIFT, 3*kohm)
    assert twice.evaluate("I", v=1*volt) / amp == pytest.approx(
        once.evaluate("I", v=1*volt) / amp)
    assert {"v_m", "v_m_cell"} <= set(twice.observables)
    assert {"R_series", "R_series_cell"} <= set(twice.parameters)


def test_a_solved_cell_around_a_solved_cell_is_refused():
    cell = with_series_resistor(GAP, 1*kohm)
    with pytest.raises(InputError, match=r"too long .* brianmem\.cells"):
        with_series_resistor(cell, 1*kohm)


def test_pulse_map_of_a_solved_cell_is_that_behind_the_resistance():
    voltage, width, resistance = GAP.operation["set"]
    cell = PulseMap.from_device(with_series_resistor(GAP, resistance), voltage, width, points=32)
    option = PulseMap.from_device(GAP, voltage, width, points=32, series_resistance=resistance)
    np.testing.assert_allclose(cell.table, option.table, atol=1e-7)
    assert np.ptp(cell.table) > 0.1


class TestTransistor:
    # k (V_g - V_t) from 0.1 to 0.9 mA: conductances from 0.5 to 4.5 mS at the 0.2 V of v_on.
    CELL = one_transistor(find("vteam").with_parameters(R_off=10*kohm), 1e-3*siemens, 0.5*volt,
                          1*volt, saturation="velocity")
    GATES = np.linspace(0.7, 1.4, 8)

    def program(self, V_g, w=1.0):
        """RESET with the gate open, then SET: the first of two pulses does not have to finish."""
        cell = self.CELL.with_parameters(V_g=V_g*volt)
        (x,), _ = flow(cell, 0.5*volt, 300*nsecond, [[w * 1e-9]], tolerance=1e-6)
        (x,), _ = flow(cell, -1*volt, 1000*nsecond, [x], tolerance=1e-6)
        return float(cell.evaluate("I", v=-0.01*volt, w=x[0]*metre) / (-0.01*volt)), x[0] * 1e9

    def test_conductance_is_linear_in_the_gate_voltage(self):
        G = np.array([self.program(V_g)[0] for V_g in self.GATES])
        fit = np.polyfit(self.GATES, G, 1)
        residual = G - np.polyval(fit, self.GATES)
        assert 1 - np.sum(residual**2) / np.sum((G - G.mean())**2) > 0.98
        np.testing.assert_allclose(G, 1e-3 * (self.GATES - 0.5) / 0.2, rtol=0.05)

    def test_potentiation_and_depression_superpose(self):
        """Two pulses per step: the curves depend on the gate alone, not on the way there."""
        up, down, w = [], [], 3.0
        for V_g in self.GATES:
            G, w = self.program(V_g, w)
            up.append(G)
        for V_g in self.GATES[::-1]:
            G, w = self.program(V_g, w)
            down.append(G)
        assert up[-1] > 3 * up[0]
        np.testing.assert_allclose(down[::-1], up, rtol=0.01)

    def test_square_law_and_closed_gate(self):
        cell = one_transistor(VTEAM, 2e-3*amp/volt**2, 0.5*volt, 1.5*volt)
        assert cell.evaluate("I", v=-1*volt) / amp == pytest.approx(-1e-3)
        assert abs(cell.with_parameters(V_g=0.2*volt).evaluate("I", v=-1*volt)) < 1e-14*amp
        assert cell.with_parameters(V_g=0.2*volt).evaluate("I", v=1*volt) / amp == \
            pytest.approx(1 / 50)

    def test_the_spread_of_the_limit_is_that_of_the_conductance(self):
        """sigma(G)/G = sigma(I_cc)/I_cc, because G = I_cc/V_stop."""
        gates = 1.0 + 0.02 * np.array([-1, 0, 1])
        G = np.array([self.program(V_g)[0] for V_g in gates])
        assert (G[2] - G[0]) / G[1] == pytest.approx(0.04 / 0.5, rel=0.05)


class TestSelector:
    def test_linear_selector_is_a_divider(self):
        load = Device(name="load", equations="I = v/R : amp", parameters={"R": 150*ohm})
        cell = one_selector(VTEAM, load)
        assert cell.evaluate("I", v=0.1*volt) / amp == pytest.approx(0.1 / 200)
        assert "selector_R" in cell.parameters

    def test_nonlinear_selector_carries_the_same_current(self):
        cell = one_selector(VTEAM, sinh(0.05, 1e-9))
        v = np.array([-1.5, -0.3, 0.1, 0.4, 1.5])
        for name in ("I", "selector_I"):
            found = np.asarray(cell.evaluate(name, v=v*volt))
            assert np.all(np.sign(found) == np.sign(v))
        np.testing.assert_allclose(np.asarray(cell.evaluate("I", v=v*volt)),
                                   np.asarray(cell.evaluate("selector_I", v=v*volt)), rtol=1e-8)

    def test_selector_suppresses_the_half_selected_current(self):
        cell = one_selector(VTEAM, sinh(0.05, 1e-9))
        full, half = (float(cell.evaluate("I", v=v*volt)) for v in (0.8, 0.4))
        assert full / half > 100
        assert float(VTEAM.evaluate("I", v=0.8*volt) / VTEAM.evaluate("I", v=0.4*volt)) == 2


@pytest.mark.parametrize(("make", "fault"), [
    (lambda: with_series_resistor(DRIFT, 0*ohm), "R must be positive"),
    (lambda: with_series_resistor(DRIFT, 1*volt), "R must be in ohm"),
    (lambda: with_series_resistor("vteam", 1*ohm), "made from a Device"),
    (lambda: with_compliance(DRIFT, [1, 2]*amp), "one finite value"),
    (lambda: with_compliance(DRIFT, 1*amp, "reset"), "polarity must be both or set"),
    (lambda: with_compliance(sinh(1, 1), 1*amp, "set"), "needs operation"),
    (lambda: one_transistor(VTEAM, 1*siemens, 0*volt, 1*volt), "k must be in amp/volt"),
    (lambda: one_transistor(VTEAM, 1*siemens, 0*volt, 1*volt, "cubic"), "square or velocity"),
    (lambda: one_selector(VTEAM, 5), "joins two Devices"),
    (lambda: complementary_pair(sinh(1, 1)), "one bounded state"),
    (lambda: xnor_column(VTEAM, [2], [0]), "0 or 1"),
    (lambda: half_selected("V/4", 8), "V/2 or V/3"),
])
def test_bad_input_is_refused(make, fault):
    with pytest.raises(DeviceError, match=fault):
        make()


def test_gate_needs_its_name():
    device = Device(name="d", equations="I = v*V_g/R/volt : amp",
                    parameters={"V_g": 1*volt, "R": 1*ohm})
    with pytest.raises(DeviceError, match="'V_g' is the gate"):
        one_transistor(device, 1*siemens, 0*volt, 1*volt, "velocity")


def test_conductance_of_a_cell_is_read_through_it():
    cell = with_series_resistor(DRIFT, 1*kohm)
    bare = DRIFT.conductance()
    assert cell.conductance() / usiemens == pytest.approx(float(1 / (1 / bare + 1*kohm)) * 1e6)
