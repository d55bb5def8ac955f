"""Quantities as text: what is read, what is refused, and what comes back unchanged."""

import brian2
import numpy as np
import pytest
from brian2 import (
    Quantity,
    amp,
    cmetre,
    kelvin,
    kohm,
    metre,
    mvolt,
    nsecond,
    ohm,
    second,
    uA,
    ufarad,
    volt,
    watt,
)
from brian2.units.allunits import candle
from brian2.units.fundamentalunits import get_or_create_dimension
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from brianmem.errors import UnitError
from brianmem.units import (
    _COMPOUND,
    _NAMED,
    check_unit,
    dimension_of,
    format_quantity,
    is_number,
    parse_quantity,
    quantity_source,
    si_unit_name,
    unit_label,
)

# Brian2's own namespace is what `from brian2 import *` gives a user.
NAMES = vars(brian2)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
# Exponents of metre, kilogram, second, amp, kelvin, mole, candela.
DIMENSIONS = st.lists(st.sampled_from([-3, -2, -1, -0.5, 0, 0, 0, 0.5, 1, 2, 3]), min_size=7,
                      max_size=7).map(get_or_create_dimension)


@pytest.mark.parametrize(("text", "value"), [
    ("1.2V", 1.2 * volt), ("1.2 V", 1.2 * volt), (" 1.2  volt\n", 1.2 * volt),
    ("1.2*volt", 1.2 * volt), ("100ns", 100 * nsecond), ("2 kohm", 2 * kohm), ("2kOhm", 2 * kohm),
    ("2 kΩ", 2 * kohm), ("2 k\N{OHM SIGN}", 2 * kohm),
    ("2e-9 s", 2 * nsecond), ("1e3kohm", 1e6 * ohm),
    ("5 mV/ms", 5 * volt / second), ("10 uA", 10 * uA), ("10 µA", 10 * uA), ("10 μA", 10 * uA),
    ("-.5 mV", -0.5 * mvolt), ("+1.e3", 1000.0), ("1e3", 1000.0), ("0", 0.0),
    ("5 min", 300 * second), ("300 K", 300 * kelvin), ("2 V**2", 2 * volt**2),
    ("2 V^2", 2 * volt**2), ("2/volt", 2 / volt), ("3 1/second", 3 / second),
    ("1 ohm**0.5", ohm**0.5), ("1 metre**-3", metre**-3),
    ("1e-14 metre**2/(volt*second)", 1e-14 * metre**2 / volt / second)])
def test_reads_what_a_user_types(text, value):
    read = parse_quantity(text)
    assert brian2.have_same_dimensions(read, value)
    np.testing.assert_allclose(float(read), float(value), rtol=1e-15)


@pytest.mark.parametrize("text", [
    "", " ", "V", "nan", "inf", "-inf V", "True", "1e", "--1 V", "１ V", "1,2 V", "0x10 V",
    "25 degC", "1 celsius", "1 hour", "1 V V", "1 mV ms", "1_0 V", "1e-3.5", "1 2", "1 V*2",
    "1 V*-1", "1 V+V", "1 V-V", "1 V//V", "1 V%V", "1 V**V", "1 V/0", "1 1/0", "1 V,", "1 ((((",
    "1 V)", "1 [V]", "1 'V'", "1 V # c", "1 lambda", "1 2or V", "1 V()", "1 V\x00", "1 V\nA"])
def test_refuses_what_is_no_quantity(text):
    with pytest.raises(UnitError, match=r"^--width: '.*' is not a (unit|number)") as error:
        parse_quantity(text, name="--width")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", [
    "9**9**9**9", "1*9**9**9**9", "1 V**9**9**9", "1 V**9e9", "1 (V**9)**9**9", "1 V**1e309",
    "1 (9).bit_length()", "1 V.__class__", "1 volt.dim", "1 __import__('os')", "1 exit()",
    "1 [x for x in V]", "1 (lambda: V)()", "1 V if V else V", "1 " + "(" * 5000 + "V" + ")" * 5000,
    "1 " + "V*" * 5000 + "V", "1" + " " * 50_000 + "\n?", "1" * 100_000 + "?"])
def test_unit_text_executes_nothing_and_ends_at_once(text):
    with pytest.raises(UnitError):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["1e999", "-1e400 V", "1e308 kV"])
def test_refuses_a_number_beyond_floats(text):
    with pytest.raises(UnitError, match="too large"):
        parse_quantity(text)


@pytest.mark.parametrize(("value", "shown"), [
    ("1 A", "1 A"), ("3", "3"), (2 * kohm, "2 kohm"), (5, "5"), (None, "None"), (True, "True"),
    (1j, "1j"), ([1, 2], "an array in 1"), ([1, 2] * ohm, "an array in ohm"), ("1 mA", "1 mA"),
    ({}, "{}"), (b"1 V", "b'1 V'"), (["a"], "['a']")])
