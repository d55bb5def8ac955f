"""A signature is the only place where an option is written down."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from brian2 import kohm, msecond, ohm, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import InputError
from brianmem.options import Option, Parser, from_dataclass, from_signature, parameter_help
from brianmem.protocols import PROTOCOLS


def example(neurons: int = 400, rate: float = 0.5, device: str = "memdiode", quick: bool = False,
            synapse: Literal["memristive", "ideal"] = "memristive", dataset: Path | None = None,
            width=10*msecond, level: volt = None, seed: int | None = None, plain=3, bar: bool = True,
            out=None):
    """Run it.

    Parameters
    ----------
    neurons : int
        How many
        excitatory neurons.
    rate, device : float
        Shared text.
    width: one line, 100 % of it
    """


@pytest.fixture
def parser():
    parser = Parser(prog="test")
    for option in from_signature(example, skip=("out",)):
        parser.add_option(option)
    return parser


@pytest.mark.parametrize(("words", "expected"), [
    ([], {}),
    (["--neurons", "100"], {"neurons": 100}), (["--neurons=1e3"], {"neurons": 1000}),
    (["--rate", "0.2"], {"rate": 0.2}), (["--rate", "-0.2"], {"rate": -0.2}),
    (["--device", "vteam"], {"device": "vteam"}),
    (["--quick"], {"quick": True}), (["--no-bar"], {"bar": False}),
    (["--synapse", "ideal"], {"synapse": "ideal"}),
    (["--dataset", "/a b"], {"dataset": Path("/a b")}), (["--dataset", "none"], {"dataset": None}),
    (["--width", "2 s"], {"width": 2*second}), (["--level", "-1.5V"], {"level": -1.5*volt}),
    (["--seed", "7"], {"seed": 7}), (["--plain", "4"], {"plain": 4}),
    (["--seed", "9007199254740993"], {"seed": 9007199254740993})])
def test_values_have_the_type_of_the_signature(parser, words, expected):
    given = parser.read(words)
    assert given == expected
    assert [type(v) for v in given.values()] == [type(v) for v in expected.values()]


@pytest.mark.parametrize(("words", "message"), [
    (["--neurons", "many"], "--neurons must be a whole number, got 'many'"),
    (["--neurons", "1.5"], "whole number"), (["--neurons", "inf"], "whole number"),
    (["--rate", "1 V"], "--rate must be a plain number, got '1 V'"),
    (["--synapse", "x"], "--synapse must be one of memristive, ideal, got 'x'"),
    (["--width", "1.2 A"], "--width must be in second, got 1.2 A"),
    (["--width", "none"], "--width: 'none' is not a number"),
    (["--level", "3"], "--level must be in volt"),
    (["--neuron", "3"], "unknown option '--neuron'. Did you mean '--neurons'"),
    (["--frobnicate"], "unknown option '--frobnicate'. See 'test --help'"),
    (["more"], "unknown argument 'more'"),
    (["--neurons"], "expected one argument")])
def test_bad_values_are_one_line_that_names_the_option(parser, words, message):
    with pytest.raises(InputError) as caught:
        parser.read(words)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_underscores_and_dashes_are_the_same():
    parser = Parser(prog="test")
    parser.add_option(Option("series_resistance", Quantity, like=ohm))
    assert parser.read(["--series_resistance", "2kohm"]) == {"series_resistance": 2*kohm}
    assert parser.read(["--series-resistance=2kohm"]) == {"series_resistance": 2*kohm}


def test_required_option_is_asked_for():
    parser = Parser(prog="test")
    parser.add_option(Option("voltage", required=True))
    with pytest.raises(InputError, match="required: --voltage"):
        parser.read([])


def test_help_comes_from_the_docstring_with_defaults(parser):
    text = " ".join(parser.format_help().split())
    assert "How many excitatory neurons. (default: 400)" in text
    assert "one line, 100 % of it (default: 10 ms)" in text
    assert "--level VOLT" in text


def test_parameter_help_reads_both_styles():
    found = parameter_help("Do it.\n\nNote: no parameter, but harmless.\n\na : int\n    The a,\n"
                           "    of two lines.\nb, c: short one\n    continued\nd : also short\n"
                           "e : {'x', 'y'}, optional\n    One of two.\n\nElse.")
    assert found["a"] == "The a, of two lines."
    assert found["b"] == found["c"] == "short one continued"
    assert found["d"] == "also short"
    assert found["e"] == "One of two."


def test_dataclass_fields_carry_unit_choices_and_help():
    options = {o.name: o for o in from_dataclass(PROTOCOLS["iv_sweep"])}
    assert options["amplitude"].read("1.6 V") == 1.6*volt
    with pytest.raises(InputError, match="--amplitude must be in volt"):
        options["amplitude"].read("1.6 A")
    assert options["waveform"].choices == ("triangle", "sine")
    assert options["cycles"].read("3") == 3
    assert options["amplitude"].help


def test_dataclass_without_default_is_required():
    @dataclass
    class Plain:
        a: int
        b: int = 2

    assert [o.required for o in from_dataclass(Plain)] == [True, False]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_option_says_what_it_is_for(name):
    assert [o.name for o in from_dataclass(PROTOCOLS[name]) if not o.help] == []


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("off", False)])
def test_bool_read_as_text(text, value):
    assert Option("b", bool).read(text) is value


def test_bool_refuses_other_text():
    with pytest.raises(InputError, match="--b must be yes or no"):
        Option("b", bool).read("maybe")
