"""Kirchhoff's laws: branches become equations for states, node voltages and currents.

The branches that hold voltages form a forest, whose trees move as one: their roots
and the currents that control something are the unknowns. The capacitors in the forest
carry the states. What is left is linear for given states, and is eliminated line by line.
"""

import itertools
import re
from dataclasses import dataclass, field

import numpy as np
from brian2.core.namespace import DEFAULT_UNITS
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from brianmem.circuits.couplings import slope
from brianmem.circuits.elements import SOURCES, initial_value
from brianmem.circuits.linear import Form, bracketed, closed, solve
from brianmem.circuits.netlist import GROUND
from brianmem.circuits.topology import Topology
from brianmem.errors import CircuitError


class Loop(Exception):
    """Signal nodes whose voltage and a current depend on each other without delay."""

    def __init__(self, nodes, names):
        super().__init__(nodes, names)
        self.nodes, self.names = nodes, names


@dataclass
class Law:
    """Lines and rates (name to (expression, unit name)) and initial values of a circuit."""

    lines: dict = field(default_factory=dict)
    rates: dict = field(default_factory=dict)
    initial: dict = field(default_factory=dict)


def law_of(parts):
    """Return the `Law` of the branches of `parts`. Raises `Loop` or `CircuitError`."""
    return _Assembly(parts).law()


