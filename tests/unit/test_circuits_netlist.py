"""What a netlist may say, and what is made of it: numbers, lines, subcircuits, sources, names."""

import numpy as np
import pytest
from brian2 import TimedArray, amp, metre, ms, ohm, second, volt

from brianmem import Circuit, find
from brianmem import equations as eq
from brianmem.circuits.netlist import read
from brianmem.circuits.values import number
from brianmem.errors import CircuitError


def line_at(circuit, name, t=0.0, **states):
    """Return a line of the equations at time t and given states."""
    known = {**circuit.values, **circuit.inputs, **circuit.initial, **states}
    functions = {k: lambda s, f=f: float(f(s * second)) for k, f in known.items() if callable(f)}
    given = {k: np.float64(v) for k, v in known.items() if not callable(v)} | {"t": np.float64(t)}
    system = eq.compile_system(circuit.equations, ("_", "0"), (name,), list(given), functions)
    return float(system(**given)[0])


@pytest.mark.parametrize(("text", "unit", "expected"), [
    ("10", "ohm", 10), ("10k", "ohm", 1e4), ("10K", "ohm", 1e4), ("1meg", "ohm", 1e6),
    ("1MEG", "ohm", 1e6), ("2.2e-9", "farad", 2.2e-9), ("4.7u", "farad", 4.7e-6),
    ("10m", "second", 0.01), ("1g", "ohm", 1e9), ("1t", "ohm", 1e12), ("3p", "farad", 3e-12),
    ("3f", "farad", 3e-15), ("3n", "second", 3e-9), (".5", "volt", 0.5), ("-5", "volt", -5),
    ("+5.", "volt", 5), ("10kohm", "ohm", 1e4), ("10kOhm", "ohm", 1e4), ("5mV", "volt", 5e-3),
    ("100nF", "farad", 1e-7), ("1uF", "farad", 1e-6), ("0.1n", "farad", 1e-10), ("2", "1", 2),
    ("5v", "volt", 5), ("3ma", "amp", 3e-3), ("10KOHMS", "ohm", 1e4), ("1MegOhm", "ohm", 1e6),
    ("2uh", "henry", 2e-6), ("1khz", "hertz", 1e3), ("1e3k", "ohm", 1e6), ("2Mohm", "ohm", 2e6),
])
def test_numbers(text, unit, expected):
    assert float(number(text, unit, "here")) == (
        expected if text[-1] not in "FmV" else pytest.approx(expected, rel=1e-15))


def test_what_is_no_number():
    assert number("x", "ohm", "here") is None
    assert number("{1}", "ohm", "here") is None


def test_comments_continuation_blanks_and_case():
    netlist = read("* title\nv1 In 0 sin(0 1\n+ 1k) ; a source\n\n  R1 In out 1k # ohm\n"
                   "c1\tout\tGND  1n IC = 0.5 $ farad\n.end\n")
    assert [e.name for e in netlist.elements] == ["v1", "R1", "c1"]
    assert [e.line for e in netlist.elements] == [2, 5, 6]
    assert netlist.elements[2].nodes == ("out", "0")
    assert netlist.elements[2].options == {"IC": "0.5"}
    assert float(Circuit("V1 a 0 (2)\nR1 a b 1k\nC1 b 0 1n IC = 0.5").initial["v_b"]) == 0.5


def test_what_other_simulators_write_beside_a_circuit_is_read():
    netlist = read("V1 a 0 SINE(0 1 1k) AC 1 0\nR1 a b 1k\nC1 b 0 2.2\u00b5\nC2 b 0 1\u03bcF\n"
                   ".tran 1m\n.backanno\n.save v(b)\n.end\n")
    assert [e.words[0] for e in netlist.elements[1:]] == ["1k", "2.2u", "1uF"]
    circuit = Circuit("V1 a 0 SINE(0 1 1k) AC 1 0\nR1 a b 1k\nC1 b 0 2.2\u00b5")
    assert line_at(circuit, "v_a", 0.25e-3) == pytest.approx(1)
    assert float(circuit.values["C1"]) == pytest.approx(2.2e-6)
    constant = Circuit("V1 a 0 DC 5 AC 1\nR1 a b 1k\nC1 b 0 1n")
    assert float(constant.values["V1"]) == 5


def test_capitals_quotes_and_scripts_are_those_of_spice():
    circuit = Circuit(".PARAMS r='2*1k' c={1e-9*2}\n.MODEL Dx D(IS=1f)\n"
                      ".SUBCKT Low in out PARAMS: r=1\n"
                      "R1 in out {r} $comment\n.ENDS low\nV1 a 0 1\nX1 a b LOW PARAMS: r=3k\n"
                      "R2 b 0 r\nC2 b 0 c\nR3 b 0 4k\u03a9\nD1 b 0 DX\n"
                      ".control\nrun (\nplot v(b)\n.endc\n"
                      ".end\nwhatever follows\n")
    assert {k: float(v) for k, v in circuit.values.items() if k != "D1_n"} == pytest.approx(
        {"V1": 1, "X1_R1": 3e3, "r": 2e3, "c": 2e-9, "R3": 4e3, "D1_is": 1e-15})
    assert line_at(circuit, "i_R2", v_b=1.0) == pytest.approx(0.5e-3)


