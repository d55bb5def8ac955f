"""Orders of convergence of driven devices, also behind a series resistance."""

import numpy as np
import pytest
from brian2 import Network, kohm, ms, second, uA, volt

from brianmem.device import Device
from brianmem.flow import flow
from brianmem.ode import ode_group

# Smooth, non-linear in voltage and state.
SMOOTH = Device(name="smooth", equations="""
    dx/dt = (1 - x)*x*I/q : 1
    I = I0*(0.1 + x)*sinh(v/b) : amp""",
    parameters={"I0": 10 * uA, "b": 0.25 * volt, "q": 0.05 * uA * second}, initial={"x": 0.3},
    bounds={"x": (0, 1)})
# Linear in voltage: the closed form of the cell.
LINEAR = Device(name="linear", equations="""
    dx/dt = (1 - x)*x*I/q : 1
    R = R_on*x + R_off*(1 - x) : ohm
    I = v/R : amp""",
    parameters={"R_on": 1 * kohm, "R_off": 50 * kohm, "q": 2 * uA * second}, initial={"x": 0.3},
    bounds={"x": (0, 1)})
WAVE = "1*volt*sin(2*pi*t/(40*ms))"


def final(device, dt, method="rk4", **options):
    made = ode_group(device, 1, WAVE, dt=dt, method=method, target="numpy", **options)
    Network(*made.objects).run(16 * ms, namespace={})
    made.check()
    return np.array([made.group.x_[0], made.group.energy_[0] * 1e6])


@pytest.mark.parametrize(("method", "order"), [("rk4", 4), ("rk2", 2), ("euler", 1)])
@pytest.mark.parametrize(("device", "options"), [
    (SMOOTH, {"parameters": {"q": 1 * uA * second}}), (SMOOTH, {"series_resistance": 20 * kohm}),
    (LINEAR, {"series_resistance": 20 * kohm})], ids=["bare", "solved", "closed form"])
def test_order_under_halving(device, options, method, order):
    reference = final(device, 0.02 * ms, **options)
    errors = np.array([np.abs(final(device, dt * ms, method, **options) - reference)
                       for dt in (1, 0.5)])
    orders = np.log2(errors[0] / errors[1])
    assert np.all(np.abs(orders - order) < 0.5), orders


def test_wave_is_sampled_within_the_step():
    # The source moves too: holding it over a step would leave order 1.
    assert abs(final(SMOOTH, 1 * ms)[0] - final(SMOOTH, 0.02 * ms)[0]) < 1e-4


@pytest.mark.parametrize("options", [{}, {"series_resistance": 20 * kohm},
                                     {"compliance": 2 * uA}], ids=str)
def test_two_integrators_agree(options):
    start = np.linspace(0.05, 0.95, 7)
    made = ode_group(SMOOTH, 7, "0.4*volt", dt=0.02 * ms, target="numpy", initial={"x": start},
                     **options)
    Network(*made.objects).run(10 * ms, namespace={})
    x, energy = flow(SMOOTH, 0.4 * volt, 10 * ms, [start], **options)
    np.testing.assert_allclose(made.group.x_[:], x[0], atol=1e-9)
    np.testing.assert_allclose(made.group.energy_[:], energy, rtol=1e-6)


def test_a_resistor_divides_and_slows():
    fast, slow = final(SMOOTH, 0.1 * ms), final(SMOOTH, 0.1 * ms, series_resistance=100 * kohm)
    assert fast[0] > slow[0] > 0.3
