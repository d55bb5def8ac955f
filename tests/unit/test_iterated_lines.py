"""A device may iterate in successive lines: nothing inserts them into each other."""

import numpy as np
import pytest
from brian2 import (
    Equations,
    Network,
    NeuronGroup,
    StateMonitor,
    amp,
    kohm,
    ms,
    nsecond,
    ohm,
    second,
    set_device,
    volt,
)
from brian2 import device as brian2_device
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

import brianmem
from brianmem import Device, find
from brianmem.errors import InputError
from brianmem.flow import flow
from brianmem.ode import ode_group
from brianmem.stages import runge_kutta

STEPS = 30


def babylonian(steps):
    """Return a device whose conductance factor is sqrt(1 + x), found by iteration."""
    lines = ["r_0 = 1 + x : 1"]
    lines += [f"r_{k + 1} = (r_{k} + (1 + x)/r_{k})/2 : 1"
              for k in range(steps)]
    text = "\n".join([*lines, f"I = v*r_{steps}/R_on : amp", "dx/dt = (1 - x)*v*I/P/tau : 1"])
    return Device(name="iterated", equations=text,
                  parameters={"R_on": 1 * kohm, "P": 1e-3 * volt * amp, "tau": 10 * ms},
                  initial={"x": 0.0}, bounds={"x": (0, 1)})


@pytest.mark.parametrize("method", ["rk4", "adaptive", "rk2"])
def test_a_long_iteration_runs_at_once(method):
    """Inserted, the last line would hold 2**30 names."""
    device = babylonian(STEPS)
    made = ode_group(device, 1, "1*volt", dt=0.1 * ms, method=method, target="numpy")
    Network(*made.objects).run(5 * ms, namespace={})
    x, _ = flow(device, 1 * volt, 5 * ms, [[0.0]])
    # dx/ds = (1 - x) sqrt(1 + x) with s = t/tau, integrated by hand in r = sqrt(1 + x).
    r = np.sqrt(1 + x[0, 0])
    passed = (np.log((np.sqrt(2) + r) / (np.sqrt(2) - r))
              - np.log((np.sqrt(2) + 1) / (np.sqrt(2) - 1))) / np.sqrt(2)
    assert passed == pytest.approx(0.5, rel=1e-6)
    assert made.group.x[0] == pytest.approx(x[0, 0], abs=1e-4)


def test_a_long_iteration_behind_a_resistance():
    x, _ = flow(babylonian(STEPS), 1 * volt, 5e-3 * second, [[0.0]], series_resistance=1 * kohm)
    assert 0.05 < x[0, 0] < float(flow(babylonian(STEPS), 1 * volt, 5e-3 * second, [[0.0]])[0][0, 0])
    assert float(babylonian(STEPS).evaluate("I", v=1 * volt, x=0.44) * ohm / volt) == \
        pytest.approx(1.2e-3)


@pytest.mark.long
def test_a_long_iteration_behind_a_resistance_in_cython():
    """The compiled step calls the function of the cell, which Cython writes after it."""
    device = babylonian(STEPS)
    made = ode_group(device, 1, "1*volt", dt=1 * ms, method="adaptive", target="cython",
                     series_resistance=1 * kohm)
    Network(*made.objects).run(5 * ms, namespace={})
    x, _ = flow(device, 1 * volt, 5 * ms, [[0.0]], series_resistance=1 * kohm)
    assert made.group.x[0] == pytest.approx(x[0, 0], abs=1e-5)


