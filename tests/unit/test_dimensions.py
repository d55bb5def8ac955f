"""Dimensions of equations: what agrees, and which value or line is to blame."""

import pytest
from brian2 import Equations, TimedArray, amp, farad, ms, ohm, second, volt

from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import DeviceError

QUANTITIES = {"v": volt.dim, "R": 2 * ohm, "tau": 1 * second, "p": 2}


def mismatch(text, **changes):
    with pytest.raises((DeviceError, ParameterUnit)) as error:
        check_dimensions(Equations(text), {**QUANTITIES, **changes}, "Device 'd'")
    return error.value


def test_consistent_units_pass_with_parameters_as_exponents():
    text = "dx/dt = (v/volt)**p/tau : 1\nI = v**p/(R*volt) + t*amp/tau : amp"
    assert check_dimensions(Equations(text), QUANTITIES, "Device 'd'") is None


@pytest.mark.parametrize(("text", "changes", "name", "unit"), [
    ("I = v/R : amp", {"R": 1 * volt}, "R", "ohm"), ("I = v/R : amp", {"R": 3}, "R", "ohm"),
    ("dx/dt = -x/tau : 1", {"tau": 1 * amp}, "tau", "second"),
    ("y = exp(p) : 1", {"p": 1 * volt}, "p", "1"),
    ("dx/dt = -x/tau + s*xi : 1", {"s": 1.0}, "s", "second**-0.5"),
    ("dx/dt = s*xi : metre", {"s": 1.0}, "s", "metre*second**-0.5"),
    ("y = (2*x - 1)**p : 1\ndx/dt = 1/tau : 1", {"p": 1 * ohm}, "p", "1"),
    ("y = exp(v) : 1", {}, "v", "1"), ("y = 2**v : 1", {}, "v", "1")])
def test_one_value_that_explains_the_mismatch_is_blamed(text, changes, name, unit):
    fault = mismatch(text, **changes)
    assert isinstance(fault, ParameterUnit)
    assert (fault.name, fault.unit) == (name, unit)


@pytest.mark.parametrize(("text", "message"), [
    ("I = 2*volt : amp", "the equation for 'I' is in volt, but I must be in amp."),
    ("dx/dt = 3 : 1", "the equation for 'x' is in 1, but dx/dt must be in hertz."),
    ("y = 1*volt + 1*amp : volt", "the equation for 'y' mixes units: "),
    ("y = a*b*v : 1", "the equation for 'y' is in volt, but y must be in 1."),
    ("y = exp : 1", "cannot read the equation for 'y': exp was used like a variable"),
    ("y = clip(1, 2) : 1", "'clip' was called with 2 parameters"),
    ("y = v(3) : 1", "cannot read the equation for 'y'"),
    ("y = 2**(3*volt) : 1", "the equation for 'y' has an exponent with a unit: '3 * volt'."),
    ("y = v**(v/volt) : 1", "cannot read the equation for 'y': Value v is not constant")])
def test_other_mismatch_names_line_and_units(text, message):
    fault = str(mismatch(text, a=1, b=1))
    assert fault.startswith("Device 'd': ")
    assert message in fault
    assert len(fault.splitlines()) == 1


def test_functions_are_checked_as_values_are():
    table = TimedArray([1, 2] * volt, dt=1 * ms)
    model = Equations("a = table(t)/R : amp")
    check_dimensions(model, {"table": table, "R": 1 * ohm}, "it")
    with pytest.raises(ParameterUnit) as caught:
        check_dimensions(model, {"table": table, "R": 1 * farad}, "it")
    assert (caught.value.name, caught.value.unit) == ("R", "ohm")
