"""The lines of a netlist as words and elements: comments, continuations, names."""

import re
from dataclasses import dataclass

from brianmem.errors import CircuitError

#: First letter of an element to the number of its nodes; X takes any, K the names of inductors.
NODES = {"R": 2, "C": 2, "L": 2, "V": 2, "I": 2, "B": 2, "D": 2, "E": 4, "G": 4, "F": 2, "H": 2,
         "S": 4, "M": (4, 3), "K": 0, "X": None}
GROUND = "0"
#: A number and what follows it; the powers of ten of SPICE's suffixes.
NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)(.*)", re.ASCII)
POWERS = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "meg": 6, "g": 9, "t": 12}
_WAVE = re.compile(r"(?<!\w)(sine?|pulse|pwl)\s+\(", re.IGNORECASE)
#: Letters of the Greek behind a number or suffix: both signs for micro, and both for ohm.
_GREEK = ((re.compile("(?<=[0-9.])[\u00b5\u03bc]"), "u"),
          (re.compile("(?<=[0-9.a-zA-Z])[\u03a9\u2126]"), "ohm"))
_QUOTED = re.compile("'([^']*)'")
_COMMENT = re.compile(r"[;#]|(?:^|(?<=\s))\$|\$ ")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
#: Elements of SPICE that are not known here, and what to write.
_ABSENT = {
    **dict.fromkeys("QJZ", "Write its law as B elements with I={...} of the node voltages."),
    **dict.fromkeys("TOUY", "Write the line as a ladder of L and C."),
    "W": "Write an S element that the voltage of a small resistor controls.",
    "A": "Write a comparator or gate as a B element: 'B1 a 0 V={5*volt*int(v(b) > 1*volt)}'."}
_NODE = re.compile(r"\w+", re.ASCII)


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


def cards(text):
    """Yield (line number, words) of each statement, with comments and continuations resolved."""
    statement, start, is_script = "", 0, False
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.split(raw)[0].strip()
        is_script |= line.lower().startswith(".control")
        if not line or line.startswith("*") or is_script:
            is_script &= not line.lower().startswith(".endc")
            continue
        if line.lower() == ".end":
            break
        for letter, spelt in _GREEK:
            line = letter.sub(spelt, line)
        line = _QUOTED.sub(r"{\1}", line)
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
    if not statement.isascii() or not statement.replace("\t", " ").isprintable():
        raise CircuitError(f"Line {number}: {statement!a} has letters beyond ASCII. Write u for micro "
                           "and ohm for the unit.")
    words, word, depth = [], "", 0
    for letter in _WAVE.sub(r"\1(", statement) if statement[:1] in "vViI" else statement:
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
    return joined([*words, word] if word else words)


def joined(words):
    """Join ``a = b`` and ``a= b`` to one word ``a=b``."""
    found = []
    for word in words:
        if found and (word.startswith("=") or found[-1].endswith("=")) and "==" not in word[:2]:
            found[-1] += word
        else:
            found.append(word)
    return found


def options_of(words, number):
    """Return the words ``key=text`` as a dict."""
    found = {}
    for word in words:
        key, equal, value = word.partition("=")
        if not (equal and value and _NAME.fullmatch(key)):
            raise CircuitError(f"Line {number}: '{word}' is not 'name=value'.")
        if key.lower() in map(str.lower, found):
            raise CircuitError(f"Line {number}: '{key}' is given twice.")
        found[key] = value
    return found


def element_of(number, words):
    """Return the `Element` of the words of line `number`."""
    name, kind = words[0], words[0][0].upper()
    if kind not in NODES or not _NAME.fullmatch(name):
        raise CircuitError(f"Line {number}: '{name}' is no element. Elements begin with one of "
                           f"{', '.join(NODES)}, followed by letters and digits."
                           f"{_absent(words) or _title(number)}")
    plain = [w for w in words[1:] if not _is_option(w) and not (kind == "X" and w.lower() == "params:")]
    options = options_of([w for w in words[1:] if _is_option(w)], number)
    where, counts = f"Line {number}, {name}", NODES[kind]
    if kind == "X":
        count = len(plain) - 1
    elif isinstance(counts, tuple):
        count = next((n for n in counts if len(plain) == n + 1), counts[0])
    else:
        count = counts
    if (count < 2 and kind != "K") or len(plain) < count:
        raise CircuitError(f"{where}: needs {max(count, 2)} nodes"
                           f"{' and the name of a device' if kind == 'X' else ''}, got "
                           f"'{' '.join(words)}'.{_remedy(kind, options) or _title(number)}")
    check_ending(name, where)
    for node in plain[:count]:
        check_node(node, where)
    return Element(kind, name, tuple(map(ground, plain[:count])), tuple(plain[count:]), options, number)


def _absent(words):
    """Return what to write for an element of SPICE that is unknown here; titles have no numbers."""
    found = _ABSENT.get(words[0][0].upper()) if re.fullmatch(r"\w\d\w*", words[0]) else None
    return f" {found}" if found else ""


def _title(number):
    return " If this is a title, begin the line with *." if number == 1 else ""


def _remedy(kind, options):
    key = {"E": "V", "G": "I"}.get(kind)
    found = {k.lower() for k in options} & {"value", "v", "i", "table", "laplace"}
    return f" For an expression write a B element: 'B1 a b {key}={{...}}'." if key and found else ""


def _is_option(word):
    return bool(re.match(r"[A-Za-z]\w*=(?!=)", word))


def check_node(node, where):
    """Raise `CircuitError` unless `node` may be the name of a node."""
    if not _NODE.fullmatch(node):
        raise CircuitError(f"{where}: {node!r} is no name of a node. Use letters, digits and _.")
    check_ending(node, where)


def check_ending(name, where):
    """Raise `CircuitError` for what Brian2 takes for a variable of a synapse's neuron."""
    if name.endswith(("_pre", "_post")):
        raise CircuitError(f"{where}: '{name}' cannot be a name: Brian2 keeps the ends _pre and _post "
                           "for synapses.")


def spelt_in(known, name):
    """Return the key of `known` that is `name` but for capitals, `name` if there is none."""
    if name in known:
        return name
    return next((k for k in known if k.lower() == name.lower()), name)


def ground(node):
    """Return the one name of ground for its common spellings."""
    return GROUND if node.lower() in ("0", "gnd") else node


