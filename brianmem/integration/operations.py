"""The functions of a `Tape`, in numpy and in C++."""

import numpy as np
from brian2 import DEFAULT_FUNCTIONS


def _divide(a, b):
    """Return a/b, and 0 where b is 0: the slope of a root at its edge counts as none."""
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def _exprel_slope(a):
    small = np.abs(a) < 1e-3
    safe = np.where(small, 1.0, a)
    return np.where(small, 0.5 + a / 3, (np.exp(safe) * (safe - 1) + 1) / safe**2)


def _truth(test):
    return np.asarray(test, dtype=float)


NUMPY = {
    "op_lt": lambda a, b: _truth(np.less(a, b)), "op_le": lambda a, b: _truth(np.less_equal(a, b)),
    "op_gt": lambda a, b: _truth(np.greater(a, b)),
    "op_ge": lambda a, b: _truth(np.greater_equal(a, b)),
    "op_eq": lambda a, b: _truth(np.equal(a, b)), "op_ne": lambda a, b: _truth(np.not_equal(a, b)),
    "op_not": lambda a: _truth(np.equal(a, 0)), "op_truth": lambda a: _truth(np.not_equal(a, 0)),
    "op_mod": np.mod, "op_pow": lambda a, b: np.power(np.asarray(a, dtype=float), b),
    "op_select": lambda test, a: np.where(test, a, 0.0),
    "op_divide": _divide, "op_clip": np.clip, "op_int": lambda a: np.trunc(a),
    "op_exprel": DEFAULT_FUNCTIONS["exprel"].pyfunc, "op_exprel_slope": _exprel_slope,
    **{f"op_{n}": getattr(np, n) for n in (
        "exp", "log", "log10", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh", "cosh",
        "tanh", "arcsin", "arccos", "arctan", "abs", "sign", "floor", "ceil")},
}
# fabs, asin ...: C++ has its own names for these.
_CPP_NAMES = {"abs": "fabs", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
_UNARY = ("exp", "log", "log10", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh", "cosh",
          "arcsin", "arccos", "arctan", "abs", "floor", "ceil")
_TESTS = (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!="))

CPP = "\n".join([
    "#ifndef BRIANMEM_OPERATIONS", "#define BRIANMEM_OPERATIONS", "#include <cmath>",
    "#ifdef __GNUC__", "#define BRIANMEM_INLINE inline __attribute__((always_inline))", "#else",
    "#define BRIANMEM_INLINE inline", "#endif",
    *(f"static inline double op_{n}(double a) {{ return std::{_CPP_NAMES.get(n, n)}(a); }}"
      for n in _UNARY),
    *(f"static inline double op_{n}(double a, double b) {{ return a {s} b; }}" for n, s in _TESTS),
    "static inline double op_not(double a) { return a == 0; }",
    "static inline double op_truth(double a) { return a != 0; }",
    "static inline double op_int(double a) { return std::trunc(a); }",
    "static inline double op_sign(double a) { return (a > 0) - (a < 0); }",
    "static inline double op_mod(double a, double b) { return a - b*std::floor(a/b); }",
    "static inline double op_pow(double a, double b) { return std::pow(a, b); }",
    "static inline double op_select(double test, double a) { return test != 0 ? a : 0.0; }",
    # By one exp where that is as exact, in half the time.
    "static inline double op_tanh(double a)",
    "{ return std::fabs(a) < 0.3 ? std::tanh(a)"
    " : std::copysign(1 - 2/(std::exp(2*std::fabs(a)) + 1), a); }",
    "static inline double op_divide(double a, double b) { return b == 0 ? 0.0 : a/b; }",
    "static inline double op_clip(double a, double low, double high)",
    "{ return a < low ? low : (a > high ? high : a); }",
    "static inline double op_exprel(double a)",
    "{ return std::fabs(a) < 1e-16 ? 1.0 : std::expm1(a)/a; }",
    "static inline double op_exprel_slope(double a)",
    "{ return std::fabs(a) < 1e-3 ? 0.5 + a/3 : (std::exp(a)*(a - 1) + 1)/(a*a); }",
    "#endif", ""])
