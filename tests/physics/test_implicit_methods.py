"""The implicit methods against exact solutions: orders, stiffness, noise, an oscillator."""

import numpy as np
import pytest
from brian2 import Equations, Network, NeuronGroup, StateMonitor, ms, second, seed
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from scipy.integrate import solve_ivp

import brianmem.integration  # noqa: F401  registers the methods
from brianmem.integration.rosenbrock import Tolerance, advance, euler_step
from brianmem.integration.system import from_equations

VAN_DER_POL = Equations("""
dx/dt = y/second : 1
dy/dt = (5*(1 - x**2)*y - x)/second + sin(2*t/second)/second : 1""")


def exact(until):
    def rate(t, y):
        return [y[1], 5 * (1 - y[0]**2) * y[1] - y[0] + np.sin(2 * t)]

    return solve_ivp(rate, (0, until), [2, 0], "Radau", rtol=1e-12, atol=1e-12).y[:, -1]


class EveryStep(Tolerance):
    """Accept each step and keep its length, so that the order of the formula shows."""

    def error(self, before, *_):
        return np.full(before.shape[1], 0.9**3)


def fixed_steps(steps, until=3.0):
    system = from_equations(VAN_DER_POL)
    y, h = np.array([[2.0], [0.0]]), until / steps
    for k in range(steps):
        y, _ = advance(system, k * h, h, [h], y, [], EveryStep(system, 1e-6))
    return y[:, 0]


def test_rodas3_is_of_order_three_also_where_time_enters():
    errors = [np.max(np.abs(fixed_steps(n) - exact(3.0))) for n in (100, 200, 400)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 3) < 0.25), orders


def test_error_follows_the_tolerance():
    system = from_equations(VAN_DER_POL)
    errors = [np.max(np.abs(advance(system, 0.0, 3.0, [0.1], [[2.0], [0.0]], [],
                                    Tolerance(system, tolerance))[0][:, 0] - exact(3.0)))
              for tolerance in (1e-4, 1e-6, 1e-8)]
    assert errors[0] < 1e-4
    assert errors[0] > 30 * errors[1] > 900 * errors[2]


def linear_implicit(steps, until=3.0):
    system = from_equations(VAN_DER_POL)
    y, h = np.array([[2.0], [0.0]]), until / steps
    for k in range(steps):
        y = euler_step(system, k * h, h, y, [np.zeros(1)] * 2, [])
    return y[:, 0]


def test_linear_implicit_euler_is_of_order_one():
    errors = [np.max(np.abs(linear_implicit(n) - exact(3.0))) for n in (400, 800, 1600)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 1) < 0.2), orders


def test_stiff_decay_takes_few_steps_and_is_right():
    # A millionth of the clock step, then slow: an explicit method would need 1e6 steps.
    system = from_equations(Equations("dx/dt = -1e6*(x - cos(t/second))/second : 1"))
    y, step = advance(system, 0.0, 1.0, [1e-7], [[0.0]], [], Tolerance(system, 1e-6))
    assert y[0, 0] == pytest.approx(np.cos(1) + 1e-6 * np.sin(1), rel=1e-5)
    assert step[0] > 1e-3


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_variance_of_noise_with_its_known_damping(share):
    """Ornstein-Uhlenbeck: the method gives s^2/2/(1 + dt/(2 tau)) where s^2 tau/2 is exact."""
    tau, copies = 10 * ms, 4000
    group = NeuronGroup(copies, "dx/dt = -x/tau + (2/tau)**0.5*xi : 1", dt=share * tau,
                        method="linear_implicit_euler", namespace={"tau": tau},
                        codeobj_class=NumpyCodeObject)
    seed(11)
    monitor = StateMonitor(group, "x", record=True, dt=5 * tau, codeobj_class=NumpyCodeObject)
    Network(group, monitor).run(30 * tau, namespace={})
    samples = monitor.x[:, 2:].ravel()
    expected = 1 / (1 + share / 2)
    assert samples.var() == pytest.approx(expected, abs=3.5 * expected * np.sqrt(2 / samples.size))
    assert abs(samples.mean()) < 4 / np.sqrt(samples.size)


OSCILLATOR = """
dv/dt = ((V - v)/R_L - v*G)/C              : volt
dx/dt = (on - x)/tau                       : 1
on = 1/(1 + exp(-(v - V_th + (V_th - V_hold)*x)/w)) : 1
G = G_off + (G_on - G_off)*x               : siemens
"""
VALUES = {"V": 2.0, "R_L": 1e4, "C": 1e-9, "tau": 1e-9, "V_th": 1.0, "V_hold": 0.4, "w": 5e-3,
          "G_on": 1e-2, "G_off": 1e-6}


def test_period_of_a_threshold_oscillator_on_a_coarse_clock():
    """A device that switches in nanoseconds, on a clock of 100 ns, against Radau at 1e-9."""
    from brian2 import farad, ohm, siemens, volt

    units = {"V": volt, "R_L": ohm, "C": farad, "tau": second, "V_th": volt, "V_hold": volt,
             "w": volt, "G_on": siemens, "G_off": siemens}
    group = NeuronGroup(1, OSCILLATOR, method="adaptive", dt=1e-7 * second,
                        namespace={k: v * units[k] for k, v in VALUES.items()},
                        codeobj_class=NumpyCodeObject)
    monitor = StateMonitor(group, ["v"], record=True, codeobj_class=NumpyCodeObject)
    network = Network(group, monitor)
    network.run(30e-6 * second, namespace={})
    t, v = np.asarray(monitor.t_), np.asarray(monitor.v_)[0]
    p = VALUES

    def rate(_t, y):
        with np.errstate(over="ignore"):
            on = 1 / (1 + np.exp(-(y[0] - p["V_th"] + (p["V_th"] - p["V_hold"]) * y[1]) / p["w"]))
        g = p["G_off"] + (p["G_on"] - p["G_off"]) * y[1]
        return [((p["V"] - y[0]) / p["R_L"] - y[0] * g) / p["C"],
                (on - y[1]) / p["tau"]]

    reference = solve_ivp(rate, (0, t[-1]), [0, 0], "Radau", rtol=1e-9, atol=1e-12, t_eval=t)
    periods = [np.diff(_rising(t, u, 0.7)) for u in (v, reference.y[0])]
    assert len(periods[1]) >= 5
    np.testing.assert_allclose(periods[0], periods[1], rtol=1e-3)


def _rising(t, v, level):
    """Return the times at which `v` rises through `level`, linear between the samples."""
    k = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
    return t[k] + (level - v[k]) / (v[k + 1] - v[k]) * (t[k + 1] - t[k])


def test_a_rate_that_falls_by_decades_is_not_jumped_over():
    """dx/dt = -exp(-1/x) slows for ever; one long step would land on the bound at 0."""
    system = from_equations(Equations("dx/dt = -exp(-1/clip(x, 1e-3, 1))/second : 1"))
    exact = solve_ivp(lambda _t, y: [-np.exp(-1 / y[0])], (0, 1e4), [0.9], "Radau", rtol=1e-10,
                      atol=1e-12).y[0, -1]
    found, _ = advance(system, 0.0, 1e4, [1e4], [[0.9]], [],
                       Tolerance(system, 1e-6, bounds={"x": (0.0, 1.0)}))
    assert found[0, 0] == pytest.approx(exact, rel=1e-4)
