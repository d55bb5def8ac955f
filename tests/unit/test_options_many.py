"""Options that take several quantities at once."""

import numpy as np
import pytest
from brian2 import second, volt

from brianmem.errors import InputError
from brianmem.options import Parser, from_dataclass, read_many
from brianmem.protocols import SwitchingTime


@pytest.mark.parametrize(("text", "expected"), [
    ("1V, 1.2 V,1500mV", [1, 1.2, 1.5]), ("-1V", [-1]), ("1V:2V:5", np.linspace(1, 2, 5)),
    ("-0.5V:500mV:3", [-0.5, 0, 0.5]), ("1mV:1V:4:log", [1e-3, 1e-2, 1e-1, 1])])
def test_lists_and_ranges(text, expected):
    found = read_many(text, volt, "--voltages")
    np.testing.assert_allclose([float(v) for v in found], expected, atol=1e-15)
    assert all(v.dim is volt.dim for v in found)


@pytest.mark.parametrize(("text", "message"), [
    ("1V:2V", "start:stop:number"), ("1V:2V:1", "at least 2"), ("1V:2V:x", "start:stop:number"),
    ("1V:2V:5:lin", "':log' for equal factors"), ("-1V:2V:5:log", "two values of one sign"),
    ("1V,2s", "--voltages must be in volt"), ("1V,", "not a number with a unit"),
    ("1V:2s:5", "must be in volt")])
def test_faults_name_the_option(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_many(text, volt, "--voltages")
    assert "--voltages" in str(caught.value)


def test_a_protocol_takes_what_the_command_line_read():
    parser = Parser(prog="test")
    for option in from_dataclass(SwitchingTime):
        parser.add_option(option)
    given = parser.read(["--voltages", "1V:2V:3", "--max-time", "1s"])
    protocol = SwitchingTime(**given)
    assert protocol.voltages == (1*volt, 1.5*volt, 2*volt)
    assert protocol == SwitchingTime([1, 1.5, 2]*volt, max_time=1*second)
    assert eval(repr(protocol)) == protocol
