"""Poole-Frenkel conduction with Joule heat: its limits, its threshold, and its cooling."""

import numpy as np
import pytest
from brian2 import Network, StateMonitor, kelvin, kohm, nsecond, usecond, volt

from brianmem import find
from brianmem.ode import ode_group
from tests.physics.measured import final, order

DEVICE = find("niobium_dioxide_poole_frenkel")
P = {k: float(v) for k, v in DEVICE.parameters.items()}


def exact_current(v, temperature):
    """Return I as the law is printed, with F = v/d and energies over the elementary charge."""
    field, thermal = v/P["d"], P["k_B"]*temperature
    y = P["omega"]*np.sqrt(field)/thermal
    bracket = (thermal/P["omega"])**2*(1 + (y - 1)*np.exp(y)) + field/2
    return P["sigma_0"]*P["A"]*np.exp(-P["E_a"]/thermal)*bracket


@pytest.mark.parametrize("v", [0.01, 0.1, 0.5, 0.9, 2.0])
@pytest.mark.parametrize("temperature", [300.0, 400.0, 900.0])
def test_current_is_the_law_as_printed(v, temperature):
    current = DEVICE.evaluate("I", v=v*volt, T=temperature*kelvin)
    assert float(current) == pytest.approx(exact_current(v, temperature), rel=1e-8)
    back = DEVICE.evaluate("I", v=-v*volt, T=temperature*kelvin)
    assert float(back) == -float(current)


def test_current_is_ohmic_at_low_field():
    ohmic = P["sigma_0"]*P["A"]/P["d"]*np.exp(-P["E_a"]/(P["k_B"]*300))
    for v in (1e-9, 1e-7, 1e-6):
        assert float(DEVICE.evaluate("I", v=v*volt)) == pytest.approx(ohmic*v, rel=5e-3)


def test_cools_with_the_thermal_time_constant():
    end = final(DEVICE, "0*volt", 1*nsecond, 5, {"T": 500*kelvin})["T"]
    assert end - 300 == pytest.approx(200*np.exp(-1e-9/(P["R_th"]*P["C_th"])), rel=1e-5)


@pytest.mark.parametrize(("height", "runs_away"), [(0.90, False), (0.93, True)])
def test_runs_away_only_above_the_threshold(height, runs_away):
    end = final(DEVICE, f"{height}*volt", 60*nsecond, 60)["T"]
    assert (end > 1000) == runs_away
    if not runs_away:
        assert 350 < end < 400


def test_slow_ramp_behind_a_resistor_shows_negative_differential_resistance():
    made = ode_group(DEVICE, 1, "2*volt*t/usecond", dt=5*nsecond, target="numpy",
                     series_resistance=10*kohm)
    monitor = StateMonitor(made.group, ("v", "I"), record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(1*usecond, namespace={})
    v, current = monitor.v_[0], monitor.I_[0]
    top = np.argmax(v)
    assert v[top] == pytest.approx(0.912, abs=0.01)
    assert current[top] == pytest.approx(78e-6, rel=0.1)
    # More current at less voltage: without the resistor the device would jump here.
    assert len(v) - top > 20
    assert np.all(np.diff(v[top + 3:]) < 0)
    assert np.all(np.diff(current[top:]) > 0)


@pytest.mark.long
def test_order_of_convergence():
    found = order(DEVICE, "T", "0.95*volt*sin(2*pi*t/(8*nsecond))**2", 2*nsecond, 20, method="rk4")
    assert found == pytest.approx(4, abs=0.5)
