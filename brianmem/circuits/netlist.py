"""A SPICE-like netlist as elements: lines, names, nodes, subcircuits."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from brianmem.errors import CircuitError, suggestion
from brianmem.units import parse_quantity, quantity_source

#: First letter of an element to the number of its nodes; X takes any.
NODES = {"R": 2, "C": 2, "L": 2, "V": 2, "I": 2, "B": 2, "D": 2, "E": 4, "G": 4, "F": 2, "H": 2,
         "S": 4, "M": (4, 3), "X": None}
GROUND = "0"
#: A number and what follows it; the powers of ten of SPICE's suffixes.
NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)(.*)", re.ASCII)
POWERS = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "meg": 6, "g": 9, "t": 12}
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_NODE = re.compile(r"\w+", re.ASCII)
_IGNORED = (".end", ".options", ".option", ".title", ".tran", ".control", ".endc")
_DEEPEST = 20


@dataclass(frozen=True)
class Element:
    """One line of a netlist: `words` is what follows the nodes, `options` its ``key=text``."""

    kind: str
    name: str
    nodes: tuple
    words: tuple
    options: dict
    line: int

    def __str__(self):
        return f"Line {self.line}, {self.name}"


@dataclass
class Netlist:
    """All elements with subcircuits inserted, the models, and ``.param`` texts."""

    elements: list = field(default_factory=list)
    models: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)


@dataclass
class _Subcircuit:
    ports: tuple
    defaults: dict
    cards: list
    line: int


def read(text):
    """Return the `Netlist` of `text`. Raises `CircuitError` naming line, element and remedy."""
    if not isinstance(text, str):
        raise CircuitError(f"Circuit: the netlist must be text, got {text!r}.")
    cards, subcircuits, models, parameters = _sorted(_cards(text))
    found = Netlist(models=models, parameters=parameters)
    _insert(cards, subcircuits, found, "", {}, {}, 0)
    if not found.elements:
        raise CircuitError("Circuit: the netlist has no elements. Write one element a line, such as "
                           "'R1 in out 10k'.")
    _check_unique(found.elements)
    return found


def _cards(text):
    """Yield (line number, words) of each statement, with comments and continuations resolved."""
    statement, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.split(r"[;#]|\$ ", raw)[0].strip()
        if not line or line.startswith("*"):
            continue
        if line.startswith("+"):
            if not statement:
                raise CircuitError(f"Line {number}: '+' continues nothing.")
            statement += f" {line[1:]}"
            continue
        if statement:
            yield start, _words(statement, start)
        statement, start = line, number
    if statement:
        yield start, _words(statement, start)


def _words(statement, number):
    """Split at blanks outside of braces and parentheses; ``a = b`` is one word."""
    if not statement.isascii():
        raise CircuitError(f"Line {number}: {statement!a} has letters beyond ASCII. Write u for micro "
                           "and ohm for the unit.")
    words, word, depth = [], "", 0
    for letter in re.sub(r"\s+\(", "(", statement) if statement[:1] in ".vViI" else statement:
        depth += letter in "{("
        depth -= letter in "})"
        if depth < 0:
            raise CircuitError(f"Line {number}: '{statement}' closes a bracket that is not open.")
        if letter.isspace() and not depth:
            words, word = [*words, word] if word else words, ""
        else:
            word += letter
    if depth:
        raise CircuitError(f"Line {number}: '{statement}' has an open bracket.")
    return _joined([*words, word] if word else words)


def _joined(words):
    found = []
    for word in words:
        if found and (word.startswith("=") or found[-1].endswith("=")) and "==" not in word[:2]:
            found[-1] += word
        else:
            found.append(word)
    return found


def _sorted(cards):
    """Separate top-level cards, subcircuits, models and parameters."""
    top, subcircuits, models, parameters, current = [], {}, {}, {}, None
    for number, words in cards:
        key = words[0].lower()
        if key == ".subckt":
            current = _opened(number, words, current, subcircuits)
        elif key == ".ends":
            if current is None:
                raise CircuitError(f"Line {number}: .ends without .subckt.")
            current = None
        elif key == ".model":
            models.update([_model(number, words)])
        elif key == ".param":
            parameters.update(_options(words[1:], number))
        elif key.startswith("."):
            _check_ignored(number, words[0])
        else:
            (top if current is None else current.cards).append((number, words))
    if current is not None:
        raise CircuitError(f"Line {current.line}: .subckt without .ends.")
    return top, subcircuits, models, parameters


def _opened(number, words, current, subcircuits):
    if current is not None:
        raise CircuitError(f"Line {number}: .subckt inside .subckt. Close the first with .ends.")
    plain = [w for w in words[1:] if "=" not in w and w.lower() != "params:"]
    if len(plain) < 2:
        raise CircuitError(f"Line {number}: .subckt needs a name and ports: '.subckt cell a b'.")
    name, *ports = plain
    if name in subcircuits:
        raise CircuitError(f"Line {number}: subcircuit '{name}' is defined twice.")
    for port in ports:
        _check_node(port, f"Line {number}")
    if len(set(ports)) < len(ports) or GROUND in map(ground, ports):
        raise CircuitError(f"Line {number}: the ports of '{name}' must be different nodes other than "
                           "ground.")
    options = _options([w for w in words[1:] if "=" in w], number)
    subcircuits[name] = _Subcircuit(tuple(ports), options, [], number)
    return subcircuits[name]


def _model(number, words):
    text = " ".join(words[1:]).replace("(", " ").replace(")", " ")
    plain = [w for w in _joined(text.split()) if "=" not in w]
    if len(plain) != 2:
        raise CircuitError(f"Line {number}: write '.model NAME nmos kp=50u vto=0.7', or pmos or d.")
    options = _options([w for w in _joined(text.split()) if "=" in w], number)
    return plain[0], (plain[1].lower(), options, number)


def _check_ignored(number, word):
    if word.lower() not in _IGNORED:
        raise CircuitError(f"Line {number}: '{word}' is not known here (known: .subckt, .ends, .model, "
                           ".param). What is to be run is said in Python.")


def _options(words, number):
    found = {}
    for word in words:
        key, equal, value = word.partition("=")
        if not (equal and value and _NAME.fullmatch(key)):
            raise CircuitError(f"Line {number}: '{word}' is not 'name=value'.")
        if key.lower() in map(str.lower, found):
            raise CircuitError(f"Line {number}: '{key}' is given twice.")
        found[key] = value
    return found


def _insert(cards, subcircuits, found, prefix, nodes, values, depth):
    """Append the elements of `cards`, with inner names under `prefix`."""
    if depth > _DEEPEST:
        raise CircuitError(f"Subcircuit {prefix.rstrip('_')}: subcircuits contain each other.")
    for number, words in cards:
        element = _renamed(_element(number, words, subcircuits), prefix, nodes, values)
        inner = subcircuits.get(element.words[0]) if element.kind == "X" else None
        if inner is None:
            found.elements.append(element)
            continue
        ports = _matched(element, inner)
        given = {**inner.defaults, **element.options}
        for key in element.options:
            if key not in inner.defaults:
                raise CircuitError(f"{element}: subcircuit '{element.words[0]}' has no parameter "
                                   f"'{key}'{suggestion(key, inner.defaults)}")
        _insert(inner.cards, subcircuits, found, f"{element.name}_", ports, given, depth + 1)


def _matched(element, inner):
    if len(element.nodes) != len(inner.ports):
        raise CircuitError(f"{element}: subcircuit '{element.words[0]}' has {len(inner.ports)} ports "
                           f"({', '.join(inner.ports)}), got {len(element.nodes)} nodes.")
    return dict(zip(inner.ports, element.nodes, strict=True))


def _element(number, words, subcircuits):
    name, kind = words[0], words[0][0].upper()
    if kind not in NODES or not _NAME.fullmatch(name):
        raise CircuitError(f"Line {number}: '{name}' is no element. Elements begin with one of "
                           f"{', '.join(NODES)}, followed by letters and digits.")
    plain = [w for w in words[1:] if not _is_option(w)]
    options = _options([w for w in words[1:] if _is_option(w)], number)
    where, counts = f"Line {number}, {name}", NODES[kind]
    if kind == "X":
        count = len(plain) - 1
    elif isinstance(counts, tuple):
        count = next((n for n in counts if len(plain) == n + 1), counts[0])
    else:
        count = counts
    if count < 2 or len(plain) < count:
        raise CircuitError(f"{where}: needs {max(count, 2)} nodes"
                           f"{' and the name of a device' if kind == 'X' else ''}, got "
                           f"'{' '.join(words)}'.")
    for node in plain[:count]:
        _check_node(node, where)
    return Element(kind, name, tuple(map(ground, plain[:count])), tuple(plain[count:]), options, number)


def _is_option(word):
    return bool(re.match(r"[A-Za-z]\w*=(?!=)", word))


def _check_node(node, where):
    if not _NODE.fullmatch(node):
        raise CircuitError(f"{where}: {node!r} is no name of a node. Use letters, digits and _.")


def ground(node):
    """Return the one name of ground for its common spellings."""
    return GROUND if node.lower() in ("0", "gnd") else node


def _renamed(element, prefix, nodes, values):
    if not prefix:
        return element

    def node(name):
        return name if name == GROUND else nodes.get(name, f"{prefix}{name}")

    words = tuple(_valued(w, values) for w in element.words)
    if element.kind in "FH" and words:
        words = (f"{prefix}{element.words[0]}", *words[1:])
    return replace(element, name=f"{prefix}{element.name}", words=tuple(
        _inner_names(w, prefix, node) for w in words), nodes=tuple(map(node, element.nodes)),
        options={k: _inner_names(_valued(v, values), prefix, node)
                 for k, v in element.options.items()})


def _valued(text, values):
    """Put the value of a subcircuit's parameter in its place, in brackets inside an expression."""
    bare = text.strip("{} ")
    if bare in values:
        return values[bare]
    if not text.startswith("{"):
        return text

    def value(match):
        found = values.get(match[0])
        return match[0] if found is None else f"({_literal(found)})"

    return re.sub(r"(?<![\w.])[A-Za-z_]\w*(?!\w|\()", value, text)


def _literal(text):
    """Return a number such as 2kohm or 2k as Brian2 reads it, and any expression as it is."""
    bare = text.strip("{} ")
    match = NUMBER.fullmatch(bare)
    if match is None:
        return bare
    if match[2].lower() in POWERS:
        return repr(float(Decimal(match[1]).scaleb(POWERS[match[2].lower()])))
    return quantity_source(parse_quantity(bare))


def _inner_names(text, prefix, node):
    """Rename v(a), v(a, b) and i(V1) of a subcircuit's expression."""
    text = re.sub(r"\b[vV]\(([^()]*)\)", lambda m: "v(" + ", ".join(
        node(ground(n.strip())) for n in m[1].split(",")) + ")", text)
    return re.sub(r"\b[iI]\(\s*(\w+)\s*\)", lambda m: f"i({prefix}{m[1]})", text)


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
