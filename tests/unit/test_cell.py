"""The cell voltage behind a series resistance and a compliance, against its definition."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, kohm, mA, ms, ohm, second, volt
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from scipy.optimize import brentq

from brianmem.cell import (
    cell_voltage_function,
    cell_voltage_line,
    cell_voltage_numpy,
    linear_conductance,
)
from brianmem.device import Device
from brianmem.errors import InputError
from brianmem.ode import ode_group

LINEAR = Device(name="linear", equations="""
    dx/dt = -x/tau : 1
    R = R_on*x + R_off*(1 - x) : ohm
    I = v/R : amp""", parameters={"tau": 1 * second, "R_on": 1 * kohm, "R_off": 100 * kohm},
    initial={"x": 0.5}, bounds={"x": (0, 1)})
# Parameter names that a template may use itself, and every function with its own C++ form.
TUNNEL = Device(name="tunnel", equations="""
    dx/dt = -x/tau : 1
    I = I0*exp(-b*x)*sinh(clip(v/a, -600, 600))*(1 + int(x > 0.5)*abs(sign(x))**c) : amp""",
    parameters={"tau": 1 * second, "I0": 1 * mA, "b": 4.0, "a": 0.25 * volt, "c": 1.5},
    initial={"x": 0.5}, bounds={"x": (0, 1)})
DIODES = Device(name="diodes", equations="""
    dx/dt = -x/tau : 1
    I = (I0 + I1*x)*(exp(s*v) - exp(-2*s*v)) : amp""",
    parameters={"tau": 1 * second, "I0": 1e-6 * mA, "I1": 1 * mA, "s": 3 / volt},
    initial={"x": 0.5}, bounds={"x": (0, 1)})


def numbers(device):
    """Return a plain current(v, x) and the arguments of the solver after x."""
    names = [n for n in device.namespace if n in device.equations and n != "tau"]
    values = [float(device.namespace[n]) for n in names]
    return lambda v, x: np.asarray(device.evaluate("I", v=v * volt, x=x)), values


@pytest.mark.parametrize("device", [TUNNEL, DIODES], ids=str)
@pytest.mark.parametrize("r", [10.0, 2e3, 1e6])
def test_root_agrees_with_brentq(device, r):
    current, values = numbers(device)
    solve = cell_voltage_numpy(device)
    for v in (-2.0, -0.3, 0.05, 1.6):
        expected = np.sign(v) * brentq(
            lambda u, v=v: u + r * abs(current(np.sign(v) * u, 0.3)) - abs(v), 0, abs(v),
            xtol=1e-300, rtol=8.9e-16)
        np.testing.assert_allclose(solve(v, r, np.inf, 0.3, *values), expected, rtol=1e-12)


@pytest.mark.parametrize("device", [TUNNEL, DIODES], ids=str)
def test_compliance_limits_the_current_and_nothing_else(device):
    current, values = numbers(device)
    v = np.linspace(-2, 2, 81)
    free = cell_voltage_numpy(device)(v, 100.0, np.inf, 0.3, *values)
    limit = np.median(np.abs(current(free, 0.3)))
    held = cell_voltage_numpy(device)(v, 100.0, limit, 0.3, *values)
    limited = np.abs(current(free, 0.3)) > limit
    np.testing.assert_allclose(np.abs(current(held[limited], 0.3)), limit, rtol=1e-9)
    np.testing.assert_allclose(held[~limited], free[~limited], rtol=1e-12)


def test_nothing_in_between_leaves_the_source_voltage():
    _, values = numbers(TUNNEL)
    v = np.array([-1.0, 0.0, 1e-9, 2.0])
    np.testing.assert_allclose(cell_voltage_numpy(TUNNEL)(v, 0.0, np.inf, 0.3, *values), v,
                               rtol=1e-15)


def test_overflowing_current_still_has_its_root():
    _, values = numbers(DIODES)
    found = cell_voltage_numpy(DIODES)(1e3, 1e3, np.inf, 0.3, *values)
    assert 0 < found < 10


def test_invalid_state_stays_visible():
    _, values = numbers(TUNNEL)
    found = cell_voltage_numpy(TUNNEL)(np.ones(2), 1e3, np.inf, np.array([0.3, np.nan]), *values)
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_linear_current_is_recognised_and_solved_in_closed_form():
    assert linear_conductance(LINEAR) is not None
    line, functions = cell_voltage_line(LINEAR, True, True)
    assert not functions
    assert "cell_voltage(" not in line
    for device in (TUNNEL, DIODES):
        assert linear_conductance(device) is None


def test_offset_current_is_not_linear():
    offset = Device(name="offset", equations="I = (v + v0)/R : amp",
                    parameters={"v0": 1 * volt, "R": 1 * ohm})
    assert linear_conductance(offset) is None


@pytest.mark.parametrize(("resistance", "limit", "expected"), [
    (9 * kohm, None, 0.1), (None, 0.1 * mA, 0.1), (9 * kohm, 0.05 * mA, 0.05),
    (9 * kohm, 0.5 * mA, 0.1)])
def test_closed_form_divides_the_voltage(resistance, limit, expected):
    made = ode_group(LINEAR, 2, "height", dt=1 * ms, namespace={"height": [1, -1] * volt},
                     initial={"x": 1}, series_resistance=resistance, compliance=limit)
    np.testing.assert_allclose(made.group.v[:] / volt, [expected, -expected], rtol=1e-12)


def test_current_that_depends_on_time_is_refused():
    timed = Device(name="timed", equations="I = v/R*exp(t/tau) : amp",
                   parameters={"R": 1 * ohm, "tau": 1 * second})
    with pytest.raises(InputError, match=r"Device 'timed'.*without 't'"):
        cell_voltage_function(timed)


@pytest.mark.standalone
def test_cython_agrees_with_numpy():
    rng = np.random.default_rng(1)
    n = 200
    v, x = rng.uniform(-2, 2, n), rng.uniform(0, 1, n)
    r, limit = 10 ** rng.uniform(1, 6, n), 10 ** rng.uniform(-7, -2, n)
    group = NeuronGroup(n, "v : volt\nr : ohm\nlimit : amp\nx : 1\nu : volt\nw : volt",
                        codeobj_class=CythonCodeObject, namespace={
                            "tunnel": cell_voltage_function(TUNNEL),
                            "diodes": cell_voltage_function(DIODES),
                            **TUNNEL.namespace, **{f"d_{k}": q for k, q in DIODES.namespace.items()}})
    group.v, group.r, group.limit, group.x = v * volt, r * ohm, limit * 1e3 * mA, x
    runner = group.run_regularly("u = tunnel(v, r, limit, x, I0, b, a, c)\n"
                                 "w = diodes(v, r, limit, x, d_I0, d_I1, d_s)",
                                 codeobj_class=CythonCodeObject)
    Network(group, runner).run(0.1 * ms, namespace={})
    for device, found in ((TUNNEL, group.u), (DIODES, group.w)):
        expected = cell_voltage_numpy(device)(v, r, limit, x, *numbers(device)[1])
        # The root is a small difference from the source where R takes nearly all of it.
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-12, atol=1e-15)
