"""Random linear networks against the matrix exponential; random texts against a one-line reason."""

import numpy as np
import pytest
from brian2 import Network, prefs, second
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, null_space

from brianmem import Circuit, find
from brianmem import equations as eq
from brianmem.errors import CircuitError

SOME = settings(deadline=None, max_examples=40, derandomize=True,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
FEW, MANY = settings(SOME, max_examples=3), settings(SOME, max_examples=100)
SIZES = st.floats(0.3, 3).map(lambda x: round(x, 3))


@st.composite
def networks(draw):
    """Return (kind, a, b, value, start) of elements: each node has a way of resistors to 0."""
    nodes, elements = ["0"], []
    for k in range(draw(st.integers(2, 6))):
        node, other = f"n{k}", draw(st.sampled_from(nodes))
        if draw(st.integers(0, 3)) == 0:
            elements.append(("V", node, other, draw(SIZES), 0))
        else:
            elements.append(("R", node, other, draw(SIZES), 0))
        # Two elements at each node, as a node of one leads nowhere.
        elements.append(("R", node, nodes[-1], draw(SIZES), 0))
        nodes.append(node)
    for _ in range(draw(st.integers(1, 8))):
        a, b = draw(st.permutations(nodes))[:2]
        start = draw(st.floats(-1, 1).map(lambda x: round(x, 2)))
        elements.append((draw(st.sampled_from("RCCCCLLI")), a, b, draw(SIZES), start))
    return draw(st.permutations(elements))


def tree_of(elements):
    """Return which elements hold a voltage without closing a loop: sources, then capacitors."""
    leader, tree = {}, set()

    def find_leader(node):
        return node if leader.get(node, node) == node else find_leader(leader[node])

    for kind in "VC":
        for k, (own, a, b, *_) in enumerate(elements):
            one, two = find_leader(a), find_leader(b)
            if own == kind and one != two:
                leader[one] = two
                tree.add(k)
    return tree


def netlist_of(elements):
    tree = tree_of(elements)
    lines = []
    for k, (kind, a, b, value, start) in enumerate(elements):
        own = f" ic={start}" if kind == "L" or (kind == "C" and k in tree) else ""
        lines.append(f"{kind}{k} {a} {b} {value}{own}")
    return "\n".join(lines)


def descriptor(elements):
    """Return nodes, E and A of ``E dx/dt + A x = 0`` and x at the start.

    x holds node voltages, currents of V and L, and a 1 that the sources multiply.
    """
    nodes = sorted({n for e in elements for n in e[1:3]} - {"0"})
    holders = [k for k, e in enumerate(elements) if e[0] in "VL"]
    size = len(nodes) + len(holders) + 1
    left, right, start = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
    start[-1] = left[-1, -1] = 1
    tree, known, wanted = tree_of(elements), [], []
    for k, (kind, a, b, value, ic) in enumerate(elements):
        row = np.zeros(size)
        for node, sign in ((a, 1), (b, -1)):
            if node != "0":
                row[nodes.index(node)] = sign
        if kind in "CR":
            (left if kind == "C" else right)[:] += np.outer(row, row) * (value if kind == "C"
                                                                         else 1 / value)
        elif kind == "I":
            right[:, -1] += row * value
        else:
            own = len(nodes) + holders.index(k)
            right[:, own] += row
            right[own] += row
            if kind == "L":
                left[own, own] = -value
                start[own] = ic
            else:
                right[own, -1] -= value
        if k in tree:
            known.append(row[:len(nodes)])
            wanted.append(value if kind == "V" else ic)
    if known:
        start[:len(nodes)] = np.linalg.lstsq(np.array(known), np.array(wanted), rcond=None)[0]
    return nodes, left, right, start


def exact(left, right, start, time):
    """Return x(t): the part of the pencil without impulses, by its own exponential."""
    shifted = np.linalg.inv(0.7 * left + right)
    slow = shifted @ left
    power = np.linalg.matrix_power(slow, 2)  # index 2 at most: loops of capacitors and sources
    u, s, _ = np.linalg.svd(power)
    image, kernel = u[:, s > 1e-10 * s[0]], null_space(power, rcond=1e-10)
    basis = np.hstack([image, kernel])
    inside = np.linalg.solve(basis, start)[:image.shape[1]]
    reduced = np.linalg.lstsq(image, slow @ image, rcond=None)[0]
    moved = np.linalg.lstsq(image, shifted @ right @ image, rcond=None)[0]
    return image @ (expm(-np.linalg.solve(reduced, moved) * time) @ inside)


def lines_at(circuit, names):
    """Return a function of the states that gives lines of the equations."""
    space = {k: float(v) for k, v in circuit.values.items()}
    function = eq.compile_system(circuit.equations, ("_", "0"), names,
                                 [*space, *circuit.states, "t"], {})
    return lambda y: np.array(function(**space, **dict(zip(circuit.states, y, strict=True)), t=0.0),
                              dtype=float)


def compiled_after(circuit, nodes, time):
    """Return node voltages at `time`: the compiled rates are linear, so their exponential is exact."""
    rates = lines_at(circuit, [f"_rate_{s}" for s in circuit.states]) if circuit.states else None
    y = np.array([float(circuit.initial[s]) for s in circuit.states])
    if rates is not None:
        k = len(y)
        matrix = np.zeros((k + 1, k + 1))
        matrix[:k, k] = rates(np.zeros(k))
        matrix[:k, :k] = np.transpose([rates(unit) - matrix[:k, k] for unit in np.eye(k)])
        y = (expm(matrix * time) @ [*y, 1])[:k]
    return lines_at(circuit, [f"v_{n}" for n in nodes])(y)


@SOME
@given(networks())
def test_linear_networks_equal_the_matrix_exponential(elements):
    circuit = Circuit(netlist_of(elements))
    nodes, *system = descriptor(elements)
    for time in (0.4, 1.7):
        np.testing.assert_allclose(compiled_after(circuit, nodes, time),
                                   exact(*system, time)[:len(nodes)], rtol=1e-6, atol=1e-7)


@FEW
@given(networks())
def test_linear_networks_integrate_to_tolerance(elements):
    elements = [*elements, ("C", "n0", "n1", 1.0, 0.3)]
    circuit = Circuit(netlist_of(elements))
    nodes, *system = descriptor(elements)
    group = circuit.group(1, dt=0.5 * second, codeobj_class=NumpyCodeObject)
    Network(group).run(1 * second, namespace={})
    found = [np.ravel(getattr(group, f"v_{n}_")[:])[0] for n in nodes]
    np.testing.assert_allclose(found, exact(*system, 1.0)[:len(nodes)], rtol=1e-4, atol=1e-4)


WELL = """V1 a 0 pulse(0 1 1u 1n 1n 1u)
.param Vx=2V k=3
.model nm nmos kp=50u vto=0.7
.subckt cell p q r=1k
R1 p m {r*2}
C1 m q 1n ic=0.1
X1 m q vteam R_on=100
.ends
R1 a b 10k
C1 b 0 {k*1e-9}
L1 b c 1m
X1 b c cell r=5k
B1 c 0 I={1e-3*siemens*v(b, c) + 2*i(R1)}
E1 d 0 b 0 2
F1 0 e V1 0.5
R2 d e 1meg
R3 e 0 1k
M1 c d 0 nm w=2u
D1 c 0
S1 b e d 0 ron=1k vt=0.5
V2 f 0 {Vx}
R4 f c 1k"""
PIECES = ("", "0", "a", "b", "R1", "V1", "X1", "1k", "-1", "1M", "1F", "5V", "{", "}", "(", ")", "=",
          "{v(a)}", "{i(R1)}", "{v(zz)}", "{1/0}", "{1/(v(a))}", "v(a)", ",", "ic=", "sin(0 1 1k)",
          "\n", "+", "*", ".subckt cell a b", ".ends", ".param", "nm", "cell", "vteam", "1e400", "inf",
          "nan",
          "t", "xi", "lambda", "__import__('os')", "\x00", "\xb5", "i", "N", "{9**9**9}", "{'x'}",
          "1e-400", "{t}", "{log(v(b)/volt)*volt}", "{2*ohm}", "?", ":", "%", "[0]", "$ ", ";", "\t")
DEVICES = {"vteam": find("vteam")}


def verdict(text):
    """Return the circuit of `text`, or None where a one-line error of ours refuses it."""
    try:
        return Circuit(text, devices=DEVICES)
    except CircuitError as error:
        message = str(error)
    assert message
    assert len(message.splitlines()) == 1, message
    return None


@MANY
@given(st.data())
def test_malformed_netlists_never_reach_brian(data):
    words = WELL.replace("\n", " \n ").split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at:at + data.draw(st.integers(0, 2))] = [data.draw(st.sampled_from(PIECES))]
    circuit = verdict(" ".join(words))
    if circuit is not None:
        y = [float(circuit.initial[s]) for s in circuit.states]
        assert np.all(np.isfinite(lines_at(circuit, circuit.observables)(y)))


