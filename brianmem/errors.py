"""The exceptions of brianmem.

Every one is a `BrianmemError` and also the builtin that describes its kind, so
that ``except ValueError`` works as a Python user expects. The ones that mean
"your input is wrong" derive from `InputError`; the command line maps those to
exit status 2 and prints their one-line message without a traceback.
"""

import difflib


class BrianmemError(Exception):
    """Base of every error that brianmem raises on purpose."""

    def __str__(self):
        # KeyError would show the repr of its message.
        return str(self.args[0]) if self.args else ""


class InputError(BrianmemError, ValueError):
    """Reject an argument, option or file that the user can mend."""


class DeviceError(InputError):
    """Reject the definition of a `Device`."""


class CircuitError(InputError):
    """Reject a netlist, or what is asked of its circuit; names line, element and node."""


class NeuronError(DeviceError):
    """Reject the definition of a `Neuron`."""


class UnitError(InputError, TypeError):
    """Reject a value whose unit does not fit."""


class VariationError(InputError):
    """Reject a `Variation`, alone or for a given device."""


class CatalogError(InputError, KeyError):
    """Report a model or experiment that cannot be found or loaded."""


class DatasetError(InputError):
    """Report a data file that is missing, corrupt or not what it claims."""


class ResultError(InputError, OSError):
    """Report a result file that cannot be read or written."""


class UnknownNameError(InputError, KeyError):
    """Report a name that an object does not hold."""


class ProtocolError(InputError):
    """Reject a stimulus or its combination with a device."""


class FitError(InputError):
    """Reject a fit: its free parameters, bounds, or a device that does not suit the data."""


class StudyError(InputError):
    """Reject the definition or the folder of a `Study`."""


class SynapseError(InputError):
    """Reject a write or read rule, or its combination with a device."""


class DivergenceError(InputError, ArithmeticError):
    """Report a state that became NaN or infinite."""


class StepError(InputError, ArithmeticError):
    """Report a time step that is too long for the device it integrates."""


class BudgetError(InputError, TimeoutError):
    """Report a run that needs more time or memory than it may take."""


class CheckError(BrianmemError, AssertionError):
    """Report a device that fails its conformance suite."""


class EngineError(BrianmemError, RuntimeError):
    """Report a simulation program that cannot be built or run."""


class CacheError(InputError, EngineError):
    """Report a folder of compiled programs that cannot be written."""


class CompilerError(EngineError):
    """Report that this machine has no working C++ compiler."""


def suggestion(name, known):
    """End a sentence about `name`: ". Did you mean 'x'?" where one of `known` is close."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f". Did you mean '{close[0]}'?" if close else "."
