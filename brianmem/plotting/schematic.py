"""Where the parts of a schematic go: nodes in a row, ground below, bridges above.

What leads to ground hangs below its node, each in a column of its own. What joins two
neighbours lies in the row between them, everything else on tracks above the row.
Nothing can overlap, whatever the netlist.
"""

import itertools
from dataclasses import dataclass, field

from brianmem.circuits.netlist import GROUND

#: Widths in units of the drawing: a part with its wires, between label and next part, of a
#: letter, and between two wires that rise from a node.
PART, GAP, LETTER, WIRE = 1.9, 0.9, 0.15, 0.45
#: From a part that hangs to its label.
ASIDE = 0.45
_EXHAUSTIVE = 7


@dataclass(eq=False)
class Net:
    """A node: its line from `left` to `right` in the row."""

    name: str
    left: float = 0.0
    right: float = 0.0
    dots: list = field(default_factory=list)


@dataclass(eq=False)
class Place:
    """A part from point `a` to point `b`, drawn about `middle`; `track` 0 is the row itself."""

    branch: object
    a: tuple = None
    b: tuple = None
    middle: tuple = None
    track: int = 0


def layout(branches, letters):
    """Return the nets in their order, and the places of all branches.

    `letters` maps a branch to how long a line of its label is.
    """
    names = list(dict.fromkeys(n for b in branches for n in (b.a, b.b) if n != GROUND))
    bridges = [b for b in branches if GROUND not in (b.a, b.b)]
    hanging = {n: [b for b in branches if GROUND in (b.a, b.b) and n in (b.a, b.b)] for n in names}
    order = _order(names, bridges, hanging)
    number = {n: k for k, n in enumerate(order)}
    spans = {b: tuple(sorted((number[b.a], number[b.b]))) for b in bridges}
    inline, arcs = _tracks(bridges, spans)
    nets, columns = _columns(order, hanging, inline, arcs, spans, letters)
    places = [_hung(b, nets[n], columns[b]) for n in order for b in hanging[n]]
    places += [_inline(b, nets[order[spans[b][0]]], nets[order[spans[b][1]]]) for b in inline]
    places += _arched(arcs, nets, number)
    return [nets[n] for n in order], places


def _order(names, bridges, hanging):
    """Return the nodes in the order with the shortest bridges, sources to the left."""
    sources = {n: any(b.element.kind == "V" for b in hanging[n]) for n in names}

    def cost(order):
        number = {n: k for k, n in enumerate(order)}
        spans = [abs(number[b.a] - number[b.b]) for b in bridges]
        first = sum(number[n]*0.3 for n in order if sources[n])
        return sum(s**1.5 for s in spans) + first

    if len(names) <= _EXHAUSTIVE:
        return list(min(itertools.permutations(names), key=cost))
    order, best = list(names), cost(names)
    improved = True
    while improved:
        improved = False
        for i, j in itertools.permutations(range(len(order)), 2):
            trial = list(order)
            trial.insert(j, trial.pop(i))
            if cost(trial) < best - 1e-9:
                order, best, improved = trial, cost(trial), True
    return order


def _tracks(bridges, spans):
    """Return the bridges in the row, and the others with their tracks, short ones lowest."""
    inline, arcs, taken = [], {}, {}
    for branch in sorted(bridges, key=lambda b: spans[b][1] - spans[b][0]):
        low, high = spans[branch]
        if high == low + 1 and not any(spans[b] == (low, high) for b in inline):
            inline.append(branch)
            continue
        track = next(k for k in itertools.count(1) if not any(
            low < top and bottom < high for bottom, top in taken.get(k, ())))
        taken.setdefault(track, []).append((low, high))
        arcs[branch] = track
    return inline, arcs


def _columns(order, hanging, inline, arcs, spans, letters):
    """Return name to `Net`, wide enough for what is below, above and beside, and x by branch."""
    nets, columns, x = {}, {}, 0.0
    for k, name in enumerate(order):
        left = column = x
        for branch in hanging[name]:
            columns[branch], room = column, ASIDE + letters[branch]*LETTER + GAP
            column += room
        wires = sum(name in (b.a, b.b) for b in arcs)
        rising = left + _beside(name) + (wires - 1)*WIRE
        right = max(left, column - room if hanging[name] else left, rising if wires else left)
        nets[name] = Net(name, left, right)
        after = [b for b in inline if spans[b][0] == k]
        x = max(column, right + GAP, left + _beside(name) + GAP/2,
                *(right + max(PART, letters[b]*LETTER*1.1 + 0.4) for b in after))
    return nets, columns


def _beside(name):
    """Return the room that the name of a node takes above its line."""
    return len(name)*LETTER*1.2 + 0.1


def _hung(branch, net, x):
    net.dots.append(x)
    top, bottom = (x, 0.0), (x, -2.0)
    a, b = (top, bottom) if branch.b == GROUND else (bottom, top)
    return Place(branch, a, b, (x, -1.0))


def _inline(branch, left, right):
    start, end = (left.right, 0.0), (right.left, 0.0)
    a, b = (start, end) if branch.a == left.name else (end, start)
    return Place(branch, a, b, ((start[0] + end[0])/2, 0.0))


def _arched(arcs, nets, number):
    """Give each end of an arc a column of its node: long arcs outermost, so that few cross."""
    ends = {}
    for name, net in nets.items():
        def slope(branch, name=name):
            other = number[branch.b if branch.a == name else branch.a] - number[name]
            return (other > 0, -arcs[branch] if other > 0 else arcs[branch])

        mine = sorted((b for b in arcs if name in (b.a, b.b)), key=slope)
        for k, branch in enumerate(mine):
            x = net.left + _beside(name) + k*WIRE
            net.dots.append(x)
            ends[branch, name] = x
    rising = [(x, arcs[branch]) for (branch, _name), x in ends.items()]
    return [_arc(branch, track, ends, rising) for branch, track in arcs.items()]


def _arc(branch, track, ends, rising):
    xa, xb = ends[branch, branch.a], ends[branch, branch.b]
    low, high = sorted((xa, xb))
    crossed = sorted(x for x, other in rising if low < x < high and other > track)
    stops = [low, *crossed, high]
    begin, end = max(itertools.pairwise(stops), key=lambda pair: pair[1] - pair[0])
    y = 0.5 + 1.25*track
    return Place(branch, (xa, 0.0), (xb, 0.0), ((begin + end)/2, y), track)
