"""Equations as text: parsed, renamed, checked, and evaluated as Brian2 does."""

import numpy as np
import pytest
from brian2 import DEFAULT_FUNCTIONS, Equations, NeuronGroup, kohm, mV, volt
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import equations as eq
from brianmem.errors import DeviceError

TEXT = """
dx/dt = k*I*(1 - x) + s*xi : 1        # a comment
dy/dt = -y/(2*second) : volt
R = R_on*x + 1*kohm*(1 - x) : ohm
I = v/R : amp
"""
# One expression for each function and operator, over a in -2..2, b in 1..3, c in 0..1.
EXPRESSIONS = {
    "arithmetic": "-a + b*c - a/b + 2**3", "power": "b**a + abs(a)**0.5 + (-b)**2 + -b**2",
    "right power": "b**2**c", "remainder": "a % b + (-7) % 3", "floor division": "a // b + (-7) // 2",
    "integer literals": "1/2 + 3/4*a", "scientific": "1e-3*a + .5 + 2.*b",
    "comparison": "int(a < b) + 2*int(a <= 0) + 4*int(a > c) + 8*int(a >= 2)",
    "equality": "int(a == 2) + 2*int(a != 0)",
    "logic": "int(a > 0 and b > 2) + 2*int(a > 0 or c > 0.5) + 4*int(not a > 0)",
    "nested logic": "int(not (a > 0 or (b > 2 and c < 0.5)) and True)",
    "int": "int(a) + int(a*b) + int(a > 0)*c", "abs": "abs(a)", "sign": "sign(a)*b",
    "clip": "clip(a, -1, c)", "exprel": "exprel(a) + exprel(0*a) + exprel(1e-9*a)",
    "exp": "exp(a)", "expm1": "expm1(1e-9*a)", "log": "log(b)", "log10": "log10(b)",
    "log1p": "log1p(1e-9*b)", "sqrt": "sqrt(b)", "ceil": "ceil(a)", "floor": "floor(a)",
    "sin": "sin(a)", "cos": "cos(a)", "tan": "tan(c)", "sinh": "sinh(a)", "cosh": "cosh(a)",
    "tanh": "tanh(a)", "arcsin": "arcsin(c)", "arccos": "arccos(c)", "arctan": "arctan(a)",
    "constants": "pi*a + e*b - 1/inf", "units": "a*(3*mV)/volt + b*kohm/ohm",
}


@pytest.fixture(scope="module")
def brian():
    """Return values of a, b, c and every expression as Brian2 evaluates it."""
    grid = np.meshgrid(np.linspace(-2, 2, 9), [1.0, 2.0, 3.0], [0.0, 0.25, 0.5, 1.0])
    lines = [f"y{k} = {text} : 1" for k, text in enumerate(EXPRESSIONS.values())]
    group = NeuronGroup(grid[0].size, "\n".join(["a : 1", "b : 1", "c : 1", *lines]),
                        codeobj_class=NumpyCodeObject, namespace={"mV": mV, "kohm": kohm})
    group.a, group.b, group.c = (values.ravel() for values in grid)
    return group


