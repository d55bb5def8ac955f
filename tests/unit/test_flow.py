"""States under a constant voltage, against closed forms."""

import numpy as np
import pytest
from brian2 import kohm, ms, ohm, second, uA, volt

from brianmem.device import Device
from brianmem.errors import InputError, StepError
from brianmem.flow import device_rates, flow

DECAY = Device(name="decay", equations="dx/dt = (a - x)/tau : 1\nI = x*v/R : amp",
               parameters={"a": 0.5, "tau": 10 * ms, "R": 1 * kohm}, initial={"x": 0.1},
               bounds={"x": (0, 1)})
RAMP = Device(name="ramp", equations="dx/dt = v/slow : 1\nI = v/R : amp",
              parameters={"slow": 1 * volt * second, "R": 1 * kohm}, initial={"x": 0.1},
              bounds={"x": (0, 1)})


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_exponential_to_the_tolerance(tolerance):
    x0 = np.linspace(0, 1, 11)
    x, energy = flow(DECAY, 2 * volt, 20 * ms, [x0], tolerance=tolerance)
    decayed = np.exp(-2)
    np.testing.assert_allclose(x[0], 0.5 + (x0 - 0.5) * decayed, atol=20 * tolerance)
    charge = 0.5 * 20e-3 + (x0 - 0.5) * 10e-3 * (1 - decayed)
    np.testing.assert_allclose(energy, 4 / 1e3 * charge, rtol=1e4 * tolerance, atol=1e-12)


def test_bound_is_reached_in_time_and_held():
    x, energy = flow(RAMP, 1 * volt, 0.5 * second, [[0.2, 0.6, 1.0]])
    np.testing.assert_allclose(x[0], [0.7, 1.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(energy, 0.5e-3, rtol=1e-12)


def test_state_leaves_a_bound_that_does_not_hold_it():
    x, _ = flow(RAMP, -1 * volt, 0.5 * second, [[1.0]])
    np.testing.assert_allclose(x, [[0.5]], rtol=1e-12)


def test_power_is_that_of_the_cell():
    rates = device_rates(RAMP, 1 * volt, series_resistance=3 * kohm)
    np.testing.assert_allclose(rates(np.array([[0.1]]))[:, 0], [0.25, 0.25 * 0.25e-3], rtol=1e-12)
    rates = device_rates(RAMP, 1 * volt, compliance=100 * uA)
    np.testing.assert_allclose(rates(np.array([[0.1]]))[:, 0], [0.1, 0.1 * 1e-4], rtol=1e-12)


def test_parameters_override_the_device():
    x, _ = flow(RAMP, 1 * volt, 0.5 * second, [[0.2]], parameters={"slow": 5 * volt * second})
    np.testing.assert_allclose(x, [[0.3]], rtol=1e-12)


def test_chatter_is_an_error_that_names_the_place():
    chatter = Device(name="chatter", equations="dx/dt = (1 - 2*int(x > 0.5))/tau : 1\nI = v/R : amp",
                     parameters={"tau": 1 * second, "R": 1 * ohm}, initial={"x": 0.1},
                     bounds={"x": (0, 1)})
    with pytest.raises(StepError, match=r"Device 'chatter'.*x = 0\.5.*raise tolerance"):
        flow(chatter, 1 * volt, 1 * second, [[0.1]])


@pytest.mark.parametrize(("text", "bounds", "message"), [
    ("dx/dt = -x/tau + 0.1*tau**-0.5*xi : 1", {"x": (0, 1)}, "noise"),
    ("dx/dt = -x/tau : 1", {}, "'x' has none"),
    ("dx/dt = -x*t/tau**2 : 1", {"x": (0, 1)}, "contain 't'"),
])
def test_what_has_no_map_is_refused(text, bounds, message):
    device = Device(name="odd", equations=text + "\nI = v/R : amp", bounds=bounds,
                    parameters={"tau": 1 * second, "R": 1 * ohm}, initial={"x": 0.5})
    with pytest.raises(InputError, match=message):
        flow(device, 1 * volt, 1 * second, [[0.1]])
