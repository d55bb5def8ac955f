"""A circuit as a schematic, and traces of one circuit from several programs."""

import numpy as np
from matplotlib.figure import Figure

from brianmem.circuits.netlist import GROUND
from brianmem.errors import InputError
from brianmem.plotting.schematic import ASIDE, LETTER, layout
from brianmem.plotting.style import BLUE, COLUMN, GREY, ORANGE, new_figure, scaled, styled
from brianmem.units import format_quantity

#: Inches per unit of the drawing.
_INCH = 0.5
_LONGEST = 16
_HALF = 0.36
_RESISTOR = [(-0.36, 0), (-0.3, 0.13), (-0.18, -0.13), (-0.06, 0.13), (0.06, -0.13), (0.18, 0.13),
             (0.3, -0.13), (0.36, 0)]
_BOX = [(-0.36, 0.17), (0.36, 0.17), (0.36, -0.17), (-0.36, -0.17), (-0.36, 0.17)]
_MEANDER = [(-0.36, 0), (-0.22, 0), (-0.22, 0.1), (-0.07, 0.1), (-0.07, -0.1), (0.08, -0.1),
            (0.08, 0.1), (0.2, 0.1), (0.2, 0), (0.36, 0)]
_DIAMOND = [(-0.36, 0), (0, 0.3), (0.36, 0), (0, -0.3), (-0.36, 0)]
_ANGLES = np.linspace(0, 2*np.pi, 60)
_CIRCLE = [(0.36*np.cos(a), 0.36*np.sin(a)) for a in _ANGLES]
_PLUS = [[(-0.27, 0), (-0.11, 0)], [(-0.19, 0.08), (-0.19, -0.08)]]
_MINUS = [[(0.19, 0.08), (0.19, -0.08)]]
_ARROW = [[(-0.22, 0), (0.22, 0)], [(0.08, 0.1), (0.22, 0), (0.08, -0.1)]]
_COIL = [(-0.36 + 0.18*(k + (1 - np.cos(a))/2), 0.16*np.sin(a))
         for k in range(4) for a in np.linspace(0, np.pi, 15)]
#: Strokes of each kind of element: along its axis from a to b, and across.
_SYMBOLS = {
    "R": [_RESISTOR],
    "C": [[(-0.36, 0), (-0.07, 0)], [(-0.07, 0.26), (-0.07, -0.26)], [(0.07, 0.26), (0.07, -0.26)],
          [(0.07, 0), (0.36, 0)]],
    "L": [_COIL],
    "V": [_CIRCLE, *_PLUS, *_MINUS], "I": [_CIRCLE, *_ARROW],
    "E": [_DIAMOND, *_PLUS, *_MINUS], "H": [_DIAMOND, *_PLUS, *_MINUS],
    "G": [_DIAMOND, *_ARROW], "F": [_DIAMOND, *_ARROW],
    "D": [[(-0.36, 0), (-0.2, 0)], [(-0.2, 0.22), (0.2, 0), (-0.2, -0.22), (-0.2, 0.22)],
          [(0.2, 0.22), (0.2, -0.22)], [(0.2, 0), (0.36, 0)]],
    "S": [[(-0.36, 0), (-0.22, 0), (0.2, 0.2)], [(0.22, 0), (0.36, 0)]],
    "X": [_BOX, _MEANDER, *([(u, 0.17), (u, -0.17)] for u in (0.3, 0.315, 0.33, 0.345))],
    "M": [[(-0.36, 0), (-0.2, 0), (-0.2, 0.16), (0.2, 0.16), (0.2, 0), (0.36, 0)],
          [(-0.2, 0.24), (0.2, 0.24)], [(0, 0.24), (0, 0.36)]],
}


