"""Whatever is wrong with a netlist is said in one line that names line, element and node."""

import pytest
from brian2 import nA, ohm, volt

from brianmem import Circuit, find
from brianmem.circuits.netlist import read
from brianmem.errors import CircuitError, InputError

DEVICES = {"vteam": find("vteam")}
SUB = ".subckt f p q y=2\nR1 p q {y}\n.ends\n"
# Statements, one after another with a semicolon, then pieces of the message.
FAULTS = (
    # the graph
    ("R9 a 0 1; V1 a 0 1; R1 b c 1k; R2 b c 1k", "Line 3, R1: node 'b' floats", "to 0"),
    ("V1 a 0 1; R1 a b 1k; R2 a 0 1k", "Line 2, R1: node 'b' leads nowhere", "spelling"),
    ("V1 a 0 1; V2 a 0 2; R1 a 0 1k", "Line 2, V2", "loop of voltage sources with V1", "resistor"),
    ("V1 a 0 1; E1 a 0 b 0 2; R1 a b 1; R2 b 0 1", "Line 2, E1", "loop of voltage sources with V1"),
    ("V1 a b 1; R1 a b 1k", "joined to ground", "node 0"),
    ("R1 a a 1; V1 a 0 1", "Line 1, R1: both ends are at node 'a'"),
    ("R1 0 gnd 1", "Line 1, R1: both ends are at node '0'"),
    ("I1 0 a 1m; R1 b 0 1k", "Line 1, I1: node 'a' leads nowhere"),
    ("V1 a 0 1; I1 a b 1; I2 b 0 2", "Line 2, I1 and Line 3, I2", "voltage of node b"),
    ("V1 a 0 1; L1 a b 1m; L2 b 0 2m", "Line 2, L1 and Line 3, L2", "voltage of node b"),
    ("V1 a 0 sin(0 1 1k); C1 a 0 1n", "Line 2, C1", "with V1", "derivative"),
    ("E1 a 0 c 0 2; R1 a 0 1", "Line 1, E1: node 'c' floats", "controls"),
    ("F1 a 0 V9 2; R1 a 0 1", "Line 1, F1: no element 'V9'"),
    ("F1 a 0 F1 2; R1 a 0 1", "Line 1, F1: nothing determines its current"),
    ("F1 a 0 F2 2; F2 a 0 F1 2; R1 a 0 1", "Line 1, F1: nothing determines its current", "F2"),
    ("E1 a 0 a 0 1; R1 a 0 1", "Line 1, E1", "nothing determines"),
    ("G1 a 0 a 0 {-1/ohm}; R1 a 0 1", "node 'a' is nan", "nothing determines"),
    ("B1 b 0 V={int(v(c) > 0*volt)*volt}; B2 c 0 V={int(v(b) > 0*volt)*volt}; R1 b c 1",
     "Line 1, B1 and Line 2, B2", "without delay"),
    ("V1 a 0 1; R1 a 0 1; C1 a 0 1n ic=2", "Line 3, C1", "Leave ic= out"),
    # names
    ("V1 a 0 1; R1 a 0 1k; r1 a 0 2k", "Line 3, r1", "taken already by line 2"),
    ("V1 a 0 1; R1 a 0 1k; R2 A 0 1k", "Line 3, R2: nodes 'A' and 'a' differ only in capitals"),
    ("V1 a_post 0 1; R1 a_post 0 1", "Line 1, V1: 'a_post' cannot be a name"),
    ("R1 a-b 0 1", "Line 1, R1: 'a-b' is no name of a node"),
    ("Q1 a 0 1", "Line 1: 'Q1' is no element", "B elements"),
    ("T1 a 0 b 0", "Line 1: 'T1' is no element", "ladder of L and C"),
    ("V1 a 0 1; R1 a 0 1; .global vdd", "Line 3: '.global'", "as a port"),
    ("V1 a 0 5MV; R1 a 0 1", "Line 1, V1: '5MV' is milli in SPICE", "'5m' or '5meg'"),
    ("V1 a 0 1; R1 a 0 4k7", "Line 2, R1: 'k7' is not a unit"),
    ("V1 a 0 1; B1 a 0 I={if(v(a) > 1, 1, 0)}", "Line 2, B1", "int(a > b)"),
    ("V1 a 0 {time*volt/second}; R1 a 0 1", "Line 1, V1", "called t"),
    ("V1 a 0 {3q*volt}; R1 a 0 1", "Line 1, V1: 'q' behind 3 is no unit"),
    ("V1 a 0 1; L1 a 0 1m; K1 L1 L9 0.5", "Line 3, K1: no inductor 'L9'"),
    ("V1 a 0 1; L1 a 0 1m; K1 L1 L1 0.5", "Line 3, K1: L1 is coupled already"),
    ("V1 a 0 1; L1 a 0 1m; L2 a 0 1m; K1 L1 L2 1", "Line 4, K1: a coupling lies between -1 and 1"),
    ("V1 a 0 1; L1 a 0 1m; L2 a 0 1m; K1 L1 L2 {2*1}", "rate of 'i_L1' is nan"),
    ("V1 a 0 1; L1 a 0 1m; K1 L1", "Line 3, K1: write the names of two inductors"),
    (".model n nmos level=3; V1 a 0 1; M1 a a 0 n", "Line 3, M1: a transistor has level=1"),
    (".model s d; V1 a 0 1; S1 a 0 a 0 s", "Line 3, S1: needs a .model of the kind sw"),
    ("V1 a 0 1; S1 a 0 a 0 vh=0 delay=1n; R1 a 0 1", "Line 2, S1: 'delay=' is not known"),
    ("exp a 0 b 0 1; V1 b 0 1; R1 a 0 1", "'exp' cannot be a name"),
    ("lambda a 0 1; V1 a 0 1", "'lambda' cannot be a name"),
    (".param v_a=5V; V1 a 0 v_a; R1 a 0 1k", "'v_a' is both a value and a voltage"),
    (".param R1=5ohm; V1 a 0 1; R1 a 0 1", "Line 1, .param R1", "Rename"),
    (".param i=5V; V1 a 0 i; R1 a 0 1", "Line 1, .param i: 'i' cannot be a name"),
    (".param ohm=5V; V1 a 0 1; R1 a 0 1", "Line 1, .param ohm", "unit"),
    # values
    ("V1 a 0 1; R1 a 0 5V", "Line 2, R1 must be in ohm, got 5 V"),
    ("V1 a 0 1; R1 a 0 {5*volt}", "Line 2, R1: '{5*volt}' is in volt, but must be in ohm"),
    ("V1 a 0 1; R1 a b 1; C1 b 0 {v(b)*ohm}", "Line 3, C1: '{v(b)*ohm}' is in", "must be in farad"),
    ("V1 a 0 {t}; R1 a 0 1", "Line 1, V1: '{t}' is in second, but must be in volt"),
    ("V1 a 0 1; B1 a 0 I={v(a)}", "Line 2, B1: '{v(a)}' is in volt, but must be in amp"),
    ("V1 a 0 1; B1 a 0 I={v(a)/1k}", "Line 2, B1: '{v(a)/1k}' is in volt, but must be in amp"),
    ("V1 a 0 1; X1 a 0 vteam R_on={v(a)}", "Line 2, X1: R_on='{v(a)}'", "must be in ohm"),
    ("V1 a 0 1; R1 a 0 0", "Line 2, R1: must be above 0, got 0", "join the nodes"),
    ("V1 a 0 1; R1 a 0 -5", "Line 2, R1: must be above 0, got -5 ohm"),
    ("V1 a 0 1; R1 a 0 {-5*ohm}", "Line 2, R1: '{-5*ohm}' must be above 0"),
    ("V1 a 0 1; R1 a 0 {0*ohm}", "Line 2, R1: '{0*ohm}'", "0"),
    ("V1 a 0 1; R1 a 0 {1/0}", "Line 2, R1: '{1/0}' divides by 0"),
    ("V1 a 0 1; R1 a b 1; C1 b 0 -1n", "Line 3, C1: must be above 0"),
    ("V1 a 0 1; R1 a b 1; L1 b 0 0", "Line 3, L1: must be above 0"),
    ("V1 a 0 1; R1 a b 1; C1 b 0 {t*farad/second}", "Line 3, C1", "depends on t"),
    ("V1 a 0 1; R1 a 0 1e400", "Line 2, R1: '1e400'", "1e+60"),
    ("V1 a 0 1e300; R1 a 0 1", "Line 1, V1: '1e300'", "1e+60"),
    ("V1 a 0 {9**9**9**9*volt}; R1 a 0 1", "Line 1, V1", "power of a power"),
    ("V1 a 0 {inf*volt}; R1 a 0 1", "Line 1, V1: '{inf*volt}' is inf at the start"),
    ("V1 a 0 1; R1 a 0 1M", "Line 2, R1: '1M' is milli in SPICE", "'1meg' or '1m'"),
    ("V1 a 0 1; R1 a b 1; C1 b 0 1F", "Line 3, C1: '1F' is femto in SPICE", "farad"),
    ("V1 a 0 1; R1 a 0 1 2", "Line 2, R1: needs one value in ohm"),
    ("V1 a 0 1; R1 a 0 1 tc=2", "Line 2, R1: 'tc=' is not known"),
    ("V1 a 0 1 \xb5", "Line 1", "ASCII"),
    # habits of other simulators
    ("Two resistors; V1 a 0 1; R1 a 0 1", "Line 1", "begin the line with *"),
    ("RC filter; V1 a 0 1; R1 a 0 1", "Line 1, RC: needs 2 nodes", "begin the line with *"),
    ("V1 a 0 1; R1 a 0 1; .ic v(a)=1", "Line 3: '.ic'", "'C1 out 0 1n ic=0.5'"),
    ("V1 a 0 1; R1 a 0 1; .step param R 1 2 1", "Line 3: '.step'", "parameters="),
    ("V1 a 0 AC 1; R1 a 0 1", "Line 1, V1: AC", "'V1 a b 0 AC 1'"),
    ("V1 a 0 1 Rser=5; R1 a 0 1", "Line 1, V1: 'Rser='", "resistor in series"),
    ("V1 a 0 1; G1 a 0 value={v(a)/ohm}; R1 a 0 1", "Line 2, G1: needs 4 nodes", "'B1 a b I={...}'"),
    # expressions
    ("V1 a 0 1; R1 a 0 Rx", "Line 2, R1: 'Rx' has 'Rx', which is not defined", "parameters="),
    ("V1 a 0 1; B1 a 0 I={v(zz)/ohm}", "Line 2, B1", "v(zz)", "no such node"),
    ("V1 a 0 1; B1 a 0 I={i(R7)}", "Line 2, B1", "i(R7)", "no such element"),
    ("V1 a 0 1; B1 a 0 I={v(a) > 1 ? 1 : 0}", "Line 2, B1", "int(a > b)"),
    ("V1 a 0 1; B1 a 0 I={(v(a) > 1*volt)*amp}", "Line 2, B1", "int(a > b)"),
    ("V1 a 0 1; B1 a 0 I={rand()*amp}", "Line 2, B1", "rand", "no place"),
    ("V1 a 0 1; R1 a 0 {}", "Line 2, R1: '{}' is empty"),
    ("V1 a 0 1; R1 a 0 {(1}", "Line 2", "bracket"),
    ("V1 a 0 1; R1 a 0 {foo(3)}", "Line 2, R1", "'foo'", "not defined"),
    ("B1 a 0 I={v(a,b,c)}; R1 a 0 1", "Line 1, B1: 'v(a,b,c)' is not v(node)"),
    ("B1 a 0 V=5; R1 a 0 1", "Line 1, B1: a constant is a V element"),
    ("D1 a 0 n=0; V1 a 0 1", "Line 1, D1", "must be above 0"),
    ("S1 a 0 b 0 width=0; V1 a 0 1; V2 b 0 1", "Line 1, S1", "width", "must be above 0"),
    ("M1 a b 0 foo; V1 a 0 1; V2 b 0 1", "Line 1, M1: no .model 'foo'"),
    # sources
    ("V1 a 0 sin(0 1); R1 a 0 1", "Line 1, V1: sin takes 3 to 6 values, got 2"),
    ("V1 a 0 exp(0 1 1k); R1 a 0 1", "Line 1, V1: exp takes 6 values, got 3"),
    ("V1 a 0 exp(0 1 0 0 1 1); R1 a 0 1", "Line 1, V1", "must be above 0"),
    ("V1 a 0 sffm(0 1 1k); R1 a 0 1", "Line 1, V1", "no waveform"),
    ("V1 a 0 pulse(0 1 0 0 1n 1); R1 a 0 1", "Line 1, V1: the rise of a pulse must be above 0"),
    ("V1 a 0 pulse(0 1 0 1n 1n -1); R1 a 0 1", "Line 1, V1: the width"),
    ("V1 a 0 pulse(0 1 0 1n 1n 1 1); R1 a 0 1", "Line 1, V1: the period"),
    ("V1 a 0 pwl(0 1 0 2); R1 a 0 1", "Line 1, V1: the times of pwl must grow"),
    ("V1 a 0 sin(0 1A 1); R1 a 0 1", "Line 1, V1 must be in volt, got 1 A"),
    # devices and subcircuits
    ("X1 a 0 vtem; V1 a 0 1", "Line 1, X1: no device or subcircuit 'vtem'", "'vteam'"),
    ("X1 a 0 vteam R_onn=3; V1 a 0 1", "Line 1, X1", "no parameter 'R_onn'", "'R_on'"),
    ("X1 a 0 vteam w=5; V1 a 0 1", "Line 1, X1: initial w", "outside its bounds"),
    ("X1 a 0 vteam R_on=5V; V1 a 0 1", "Line 1, X1: R_on must be in ohm, got 5 V"),
    ("X1 a b 0 vteam; V1 a 0 1; R1 b 0 1", "Line 1, X1: a device has 2 nodes, got 3"),
    (".subckt foo a b; X1 a b foo; .ends; X1 a 0 foo; V1 a 0 1",
     "Line 2, X1_X1: subcircuit 'foo' contains itself"),
    (".subckt foo a b; X1 a b bar; .ends; .subckt bar a b; X1 a b foo; .ends; X1 a 0 foo; V1 a 0 1",
     "'foo' contains itself (foo > bar > foo)"),
    (".subckt f a b; R1 a b 1", "Line 1: .subckt without .ends"),
    (".subckt f a a; R1 a 0 1; .ends", "Line 1: the ports of 'f'"),
    (f"{SUB}X1 a 0 f z=3; V1 a 0 1", "Line 4, X1: subcircuit 'f' has no parameter 'z'"),
    (f"{SUB}X1 a 0 f y=3V; V1 a 0 1", "Line 2, X1_R1 must be in ohm, got 3 V"),
    (f"{SUB}X1 a f; V1 a 0 1", "Line 4, X1: needs 2 nodes"),
    (f"{SUB}X1 a 0 b f; V1 a 0 1", "Line 4, X1: subcircuit 'f' has 2 ports (p, q), got 3 nodes"),
    (".subckt f p q; R1 p m 1; R2 m q 1; .ends; X1 a 0 f; R3 a X1_m 1; V1 a 0 1",
     "Line 6, R3: node 'X1_m' has the name of a node inside of X1"),
    (".param x=; V1 a 0 1", "Line 1: 'x=' is not 'name=value'"),
    (".param x={2*y}; V1 a 0 x; R1 a 0 1", "Line 1, .param x", "'y'", "no .param before"),
    (".param x={1*volt + 1*amp}; V1 a 0 x; R1 a 0 1", "Line 1, .param x", "has no value"),
    (".param x=1V x=2V; V1 a 0 x; R1 a 0 1", "Line 1: 'x' is given twice"),
    (".tram 1; V1 a 0 1", "Line 1: '.tram' is not known"),
    ("+ foo", "Line 1: '+' continues nothing"),
    ("* nothing", "no elements"),
    ("", "no elements"),
)


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case[0].replace("\n", ";")[:60])
def test_fault_is_named(case):
    text, *pieces = case
    with pytest.raises(CircuitError) as caught:
        Circuit(text.replace("; ", "\n"), devices=DEVICES)
    message = str(caught.value)
    assert isinstance(caught.value, InputError)
    assert len(message.splitlines()) == 1
    for piece in pieces:
        assert piece in message, message


