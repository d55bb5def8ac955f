"""The graph of a circuit: which nodes are held by voltages, and what is wrong with it."""

import re
from dataclasses import dataclass

from brianmem.circuits.netlist import GROUND
from brianmem.errors import CircuitError

#: Roles that say the voltage between their nodes.
HOLDING = ("voltage", "vcvs", "ccvs", "capacitor")


@dataclass(frozen=True)
class Step:
    """One branch of the tree, from a node towards its root: v_node = v_parent + sign*branch."""

    node: str
    parent: str
    branch: object
    sign: int


class Topology:
    """A forest of the branches that hold voltages; capacitors that close a loop are `links`.

    The nodes of each tree move together with its root; the tree of ground is known.
    """

    def __init__(self, branches):
        self.branches = branches
        self.nodes = tuple(dict.fromkeys(n for branch in branches for n in (branch.a, branch.b)))
        _check_ground(branches, self.nodes)
        self.links, tree = _forest(branches)
        self.root, self.step, self.order = _rooted(tree, self.nodes)
        self.tree = tuple(tree)

    def path(self, node):
        """Return the steps from `node` to its root."""
        steps = []
        while node in self.step:
            steps.append(self.step[node])
            node = self.step[node].parent
        return steps

    def below(self, branch):
        """Return the nodes whose path to the root goes through the tree's `branch`."""
        return {n for n in self.nodes if any(s.branch is branch for s in self.path(n))}

    def component(self, root):
        """Return the nodes whose voltages hang on `root`."""
        return {n for n in self.nodes if self.root[n] == root}

    @property
    def free_roots(self):
        """Roots other than ground, in the order of the netlist."""
        return tuple(n for n in self.nodes if self.root[n] == n and n != GROUND)

    def leaving(self, nodes):
        """Yield (branch, sign) of what crosses the border of `nodes` outside of the tree."""
        inside = set(self.tree)
        for branch in self.branches:
            ends = (branch.a in nodes, branch.b in nodes)
            if ends[0] != ends[1] and branch not in inside:
                yield branch, 1 if ends[0] else -1


def _check_ground(branches, nodes):
    for branch in branches:
        if branch.a == branch.b:
            raise CircuitError(f"{branch.element}: both ends are at node '{branch.a}'.")
    if GROUND not in nodes:
        raise CircuitError("Circuit: no element is joined to ground. Call one node 0.")
    reached, grew = {GROUND}, True
    while grew:
        fresh = {n for branch in branches if {branch.a, branch.b} & reached
                 for n in (branch.a, branch.b)} - reached
        reached |= fresh
        grew = bool(fresh)
    for node in nodes:
        if node not in reached:
            owner = next(b.element for b in branches if node in (b.a, b.b))
            raise CircuitError(f"{owner}: node '{node}' floats: nothing joins it to ground. Add a "
                               "resistor from it to 0.")


def check_controls(branches, elements):
    """Raise for a node that leads nowhere, and for a control that the circuit does not have."""
    names, nodes = {b.name for b in branches}, {GROUND, *(n for b in branches for n in (b.a, b.b))}
    for element in elements:
        for node in _gates(element):
            if node not in nodes:
                raise CircuitError(f"{element}: node '{node}' floats: it only controls. Join it to an "
                                   "element that holds its voltage.")
        if element.kind in "FH" and element.words[0] not in names:
            raise CircuitError(f"{element}: no element '{element.words[0]}' whose current could "
                               "control it.")
    _check_currents(branches)
    for branch in branches:
        for node in {branch.a, branch.b} - {GROUND}:
            if not any(node in (b.a, b.b) for b in branches if b is not branch) and \
                    not any(_mentions(e, node) for e in elements):
                raise CircuitError(f"{branch.element}: node '{node}' leads nowhere: only {branch.name} "
                                   "is joined to it. Join it to another element, or check its "
                                   "spelling.")


def _check_currents(branches):
    """Raise for current-controlled current sources that control each other in a ring."""
    controls = {b.name: b.control[0] for b in branches if b.role == "cccs"}
    for branch in branches:
        way = [branch.name]
        while way[-1] in controls and way.count(way[-1]) == 1:
            way.append(controls[way[-1]])
        if len(way) > 1 and way[-1] == branch.name:
            raise CircuitError(f"{branch.element}: nothing determines its current: it is controlled by "
                               f"{', '.join(way[1:])}. Control it by the current of a resistor or "
                               "voltage source.")


def _gates(element):
    """Return the nodes that control an element without carrying its current."""
    return element.nodes[2:] if element.kind in "EGS" else \
        element.nodes[1:2] if element.kind == "M" else ()


def _mentions(element, node):
    texts = " ".join((*element.words, *element.options.values()))
    return node in _gates(element) or \
        re.search(rf"\b[vV]\([^()]*\b{re.escape(node)}\b[^()]*\)", texts) is not None


def _forest(branches):
    leader = {}

    def find(node):
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    links, tree = [], []
    holding = [b for b in branches if b.role in HOLDING]
    for branch in sorted(holding, key=lambda b: b.role == "capacitor"):
        a, b = find(branch.a), find(branch.b)
        if a != b:
            leader[a] = b
            tree.append(branch)
        elif branch.role == "capacitor":
            links.append(branch)
        else:
            others = _loop(tree, branch)
            raise CircuitError(f"{branch.element}: closes a loop of voltage sources with "
                               f"{', '.join(o.name for o in others)}. Put a resistor into the loop.")
    return tuple(links), tree


def _loop(tree, branch):
    """Return the branches of `tree` on the way from one end of `branch` to the other."""
    ways, seen = [(branch.a, ())], {branch.a}
    while ways:
        node, way = ways.pop(0)
        if node == branch.b:
            return way
        for other in tree:
            far = other.b if other.a == node else other.a if other.b == node else None
            if far is not None and far not in seen:
                seen.add(far)
                ways.append((far, (*way, other)))
    return ()


def _rooted(tree, nodes):
    neighbours = {}
    for branch in tree:
        neighbours.setdefault(branch.a, []).append((branch.b, branch, -1))
        neighbours.setdefault(branch.b, []).append((branch.a, branch, 1))
    root, step, order = {}, {}, []
    for start in (GROUND, *(n for n in nodes if n != GROUND)):
        if start in root:
            continue
        root[start], queue = start, [start]
        while queue:
            parent = queue.pop(0)
            order.append(parent)
            for node, branch, sign in neighbours.get(parent, ()):
                if node not in root:
                    root[node], step[node] = start, Step(node, parent, branch, sign)
                    queue.append(node)
    return root, step, tuple(order)