@styled
def draw_circuit(circuit, file=None):
    """Draw `circuit` as a schematic and return the figure; `file` is where to save it.

    Nodes stand in a row, what leads to ground hangs below, other bridges lie above. The
    gate of a transistor and the control of a source are named, not wired.
    """
    labels = {b: _label(circuit, b) for b in circuit.branches}
    letters = {b: max(map(len, lines)) if GROUND in (b.a, b.b) else len(", ".join(lines))
               for b, lines in labels.items()}
    nets, places = layout(circuit.branches, letters)
    top = max([p.middle[1] for p in places if p.track] or [0.0]) + 0.9
    left = -0.9
    right = max(p.middle[0] + ASIDE + letters[p.branch]*LETTER for p in places) + 0.3
    figure = Figure(figsize=((right - left)*_INCH, (top + 2.9)*_INCH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(-2.9, top), aspect="equal")
    axes.axis("off")
    for net in nets:
        _net(axes, net)
    for place in places:
        _part(axes, place, labels[place.branch])
    if file is not None:
        try:
            figure.savefig(file)
        except (OSError, ValueError) as error:
            raise InputError(f"{circuit}: cannot draw to {file}: "
                             f"{getattr(error, 'strerror', None) or error}.") from None
    return figure


def _net(axes, net):
    axes.plot([net.left, net.right], [0, 0], color="black", lw=1.2, solid_capstyle="round")
    axes.plot(net.dots or [net.left], [0]*max(len(net.dots), 1), "o", color="black", ms=3)
    axes.text(net.left - 0.05, 0.12, net.name, color=BLUE, ha="left", va="bottom", weight="bold")


def _part(axes, place, label):
    kind = place.branch.element.kind
    color = GREY if place.branch.name.startswith("Cpar_") else "black"
    strokes = _SYMBOLS.get(kind)
    if kind == "B":
        strokes = _SYMBOLS["E" if place.branch.role == "voltage" else "G"]
    (xa, ya), (xb, yb), (x, y) = place.a, place.b, place.middle
    upright = xa == xb and not place.track
    way = np.sign(yb - ya) if upright else np.sign(xb - xa)
    along, across = (np.array([0, way]), np.array([-1, 0])) if upright else \
        (np.array([way, 0]), np.array([0, 1]))
    first, last = (x, y) - _HALF*along, (x, y) + _HALF*along
    for end, corner in (((xa, ya), first), ((xb, yb), last)):
        path = [end, (end[0], y), corner] if not upright else [end, corner]
        axes.plot(*np.transpose(path), color=color, lw=0.9)
    for stroke in strokes:
        points = [(x, y) + u*along + w*across for u, w in stroke]
        axes.plot(*np.transpose(points), color=color, lw=1.0, solid_joinstyle="round")
    if upright:
        _ground(axes, x, color)
        axes.text(x + ASIDE, y, "\n".join(label), color=color, ha="left", va="center",
                  linespacing=1.3)
    else:
        axes.text(x, y + 0.42, ", ".join(label), color=color, ha="center", va="bottom")


def _ground(axes, x, color):
    for k, half in enumerate((0.24, 0.15, 0.06)):
        axes.plot([x - half, x + half], [-2.0 - 0.1*k]*2, color=color, lw=1.0)


def _label(circuit, branch):
    """Return the lines beside a part."""
    parts = [branch.name, _value(circuit, branch)]
    if branch.element.kind == "M":
        parts.append(f"gate: {branch.element.nodes[1]}")
    elif branch.element.kind == "S":
        parts.append("by " + ", ".join(branch.element.nodes[2:]))
    elif branch.name in circuit.couplings:
        parts.append("{1}: {0}".format(*circuit.couplings[branch.name]))
    elif branch.control:
        parts.append("by " + ", ".join(branch.control))
    return [p for p in parts if p]


def _value(circuit, branch):
    """Return what stands beside the name: a quantity, a model, the first word of a waveform."""
    value = circuit.values.get(branch.name)
    if value is not None:
        return format_quantity(value, 4)
    words = branch.element.words
    if branch.element.kind == "B":
        words = tuple(branch.element.options.values())
    text = words[-1].strip("{}") if words else ""
    head = text.partition("(")[0].lower()
    if branch.element.kind in "VI" and head in ("sin", "pulse", "pwl"):
        return head
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST - 3]}..."


@styled
def overlaid_traces(panels):
    """Draw one panel for each (title, label, dimension, {program: (t, trace)}).

    The last program of a panel is drawn as dots, so that the lines below stay visible.
    """
    if not panels:
        raise InputError("overlaid_traces: there is nothing to draw.")
    rows = (len(panels) + 1)//2
    figure, axes = new_figure(rows, 2, height=1.5*rows, width=2*COLUMN, squeeze=False)
    for ax, (title, label, dim, traces) in zip(axes.flat, panels, strict=False):
        _traces(ax, title, label, dim, {k: v for k, v in traces.items() if v[1] is not None})
    for ax in axes.flat[len(panels):]:
        ax.axis("off")
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))
    return figure


def _traces(ax, title, label, dim, traces):
    from brian2 import second

    styles = [{"color": GREY, "lw": 2.5, "alpha": 0.5}, {"color": ORANGE, "lw": 1, "ls": "--"}]
    for k, (program, (t, trace)) in enumerate(traces.items()):
        x, name = scaled(t, "time", second.dim)
        y, unit = scaled(trace, label, dim)
        if k == len(traces) - 1:
            every = max(1, len(x)//60)
            ax.plot(x[::every], y[::every], ".", color=BLUE, ms=3, label=program)
        else:
            ax.plot(x, y, label=program, **styles[k % 2])
        ax.set(xlabel=name, ylabel=unit)
    ax.set_title(title)
