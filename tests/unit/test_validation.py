"""What a device definition may contain: each fault is one line with name, fault and remedy."""

import warnings

import brian2
import numpy as np
import pytest
from brian2 import Quantity, kohm, mA, metre, ms, nmetre, ohm, second, usecond, volt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brianmem.device import Device, Evidence
from brianmem.errors import DeviceError

TEXT = """
dx/dt = k*I*window : 1        # a comment
window = 1 - (2*x - 1)**(2*p) : 1
R = R_on*x + R_off*(1 - x) : ohm
I = v/R*int(abs(v) > v0) : amp
"""
FIELDS = {
    "name": "d", "equations": TEXT,
    "parameters": {"k": 20 / (mA * second), "R_on": 100 * ohm, "R_off": 16 * kohm, "p": 1,
                   "v0": 1e-9 * volt},
    "initial": {"x": 0.3}, "bounds": {"x": (0, 1)}, "references": ("Strukov2008",),
    "evidence": {"parameters": Evidence("proposed")}, "parameter_sets": {"A2020": {"R_on": 1 * ohm}},
    "inputs": {}, "operation": {"set": (1 * volt, 1 * ms), "read": (0.1 * volt, 1 * usecond)},
    "suggested_dt": 1 * usecond, "description": "Positive voltage SETs."}
NAMESPACE = {**vars(brian2), "Device": Device, "Evidence": Evidence}
MAPPINGS = ("parameters", "initial", "bounds", "evidence", "parameter_sets", "inputs", "operation")


def device(**changes):
    return Device(**{**FIELDS, **changes})


def fault(**changes):
    """Return the message of the error that these fields raise, after checking its form."""
    with pytest.raises(DeviceError) as error:
        device(**changes)
    message = str(error.value)
    assert len(message.splitlines()) == 1
    assert error.value.__cause__ is None
    return message


def with_parameters(**changes):
    return {"parameters": {**FIELDS["parameters"], **changes}}


def test_the_unchanged_fields_make_a_device():
    assert device().evaluate("R") == (30 + 11200) * ohm


# equations

@pytest.mark.parametrize(("old", "new", "message"), [
    ("R_on*x", "R_onn*x", "'R_onn' in the equation for 'R' is not defined. Did you mean 'R_on'?"),
    ("window :", "windw :", "'windw' in the equation for 'x' is not defined. Did you mean 'window'?"),
    ("v/R*", "zebra*v/R*", "'zebra' in the equation for 'I' is not defined. Add it to the parameters "
                           "or define it in the equations."),
    ("I = v/R", "I = rand()*v/R", "'rand' in the equation for 'I' has no place in a continuous law."),
    ("dx/dt = k", "dx/dt = dt*k", "'dt' in the equation for 'x' has no place"),
    ("R_on*x", "R_on*k*x", "the equation for 'R' mixes units: "),
    (" : ohm", " : volt", "the equation for 'R' is in ohm, but R must be in volt."),
    (": amp", ": volt", "'I' must be declared in amp, got volt."),
    ("abs(v)", "abs(v/volt)", "v0 must be a plain number, got 1 nV."),
    ("I = ", "J = ", "the equations must define 'I' (: amp) by an expression."),
    ("I = v/R*int(abs(v) > v0)", "I", "the equations must define 'I' (: amp) by an expression."),
    ("I = ", "v = 1*volt : volt\nI = ", "the equations must not define 'v': it is given."),
    ("I = ", "Q : 1\nI = ", "'Q' is declared without a value; put it into parameters={...}."),
    ("I = ", "p = 2 : 1\nI = ", "'p' is both a parameter and defined in the equations."),
    (" : 1  ", " : 1 (unless refractory)", "must end in a unit, without 'unless refractory'."),
    ("**(2*p)", "**2", "parameter 'p' is not used in the equations. Remove it or use it."),
    ("(2*p)", "(2*p*v)", "p must be in 1/volt, got 1."),
    ("= k*I*", "= k*I*xi**2*", "noise in the equation for 'x' must have the form"),
    ("= k*I*window", "= k*I*window + xi*p", "the equation for 'x' mixes units"),
    ("I = ", "static = 2 : 1\nI = static*", "'static' cannot be a name: it is a word of C++ or numpy"),
    ("2*p", "10**-2*p", "raises an integer to a negative integer, which is 0 in Brian2."),
    (": ohm", "", "cannot read the equations: 'R = R_on*x + R_off*(1 - x)"),
    ("(1 - x)", "(1 - x", "'R = R_on*x + R_off*(1 - x : ohm': '(' was never closed")])