SOURCES = {
    "sin(1 2 1k)": lambda t: 1 + 2 * np.sin(2 * np.pi * 1e3 * t),
    "sin(1 2 1k 0.3m)": lambda t: 1 + 2 * np.sin(2 * np.pi * 1e3 * (t - 3e-4)) * (t >= 3e-4),
    "SIN (1, 2, 1k, 0.3m, 500)": lambda t: 1 + 2 * np.sin(2 * np.pi * 1e3 * (t - 3e-4))
    * np.exp(-500 * (t - 3e-4)) * (t >= 3e-4),
    "pulse(-1 3 0.1m 0.2m 0.1m 0.4m)": lambda t: np.interp(
        t, [1e-4, 3e-4, 7e-4, 8e-4], [-1, 3, 3, -1]),
    "pulse(-1 3 0.1m 0.2m 0.1m 0.4m 1m)": lambda t: np.interp(
        (t - 1e-4) % 1e-3 if t >= 1e-4 else 0, [0, 2e-4, 6e-4, 7e-4], [-1, 3, 3, -1]),
    "pwl(0 0 0.5m 2 0.6m -1 2m -1)": lambda t: np.interp(t, [0, 5e-4, 6e-4, 2e-3], [0, 2, -1, -1]),
    "pwl(0.2m 1 0.4m 3)": lambda t: np.interp(t, [2e-4, 4e-4], [1, 3]),
    "sin(1 2 1k 0.3m 500 30)": lambda t: 1 + 2 * np.sin(
        2 * np.pi * 1e3 * max(t - 3e-4, 0) + np.pi / 6) * np.exp(-500 * max(t - 3e-4, 0)),
    "exp(1 3 0.2m 0.1m 1m 0.3m)": lambda t: 1 - 2 * np.expm1(-max(t - 2e-4, 0) / 1e-4)
    + 2 * np.expm1(-max(t - 1e-3, 0) / 3e-4),
    "DC 9 sin(1 2 1k)": lambda t: 1 + 2 * np.sin(2 * np.pi * 1e3 * t),
    "9 PWL(0.2m 1 0.4m 3)": lambda t: np.interp(t, [2e-4, 4e-4], [1, 3]),
    "{2V*exp(-t/1ms)}": lambda t: 2 * np.exp(-t / 1e-3),
    "{2*volt*exp(-t/(1*ms))}": lambda t: 2 * np.exp(-t / 1e-3),
    "{drive(t)}": lambda t: 0.1 if t < 1e-3 else 0.2,
    "dc 5": lambda t: 5,
}


@pytest.mark.parametrize("text", SOURCES)
def test_sources_follow_their_definition(text):
    drive = TimedArray([0.1, 0.2] * volt, dt=1 * ms)
    circuit = Circuit(f"V1 a 0 {text}\nR1 a 0 1k", parameters={"drive": drive})
    # Not at the corners, where rounding decides.
    for t in np.linspace(0.013e-3, 3.9e-3, 57):
        assert line_at(circuit, "v_a", t) == pytest.approx(SOURCES[text](t), abs=1e-9), t


def test_periods_start_where_rounding_puts_them():
    circuit = Circuit("I1 0 a pulse(0 1m 0 1n 1n 48n 100n)\nR1 a 0 1k")
    for k in range(1, 2000, 97):
        assert line_at(circuit, "v_a", k * 100e-9 + 25e-9) == pytest.approx(1)
        assert abs(line_at(circuit, "v_a", k * 100e-9)) < 0.01


NESTED = """
.param Vs=2V gain=3
.subckt inner p q r=1k c=2n
R1 p m {2*r}
C1 m q c
B1 p q I={v(m, q)/(5*kohm) + gain*i(R1)}
.ends
.subckt outer a b r=5k half={r/2}
X1 a n inner r={half} c=7n
R2 n b r
L1 n b 1u ic=2m
.ends
V1 a 0 Vs
X1 a 0 outer
X2 a 0 outer r=8k"""


def test_nested_subcircuits():
    circuit = Circuit(NESTED)
    assert {"X1_X1_R1", "X1_X1_C1", "X1_R2", "X2_R2", "X2_L1"} <= {b.name for b in circuit.branches}
    assert float(circuit.values["X1_X1_C1"]) == 7e-9
    assert float(circuit.values["X2_R2"]) == 8000
    drop = line_at(circuit, "v_a") - line_at(circuit, "v_X2_X1_m")
    assert line_at(circuit, "i_X2_X1_R1") == pytest.approx(drop / 8000)
    expected = line_at(circuit, "u_X1_X1_C1") if "u_X1_X1_C1" in circuit.observables else 0
    assert line_at(circuit, "i_X1_X1_B1") == pytest.approx(
        expected / 5000 + 3 * line_at(circuit, "i_X1_X1_R1"))