class _Assembly:
    def __init__(self, parts):
        self.parts = parts
        self.topology = Topology(parts.branches)
        self.branches = {b.name: b for b in parts.branches}
        # A capacitor that joins one node to ground names its state after the node.
        self.state = {b: self._state(b) for b in self.topology.tree if b.role == "capacitor"}

    def _state(self, branch):
        node = branch.a if branch.b == GROUND else None
        return f"v_{node}" if node is not None else f"u_{branch.name}"

    def law(self):
        law = Law(rates=dict(self.parts.rates), initial=dict(self.parts.initial))
        regular = {**self.parts.lines, **self._node_lines(), **self._current_lines()}
        rows, units = self._rows()
        self._ordered(law, regular, rows, units)
        self._states(law)
        law.lines["supplied_power"] = (self._power(), "watt")
        return law

    # Node voltages

    def _node_lines(self):
        lines = {}
        for node in self.topology.order:
            step = self.topology.step.get(node)
            if step is None or self.state.get(step.branch) == f"v_{node}":
                continue
            text = self._held(step.branch)
            text = text if step.parent == GROUND and step.sign > 0 else bracketed(text)
            parent = "" if step.parent == GROUND else f"v_{step.parent}"
            sign = "-" if step.sign < 0 else "+" if parent else ""
            sign = f" {sign} " if parent else sign
            lines[f"v_{node}"] = (f"{parent}{sign}{text}", "volt")
        return lines

    def _held(self, branch):
        if branch in self.state:
            return self.state[branch]
        return f"e_{branch.name}" if branch.role in ("vcvs", "ccvs") else branch.value

    def _potential(self, node):
        """Return the voltage of `node` in terms of unknowns."""
        path = self.topology.path(node)
        free = [s for s in path if s.branch.role in ("vcvs", "ccvs")]
        root = self.topology.root[node]
        if node == GROUND:
            return Form()
        if root == GROUND and not free:
            return Form.known(f"v_{node}")
        form = Form() if root == GROUND else Form.unknown(f"v_{root}")
        for step in path:
            held = Form.unknown(f"e_{step.branch.name}") if step in free else \
                Form.known(self._held(step.branch))
            form = form + held.times(None, step.sign)
        return form

    def _across(self, a, b):
        return self._potential(a) - self._potential(b)

    # Currents

    def _current_lines(self):
        lines = {}
        for branch in self.parts.branches:
            name = f"i_{branch.name}"
            if branch.role == "conductance":
                lines[name] = (f"{bracketed(branch.value)}*{_drop(branch.a, branch.b)}", "amp")
            elif branch.role == "current":
                lines[name] = (branch.value, "amp")
            elif branch.role == "vccs":
                lines[name] = (f"{bracketed(branch.value)}*{_drop(*branch.control)}", "amp")
            elif branch.role == "cccs":
                lines[name] = (f"{closed(branch.value)}*i_{branch.control[0]}", "amp")
        return lines

    def _current(self, branch):
        """Return the current of a branch outside of the tree in terms of unknowns."""
        if branch.role == "conductance":
            return self._across(branch.a, branch.b).times(branch.value)
        if branch.role == "vccs":
            return self._across(*branch.control).times(branch.value)
        if branch.role == "cccs":
            return self._controlling(branch.control[0]).times(branch.value)
        name = f"i_{branch.name}"
        return Form.unknown(name) if branch.role == "capacitor" else Form.known(name)

    def _controlling(self, name):
        branch = self.branches[name]
        if branch in self.topology.tree or branch in self.topology.links:
            return Form.unknown(f"i_{name}")
        return self._current(branch)

    def _leaving(self, nodes):
        form = Form()
        for branch, sign in self.topology.leaving(nodes):
            form = form + self._current(branch).times(None, sign)
        return form

    def _rows(self):
        """Return unknown to its row (a form that is 0), and to the units of both."""
        topology, rows, units = self.topology, {}, {}
        for root in topology.free_roots:
            rows[f"v_{root}"] = self._leaving(topology.component(root))
            units[f"v_{root}"] = ("volt", "amp")
        for branch in topology.tree:
            key = f"i_{branch.name}"
            sign = 1 if self._is_upper(branch) else -1
            rows[key] = Form.unknown(key) + self._leaving(topology.below(branch)).times(None, sign)
            units[key] = ("amp", "amp")
            if branch.role in ("vcvs", "ccvs"):
                key = f"e_{branch.name}"
                cause = self._across(*branch.control) if branch.role == "vcvs" else \
                    self._controlling(branch.control[0])
                rows[key] = Form.unknown(key) - cause.times(branch.value)
                units[key] = ("volt", "volt")
        for branch in topology.links:
            key = f"i_{branch.name}"
            rows[key] = Form.unknown(key) - self._slope(branch).times(branch.value)
            units[key] = ("amp", "amp")
        return rows, units

    def _is_upper(self, branch):
        """Tell whether end `a` of a tree branch is the one away from the root."""
        step = self.topology.step.get(branch.a)
        return step is not None and step.branch is branch

    def _slope(self, link):
        """Return the rate of the voltage that the tree gives a capacitor which closes a loop."""
        form = Form()
        paths = self.topology.path(link.a), self.topology.path(link.b)
        for path, side in zip(paths, (1, -1), strict=True):
            for step in path:
                if any(step.branch is s.branch for s in paths[side == 1]):
                    continue  # the part that both ways share
                branch, sign = step.branch, side * step.sign
                if branch.role == "capacitor":
                    rate = Form.unknown(f"i_{branch.name}").times(f"1/{closed(branch.value)}")
                    form = form + rate.times(None, sign)
                elif branch.role != "voltage" or not self._is_constant(branch.value):
                    raise CircuitError(f"{link.element}: closes a loop with {branch.name}, whose "
                                       "voltage moves: its current would be a derivative. Put a "
                                       "resistor into the loop.")
        return form

    def _is_constant(self, text):
        return _identifiers(text) <= self.parts.constant | DEFAULT_UNITS.keys()

    # Order

    def _ordered(self, law, regular, rows, units):
        """Put all lines into `law`, unknowns solved in the blocks in which they hang together."""
        names = [*regular, *rows]
        number = {n: k for k, n in enumerate(names)}
        needs = {n: _identifiers(regular[n][0]) & number.keys() for n in regular}
        needs |= {n: {*form.unknowns, *(_identifiers(" ".join(form.texts)) & number.keys())}
                  for n, form in rows.items()}
        pairs = [(number[a], number[b]) for a in names for b in needs[a]]
        graph = csr_matrix((np.ones(len(pairs)), np.transpose(pairs)), (len(names),) * 2) if pairs \
            else csr_matrix((len(names),) * 2)
        count, label = connected_components(graph, connection="strong")
        blocks = [[] for _ in range(count)]
        for name in names:
            blocks[label[number[name]]].append(name)
        self._check_loops(blocks, needs, rows)
        serial = itertools.count()
        for block in blocks:
            if block[0] in regular:
                law.lines[block[0]] = regular[block[0]]
                continue
            for name, text, unit in self._solved(block, rows, units, serial):
                law.lines[name] = (text, unit)

    def _solved(self, block, rows, units, serial):
        if len(block) == 1 and block[0].startswith("i_"):
            branch = self.branches[block[0][2:]]
            # A source that its current controls hangs on itself.
            if branch in self.topology.tree and len(rows[block[0]].terms[block[0]]) == 1:
                return [(block[0], self._balance(branch), "amp")]
        try:
            return solve(block, rows, units, serial)
        except CircuitError:
            raise self._singular(block) from None

    def _balance(self, branch):
        """Return the current of a tree branch as the sum of the named currents it balances."""
        sign = -1 if self._is_upper(branch) else 1
        terms = [(other, sign * s) for other, s in
                 self.topology.leaving(self.topology.below(branch))]
        text = "".join(f" {'+' if s > 0 else '-'} i_{b.name}" for b, s in terms)
        return text.removeprefix(" + ").replace(" - ", "-", 1).strip() if text.startswith(" -") \
            else text.removeprefix(" + ") or "0*amp"

    def _singular(self, block):
        nodes = [n[2:] for n in block if n.startswith("v_")]
        inside = set().union(*(self.topology.component(n) for n in nodes))
        elements = [b.element for b in self.parts.branches
                    if (b.a in inside) != (b.b in inside) or f"e_{b.name}" in block]
        what = f"the voltage of node {', '.join(nodes)}" if nodes else \
            f"what {', '.join(n[2:] for n in block)} does"
        where = " and ".join(map(str, elements)) or "Circuit"
        return CircuitError(f"{where}: nothing determines {what}: only currents meet there, or the "
                            "sources control each other. Add a resistor or capacitor to ground.")

    def _check_loops(self, blocks, needs, rows):
        for block in blocks:
            fixed = [n for n in block if n not in rows]
            if not fixed or (len(block) == 1 and block[0] not in needs[block[0]]):
                continue
            free = [n[2:] for n in block if n in rows and n.startswith("v_")]
            names = [b.name for b in self.parts.branches if f"i_{b.name}" in fixed or
                     any(n.startswith(f"{b.name}_") for n in fixed) or
                     any(f"v_{x}" in fixed for x in (b.a, b.b) if x != GROUND)]
            raise Loop(free, names or fixed)

    # States

    def _states(self, law):
        for branch, state in self.state.items():
            law.rates[state] = (f"i_{branch.name}/{closed(branch.value)}", "volt")
            given = initial_value(branch.element, "volt")
            law.initial[state] = 0.0 if given is None else given
        for branch in self.parts.branches:
            if branch.role == "inductor":
                name = f"i_{branch.name}"
                law.rates[name] = (slope(self.parts, branch, _drop), "amp")
                given = initial_value(branch.element, "amp")
                law.initial[name] = 0.0 if given is None else given
        for link in self.topology.links:
            if initial_value(link.element, "volt") is not None:
                raise CircuitError(f"{link.element}: closes a loop of capacitors or sources, which "
                                   "already say its voltage. Leave ic= out.")

    def _power(self):
        terms = [f"{_drop(b.a, b.b)}*i_{b.name}" for b in self.parts.branches
                 if b.element.kind in SOURCES]
        return "".join(f" - {t}" for t in terms).strip() or "0*watt"


def _drop(a, b):
    first, second = ("" if n == GROUND else f"v_{n}" for n in (a, b))
    if not second:
        return first
    return f"(-{second})" if not first else f"({first} - {second})"


def _identifiers(text):
    return set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text))
