"""Schematics: nothing overlaps, every element is there; figures of traces."""

import itertools

import numpy as np
import pytest
from brian2 import volt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from brianmem import find
from brianmem.circuits import Circuit
from brianmem.errors import InputError
from brianmem.plotting import draw_circuit, overlaid_traces

BRIDGE = "\n".join(["V1 in 0 1", "R1 in a 1k", "R2 in b 1k", "R3 a 0 1k", "R4 b 0 1k",
                    "R5 a b {3*kohm*(1 + 0.1*v(a)/volt)}", "C1 a b 1n", "L1 a out 1m",
                    "I1 0 out {1*mA*sin(2*pi*t*kHz)}", "F1 out 0 V1 2", "R6 out 0 1k", "C2 in out 1p"])
ARRAY = "\n".join(["Vw1 w1 0 1", "Vw2 w2 0 pulse(0 1 1u 1n 1n 1u)", "X11 w1 b1 m", "X12 w1 b2 m",
                   "X21 w2 b1 m", "X22 w2 b2 m", "R1 b1 0 1k", "R2 b2 0 {2*kohm}", "C12 b1 b2 1n",
                   "G1 b2 0 w1 w2 1m", "S1 w1 b2 w2 0 ron=1k", "D1 b1 0 x", ".model x d(is=1p)"])
LONG = "V1 n1 0 1\n" + "\n".join(f"R{k} n{k} n{k + 1} 1k\nC{k} n{k + 1} 0 1n" for k in range(1, 10))
CIRCUITS = {"bridge": BRIDGE, "array": ARRAY, "long": LONG,
            "transistor": "V1 d 0 1\nVg g 0 1\nM1 d g s n\nR1 s 0 1k\nC1 s 0 1f\nH1 h 0 V1 5\n"
                          "R2 h 0 1k\nB1 b 0 V={2*v(s)}\nR3 b 0 1k\nE1 e 0 b s 2\nR4 e 0 1k\n"
                          ".model n nmos(vto=0.5)"}


def circuit(name):
    return Circuit(CIRCUITS[name], devices={"m": find("vteam")})


def boxes(figure):
    FigureCanvasAgg(figure).draw()
    return {t.get_text(): t.get_window_extent() for t in figure.axes[0].texts}


@pytest.mark.parametrize("name", CIRCUITS)
def test_no_label_overlaps_another_or_leaves_the_page(name):
    figure = draw_circuit(circuit(name))
    found = list(boxes(figure).items())
    for k, (text, box) in enumerate(found):
        assert figure.bbox.x0 <= box.x0, text
        assert box.x1 <= figure.bbox.x1, text
        for other, there in found[k + 1:]:
            assert not box.overlaps(there), (text, other)


@pytest.mark.parametrize("name", CIRCUITS)
def test_no_line_crosses_a_label(name):
    figure = draw_circuit(circuit(name))
    texts = boxes(figure)
    for line in figure.axes[0].lines:
        points = line.get_transform().transform(line.get_xydata())
        for start, end in itertools.pairwise(points):
            stroke = Bbox([np.minimum(start, end), np.maximum(start, end)])
            assert not [t for t, box in texts.items() if box.overlaps(stroke)]


@pytest.mark.parametrize("name", CIRCUITS)
def test_every_element_and_node_is_named(name):
    made = circuit(name)
    texts = " ".join(t.get_text() for t in draw_circuit(made).axes[0].texts)
    for branch in made.branches:
        assert branch.name in texts
    assert "1 kohm" in texts


def test_coupled_inductors_name_each_other():
    coils = Circuit("V1 a 0 1\nR1 a b 50\nL1 b 0 1m\nL2 c 0 2m\nK1 L1 L2 0.9\nR2 c 0 1k")
    labels = boxes(draw_circuit(coils))
    assert {"L1\n1 mH\nK1: L2", "L2\n2 mH\nK1: L1"} <= labels.keys()


def test_the_drawing_is_saved(tmp_path):
    circuit("bridge").draw(tmp_path / "bridge.svg")
    assert (tmp_path / "bridge.svg").stat().st_size > 1000


@pytest.mark.parametrize("file", ["missing/bridge.png", "bridge.bmpx"])
def test_where_nothing_can_be_drawn_is_one_line(tmp_path, file):
    with pytest.raises(InputError, match=r"^Circuit 'circuit': cannot draw to .*\.$"):
        circuit("bridge").draw(tmp_path / file)


def test_traces_that_are_missing_are_left_out():
    t = np.linspace(0, 1, 9)
    panels = [("one", "v_out", volt.dim, {"a": (t, t), "b": (t, None), "c": (t, t)})]*3
    figure = overlaid_traces(panels)
    assert [len(ax.lines) for ax in figure.axes] == [2, 2, 2, 0]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["a", "c"]


def test_nothing_to_draw_is_an_error():
    with pytest.raises(InputError, match="nothing to draw"):
        overlaid_traces([])