def test_fault_in_the_equations(old, new, message):
    assert old in TEXT
    said = fault(equations=TEXT.replace(old, new, 1))
    assert said.startswith("Device 'd': ")
    assert message in said


def test_empty_equations_lack_a_current():
    assert fault(equations="", parameters={}) == \
        "Device 'd': the equations must define 'I' (: amp) by an expression."


# parameters

@pytest.mark.parametrize(("changes", "message"), [
    ({"R_on": 1 * volt}, "R_on must be in ohm, got 1 V."),
    ({"R_on": 100}, "R_on must be in ohm, got 100."),
    ({"k": 1.0}, "the equation for 'x' is in amp, but dx/dt must be in hertz."),
    ({"p": 1 * ohm}, "p must be a plain number, got 1 ohm."),
    ({"v0": 1 * mA}, "v0 must be in volt, got 1 mA."),
    ({"unused": 1}, "parameter 'unused' is not used in the equations. Remove it or use it."),
    ({"I": 1 * mA}, "'I' is the terminal current; rename the parameter."),
    ({"v": 1 * volt}, "'v' is the terminal voltage; rename the parameter."),
    ({"R": 1 * ohm}, "'R' is both a parameter and defined in the equations."),
    ({"p": 2**63}, "p is too large for an integer of Brian2. Write it as a float, such as 1e20."),
    ({"R_on": [1, 2] * ohm}, "Spread over instances belongs to a Variation.")])
def test_fault_in_a_parameter(changes, message):
    assert fault(**with_parameters(**changes)).endswith(message)


@pytest.mark.parametrize("value", [
    None, "1 kohm", b"1", True, np.bool_(True), 1j, np.complex64(1), [1], (), {}, object(), ohm.dim,
    np.array([1.0]), np.array([1.0]) * ohm, np.array("a"), lambda: 1, Device],
    ids=lambda v: type(v).__name__)
def test_parameter_that_is_no_number(value):
    for name in ("R_on", "p"):
        said = fault(**with_parameters(**{name: value}))
        assert said.startswith(f"Device 'd': {name} must be one number or quantity, got ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, np.nan * ohm, np.inf * ohm,
                                   np.float32("nan")])
def test_parameter_that_is_not_finite(value):
    assert fault(**with_parameters(R_on=value)).startswith("Device 'd': R_on must be finite, got ")


@pytest.mark.parametrize("value", [1e-320, 1e308, -5.0, 0.0, np.float32(3), np.int64(2), np.array(4.0)])
def test_any_finite_number_of_the_right_unit_is_taken(value):
    changed = device(**with_parameters(R_on=value * ohm))
    assert float(changed.evaluate("R", x=1)) == float(value)
    assert eval(repr(changed), dict(NAMESPACE)) == changed


@pytest.mark.parametrize("name", [
    "exp", "pi", "volt", "nS", "t", "dt", "xi", "xi_1", "i", "N", "lambda", "class", "None", "or", "1a",
    "a b", "a-b", "", "_x", "__import__", "é", "e", "inf", "not_refractory", "new", "double",
    "logical_not"])
def test_name_that_cannot_be_used(name):
    assert f"'{name}' cannot be a name: " in fault(**with_parameters(**{name: 1}))


# fields of the wrong kind

KINDS = [None, 5, 1.5, True, "x", b"x", [1], ("a", 1), {1: 2}, {None: 1}, {"": 1}, {"a\nb": 1},
         {"x": None}, object(), 1 * volt, [1, 2] * second, np.nan * second, {1, 2}, {"x": "ab"},
         {"x": (1,)}, {"x": (None, 1)}, {"x": ("a", "b")}, {"x": (0, 1, 2)}, {"x": [[0], [1]]},
         {"x": 1j}, {"x": (0, 1j)}, {"x": (True, False)}, {"x": object()}, {"x": 10**400}]
