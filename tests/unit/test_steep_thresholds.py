"""Laws that explicit steps cannot follow, and the implicit ones that take over."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import kohm, msecond, nsecond, usecond, volt

from brianmem import Device, Relaxation
from brianmem.flow import flow, patient_flow
from brianmem.protocols.arrival import ConstantVoltages
from brianmem.protocols.segments import Segment, Setup
from brianmem.protocols.simulation import simulate

# Within tau, x follows the root of 1 - y, and y decays in a time 1e5 times longer.
FAST = Device(
    name="fast", equations="""
    dx/dt = (1 - x**2 - y)/tau : 1
    dy/dt = -y/tau_y*v/volt : 1
    I = v*(1 + x)/R : amp""",
    parameters={"tau": 10*nsecond, "tau_y": 1*msecond, "R": 1*kohm}, initial={"x": 0, "y": 1},
    bounds={"x": (0, 1), "y": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "relax": (0*volt, 10*msecond),
               "read": (0.1*volt, 1*usecond)})


def run(device):
    segment = Segment(ConstantVoltages(np.array([1.0])), 1e-3, 64)
    return simulate(Setup(device), segment, {"x": np.array([0.0]), "y": np.array([1.0])})


def test_a_trace_falls_back_on_error_control():
    trace = run(FAST)
    # On the slow manifold x**2 = 1 - y.
    expected = np.sqrt(1 - np.exp(-1))
    assert trace.final["x"][0] == pytest.approx(expected, rel=1e-4)
    # Where explicit steps are short enough, they find the same.
    tame = replace(FAST, parameters={**FAST.parameters, "tau": 20*usecond})
    explicit = run(tame)
    implicit = run(replace(tame, stiff=True))
    np.testing.assert_allclose(implicit.states["x"], explicit.states["x"], atol=1e-3)
    np.testing.assert_allclose(implicit.energy, explicit.energy, rtol=1e-3)


def test_a_long_time_is_outlasted_by_implicit_steps():
    start = np.array([[0.0], [1.0]])
    x, _energy = patient_flow(FAST, 1*volt, 1*msecond, start)
    assert x[0, 0] == pytest.approx(np.sqrt(1 - np.exp(-1)), rel=1e-4)
    tame = replace(FAST, parameters={**FAST.parameters, "tau": 20*usecond})
    np.testing.assert_allclose(patient_flow(tame, 1*volt, 1*msecond, start)[0],
                               flow(tame, 1*volt, 1*msecond, start)[0], rtol=1e-5)


def test_relaxation_followed_and_with_one_step_agree():
    tame = replace(FAST, parameters={**FAST.parameters, "tau": 200*usecond})
    waits = [0.1, 0.5, 2]*msecond
    followed = Relaxation(waits).run(tame)
    stepped = Relaxation(waits, dt=20*usecond).run(tame)
    assert not followed.attrs["dt_s"]
    np.testing.assert_allclose(followed["x"], stepped["x"], rtol=1e-3)
    np.testing.assert_allclose(followed["energy"], stepped["energy"], rtol=1e-3)
