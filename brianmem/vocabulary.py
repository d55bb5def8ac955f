"""What an equation may use without anybody defining it: functions, constants, units, chance."""

import functools

import numpy as np
from brian2 import DEFAULT_FUNCTIONS
from brian2.core.functions import DEFAULT_CONSTANTS
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant, Variable

from brianmem.units import dimension_of

#: What an event may draw: uniform in [0, 1), and normal.
RANDOM = ("rand", "randn")


def _int(value):
    return np.trunc(np.asarray(value, dtype=float))


#: The functions and constants of an expression, as numpy evaluates them.
NUMPY_FUNCTIONS = {
    "int": _int, "clip": np.clip, "abs": np.abs, "sign": np.sign,
    "exp": np.exp, "log": np.log, "log10": np.log10, "expm1": np.expm1, "log1p": np.log1p,
    "sqrt": np.sqrt, "ceil": np.ceil, "floor": np.floor, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "arcsin": np.arcsin,
    "arccos": np.arccos, "arctan": np.arctan, "exprel": DEFAULT_FUNCTIONS["exprel"].pyfunc,
    "logical_not": np.logical_not, "pi": np.pi, "e": np.e, "inf": np.inf,
}


@functools.cache
def builtins():
    """Return what an expression may use without anybody defining it."""
    constants = {n: v if isinstance(v, Constant) else Constant(n, v)
                 for n, v in DEFAULT_CONSTANTS.items()}
    units = {n: Constant(n, float(u), dimensions=u.dim) for n, u in DEFAULT_UNITS.items()}
    functions = {n: f for n, f in DEFAULT_FUNCTIONS.items() if n in NUMPY_FUNCTIONS}
    words = dict.fromkeys(("and", "or", "not", "True", "False"))
    return {**words, **units, **functions, **constants,
            "t": Variable("t", dimensions=dimension_of("second"))}


def random_functions():
    """Return what may be drawn in an event and has no place in a law."""
    return {n: DEFAULT_FUNCTIONS[n] for n in RANDOM}
