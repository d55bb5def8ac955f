"""A SPICE-like netlist as elements: its statements, models and parameters."""

from dataclasses import dataclass, field

from brianmem.circuits.cards import (
    GROUND,
    NUMBER,
    POWERS,
    Element,
    cards,
    check_node,
    ground,
    joined,
    options_of,
    spelt_in,
)
from brianmem.circuits.subcircuits import Subcircuit, insert
from brianmem.errors import CircuitError

__all__ = ["GROUND", "NUMBER", "POWERS", "Element", "Netlist", "ground", "read"]
#: What asks for runs, output or accuracy, which Python says here.
_IGNORED = (".end", ".options", ".option", ".title", ".tran", ".control", ".endc", ".ac", ".dc", ".op",
            ".save", ".probe", ".print", ".plot", ".meas", ".measure", ".backanno")
_INSTEAD = {
    ".ic": "Write ic= at a capacitor or an inductor: 'C1 out 0 1n ic=0.5'.",
    ".nodeset": "Write ic= at a capacitor or an inductor: 'C1 out 0 1n ic=0.5'.",
    ".step": "Give one value for each copy: group(n, parameters={'R1': values}).",
    ".temp": "Give the temperature to the devices that have one, as in 'X1 a b device T=300kelvin'.",
    ".global": "Give the node to each subcircuit as a port.",
    ".func": "Write the expression out in {...}.",
    **dict.fromkeys((".include", ".inc", ".lib"), "Put the text of the file into the netlist.")}


@dataclass
class Netlist:
    """All elements with subcircuits inserted, the models, and ``.param`` as (text, line)."""

    elements: list = field(default_factory=list)
    models: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)


def read(text):
    """Return the `Netlist` of `text`. Raises `CircuitError` naming line, element and remedy."""
    if not isinstance(text, str):
        raise CircuitError(f"Circuit: the netlist must be text, got {text!r}.")
    top, subcircuits, models, parameters = _sorted(cards(text))
    found = Netlist(models=models, parameters=parameters)
    found.elements += insert(top, subcircuits)
    if not found.elements:
        raise CircuitError("Circuit: the netlist has no elements. Write one element a line, such as "
                           "'R1 in out 10k'.")
    _check_unique(found.elements)
    return found


def _sorted(statements):
    """Separate top-level cards, subcircuits, models and parameters."""
    top, subcircuits, models, parameters, current = [], {}, {}, {}, None
    for number, words in statements:
        key = words[0].lower()
        if key == ".subckt":
            current = _opened(number, words, current, subcircuits)
        elif key == ".ends":
            if current is None:
                raise CircuitError(f"Line {number}: .ends without .subckt.")
            current = None
        elif key == ".model":
            _add(models, [_model(number, words)], number, ".model")
        elif key in (".param", ".params"):
            if current is not None:
                raise CircuitError(f"Line {number}: .param inside .subckt. Write parameters after the "
                                   "ports: '.subckt cell a b x=1k'.")
            given = options_of(words[1:], number)
            _add(parameters, [(k, (v, number)) for k, v in given.items()], number, ".param")
        elif key.startswith("."):
            _check_ignored(number, words[0])
        else:
            (top if current is None else current.cards).append((number, words))
    if current is not None:
        raise CircuitError(f"Line {current.line}: .subckt without .ends.")
    return top, subcircuits, models, parameters


def _add(found, pairs, number, what):
    for key, value in pairs:
        if (spelt_in(found, key) if what == ".model" else key) in found:
            raise CircuitError(f"Line {number}: {what} {key} is defined twice.")
        found[key] = value


def _opened(number, words, current, subcircuits):
    if current is not None:
        raise CircuitError(f"Line {number}: .subckt inside .subckt. Close the first with .ends.")
    plain = [w for w in words[1:] if "=" not in w and w.lower() != "params:"]
    if len(plain) < 2:
        raise CircuitError(f"Line {number}: .subckt needs a name and ports: '.subckt cell a b'.")
    name, *ports = plain
    if spelt_in(subcircuits, name) in subcircuits:
        raise CircuitError(f"Line {number}: subcircuit '{name}' is defined twice.")
    for port in ports:
        check_node(port, f"Line {number}")
    if len(set(ports)) < len(ports) or GROUND in map(ground, ports):
        raise CircuitError(f"Line {number}: the ports of '{name}' must be different nodes other than "
                           "ground.")
    options = options_of([w for w in words[1:] if "=" in w], number)
    subcircuits[name] = Subcircuit(tuple(ports), options, [], number)
    return subcircuits[name]


def _model(number, words):
    text = " ".join(words[1:]).replace("(", " ").replace(")", " ")
    plain = [w for w in joined(text.split()) if "=" not in w]
    if len(plain) != 2:
        raise CircuitError(f"Line {number}: write '.model NAME nmos kp=50u vto=0.7', or pmos, d or sw.")
    options = options_of([w for w in joined(text.split()) if "=" in w], number)
    return plain[0], (plain[1].lower(), options, number)


def _check_ignored(number, word):
    if word.lower() in _IGNORED:
        return
    remedy = _INSTEAD.get(word.lower(), "What is to be run is said in Python.")
    raise CircuitError(f"Line {number}: '{word}' is not known here (known: .subckt, .ends, .model, "
                       f".param). {remedy}")


def _check_unique(elements):
    seen, spelt = {}, {}
    for element in elements:
        other = seen.setdefault(element.name.lower(), element)
        if other is not element:
            raise CircuitError(f"{element}: the name is taken already by line {other.line}. Give each "
                               "element a name of its own (capitals do not count).")
        for node in element.nodes:
            if spelt.setdefault(node.lower(), node) != node:
                raise CircuitError(f"{element}: nodes '{node}' and '{spelt[node.lower()]}' differ only "
                                   "in capitals. Spell a node in one way.")