GOOD = "V1 a 0 1\nR1 a b {2*R}\nC1 b 0 1n\nB1 b 0 I={I_in}"
WRONG_ARGUMENTS = (
    ({"netlist": 5}, "must be text"),
    ({"devices": ["vteam"]}, "must be a dict"),
    ({"devices": {"x": 5}}, "must be a Device"),
    ({"parameters": {"R": 5 * volt}}, "Line 2, R1: '{2*R}' is in volt, but must be in ohm"),
    ({"parameters": {"R": [5, 6] * ohm}}, "must be one value"),
    ({"parameters": {"R": -5 * ohm}}, "Line 2, R1: '{2*R}' must be above 0"),
    ({"parameters": {"R": float("nan") * ohm}}, "R"),
    ({"parameters": {"R": "5ohm"}}, "must be one value"),
    ({"parameters": {"R": 5 * ohm, "C1": 0 * ohm}}, "C1 must be in farad"),
    ({"inputs": {"I_in": 3 * volt}}, "Line 4, B1: '{I_in}' is in volt, but must be in amp"),
    ({"inputs": {"I_in": [3] * nA}}, "must be one value"),
    ({"inputs": {}}, "'I_in', which is not defined"),
    ({"inputs": {"I_in": 3 * nA, "R": 5 * ohm}}, "both an input and a parameter"),
    ({"inputs": {"I_in": 3 * nA, "C1": 5 * ohm}}, "the input 'C1' has the name of a value"),
    ({"parasitic": 0 * volt}, "parasitic must be in farad"),
    ({"vary": ("Rx",)}, "vary names 'Rx'"),
    ({"vary": 3}, "vary must be names"), ({"name": "my circuit"}, "name must be a word"),
    ({"parameters": [1]}, "parameters must be a dict"), ({"inputs": None}, "inputs must be a dict"),
    ({"parameters": {"R": lambda t: t}}, "parameters['R'] must be a TimedArray"),
)


