"""Every error is one of ours and of the builtin kind that a user expects."""

import inspect
import pickle

import pytest

from brianmem import errors
from brianmem.errors import BrianmemError, InputError, suggestion

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]
KINDS = {"DeviceError": ValueError, "UnitError": TypeError, "CatalogError": KeyError,
         "UnknownNameError": KeyError, "ResultError": OSError, "StepError": ArithmeticError,
         "CheckError": AssertionError, "EngineError": RuntimeError}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_error_shows_its_message_and_survives_a_process_boundary(kind):
    error = kind("Device 'd': no 'x'.")
    assert isinstance(error, BrianmemError)
    assert str(error) == "Device 'd': no 'x'."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(kind()) == ""
    assert kind.__doc__


@pytest.mark.parametrize(("name", "builtin"), KINDS.items())
def test_error_is_also_the_builtin_of_its_kind(name, builtin):
    assert issubclass(getattr(errors, name), builtin)


def test_input_errors_are_value_errors_and_failures_are_not():
    assert issubclass(InputError, ValueError)
    for name in ("CheckError", "EngineError", "CompilerError"):
        assert not issubclass(getattr(errors, name), InputError)


@pytest.mark.parametrize(("name", "end"), [
    ("R_onn", ". Did you mean 'R_on'?"), ("zebra", "."), ("", ".")])
def test_suggestion_ends_the_sentence(name, end):
    assert suggestion(name, {"R_on": 1, "tau": 2}) == end
