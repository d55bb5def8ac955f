"""Pulse maps: derived tables, closed forms, measured errors, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    Quantity,
    kohm,
    metre,
    ms,
    nmetre,
    ohm,
    second,
    siemens,
    uA,
    volt,
)
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem.device import Device
from brianmem.errors import DeviceError, InputError, UnitError
from brianmem.lookup import interpolate
from brianmem.ode import ode_group
from brianmem.reduction import COLUMNS, PulseMap, linear_rate, read_table, stack_tables

SOFT = Device(name="soft", equations="""
    dH/dt = int(v >= 0*volt)*(1 - H)/T_S - int(v < 0*volt)*H/T_R : 1
    T_S = tau*exp(-(v - V_S)/a) : second
    T_R = tau*exp((v - V_R)/a)  : second
    I = (I0 + I1*H**2)*sinh(v/b) : amp""",
    parameters={"tau": 1 * second, "V_S": 1 * volt, "V_R": -1 * volt, "a": 0.2 * volt,
                "b": 0.5 * volt, "I0": 1 * uA, "I1": 100 * uA},
    initial={"H": 0}, bounds={"H": (0, 1)},
    operation={"read": (0.1 * volt, 1 * ms)})
HARD = Device(name="hard", equations="dw/dt = rate*v/V1 : metre\nI = G*v*(1 + w/D) : amp",
              parameters={"rate": 1 * nmetre / second, "V1": 1 * volt, "G": 1e-6 * siemens,
                          "D": 1 * nmetre},
              initial={"w": 2 * nmetre}, bounds={"w": (1 * nmetre, 4 * nmetre)})
CURVED = Device(name="curved", equations="""
    dx/dt = I*x*(1 - x)/q : 1
    I = G*v*(0.1 + x) : amp""",
    parameters={"q": 1 * uA * second, "G": 1e-6 * siemens}, initial={"x": 0.5},
    bounds={"x": (0, 1)})
TWO = Device(name="two", equations="""
    dx/dt = (y - x)/tau : 1
    dy/dt = v/V1*(1 - y)/tau : 1
    I = G*v*(x + y) : amp""",
    parameters={"tau": 1 * second, "V1": 1 * volt, "G": 1e-6 * siemens},
    initial={"x": 0, "y": 0}, bounds={"x": (0, 1), "y": (0, 1)})


def full_equations(device, voltage, width, x, **options):
    (state,) = device.states
    low, high = (float(b) for b in device.bounds[state])
    start = Quantity(low + (high - low) * np.asarray(x), dim=device.dimension(state))
    made = ode_group(device, len(x), f"{float(voltage)!r}*volt", dt=width / 500,
                     initial={state: start}, target="numpy", **options)
    Network(*made.objects).run(width, namespace={})
    final = (np.asarray(getattr(made.group, f"{state}_")) - low) / (high - low)
    return final, np.asarray(made.group.energy_)


@pytest.mark.parametrize(("device", "voltage", "options"), [
    (SOFT, 0.7 * volt, {}), (SOFT, -0.7 * volt, {}), (CURVED, 0.5 * volt, {}),
    (CURVED, 0.5 * volt, {"series_resistance": 500 * kohm}),
    (CURVED, 0.5 * volt, {"compliance": 0.2 * uA}),
    (SOFT, 1 * volt, {"series_resistance": 10 * kohm}),
])
def test_map_is_what_brian2_integrates(device, voltage, options):
    made = PulseMap.from_device(device, voltage, 200 * ms, points=9, **options)
    x = np.linspace(0, 1, 9)
    final, energy = full_equations(device, voltage, 200 * ms, x, **options)
    np.testing.assert_allclose(np.clip(made.table[0], 0, 1), final, atol=1e-7)
    np.testing.assert_allclose(made.energy_table, energy, rtol=1e-5)


def test_closed_form_of_the_text():
    made = PulseMap.from_device(SOFT, 0.8 * volt, 100 * ms)
    t_s = np.exp(-(0.8 - 1) / 0.2)
    h = np.array([0, 0.123, 0.9])
    np.testing.assert_allclose(made.step(h), 1 - (1 - h) * np.exp(-0.1 / t_s), rtol=1e-14)
    np.testing.assert_allclose(interpolate(made.table[0], h), made.step(h), rtol=1e-13)
    made = PulseMap.from_device(SOFT, -0.8 * volt, 100 * ms, parameters={"tau": 2 * second})
    np.testing.assert_allclose(made.step(h), h * np.exp(-0.05 / t_s), rtol=1e-14)


def test_linear_rates_are_told_from_others():
    assert linear_rate(SOFT) is not None
    assert linear_rate(HARD)[1] == "0"
    for device in (CURVED, TWO):
        assert linear_rate(device) is None
    behind = PulseMap.from_device(SOFT, 1 * volt, 1 * ms, points=3, series_resistance=1 * kohm)
    assert behind.rate is None


def test_kink_at_a_bound_costs_no_accuracy():
    made = PulseMap.from_device(HARD, 1 * volt, 70 * ms, points=64)
    assert made.error(pulses=60) < 1e-12
    x = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(np.clip(interpolate(made.table[0], x), 0, 1),
                               np.minimum(x + 0.07 / 3, 1), rtol=1e-12)
    down = PulseMap.from_device(HARD, -1 * volt, 70 * ms, points=64)
    np.testing.assert_allclose(np.clip(interpolate(down.table[0], x), 0, 1),
                               np.maximum(x - 0.07 / 3, 0), atol=1e-13)


def test_states_and_energies_carry_their_units():
    made = PulseMap.from_device(HARD, 1 * volt, 1 * second, points=4)
    np.testing.assert_allclose(made.next(2 * nmetre) / nmetre, 3)
    np.testing.assert_allclose(float(made.energy(1 * nmetre)), 1e-6 * 2.5)
    with pytest.raises(UnitError, match="Device 'hard': w must be in metre"):
        made.next(0.5)
    with pytest.raises(InputError, match="one value for each state"):
        made.next(1 * nmetre, 2 * nmetre)


def test_error_falls_with_the_square_of_the_grid():
    errors = [PulseMap.from_device(CURVED, 0.5 * volt, 500 * ms, points=p).error(30)
              for p in (17, 33, 65)]
    ratios = np.array(errors[:-1]) / errors[1:]
    assert np.all((ratios > 3.3) & (ratios < 4.8)), (errors, ratios)


def test_error_notices_a_wrong_table():
    made = PulseMap.from_device(CURVED, 0.5 * volt, 100 * ms, points=65)
    wrong = replace(made, table=np.clip(made.table + 1e-3, 0, 1))
    assert made.error(10) < 5e-5
    assert 1e-3 < wrong.error(10) < 2e-2


def test_two_pulses_compose_to_one_of_double_width():
    half = PulseMap.from_device(CURVED, 0.5 * volt, 50 * ms)
    whole = PulseMap.from_device(CURVED, 0.5 * volt, 100 * ms)
    x = np.linspace(0, 1, 33)
    np.testing.assert_allclose(half.step(half.step(x)), whole.step(x), atol=1e-5)


def test_monotone_sees_a_fold():
    made = PulseMap.from_device(CURVED, 0.5 * volt, 100 * ms, points=9)
    assert made.monotone
    assert not replace(made, table=made.table[:, ::-1]).monotone


def test_two_states_are_bilinear():
    made = PulseMap.from_device(TWO, 0.5 * volt, 200 * ms, points=9)
    assert made.table.shape == (2, 9, 9)
    assert made.monotone
    # linear in both states, so that the bilinear table is exact
    grown = np.exp(-0.1)
    x, y = made.next(0.33, 0.41)
    np.testing.assert_allclose(y, 1 - 0.59 * grown, rtol=1e-8)
    assert made.error(pulses=5, copies=5) < 1e-7
    np.testing.assert_allclose(
        x, 1 + (0.33 - 1 + 2 * 0.59) * np.exp(-0.2) - 2 * 0.59 * grown, rtol=1e-8)


def test_function_runs_in_a_group():
    made = PulseMap.from_device(CURVED, 0.5 * volt, 100 * ms, points=33)
    group = NeuronGroup(3, "x : 1\nspent : joule", namespace={"pulse": made.function("one_pulse")},
                        codeobj_class=NumpyCodeObject)
    group.x = [0.1, 0.5, 0.9]
    runner = group.run_regularly("spent += joule*pulse(x, 1)\nx = clip(pulse(x, 0), 0, 1)",
                                 codeobj_class=NumpyCodeObject)
    expected = made.step(np.array([0.1, 0.5, 0.9]))
    energy = made.energy(np.array([0.1, 0.5, 0.9]))
    Network(group, runner).run(0.1 * ms, namespace={})
    np.testing.assert_allclose(group.x[:], expected, rtol=1e-14)
    np.testing.assert_allclose(np.asarray(group.spent), np.asarray(energy), rtol=1e-14)


def test_a_current_without_a_state_fills_its_read_table():
    plain = Device(name="plain", equations="dx/dt = v/(volt*tau) : 1\nI = v/R : amp",
                   parameters={"R": 1000*ohm, "tau": 1*ms}, initial={"x": 0.5},
                   bounds={"x": (0, 1)})
    np.testing.assert_allclose(read_table(plain, 3, voltage=0.1*volt) / uA, [100, 100, 100])


def test_read_table_is_the_current_at_the_read_voltage():
    table = read_table(SOFT, 5)
    np.testing.assert_allclose(table / uA, (1 + 100 * np.linspace(0, 1, 5)**2) * np.sinh(0.2))
    np.testing.assert_allclose(read_table(HARD, 2, voltage=0.2 * volt) / uA, [0.4, 1.0])
    with pytest.raises(DeviceError, match="no read voltage"):
        read_table(HARD)


def test_stack_has_the_named_columns():
    made = {s: PulseMap.from_device(SOFT, v * volt, 10 * ms, points=8)
            for s, v in (("set", 0.7), ("reset", -0.7))}
    table = stack_tables(made["set"], made["reset"], read_table(SOFT, 8))
    assert table.shape == (8, len(COLUMNS))
    np.testing.assert_array_equal(table[:, COLUMNS.index("reset_next")], made["reset"].table[0])
    np.testing.assert_array_equal(table[:, COLUMNS.index("set_energy")], made["set"].energy_table)
    with pytest.raises(InputError, match="different lengths"):
        stack_tables(made["set"], made["reset"], read_table(SOFT, 9))
    both = PulseMap.from_device(TWO, 1 * volt, 1 * ms, points=4)
    with pytest.raises(InputError, match="cannot be stacked"):
        stack_tables(both, both, read_table(SOFT, 4))


def test_tables_cannot_be_changed():
    made = PulseMap.from_device(SOFT, 1 * volt, 1 * ms, points=4)
    with pytest.raises(ValueError, match="read-only"):
        made.table[0, 0] = 1


@pytest.mark.parametrize(("options", "message"), [
    ({"voltage": 1 * ohm}, "voltage of the pulse must be in volt"),
    ({"width": 1 * metre}, "width of the pulse must be in second"),
    ({"width": 0 * second}, "width of a pulse must be positive"),
    ({"points": 1}, "at least 2 points"),
    ({"parameters": {"tua": 1 * second}}, "no parameter 'tua'"),
    ({"parameters": {"tau": 1 * volt}}, "tau must be in second"),
])
def test_bad_input_is_named(options, message):
    given = {"voltage": 1 * volt, "width": 1 * ms, **options}
    with pytest.raises(InputError, match=message):
        PulseMap.from_device(SOFT, given.pop("voltage"), given.pop("width"), **given)


def test_more_than_two_states_are_refused():
    names = ("x", "y", "z")
    device = Device(name="three", equations="\n".join(f"d{n}/dt = -{n}/tau : 1" for n in names)
                    + "\nI = x*y*z*v/R : amp", parameters={"tau": 1 * second, "R": 1 * ohm},
                    initial=dict.fromkeys(names, 0.5), bounds=dict.fromkeys(names, (0, 1)))
    with pytest.raises(InputError, match=r"one or two states, and it has 3 \(x, y, z\)"):
        PulseMap.from_device(device, 1 * volt, 1 * ms)