LEGAL = {"name": "x", "description": "x", "references": "x", "suggested_dt": None}


@pytest.mark.parametrize("value", KINDS, ids=range(len(KINDS)))
@pytest.mark.parametrize("field", FIELDS)
def test_wrong_kind_of_field_is_refused(field, value):
    if field in LEGAL and isinstance(value, type(LEGAL[field])):
        assert isinstance(device(**{field: value}), Device)
    else:
        said = fault(**{field: value})
        assert said.startswith(("Device 'd'", "Device name must be an identifier"))


@pytest.mark.parametrize("field", MAPPINGS)
def test_wrong_container_is_named(field):
    assert fault(**{field: [1]}) == f"Device 'd': {field} must be a dict with names as keys, got [1]."


@pytest.mark.parametrize(("changes", "message"), [
    ({"name": "my device"}, "Device name must be an identifier such as 'my_device', got 'my device'."),
    ({"name": None}, "Device name must be an identifier such as 'my_device', got None."),
    ({"equations": None}, "equations must be text, got None."),
    ({"description": 5}, "description must be text, got 5."),
    ({"references": (1,)}, "references must be keys of the bibliography or DOIs, got (1,)."),
    ({"initial": {}}, "state 'x' has no initial value; add initial={'x': ...}."),
    ({"initial": {"x": 0.3, "y": 1}}, "initial names 'y', which is not a state (states: x)."),
    ({"initial": {"x": 1 * ohm}}, "initial value of x must be a plain number, got 1 ohm."),
    ({"initial": {"x": 2}}, "initial x = 2 is outside its bounds 0..1."),
    ({"initial": {"x": np.nan}}, "initial value of x must be finite, got nan."),
    ({"bounds": {"y": (0, 1)}}, "bounds names 'y', which is not a state (states: x)."),
    ({"bounds": {"x": 1}}, "bounds of 'x' must be (low, high), got 1."),
    ({"bounds": {"x": (0, 1, 2)}}, "bounds of 'x' must be (low, high), got (0, 1, 2)."),
    ({"bounds": {"x": (1, 0)}}, "bounds of 'x' must be low < high, got (1, 0)."),
    ({"bounds": {"x": (0, np.inf)}}, "bound of x must be finite, got inf."),
    ({"bounds": {"x": (0, 1 * volt)}}, "bound of x must be a plain number, got 1 V."),
    ({"evidence": {"parameters": "published"}}, "evidence for 'parameters' must be an Evidence, "
                                                "got 'published'."),
    ({"evidence": {"A202": Evidence("fitted")}}, "nor a parameter set. Did you mean 'A2020'?"),
    ({"parameter_sets": {"A": {"R_onn": 1 * ohm}}}, "Device 'd', set 'A': no parameter 'R_onn'. Did "
                                                    "you mean 'R_on'?"),
    ({"parameter_sets": {"A": {"R_on": 1}}}, "Device 'd', set 'A': R_on must be in ohm, got 1."),
    ({"parameter_sets": {"A": {"x": 3}}}, "set 'A': initial x = 3 is outside its bounds 0..1."),
    ({"parameter_sets": {"A": 1}}, "parameter set 'A' must be a dict with names as keys, got 1."),
    ({"operation": {"raed": (1 * volt, 1 * ms)}}, "operation 'raed' is none of set, reset, read, "
                                                  "sweep, relax. Did you mean 'read'?"),
    ({"operation": {"read": (1 * volt,)}}, "operation 'read' must be (voltage, time) or (voltage, "
                                           "time, series resistance), got (1. * volt,)."),
    ({"operation": {"read": 1 * volt}}, "operation of 'read' must be (voltage, time), got 1. * volt."),
    ({"operation": {"read": (1 * mA, 1 * ms)}}, "of operation 'read' must be in volt, got 1 mA."),
    ({"operation": {"read": (1 * volt, 1)}}, "time of operation 'read' must be in second, got 1."),
    ({"operation": {"read": (1 * volt, 1 * ms, 1 * volt)}}, "resistance of operation 'read' must be in "
                                                            "ohm, got 1 V."),
    ({"operation": {"read": (0 * volt, 1 * ms)}}, "operation 'read': the voltage must not be 0 V, "),
    ({"operation": {"set": (1 * volt, 0 * ms)}}, "operation 'set': the voltage must not be 0 V, the "
                                                 "time must be positive"),
    ({"operation": {"set": (1 * volt, 1 * ms, -1 * ohm)}}, "the resistance not negative"),
    ({"suggested_dt": 1}, "suggested_dt must be in second, got 1."),
    ({"suggested_dt": 0 * second}, "suggested_dt must be positive, got 0 s."),
    ({"suggested_dt": [1, 2] * second}, "suggested_dt must be one number or quantity")])