@pytest.mark.parametrize("case", WRONG_ARGUMENTS, ids=lambda case: case[1][:40])
def test_wrong_arguments(case):
    changes, piece = case
    given = {"netlist": GOOD, "parameters": {"R": 5 * ohm}, "inputs": {"I_in": 3 * nA}, **changes}
    with pytest.raises(CircuitError) as caught:
        Circuit(**given)
    assert piece in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("change", [{"R1": 0 * ohm}, {"R1": -1 * ohm}, {"R1": 1 * volt},
                                    {"R9": 1 * ohm}, {"C1": float("inf")}])
def test_changed_values_are_checked(change):
    with pytest.raises(CircuitError, match="R1|R9|C1"):
        Circuit("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n").with_parameters(**change)


def test_a_switch_without_hysteresis_has_no_values_for_it():
    for text in ("vh=0", ""):
        values = Circuit(f"V1 a 0 1\nS1 a 0 a 0 vt=0.5 {text}").values
        assert {*values} == {"V1", "S1_ron", "S1_roff", "S1_vt", "S1_width"}


def test_deep_and_long_texts():
    deep = "(" * 5000 + "1" + ")" * 5000
    for value in (f"{{{deep}}}", "{" + "-" * 3000 + "1}", "{" + "1+" * 3000 + "1}", "9" * 5000):
        with pytest.raises(CircuitError, match="Line 1, V1"):
            Circuit(f"V1 a 0 {value}\nR1 a 0 1")
    with pytest.raises(CircuitError, match="Line 1"):
        read("\x00")