def test_ports_to_ground_and_outer_names():
    circuit = Circuit(".subckt f p q y=1\nB1 p q I={v(p, q)*y}\nC1 p q 1n\n.ends\n"
                      "V1 a 0 1\nR1 a b 1k\nX1 b 0 f y={v(a)*1e-3*siemens/volt}")
    assert line_at(circuit, "i_X1_B1", v_b=2.0) == pytest.approx(2e-3)


def test_a_parameter_that_has_the_name_of_a_node():
    circuit = Circuit(".subckt f a b\nB1 a b I={v(a)/a + a*v(b)/ohm**2}\n.ends\nV1 a 0 3\nX1 a 0 f"
                      .replace("a*v(b)", "0*ohm*v(b)").replace("/a ", "/(2*ohm) "))
    assert line_at(circuit, "i_X1_B1") == pytest.approx(1.5)
    circuit = Circuit(".subckt f p q a=2ohm\nB1 p q I={v(p)/a}\n.ends\nV1 a 0 3\nX1 a 0 f")
    assert line_at(circuit, "i_X1_B1") == pytest.approx(1.5)


@pytest.mark.parametrize(("text", "expected"), [
    (".param r=2k\nR1 a 0 r", 2000), (".param r=2k\nR1 a 0 {r}", 2000),
    (".param r=2kohm\nR1 a 0 {r/2}", 1000), (".param k=4 r={k*1e3}\nR1 a 0 {r/2}", 2000),
    (".param r={2*kohm}\nR1 a 0 r", 2000), ("R1 a 0 {3*1e3}", 3000), ("R1 a 0 {rp}", 70),
    (".param rp=5ohm\nR1 a 0 rp", 70),
])
def test_parameters_and_plain_numbers(text, expected):
    circuit = Circuit(f"V1 a 0 1\n{text}", parameters={"rp": 70 * ohm} if "rp" in text else {})
    assert line_at(circuit, "i_R1") == pytest.approx(1 / expected)


ODD = ("i", "t", "N", "j", "xi", "dt", "volt", "second", "1", "R1", "lambda", "class", "x_", "_x",
       "int", "exp", "v_R1", "float", "inf", "pi", "e", "L")


@pytest.mark.parametrize("name", ODD)
def test_nodes_may_have_any_name(name):
    circuit = Circuit(f"V1 {name} 0 3\nR1 {name} b 1k\nC1 b 0 1n\nE1 c 0 {name} b 2\nR2 c 0 1k\n"
                      f"B1 b 0 I={{v({name}, c)*0.1*siemens}}")
    assert line_at(circuit, "i_R1", v_b=1.0) == pytest.approx(2e-3)
    assert line_at(circuit, "v_c", v_b=1.0) == pytest.approx(4)


@pytest.mark.parametrize("name", ["R", "Rxi", "Rt", "R_", "R_ohm", "Ri", "Rint", "R__x"])
def test_elements_may_have_any_name(name):
    circuit = Circuit(f"V1 a 0 3\n{name} a b 1k\nC1 b 0 1n")
    assert line_at(circuit, f"i_{name}", v_b=1.0) == pytest.approx(2e-3)


def test_names_that_could_be_taken_for_each_other():
    circuit = Circuit("V1 a 0 3\nR1 a C1 1k\nC1 C1 0 1n ic=1\nC2 a2 C1 1n ic=0.25\nR2 a2 0 1k\n"
                      "R3 v_C1 C1 1k\nR4 v_C1 0 1k")
    assert line_at(circuit, "v_C1") == 1
    assert line_at(circuit, "v_a2") == 1.25
    assert line_at(circuit, "v_v_C1") == 0.5
    for text in ("V1 a 0 1\nI1 0 b 1m\nR1 b 0 1\ni_R1 0 b 2m\nR2 a 0 1",
                 "V1 a 0 1\nv_a b 0 1\nR1 a b 1k"):
        with pytest.raises(CircuitError, match="both a value and"):
            Circuit(text)


def test_signs_are_those_of_spice():
    circuit = Circuit("V1 a 0 5\nR1 a 0 1k\nI1 0 b 1m\nR2 b 0 1k")
    assert line_at(circuit, "i_V1") == pytest.approx(-5e-3)
    assert line_at(circuit, "v_b") == pytest.approx(1)
    assert line_at(circuit, "supplied_power") == pytest.approx(26e-3)


def test_models_and_devices():
    with pytest.raises(CircuitError, match=r"Line 2: .model a is defined twice"):
        read(".model a d is=1f\n.model a d is=2f\nD1 a 0 a")
    device = find("vteam")
    circuit = Circuit("V1 a 0 0.1\nX1 a 0 vteam R_on=70 w=1n\nI1 0 a {I_in}", devices={"vteam": device},
                      inputs={"I_in": 1 * amp}, vary="X1_R_off")
    expected = device.evaluate("I", v=0.1 * volt, R_on=70 * ohm, w=1e-9 * metre)
    assert line_at(circuit, "X1_I") == pytest.approx(float(expected))
    assert "X1_R_off" not in circuit.namespace
    assert circuit.dimension("X1_R_off") is ohm.dim
