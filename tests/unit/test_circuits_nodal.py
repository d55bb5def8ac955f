"""Kirchhoff's laws and the law of each element hold at whatever states: read off the equations."""

import numpy as np
import pytest
from brian2 import TimedArray, kohm, ms, nA, second, volt

from brianmem import Circuit, find
from brianmem import equations as eq
from brianmem.errors import CircuitError

LADDER = """
V1 a 0 sin(0 1 1k)
R1 a b 1k
C1 b 0 1n
R2 b c 2k
C2 c 0 3n ic=0.5
L1 c d 1m
R3 d 0 50"""
LOOPS = """
V1 a 0 2
R1 a b 1k
C1 b c 1n
C2 c 0 2n
C3 b 0 3n
C4 b d 4n
C5 d c 5n
R2 c 0 1k
R3 d 0 1meg"""
CONTROLLED = """
V1 a 0 1
R1 a b 1k
E1 c 0 b 0 3
R2 c d 2k
C1 d 0 1n
G1 0 e b d 1m
R3 e 0 1k
F1 0 f V1 2
R4 f 0 3k
H1 g 0 R2 500
R5 g b 10k
F2 e f C1 0.5"""
OP_AMP = """
V1 in 0 0.3
R1 in minus 1k
R2 minus out 10k
C1 minus out 1n
E1 out 0 0 minus 100k
R3 out 0 1k"""
FLOATING = """
I1 0 a {I_in}
C1 a b 1n ic=0.2
R1 b c 1k
V1 c d 0.5
R2 d 0 1k
R3 a d 5k
L1 b d 1u
E1 p q a c 2
R4 p a 1k
R5 q 0 1k"""
ACTIVE = """
.model nn nmos kp=100u vto=0.5 lambda=0.02 w=2u l=1u
.model pp pmos kp=40u vto=-0.5 w=5u l=1u
Vdd vdd 0 2
V1 in 0 pulse(0 2 1u 10n 10n 1u 3u)
MP out in vdd vdd pp
MN out in 0 0 nn
C1 out 0 1f
D1 out x is=1e-12 n=1.5
R1 x 0 10k
S1 x y in 0 ron=100 roff=1meg vt=1 width=0.05
C2 y 0 1p
B1 y 0 I={1e-4*siemens*v(y)**3/volt**2 + 0.1*i(R1)}
B2 z 0 V={drive(t)*v(y, x)}
R2 z y 1k"""
MEMORY = """
.subckt cell top bottom g=2k
R1 top mid {g*2}
X1 mid bottom vteam w=1.5n
C1 mid bottom 1p
.ends
V1 a 0 1
X1 a b cell g=1k
X2 b 0 cell
X3 a 0 linear_ion_drift"""
GIVEN = {
    "FLOATING": {"inputs": {"I_in": 3 * nA}},
    "ACTIVE": {"parameters": {"drive": TimedArray([0.1, 0.2], dt=1 * ms)}},
    "MEMORY": {"devices": {"vteam": find("vteam"), "linear_ion_drift": find("linear_ion_drift")}},
}
NAMES = ("LADDER", "LOOPS", "CONTROLLED", "OP_AMP", "FLOATING", "ACTIVE", "MEMORY")


def circuit_of(name):
    return Circuit(globals()[name], **GIVEN.get(name, {}))