@MANY
@given(st.lists(st.tuples(*[st.sampled_from(("R1", "C1", "V1", "I2", "E1", "X1", "F1", "L1", "B1", "D1",
                                             "M1", "S1", *PIECES))] * 4).map(" ".join), max_size=4))
def test_random_texts_are_refused_or_compile(lines):
    verdict("\n".join(lines))


@FEW
@given(st.data())
def test_what_compiles_also_runs(data):
    lines = WELL.split("\n")
    for _ in range(2):
        del lines[data.draw(st.integers(0, len(lines) - 1))]
    circuit = verdict("\n".join(lines))
    if circuit is not None:
        group = circuit.group(2, dt=1e-8 * second, codeobj_class=NumpyCodeObject)
        Network(group).run(3e-8 * second, namespace={})
        for name in (*circuit.states, *circuit.observables):
            assert np.all(np.isfinite(np.asarray(getattr(group, f"{name}_")[:]))), name


def test_the_well_formed_one_compiles():
    assert verdict(WELL) is not None
    assert prefs.codegen.target in ("auto", "numpy", "cython")


def test_the_exponential_of_the_test_is_right():
    # A charged capacitor in parallel with a discharged one and a resistor; and a divider.
    elements = [("R", "n0", "0", 1.0, 0), ("C", "n0", "0", 2.0, 0.5)]
    nodes, *system = descriptor(elements)
    assert nodes == ["n0"]
    assert exact(*system, 1.0)[0] == pytest.approx(0.5 * np.exp(-0.5))
    elements = [("V", "n0", "0", 2.0, 0), ("R", "n0", "n1", 1.0, 0), ("R", "n1", "0", 3.0, 0)]
    assert exact(*descriptor(elements)[1:], 1.0)[:2] == pytest.approx([2, 1.5])