def test_fault_in_a_field(changes, message):
    assert message in fault(**changes)


def test_bounds_may_write_zero_without_its_unit():
    made = Device(name="d", equations="dg/dt = s*g : metre\nI = v/R : amp",
                  parameters={"s": 1 / second, "R": 1 * ohm}, initial={"g": 1 * nmetre},
                  bounds={"g": np.array([0, 2e-9]) * metre})
    assert made.bounds["g"] == (0 * metre, 2 * nmetre)


@pytest.mark.parametrize(("arguments", "message"), [
    (("guessed",), "Evidence: kind must be one of published, fitted, proposed, got 'guessed'."),
    ((None,), "kind must be one of"), (("fitted", "", 5), "Evidence: references must be keys")])
def test_fault_in_evidence(arguments, message):
    with pytest.raises(DeviceError, match=message):
        Evidence(*arguments)


# any text at all

WORDS = ["x", "v", "I", "R", "R_on", "dx/dt", "xi", "exp", "volt", "amp", "ohm", "1", "2.5", "t", "dt",
         "lambda", "None", "True", "__import__", "pi", "inf", "int", "rand", "class", "new", "\u03b1",
         "''", "[0]", ".real", "#", "\n", ":", "=", "(", ")", "*", "**", "/", "-", "<", "and", ","]


def edited(draw):
    """Return the good text after one to three edits of the kinds that fingers make."""
    text = TEXT
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        kind = draw(st.sampled_from(["delete", "insert", "double", "swap"]))
        if kind == "delete":
            text = text[:start] + text[start + draw(st.integers(1, 3)):]
        elif kind == "insert":
            text = text[:start] + draw(st.sampled_from(WORDS)) + text[start:]
        elif kind == "double":
            text = text[:start] + text[max(0, start - 12):]
        else:
            text = text.replace(draw(st.sampled_from(["x", "R_on", "amp", "ohm", ": 1", "v", "k"])),
                                draw(st.sampled_from(WORDS)), draw(st.integers(1, 2)))
        text = text or "\n"
    return text


def accepted(**changes):
    """Return the device or None; anything but a one-line `DeviceError` fails the test."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sympy warns about odd but legal expressions
            return device(**changes)
    except DeviceError as error:
        message = str(error)
    assert message.startswith("Device")
    assert len(message.splitlines()) == 1
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.composite(edited)())
def test_edited_text_is_a_device_error_or_a_device_that_evaluates(text):
    made = accepted(equations=text)
    if made is not None:
        with np.errstate(all="ignore"):
            assert made.evaluate("I", v=1 * volt, t=1 * second).dim is mA.dim
        assert eval(repr(made), dict(NAMESPACE)) == made


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_any_text_is_refused(text):
    assert accepted(equations=text) is None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=8))
def test_any_name_is_refused_or_unused(name):
    assert accepted(**with_parameters(**{name: 1})) is None or name in FIELDS["parameters"]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["R_on", "p", "k"]), st.one_of(
    st.floats(), st.integers(), st.complex_numbers(), st.booleans(), st.none(), st.text(max_size=3),
    st.lists(st.floats(), max_size=2), st.floats().map(lambda v: Quantity(v, dim=ohm.dim))))
def test_any_parameter_is_refused_or_kept(name, value):
    made = accepted(**with_parameters(**{name: value}))
    assert made is None or float(made.parameters[name]) == float(value)