def at_random(circuit, seed, t=0.3e-3):
    """Return every line, and the rate of every state, at random states."""
    rng = np.random.default_rng(seed)
    model = circuit.equations
    known = {**circuit.values, **circuit.inputs}
    functions = {k: lambda s, f=f: float(f(s * second)) for k, f in known.items() if callable(f)}
    given = {k: float(v) for k, v in known.items() if not callable(v)} | {"t": t}
    for state in circuit.states:
        low, high = map(float, circuit.bounds.get(state, (-1, 1)))
        scale = 1e-3 if state.startswith("i_") else 1
        given[state] = np.float64(rng.uniform(low, high) * scale)
    lines = [*circuit.observables, *(f"_rate_{s}" for s in circuit.states)]
    system = eq.compile_system(model, ("_", "0"), lines, list(given), functions)
    return given | dict(zip(lines, map(float, system(**given)), strict=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_laws_of_kirchhoff(name, seed):
    circuit = circuit_of(name)
    found = at_random(circuit, seed)
    into, sizes = {}, {}
    for branch in circuit.branches:
        current = found[f"i_{branch.name}"]
        for node, sign in ((branch.a, 1), (branch.b, -1)):
            into[node] = into.get(node, 0) + sign * current
            sizes[node] = sizes.get(node, 0) + abs(current)
    assert len(into) > 3
    for node, total in into.items():
        assert abs(total) <= 1e-9 * sizes[node], node


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_law_of_each_element(name, seed):
    circuit = circuit_of(name)
    found = at_random(circuit, seed)
    tested = set()

    def v(node, rate=False):
        if node == "0":
            return 0.0
        return slope(circuit, found, seed, node) if rate else found[f"v_{node}"]

    def across(a, b, rate=False):
        return v(a, rate) - v(b, rate)

    for branch in circuit.branches:
        i, value = found[f"i_{branch.name}"], found.get(branch.name)
        sides = {
            "capacitor": lambda: (i, value * across(branch.a, branch.b, rate=True)),
            "inductor": lambda: (across(branch.a, branch.b), value * found[f"_rate_i_{branch.name}"]),
            "conductance": lambda: (i * value, across(branch.a, branch.b)) if value else None,
            "voltage": lambda: (across(branch.a, branch.b), value) if value is not None else None,
            "current": lambda: (i, value) if value is not None else None,
            "vcvs": lambda: (across(branch.a, branch.b), value * across(*branch.control)),
            "vccs": lambda: (i, value * across(*branch.control)),
            "cccs": lambda: (i, value * found[f"i_{branch.control[0]}"]),
            "ccvs": lambda: (across(branch.a, branch.b), value * found[f"i_{branch.control[0]}"]),
        }[branch.role]()
        if sides is not None:
            assert sides[0] == pytest.approx(sides[1], rel=1e-6, abs=1e-12), branch.name
            tested.add(branch.role)
    assert len(tested) > 1


def slope(circuit, found, seed, node):
    """Return dv/dt of a node: by its derivatives in the states, and by t, numerically."""
    model, total = circuit.equations, 0.0
    if f"v_{node}" in circuit.states:
        return found[f"_rate_v_{node}"]
    known = {**circuit.values, **circuit.inputs}
    functions = {k: lambda s, f=f: float(f(s * second)) for k, f in known.items() if callable(f)}
    names = [*(k for k, v in known.items() if not callable(v)), "t", *circuit.states]
    system = eq.compile_system(model, ("_", "0"), (f"v_{node}",), names, functions)
    given = {k: found[k] for k in names}
    for name, rate in [(s, found[f"_rate_{s}"]) for s in circuit.states] + [("t", 1.0)]:
        step = 1e-9 if name == "t" else 1e-4 * max(abs(given[name]), 1e-3)
        up, down = (system(**{**given, name: given[name] + sign * step})[0] for sign in (1, -1))
        total += rate * (up - down) / (2 * step)
    return float(total)


@pytest.mark.parametrize("name", NAMES)
def test_supplied_power_is_what_the_sources_put_in(name):
    circuit = circuit_of(name)
    found = at_random(circuit, 1)
    power = sum(found[f"i_{b.name}"] * ((found[f"v_{b.a}"] if b.a != "0" else 0)
                                        - (found[f"v_{b.b}"] if b.b != "0" else 0))
                for b in circuit.branches if b.element.kind in "VIBEGFH")
    assert found["supplied_power"] == pytest.approx(-power, rel=1e-9)


def test_start_and_names():
    circuit = circuit_of("LADDER")
    assert set(circuit.states) == {"v_b", "v_c", "i_L1"}
    assert float(circuit.initial["v_c"]) == 0.5
    assert "u_C1" in circuit_of("FLOATING").states
    assert circuit_of("ACTIVE").parasitic_nodes == ("x",)
    assert {"X1_X1_w", "X2_X1_w", "u_X1_C1", "v_X2_mid"} <= {*circuit_of("MEMORY").states}
    assert float(circuit_of("MEMORY").initial["X1_X1_w"]) == 1.5e-9


def test_parasitic_capacitance_only_where_voltage_and_current_hang_together():
    assert circuit_of("LADDER").parasitic_nodes == ()
    circuit = Circuit("V1 a 0 1\nR1 a b 1k\nD1 b 0\nCpar_b a 0 1n")
    assert circuit.parasitic_nodes == ("b",)
    assert len({b.name for b in circuit.branches}) == 5
    found = at_random(circuit, 0)
    assert found["_rate_v_b"] == pytest.approx((found["i_R1"] - found["i_D1"]) / 1e-15)


def test_source_controlled_by_the_current_of_a_capacitor_at_its_own_node():
    circuit = Circuit("V1 b 0 1\nR1 b a 2k\nC1 a 0 1n\nF1 a 0 C1 2")
    found = at_random(circuit, 0)
    assert found["i_C1"] == pytest.approx(found["i_R1"] / 3)


def test_capacitors_at_constant_sources_only():
    for value in ("5", "{5*volt}", "{2*Vdd}"):
        circuit = Circuit(f"V1 a 0 {value}\nC1 a b 1n\nC2 b 0 1n\nR1 b 0 1k",
                          parameters={"Vdd": 2 * volt})
        found = at_random(circuit, 0)
        assert found["i_C1"] == pytest.approx(found["i_C2"] + found["i_R1"])
    for source in ("V1 a 0 sin(0 1 1k)", "V1 a 0 {v(b)}", "E1 a 0 b 0 2", "V1 a 0 {Vin}"):
        with pytest.raises(CircuitError, match=r"Line 2, C1: closes a loop with"):
            Circuit(f"{source}\nC1 a 0 1n\nR1 a b 1k\nC2 b 0 1n", inputs={"Vin": 0 * volt})


def test_values_are_those_of_the_netlist():
    circuit = Circuit("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n").with_parameters(R1=2 * kohm)
    assert float(circuit.values["R1"]) == 2000
    assert at_random(circuit, 0)["R1"] == 2000