@pytest.mark.parametrize("kind", EXPRESSIONS)
def test_compiled_function_agrees_with_brian(brian, kind):
    number = list(EXPRESSIONS).index(kind)
    function = eq.compile_numpy(EXPRESSIONS[kind], ("a", "b", "c"))
    with np.errstate(invalid="raise"):
        found = function(brian.a[:], brian.b[:], brian.c[:])
    np.testing.assert_allclose(np.asarray(found, dtype=float), getattr(brian, f"y{number}")[:],
                               rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(("kind", "arguments", "value"), [
    ("arithmetic", (1, 2, 0.5), 7.5), ("power", (2, 3, 0), 9 + 2**0.5), ("remainder", (-1, 3, 0), 4),
    ("floor division", (-1, 3, 0), -5), ("comparison", (2, 3, 1), 13), ("logic", (1, 1, 0), 2),
    ("nested logic", (-1, 3, 0), 0), ("int", (-1.5, 2, 0), -4), ("sign", (-3, 2, 0), -2),
    ("clip", (5, 0, 0.3), 0.3), ("exprel", (1, 0, 0), np.e + 1), ("ceil", (-1.5, 0, 0), -1),
    ("floor", (-1.5, 0, 0), -2), ("units", (1, 2, 0), 2000.003)])
def test_compiled_function_against_hand_values(kind, arguments, value):
    function = eq.compile_numpy(EXPRESSIONS[kind], ("a", "b", "c"))
    np.testing.assert_allclose(function(*arguments), value, rtol=1e-8, atol=1e-12)


def test_every_function_that_a_device_may_use_is_compared():
    used = set().union(*(Equations(f"y = {t} : 1")["y"].expr.identifiers for t in EXPRESSIONS.values()))
    steps_or_random = {"rand", "randn", "poisson", "timestep"}
    assert set(DEFAULT_FUNCTIONS) - used == steps_or_random


def test_compiled_system_evaluates_lines_in_order_of_need():
    equations = Equations("dx/dt = -w/second : 1\nw = 2*u : 1\nu = v/volt + x : 1")
    system = eq.compile_system(equations, ("v", "3*v0"), ("_rate_x", "w", "v"), ("x", "v0"))
    rate, w, v = system(np.array([0.0, 1.0]), 2.0)
    np.testing.assert_allclose(w, [12, 14])
    np.testing.assert_allclose(rate, [-12, -14])
    assert v == 6


def test_names_by_kind():
    equations = Equations(TEXT + "p : 1\n")
    assert eq.states(equations) == ("x", "y")
    assert eq.subexpressions(equations) == ("R", "I")
    assert eq.parameters(equations) == ("p",)
    assert eq.noise(equations) == ("xi",)


def test_rename_changes_whole_identifiers_only_and_not_its_argument():
    equations = Equations(TEXT)
    before = str(equations)
    renamed = eq.rename(equations, {"x": "mem_x", "R": "mem_R", "k": "mem_k"})
    assert str(equations) == before
    assert list(renamed) == ["mem_x", "y", "mem_R", "I"]
    assert renamed["mem_R"].expr.code == "R_on*mem_x + 1*kohm*(1 - mem_x)"
    assert renamed["mem_x"].expr.code == "mem_k*I*(1 - mem_x) + s*xi"
    assert renamed["y"].dim is volt.dim


def test_flatten_inserts_subexpressions_with_parentheses():
    equations = Equations("a = b*c : 1\nb = c + 1 : 1\nc = x - 1 : 1\ndx/dt = a/second : 1")
    flat = eq.flatten(equations, "a")
    assert eval(flat, {"x": 3}) == 6
    assert eval(eq.flatten(equations, "x"), {"x": 3, "second": 1}) == 6
    assert eq.flatten(Equations("I = v/R : amp"), "I") == "v/R"


@pytest.mark.parametrize(("text", "message"), [
    ("I = v/R", "'I = v/R' is not 'name = expression : unit' or 'dname/dt = expression : unit'."),
    ("I = v/R\nx = 1 : 1", "'I = v/R x = 1 : 1': invalid syntax"),
    ("x = 1 : 1\nI v/R : amp\ny = 1 : 1", "'I v/R : amp' is not"), ("I = : amp", "'I = : amp' is not"),
    ("I = (v/R : amp", "'I = (v/R : amp': '(' was never closed"),
    ("I = v/R) : amp", "unmatched ')'"), ("I = v R : amp", "'I = v R : amp': invalid syntax"),
    ("I = v/R : amper", "'amper'"), ("I = v/R : 3*amp", "does not evaluate to a unit"),
    ("I = v[0] : amp", "do not support indexing"), ("I = v.real : amp", "accessing attributes"),
    ("I = (1 if v else 2) : amp", "'IfExp'"), ("I = v | 2 : amp", "BitOr"),
    ("I = 1\nI = 2\n", "is not"), ("I = 1 : 1\nI = 2 : 1", "Duplicate definition of variable 'I'"),
    ("a = b : 1\nb = a : 1", "contain a cycle"), ("xi = 1 : 1", "'xi' has a special meaning"),
    ("I = v/\u03a9 : amp", r"Brian2 cannot read 'I = v/\u03a9 : amp'. Write Greek letters"),
    ("I = 1\x00 : amp", "'I = 1\x00 : amp'"), ("I = " + "(" * 500 + "1" + ")" * 500 + ": 1", "nested"),
    ("I = " + "x*" * 5000 + "x : 1", "...': maximum recursion depth")])
def test_unreadable_text_is_one_line_with_the_place(text, message):
    with pytest.raises(DeviceError) as error:
        eq.parse(text, "Device 'd'")
    assert str(error.value).startswith("Device 'd': ")
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert "<unknown>" not in str(error.value)


@pytest.mark.parametrize("power", ["10**-9", "(2)**(-1)", "2**(1 - 2)", "(1 + 1)**-1"])
def test_integer_to_a_negative_power_is_refused(power):
    # Brian2 takes the type of the operands and makes 0 of it.
    with pytest.raises(DeviceError, match=r"'I' raises an integer .* is 0 in Brian2\. Write 10\.0"):
        eq.parse(f"I = {power}*v/R : amp", "Device 'd'")


@pytest.mark.parametrize("power", ["10.0**-9", "2**-1.0", "2**3", "x**-1", "n**(-n)", "-2**3"])
def test_other_powers_are_read(power):
    assert list(eq.parse(f"y = {power} : 1", "Device 'd'")) == ["y"]


def test_expression_over_lines_and_comments_are_read():
    text = "I = v/R_on + \n    v/R_on : amp  # \u03a9: not code\n\n# I = 3"
    assert eq.parse(text, "d")["I"].expr.code.split() == ["v/R_on", "+", "v/R_on"]


@pytest.mark.parametrize(("text", "message"), [
    ("I = v/R_onn : amp", "'R_onn' in the equation for 'I' is not defined. Did you mean 'R_on'?"),
    ("I = v*zebra : amp", "'zebra' in the equation for 'I' is not defined. Add it to the parameters"),
    ("I = v*i : amp", "'i' in the equation for 'I' is not defined"),
    ("dx/dt = rand()/second : 1", "'rand' in the equation for 'x' has no place in a continuous law."),
    ("dx/dt = timestep(t, dt)/second : 1", "'dt' in the equation for 'x' has no place"),
    ("I = __import__('os') : amp", "'__import__' in the equation for 'I' is not defined")])
def test_undefined_name_is_named_with_its_line(text, message):
    with pytest.raises(DeviceError) as error:
        eq.check_names(Equations(text), {"v": 1, "R_on": 1}, "Device 'd'")
    assert str(error.value).startswith(f"Device 'd': {message}")


def test_names_of_brian_need_no_definition():
    text = "I = v*int(t > 3*ms and not x < pi)*nsiemens : amp\ndx/dt = xi*second**-0.5 : 1"
    assert eq.check_names(Equations(text), {"v"}, "Device 'd'") is None


@pytest.mark.parametrize(("text", "flag"), [
    ("y = x > 0 : boolean", "boolean"), ("y = 3 : 1 (constant over dt)", "constant over dt"),
    ("dx/dt = 1/second : 1 (unless refractory)", "unless refractory")])
def test_types_and_flags_have_no_meaning_in_a_law(text, flag):
    with pytest.raises(DeviceError, match=f"must end in a unit, without '{flag}'"):
        eq.check_form(Equations(text), "Device 'd'")


@pytest.mark.parametrize("rate", ["xi**2", "sqrt(xi)", "xi*xi_2", "int(xi > 0)", "exp(xi)", "a/xi"])
def test_noise_must_be_added(rate):
    with pytest.raises(DeviceError, match="noise in the equation for 'x' must have the form"):
        eq.check_form(Equations(f"dx/dt = -x + {rate} : 1"), "Device 'd'")


@pytest.mark.parametrize("rate", ["s*xi", "-x/tau + s*x*xi", "(1 + s*xi)*x", "s*xi_1 - s*xi_b*x"])
def test_noise_that_is_added_is_accepted(rate):
    assert eq.check_form(Equations(f"dx/dt = {rate} : 1"), "Device 'd'") is None


def test_named_noise_outside_a_rate_is_refused():
    with pytest.raises(DeviceError, match="noise in the equation for 'I'"):
        eq.check_form(Equations("I = s*xi_1 : amp"), "Device 'd'")
