"""Derivatives of expressions against finite differences, and straight-line code."""

import numpy as np
import pytest

from brianmem.errors import InputError
from brianmem.integration.derivatives import Tape
from brianmem.integration.operations import NUMPY

VALUES = {"x": 0.7, "y": -0.4, "c": 2.5}


def run(tape, atoms, **values):
    namespace = dict(NUMPY)
    found = {f"y_{k}": np.float64(v) for k, v in values.items()}
    with np.errstate(all="ignore"):
        exec("\n".join(tape.lines), namespace, found)
    return [float(eval(atom, namespace, found)) for atom in atoms]


def translated(code, differentiate=True):
    tape = Tape(differentiate)
    names = {n: (f"y_{n}", {n: "1.0"} if n != "c" else {}) for n in VALUES}
    return tape, tape.expression(code, names)


@pytest.mark.parametrize("code", [
    "x + y*c - x*y", "x/y", "-x/(y + c)", "x**3", "c**x", "x**y", "(x + c)**-0.5", "exp(x*y)",
    "log(x + c)*y", "log10(x)", "log1p(x)", "expm1(y)", "sqrt(x)", "sin(x)*cos(y)", "tan(x)",
    "sinh(x) - cosh(y)", "tanh(c*x)", "arcsin(x)", "arccos(y)", "arctan(x/y)", "abs(y)*x",
    "exprel(x)", "exprel(1e-5*x)", "clip(x, y, c)", "clip(3*x, y, c*y + 1.5)", "clip(y, x, c)",
    "int(x > y)*x", "int(x < y or x > 0)*y**2", "int(not (x == y) and y <= 0)*x", "sign(y)*x*x",
    "floor(x)*y + ceil(y)*x", "x % c", "c % x + y", "+x", "x*int(True)", "int(0 < x < 1)*y"])
def test_derivative_is_that_of_finite_differences(code):
    tape, (value, slopes) = translated(code)
    assert "c" not in slopes
    for name in ("x", "y"):
        step = 1e-6
        up, down = (run(tape, [value], **{**VALUES, name: VALUES[name] + s})[0] for s in (step, -step))
        slope = run(tape, [slopes[name]], **VALUES)[0] if name in slopes else 0.0
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-8), name


def test_the_same_operation_is_done_once():
    tape, _ = translated("exp(x*y) + exp(x*y)/c + exp(y*x)", differentiate=False)
    assert sum("op_exp" in line for line in tape.lines) == 2


def test_a_long_chain_of_lines_stays_as_long_as_it_is():
    tape, names = Tape(), {"x": ("y_x", {"x": "1.0"})}
    for _ in range(40):
        names["x"] = tape.expression("x - (x*x*x - 2*x)/(1 + x*x)", names)
    assert len(tape.lines) < 40 * 40
    assert np.isfinite(run(tape, [names["x"][1]["x"]], x=0.3)[0])


def test_edges_give_numbers():
    for code in ("clip(exp(1e4*(1 - x)), 0, 10)", "clip(1/x**2, 0, 5)", "x**(x + c)", "sqrt(x)",
                 "clip(x, 0, 1)", "abs(x)", "exprel(x)", "arcsin(1 - x)"):
        tape, (_, slopes) = translated(code)
        assert np.isfinite(run(tape, [slopes["x"]], **{**VALUES, "x": 0.0})[0]), code


@pytest.mark.parametrize(("code", "message"), [("x if y else c", "IfExp"), ("foo(x)", "'foo' has no"),
                                               ("x | y", "BitOr")])
def test_what_cannot_be_differentiated_is_named(code, message):
    with pytest.raises(InputError, match=message):
        translated(code)
