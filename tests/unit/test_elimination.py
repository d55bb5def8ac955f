"""Straight-line elimination, and constants taken out of a tape; the C++ is legal Python, too."""

import math

import numpy as np
import pytest

from brianmem.integration import elimination
from brianmem.integration.constants import Constants


def statements(text, function):
    """Return the body of a C++ function as Python."""
    body = text.split(f"%NAME%_{function}(")[1].split("{\n")[1].split("\n}")[0]
    return body.replace("double ", "").replace(";", "")


def random_system(k, density, seed):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(k, k)) * (rng.random((k, k)) < density)
    return jacobian, sorted(zip(*(n.tolist() for n in np.nonzero(jacobian)), strict=True))


@pytest.mark.parametrize(("k", "density"), [(1, 1.0), (1, 0.0), (4, 0.5), (12, 0.2), (30, 0.1)])
def test_solves_what_a_dense_solver_solves(k, density):
    jacobian, entries = random_system(k, density, seed=k)
    text, shift = elimination.code(k, entries), 10.0
    w = [0.0] * (k * k)
    exec(statements(text, "factor"), {"shift": shift, "j": [jacobian[e] for e in entries], "w": w})
    b = np.arange(1.0, k + 1)
    expected = np.linalg.solve(shift * np.eye(k) - jacobian, b)
    exec(statements(text, "solve"), {"w": w, "b": b})
    np.testing.assert_allclose(b, expected, rtol=1e-12)


def test_a_chain_costs_what_is_not_zero():
    k = 200
    entries = [(i, j) for i in range(k) for j in (i - 1, i, i + 1) if 0 <= j < k]
    text = elimination.code(k, entries)
    assert f"size = {3*k - 2}" in text  # no fill-in
    assert text.count("-=") < 5 * k


def test_a_full_matrix_of_many_states_takes_the_loop():
    entries = [(i, j) for i in range(40) for j in range(40)]
    assert "pivot[c] = best" in elimination.code(40, entries)


def test_one_fixed_step_looks_for_pivots():
    assert "pivot[c] = best" in elimination.code(2, [(0, 1), (1, 0)], pivoting=True)


def test_constants_leave_the_values_as_they_are():
    lines = ["w0 = p_a / p_b", "w1 = op_exp(y_x)", "w2 = w1 / w0", "w3 = 1.0 / w1", "w4 = 1.0/w1",
             "w5 = w2*w3", "w6 = w5 + w4", "w7 = p_a / 0.25"]
    constants = Constants()
    rest, outputs = constants.split(lines, ["w6", "w7", "w0"])
    space = {"p_a": 3.0, "p_b": 7.0, "y_x": 0.3, "op_exp": math.exp}
    plain, found = dict(space), dict(space)
    exec("\n".join(lines), plain)
    text = constants.text(type("System", (), {"inputs": ("a", "b")}))
    c = [0.0] * constants.count
    exec("\n".join(line.strip().replace("const double ", "").rstrip(";")
                   for line in text.splitlines()[2:-1]), {"p": (3.0, 7.0), "c": c})
    found.update({f"c{k}": value for k, value in enumerate(c)})
    exec("\n".join(rest), found)
    assert len(rest) == 5  # w0 and w7 are constant, w4 is w3
    assert [found.get(o) for o in outputs] == pytest.approx([plain[n] for n in ("w6", "w7", "w0")])
