"""Subcircuits: their elements under a prefix, with the values of their parameters put in."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from brianmem.circuits.cards import GROUND, NUMBER, POWERS, element_of, ground, spelt_in
from brianmem.errors import CircuitError, UnitError, suggestion
from brianmem.units import parse_quantity, quantity_source

#: Elements whose words are the names of models or devices, and values.
_NAMED = "XDM"
_CALL_OR_NAME = re.compile(r"\b([vViI])\(([^()]*)\)|(?<![\w.])([A-Za-z_]\w*)(?!\w|\()", re.ASCII)


@dataclass
class Subcircuit:
    """What stands between ``.subckt`` and ``.ends``."""

    ports: tuple
    defaults: dict
    cards: list
    line: int


@dataclass(frozen=True)
class _Scope:
    """Where an element stands: the prefix of names, what ports and parameters stand for."""

    prefix: str = ""
    nodes: dict = None
    values: dict = None
    inside: tuple = ()

    def node(self, name):
        return name if name == GROUND or not self.prefix else \
            self.nodes.get(name, f"{self.prefix}{name}")


def insert(cards, subcircuits):
    """Return the elements of `cards`, with the elements of subcircuits in their place."""
    inner = {}
    elements = list(_inserted(cards, subcircuits, _Scope(), inner))
    for element in elements:
        for node in element.nodes:
            if not element.name.startswith(inner.get(node, "")):
                raise CircuitError(f"{element}: node '{node}' has the name of a node inside of "
                                   f"{inner[node].rstrip('_')}. Rename one of them.")
    return elements


def _inserted(cards, subcircuits, scope, inner):
    for number, words in cards:
        plain = element_of(number, words)
        element = _renamed(plain, scope)
        for node in plain.nodes if scope.prefix else ():
            if scope.node(node) == f"{scope.prefix}{node}" and node not in scope.nodes:
                inner[scope.node(node)] = scope.prefix
        name = spelt_in(subcircuits, plain.words[0]) if plain.kind == "X" and plain.words else None
        if name not in subcircuits:
            yield element
            continue
        if name in scope.inside:
            raise CircuitError(f"{element}: subcircuit '{name}' contains itself "
                               f"({' > '.join((*scope.inside, name))}).")
        content = subcircuits[name]
        below = _Scope(f"{element.name}_", _matched(element, content),
                       _given(element, content, name), (*scope.inside, name))
        yield from _inserted(content.cards, subcircuits, below, inner)


def _matched(element, content):
    if len(element.nodes) != len(content.ports):
        raise CircuitError(f"{element}: subcircuit '{element.words[0]}' has {len(content.ports)} ports "
                           f"({', '.join(content.ports)}), got {len(element.nodes)} nodes.")
    return dict(zip(content.ports, element.nodes, strict=True))


def _given(element, content, name):
    """Return the parameters of a subcircuit; a default may use those before it."""
    for key in element.options:
        if key not in content.defaults:
            raise CircuitError(f"{element}: subcircuit '{name}' has no parameter "
                               f"'{key}'{suggestion(key, content.defaults)}")
    values = {}
    for key, text in content.defaults.items():
        values[key] = element.options.get(key) or _inserted_text(text, _Scope(values=values))
    return values


def _renamed(element, scope):
    if not scope.prefix:
        return element
    words = element.words
    if element.kind in "FHK" and words:
        count = 2 if element.kind == "K" else 1
        words = (*(f"{scope.prefix}{w}" for w in words[:count]),
                 *(_inserted_text(w, scope) for w in words[count:]))
    elif element.kind not in _NAMED:
        words = tuple(_inserted_text(w, scope) for w in words)
    return replace(element, name=f"{scope.prefix}{element.name}", words=words,
                   nodes=tuple(map(scope.node, element.nodes)),
                   options={k: _inserted_text(v, scope) for k, v in element.options.items()})


def _inserted_text(text, scope):
    """Return `text` with inner names under the prefix and parameters as their values.

    Inside braces a value comes in brackets; a number or an argument of a waveform is
    the value as it was written.
    """
    bare = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text
    if bare in scope.values:
        return scope.values[bare]
    if NUMBER.fullmatch(text):
        return text
    pieces = re.split(r"(\{[^{}]*\})", text)
    return "".join(_CALL_OR_NAME.sub(lambda m, p=p: _piece(m, scope, p.startswith("{")), p)
                   for p in pieces)


def _piece(match, scope, is_expression):
    call, arguments, name = match.groups()
    if call and not scope.prefix:
        return match[0]
    if call and call in "vV":
        return "v(" + ", ".join(scope.node(ground(n.strip())) for n in arguments.split(",")) + ")"
    if call:
        return f"i({scope.prefix}{arguments.strip()})"
    if name not in scope.values:
        return name
    value = scope.values[name]
    return f"({_literal(value, name)})" if is_expression else value


def _literal(text, name):
    """Return a number such as 2kohm or 2k as Brian2 reads it, and any expression as it is."""
    bare = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text.strip()
    match = NUMBER.fullmatch(bare)
    if match is None:
        return bare
    if match[2].lower() in POWERS and match[2] not in ("M", "F"):
        return repr(float(Decimal(match[1]).scaleb(POWERS[match[2].lower()])))
    try:
        return quantity_source(parse_quantity(bare, name=f"Parameter {name}"))
    except UnitError as error:
        raise CircuitError(str(error)) from None