@pytest.mark.parametrize("method", ["rk4", "adaptive", "linear_implicit_euler"])
def test_every_line_of_an_iteration_can_be_recorded_and_read(method):
    """Brian2 alone would follow 2**30 paths to I, and name each."""
    device = babylonian(STEPS)
    made = ode_group(device, 2, "sin(t/ms)*volt", dt=0.1 * ms, method=method, target="numpy",
                     parameters={"R_on": [1, 2] * kohm}, initial={"x": [0.1, 0.2]})
    monitor = StateMonitor(made.group, ["I", "x", "v", f"r_{STEPS}"], record=True,
                           codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(1 * ms, namespace={})
    expected = monitor.v * np.sqrt(1 + monitor.x) / ([[1], [2]] * kohm)
    np.testing.assert_allclose(monitor.I, expected, rtol=1e-12)
    assert np.all(monitor.x[:, -1] > monitor.x[:, 0] + 0.005)
    np.testing.assert_allclose(getattr(monitor, f"r_{STEPS}"), np.sqrt(1 + monitor.x), rtol=1e-12)
    now = np.sin(1) * volt * np.sqrt(1 + made.group.x[:]) / ([1, 2] * kohm)
    np.testing.assert_allclose(made.group.I[:], now, rtol=1e-12)
    np.testing.assert_allclose(made.group[1:].I[:], now[1:], rtol=1e-12)


def test_lines_behind_a_solved_voltage_can_be_read():
    made = ode_group(babylonian(STEPS), 1, "1*volt", dt=1 * ms, series_resistance=1 * kohm,
                     target="numpy")
    # At x = 0 the device has 1 kohm too.
    assert float(made.group.I[0] / (1 * volt / (2 * kohm))) == pytest.approx(1, rel=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_a_published_law_that_iterates_can_be_recorded(target):
    device = find("jart_vcm_implicit")
    made = ode_group(device, 2, "-0.5*volt", dt=1 * nsecond, target=target)
    monitor = StateMonitor(made.group, "I", record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(3 * nsecond, namespace={})
    first = device.evaluate("I", v=-0.5 * volt)
    np.testing.assert_allclose(monitor.I[:, 0], [first, first] * amp, rtol=1e-9)


def driven(method, steps=STEPS):
    """Return a neuron that a device from plain Brian2 equations charges, as a user writes it."""
    part = babylonian(steps).scoped("cell")
    neuron = NeuronGroup(1, part.equations + Equations(f"""
        cell_v = 1*volt - u : volt
        du/dt = {part.I}/(1*ufarad) : volt"""), method=method, dt=0.1 * ms,
                         namespace=part.namespace, codeobj_class=NumpyCodeObject)
    return part, neuron


@pytest.mark.parametrize("method", ["adaptive", runge_kutta("rk4")])
def test_lines_are_kept_apart_in_a_group_of_the_users(method):
    part, neuron = driven(method)
    brianmem.keep_lines_apart(neuron)
    monitor = StateMonitor(neuron, [part.I, "u", "cell_x"], record=True,
                           codeobj_class=NumpyCodeObject)
    Network(neuron, monitor).run(2 * ms, namespace={})
    expected = (1 * volt - monitor.u) * np.sqrt(1 + monitor.cell_x) / kohm
    np.testing.assert_allclose(getattr(monitor, part.I), expected, rtol=1e-12)
    assert monitor.u[0, -1] > 0.5 * volt


def test_lines_cannot_be_kept_apart_from_a_method_that_inserts_them():
    with pytest.raises(InputError, match=r"method 'euler' of Brian2 .* Use method='adaptive'"):
        brianmem.keep_lines_apart(driven("euler")[1])


@pytest.mark.parametrize("method", ["euler", "exponential_euler"])
def test_a_method_that_inserts_lines_without_end_is_refused(method):
    with pytest.raises(InputError, match=r"for 'x' becomes too long\. Use method='adaptive'"):
        ode_group(babylonian(STEPS), dt=1 * ms, method=method)
    assert ode_group(babylonian(2), dt=1 * ms, method=method).method == method


def test_noise_on_an_iteration_needs_the_implicit_method():
    device = babylonian(STEPS)
    noisy = Device(name="noisy", equations=device.equations.replace("/tau :", "/tau + s*xi :"),
                   parameters={**device.parameters, "s": 1 / second**0.5}, initial={"x": 0.5})
    with pytest.raises(InputError, match="method 'euler'.*Use method='linear_implicit_euler'"):
        ode_group(noisy, dt=1 * ms)


@pytest.mark.long
@pytest.mark.standalone
def test_lines_are_recorded_in_standalone(tmp_path):
    set_device("cpp_standalone", directory=str(tmp_path / "program"), with_output=False)
    try:
        made = ode_group(babylonian(STEPS), 2, "sin(t/ms)*volt", dt=0.1 * ms, method="adaptive",
                         initial={"x": [0.1, 0.2]})
        monitor = StateMonitor(made.group, ["I", "x", "v"], record=True)
        Network(*made.objects, monitor).run(1 * ms, namespace={})
        expected = monitor.v * np.sqrt(1 + monitor.x) / kohm
        np.testing.assert_allclose(monitor.I, expected, rtol=1e-12)
        assert np.all(monitor.x[:, -1] > monitor.x[:, 0] + 0.005)
    finally:
        brian2_device.reinit()
        set_device("runtime")
