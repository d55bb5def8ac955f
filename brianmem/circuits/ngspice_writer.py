"""The lines of a netlist for ngspice, element by element."""

import re
import textwrap

import numpy as np
from brian2 import TimedArray

from brianmem.circuits.cards import spelt_in
from brianmem.circuits.netlist import GROUND
from brianmem.circuits.reference import Evaluator
from brianmem.circuits.sources import corners_of
from brianmem.circuits.spice_expressions import translate, written
from brianmem.errors import CircuitError, suggestion
from brianmem.integration.rosenbrock import SMALL
from brianmem.units import si_unit_name

#: Before every name that is not in the circuit.
_OWN = "bm_"
#: A line of a device up to this length stands in place of its name, a longer one gets a node.
_LONGEST = 2000
#: Share of the range of a state within which its rate dies beyond a bound.
_EDGE = 1e-6
_CONTROLLED = {"vcvs": "E", "vccs": "G", "ccvs": "H", "cccs": "F"}


class Writer:
    """Writes one circuit; `parts` and `models` are what its netlist says."""

    def __init__(self, circuit, parts, models, initial, native):
        self.circuit, self.parts, self.models, self.native = circuit, parts, models, native
        self.values = {**circuit.inputs, **circuit.values}
        self.evaluate = Evaluator(circuit, initial)
        self.cards, self.saved, self._texts, self._sensed = [], {}, {}, {}
        self.nodes = {n for b in circuit.branches for n in (b.a, b.b)}
        self.elements = {b.name: b for b in circuit.branches}

    def text(self, duration, dt, record, tolerance):
        self.duration, self.dt = float(duration), float(dt)
        names = self._recorded(record)
        self._find_sensed(names)
        for branch in self.circuit.branches:
            self._branch(branch)
        self._couplings()
        for state, (rate, _unit) in self.parts.rates.items():
            self._state(state, rate)
        for name in names:
            self.saved[name] = self._read(name)
        head = [f"* {self.circuit.name}", "* Written by brianmem, in SI units. What is what:"]
        head += [f"* {name} = {scale!r} * {vector}" for name, (scale, vector) in self.saved.items()]
        vectors = " ".join(dict.fromkeys(v for _, v in self.saved.values()))
        tail = [f".options method=trap reltol={tolerance!r} abstol=1e-15 vntol=1e-9 chgtol=1e-22 "
                "trtol=1 gmin=1e-15 itl4=200",
                f".tran {self.dt!r} {self.duration!r} 0 {self.dt!r} uic", f".save {vectors}",
                f".print tran {vectors}", ".end", ""]
        cards = [textwrap.fill(c, 110, subsequent_indent="+ ", break_long_words=False,
                               break_on_hyphens=False) for c in (*self.cards, *tail[:4])]
        return "\n".join([*head, *cards, *tail[4:]])

    # Names

    def _resolve(self, name):
        if name.startswith("v_") and name[2:] in self.nodes:
            return f"v({name[2:]})"
        if name.startswith("i_") and name[2:] in self.elements:
            return f"i({self._sense(name[2:])})"
        if name.startswith("u_") and name[2:] in self.elements:
            return f"v({self.elements[name[2:]].a}, {self.elements[name[2:]].b})"
        if name in self.parts.rates:
            return self._state_text(name)
        if name in self.parts.lines:
            return self._line(name)
        value = self.values.get(name)
        return None if value is None or callable(value) else float(value)

    def _translated(self, code):
        return translate(code, self._resolve, self._function, str(self.circuit))

    def _line(self, name):
        if name not in self._texts:
            text = self._translated(self.parts.lines[name][0])
            if isinstance(text, str) and len(text) > _LONGEST:
                self.cards.append(f"B{_OWN}{name} {_OWN}{name} 0 V = {text}")
                text = f"v({_OWN}{name})"
            self._texts[name] = text
        return self._texts[name]

    def _function(self, name, arguments):
        function = self.values.get(name)
        if not isinstance(function, TimedArray) or arguments != ["t"] or function.values.ndim != 1:
            return None
        if name not in self._texts:
            self._texts[name] = f"v({_OWN}{name})"
            self.cards.append(f"V{_OWN}{name} {_OWN}{name} 0 PWL({self._steps(function)})")
        return self._texts[name]

    def _steps(self, function):
        """Return a `TimedArray` as corners; a step takes a millionth of its width."""
        values, width = np.asarray(function.values, dtype=float), float(function.dt)
        corners = [(0.0, values[0])]
        for k in range(1, len(values)):
            if values[k] != values[k - 1]:
                corners += [(k * width * (1 - 1e-6 / k), values[k - 1]), (k * width, values[k])]
        return " ".join(f"{float(t)!r} {float(v)!r}" for t, v in corners)

    # States

    def _scale(self, state):
        low, high = (float(x) for x in self.parts.bounds.get(state, (-np.inf, np.inf)))
        size = max(abs(low), abs(high)) if np.isfinite(high - low) else \
            abs(float(self.evaluate.start[state]))
        unit = si_unit_name(self.circuit.dimension(state))
        return size or min(1.0, 1e9 * SMALL.get(unit, 1.0))

    def _state_text(self, state):
        scale, node = self._scale(state), f"v({_OWN}{state})"
        low, high = (float(x) / scale for x in self.parts.bounds.get(state, (-np.inf, np.inf)))
        inside = node if low == -np.inf else f"max({node}, {written(low)})"
        inside = inside if high == np.inf else f"min({inside}, {written(high)})"
        return inside if scale == 1 else f"({written(scale)}*{inside})"

    def _state(self, state, rate):
        scale, node = self._scale(state), f"v({_OWN}{state})"
        low, high = (float(x) / scale for x in self.parts.bounds.get(state, (-np.inf, np.inf)))
        flow = f"({written(self._translated(rate))})*{written(self.dt / scale)}"
        edge = _EDGE * (high - low if np.isfinite(high - low) else 1.0)
        # The current into a capacitor that holds 1 V after the step dt at 1 A.
        up = "" if high == np.inf else f"*min(max(({high + edge!r} - {node})/{edge!r}, 0), 1)"
        down = "" if low == -np.inf else f"*min(max(({node} - ({low - edge!r}))/{edge!r}, 0), 1)"
        text = f"max({flow}, 0){up} + min({flow}, 0){down}" if up or down else flow
        start = float(self.evaluate.start[state]) / scale
        self.cards += [f"C{_OWN}{state} {_OWN}{state} 0 {self.dt!r} ic={start!r}",
                       f"B{_OWN}{state} 0 {_OWN}{state} I = {text}"]

    # Branches

    def _find_sensed(self, record):
        texts = [*(b.value for b in self.circuit.branches),
                 *(t for t, _ in (*self.parts.lines.values(), *self.parts.rates.values())), *record]
        for name in re.findall(r"\bi_(\w+)", " ".join(texts)):
            self._sensed[name] = True
        for branch in self.circuit.branches:
            if branch.role in ("cccs", "ccvs"):
                self._sensed[branch.control[0]] = True

    def _sense(self, name):
        return f"V{_OWN}i_{name}"

    @staticmethod
    def _named(branch):
        """Return the name of an element that ngspice itself knows: it tells kinds by the letter."""
        inner = branch.name[0].upper() != branch.element.kind
        return f"{branch.element.kind}{_OWN}{branch.name}" if inner else branch.name

    def _branch(self, branch):
        a, b, name, role = branch.a, branch.b, branch.name, branch.role
        if name in self._sensed:
            self.cards.append(f"{self._sense(name)} {a} {_OWN}to_{name} 0")
            a = f"{_OWN}to_{name}"
        if self.native and branch.element.kind in "DM":
            self._semiconductor(branch, a)
        elif role in _CONTROLLED:
            self._controlled(branch, a)
        elif role in ("capacitor", "inductor"):
            self._storage(branch, a)
        elif role == "conductance":
            value = self._translated(branch.value)
            if isinstance(value, float) and branch.element.kind == "R":
                self.cards.append(f"{self._named(branch)} {a} {b} {1 / value!r}")
            else:
                self.cards.append(f"B{_OWN}{name} {a} {b} I = {written(value)}*v({a}, {b})")
        else:
            self._source(branch, a)

    def _source(self, branch, a):
        kind = "V" if branch.role == "voltage" else "I"
        native = corners_of(branch.element)
        if native is not None:  # SPICE's own forms put steps at the corners
            numbers = " ".join(map(repr, native[1]))
            self.cards.append(f"{self._named(branch)} {a} {branch.b} {native[0].upper()}({numbers})")
            return
        value = self._translated(branch.value)
        self.cards.append(f"{kind}{_OWN}{branch.name} {a} {branch.b} {value!r}"
                          if isinstance(value, float) else
                          f"B{_OWN}{branch.name} {a} {branch.b} {kind} = {value}")

    def _storage(self, branch, a):
        value = self._translated(branch.value)
        if not isinstance(value, float):
            raise CircuitError(f"{branch.element}: ngspice needs a constant {branch.role}.")
        start = self.evaluate.now(f"i_{branch.name}") if branch.role == "inductor" else \
            self._potential_now(branch.a) - self._potential_now(branch.b)
        self.cards.append(f"{self._named(branch)} {a} {branch.b} {value!r} ic={float(start)!r}")

    def _couplings(self):
        pairs = {}
        for branch, k, element in self.parts.couplings.values():
            pairs.setdefault(element.name, (element, k, []))[2].append(self._named(branch))
        for element, k, (one, two) in pairs.values():
            value = self._translated(k)
            if not isinstance(value, float):
                raise CircuitError(f"{element}: ngspice needs a constant coupling.")
            name = element.name if element.name[0] in "kK" else f"K{_OWN}{element.name}"
            self.cards.append(f"{name} {one} {two} {value!r}")

    def _potential_now(self, node):
        return 0.0 if node == GROUND else self.evaluate.now(f"v_{node}")

    def _controlled(self, branch, a):
        value, name = self._translated(branch.value), branch.name
        voltage = branch.role in ("vcvs", "vccs")
        if isinstance(value, float):
            control = " ".join(branch.control) if voltage else self._sense(branch.control[0])
            self.cards.append(f"{self._named(branch)} {a} {branch.b} {control} {value!r}")
            return
        cause = f"v({', '.join(branch.control)})" if voltage else f"i({self._sense(branch.control[0])})"
        kind = "V" if branch.role in ("vcvs", "ccvs") else "I"
        self.cards.append(f"B{_OWN}{name} {a} {branch.b} {kind} = {value}*{cause}")

    def _semiconductor(self, branch, a):
        element, name = branch.element, branch.name
        kind = "d" if element.kind == "D" else self.models[spelt_in(self.models, element.words[0])][0]
        keys = ("is", "n") if element.kind == "D" else ("vto", "kp", "lambda")
        given = {k: self._translated(f"{name}_{k}") for k in keys}
        if not all(isinstance(v, float) for v in given.values()):
            raise CircuitError(f"{element}: ngspice's own model needs numbers.")
        if element.kind == "M":
            given |= {"level": 1, "is": 0.0}  # no junctions to the bulk
        model = " ".join(f"{k}={float(v)!r}" for k, v in given.items()).replace("level=1.0", "level=1")
        self.cards.append(f".model {_OWN}{name} {kind}({model})")
        if element.kind == "D":
            self.cards.append(f"{self._named(branch)} {a} {branch.b} {_OWN}{name}")
        else:
            size = " ".join(f"{k}={self._translated(f'{name}_{k}')!r}" for k in ("w", "l"))
            nodes = f"{a} {element.nodes[1]} {branch.b} {branch.b}"
            self.cards.append(f"{self._named(branch)} {nodes} {_OWN}{name} {size}")

    # Output

    def _recorded(self, record):
        if record is not None:
            return [record] if isinstance(record, str) else list(record)
        nodes = [f"v_{n}" for n in sorted(self.nodes - {GROUND})]
        return [*nodes, *(s for s in self.circuit.states if s not in nodes)]

    def _read(self, name):
        """Return scale and ngspice's vector of a name."""
        if name in self.parts.rates:
            return self._scale(name), f"v({_OWN}{name})"
        found = self._resolve(name)
        if found is None:
            known = [*self.parts.lines, *self.parts.rates, *(f"v_{n}" for n in self.nodes),
                     *(f"i_{n}" for n in self.elements)]
            raise CircuitError(f"{self.circuit}: no '{name}' to record{suggestion(name, known)}")
        if re.fullmatch(r"[vi]\(\w+\)", str(found)):
            return 1.0, found
        self.cards.append(f"B{_OWN}out_{name} {_OWN}out_{name} 0 V = {written(found)}")
        return 1.0, f"v({_OWN}out_{name})"