def test_wrong_unit_names_the_value_and_the_unit(value, shown):
    with pytest.raises(UnitError) as error:
        parse_quantity(value, like=volt, name="amplitude")
    assert str(error.value) == f"amplitude must be in volt, got {shown}."


def test_value_with_the_right_unit_is_returned():
    voltages = [1, 2] * volt
    assert parse_quantity(voltages, like=volt) is voltages
    assert check_unit(3, 1, "p") == 3
    assert check_unit(np.array([1.0, 2.0]), 1, "p").shape == (2,)
    with pytest.raises(UnitError, match=r"^p must be a plain number, got 1 V\.$"):
        check_unit(1 * volt, 1, "p")


@pytest.mark.parametrize(("value", "expected"), [
    (1, True), (1.5, True), (np.float32(1), True), (np.int64(1), True), (np.array(1.0), True),
    (1 * volt, True), (volt, True), (float("nan"), True), (True, False), (np.bool_(True), False),
    (None, False), ("1", False), (1j, False), ([1], False), (np.array([1.0]), False),
    ([1] * volt, False), (10**400, False)])
def test_what_counts_as_one_number(value, expected):
    assert is_number(value) is expected


@settings(max_examples=60, deadline=None)
@given(DIMENSIONS)
def test_unit_name_spells_the_dimension(dimension):
    name = si_unit_name(dimension)
    assert dimension_of(name) is dimension
    assert unit_label(dimension)


@settings(max_examples=60, deadline=None)
@given(FINITE, DIMENSIONS)
def test_source_restores_the_quantity_exactly(number, dimension):
    value = Quantity(number, dim=dimension)
    source = quantity_source(value)
    restored = eval(source, {**NAMES, "candle": candle})  # Brian2 does not export the candela
    assert float(restored) == number
    assert brian2.get_dimensions(restored) is dimension
    assert quantity_source(restored) == source


@settings(max_examples=60, deadline=None)
@given(FINITE, DIMENSIONS)
def test_text_that_the_source_writes_is_read_back(number, dimension):
    assume(number == 0 or abs(number) >= 1e-300)  # smaller ones are refused
    value = Quantity(number, dim=dimension)
    read = parse_quantity(quantity_source(value), like=dimension)
    np.testing.assert_allclose(float(read), number, rtol=1e-15)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=30), st.text("0123456789.eE+-*/() Vsohmkun_^", max_size=20)))
def test_any_text_is_a_quantity_or_a_unit_error(text):
    try:
        value = parse_quantity(text, name="--x")
    except UnitError as error:
        fault = str(error)
        value = 0
    else:
        fault = "--x: "
    assert fault.startswith("--x: ")
    assert len(fault.splitlines()) == 1
    assert np.isfinite(float(value))


@pytest.mark.parametrize(("value", "source"), [
    (5, "5"), (5.0, "5.0"), (np.float64(0.1), "0.1"), (np.int64(4), "4"), (np.array(3.0), "3.0"),
    (0.1 * kohm, "100.0*ohm"), (2 / volt, "2.0/volt"), (-1 * mvolt, "-0.001*volt"),
    (3 * volt**0.5, "3.0*volt**0.5"), (volt / volt, "1.0"), (float("inf") * amp, "inf*amp")])
def test_source_of_common_values(value, source):
    assert quantity_source(value) == source


@pytest.mark.parametrize(("value", "shown"), [
    (16 * kohm, "16 kohm"), (3, "3"), (1 / 3, "0.333333"), (300 * kelvin, "300 K"),
    (0 * volt, "0 V"), (1e-14 * metre**2 / volt / second, "1e-14 m^2/(V*s)"),
    (2 / volt, "2 V^-1"), (2 / volt / second, "2 V^-1*s^-1"), (100 * watt / metre**2, "100 W/m^2"),
    (1 * ufarad / cmetre**2, "0.01 F/m^2"), (20e-6 * metre**2, "20 mm^2"),
    (Quantity(3.0, dim=get_or_create_dimension([-3, 1, 2, 0, 1, 0, 0])),
     "3 m^-3*kg*s^2*K")])
def test_format_is_readable(value, shown):
    assert format_quantity(value) == shown


@settings(max_examples=60, deadline=None)
@given(DIMENSIONS)
def test_what_is_shown_can_be_typed(dimension):
    shown = format_quantity(Quantity(3.0, dim=dimension))
    assert float(parse_quantity(shown, like=dimension)) == pytest.approx(3.0)


def test_label_of_a_plain_number_is_one():
    assert unit_label(brian2.get_dimensions(1)) == "1"
    assert unit_label(volt.dim) == "V"


@pytest.mark.parametrize("unit", [*_NAMED, *_COMPOUND])
def test_units_can_stand_in_equations(unit):
    dimension = dimension_of(unit)
    line = brian2.Equations(f"k : {si_unit_name(dimension)} (constant)")["k"]
    assert line.dim is dimension
