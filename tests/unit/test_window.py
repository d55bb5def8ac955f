"""Windows of pulse tables: what pulses reach, states by current, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Quantity, kohm, ms, mvolt, second, uamp, volt

from brianmem import Device
from brianmem.errors import InputError, SynapseError
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.reduction import PulseMap, read_table, stack_tables
from brianmem.window import PulseWindow, check_programmable

TWO = Device(
    name="two", equations="""
    dx/dt = rate*(int(v > 0*volt)*(1 - x) - int(v < 0*volt)*x)*(0.5 + y) : 1
    dy/dt = slow*(int(v > 0*volt)*(1 - y) - int(v < 0*volt)*y) : 1
    rate = v**2/volt**2/(10*ms) : Hz
    slow = v**2/volt**2/(40*ms) : Hz
    I = v*(0.05 + x*(0.3 + 0.7*y))/R : amp""",
    parameters={"R": 1*kohm}, initial={"x": 0.5, "y": 0.5}, bounds={"x": (0, 1), "y": (0, 1)},
    operation={"set": (1*volt, 1*ms), "reset": (-1*volt, 0.5*ms), "read": (50*mvolt, 1*ms)})

ONE = Device(
    name="one", equations="""
    dx/dt = (v/volt)**2*(int(v < 0*volt)*(1 - x) - int(v > 0*volt)*x)/(20*ms) : 1
    I = v*(2 - x)/R : amp""",
    parameters={"R": 1*kohm}, initial={"x": 0.5}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*ms), "reset": (-1*volt, 1*ms), "read": (50*mvolt, 1*ms)})


def window(device, points=32):
    maps = [PulseMap.from_device(device, *device.operation[k], points=points)
            for k in ("set", "reset")]
    sign = np.sign(float(device.read_voltage))
    return PulseWindow(device, stack_tables(*maps, sign * read_table(device, points)))


def test_pulses_of_two_states_are_those_of_the_maps():
    made = window(TWO)
    assert made.table.shape == (32**2, 7)
    own = PulseMap.from_device(TWO, *TWO.operation["set"], points=32)
    x = np.array([0.11, 0.5, 0.97]), np.array([0.3, 0.81, 0.02])
    np.testing.assert_allclose(made.next("set", x), own.step(*x), rtol=1e-12)
    nominal = TWO.evaluate("I", v=TWO.read_voltage, x=x[0], y=x[1])
    np.testing.assert_allclose(made.current(*x), np.asarray(nominal), rtol=2e-3)


def test_window_of_two_states_lies_between_its_corners():
    made = window(TWO)
    low, high = made.window_states
    np.testing.assert_allclose(low, 0, atol=1e-6)
    np.testing.assert_allclose(high, 1, atol=1e-6)
    assert made.currents == pytest.approx((2.5e-6, 52.5e-6), rel=1e-4)
    assert made.ends == pytest.approx((2.5e-6, 52.5e-6))


def test_states_of_a_level_have_that_current_and_lie_on_the_way_of_set_pulses():
    made = window(TWO)
    level = np.linspace(0, 1, 21)
    low, high = made.currents
    x, y = made.state_of(level)
    np.testing.assert_allclose((made.current(x, y) - low) / (high - low), level, atol=2e-3)
    assert np.all(np.diff(x) > 0)
    assert np.all(np.diff(y) > 0)
    assert np.all(x[1:-1] > y[1:-1])  # the faster one leads


def test_negative_reads_and_negative_sets_are_read_by_magnitude():
    mirrored = replace(ONE, operation={"set": (1*volt, 1*ms), "reset": (-1*volt, 1*ms),
                                       "read": (-50*mvolt, 1*ms)})
    network = MemristiveDigits(mirrored, neurons=4, block=10)
    low, high = network.window_current
    assert 0 < low < high
    state = network.initial_state(0)
    assert np.all(network.weights(state) > 0)
    inputs = network.inputs(state, np.zeros((2, 784)), learning=True, seed=0, first_image=0,
                            total_images=2)
    assert inputs["synapses.gain"] > 0
    assert np.all(inputs["synapses.I_read"] > 0)


def test_a_current_that_is_not_monotone_still_gives_states_by_the_way_of_set():
    hill = replace(ONE, name="hill", equations=ONE.equations.replace(
        "(2 - x)", "(1.2 - x + 0.9*x*x)"))
    made = window(hill, 256)
    assert not made.is_simple
    low, high = made.currents
    (x,) = made.state_of(np.linspace(0, 1, 11))
    np.testing.assert_allclose((made.current(x) - low) / (high - low), np.linspace(0, 1, 11),
                               atol=5e-3)
    assert made.ends[0] < made.ends[1]


def test_a_device_that_is_frozen_at_its_low_bound_keeps_the_window_that_pulses_span():
    frozen = replace(ONE, name="frozen", equations=ONE.equations.replace(
        "*(1 - x)", "*clip(0.6 - x, 0, 1)").replace("/(20*ms)", "*int(x < 0.7)/(20*ms)"))
    low, high = window(frozen, 256).currents
    least = 50e-6  # at x = 1, where nothing moves
    assert low > 1.15 * least
    assert high > 1.3 * low


@pytest.mark.parametrize(("change", "message"), [
    ({"operation": {"set": (1*volt, 1*ms), "read": (1*volt, 1*ms), "relax": (0*volt, 1*second)}},
     "forgets by itself.*non-volatile"),
    ({"equations": ONE.equations.replace("/(20*ms) : 1", "/(20*ms) + xi*second**-0.5 : 1")},
     "noise.*c2c"),
    ({"events": (("x > 2", "x = 1"),)}, "events"),
    ({"equations": ONE.equations + "\ndz/dt = -z/second : 1\ndu/dt = -u/second : 1",
      "initial": {"x": 0.5, "z": 0, "u": 0}, "bounds": dict.fromkeys("xzu", (0, 1))},
     r"3 \(x, z, u\)"),
    ({"operation": {"set": (1*volt, 1*ms), "read": (1*volt, 1*ms)}}, "operation\\['reset'\\]"),
])
def test_what_pulses_cannot_program_is_refused_in_one_line(change, message):
    with pytest.raises(SynapseError, match=message) as found:
        MemristiveDigits(replace(ONE, **change))
    assert "\n" not in str(found.value)


def test_events_have_no_map():
    with pytest.raises(InputError, match="events"):
        PulseMap.from_device(replace(ONE, events=(("x > 2", "x = 1"),)), 1*volt, 1*ms)


def test_swapped_polarity_is_an_error():
    swapped = memdiode.with_operation(set=memdiode.operation["reset"],
                                      reset=memdiode.operation["set"])
    with pytest.raises(SynapseError, match="must raise conductance"):
        _ = window(swapped).currents
    check_programmable(swapped)
    assert isinstance(swapped.read_voltage, Quantity)
    assert float(1*uamp) == 1e-6
