"""Coupled inductors: ``K1 L1 L2 0.9``."""

from brianmem.circuits.cards import spelt_in
from brianmem.circuits.linear import closed
from brianmem.errors import CircuitError, suggestion


def couple(parts, element):
    """Note in `parts` which two inductors `element` couples, and its value."""
    inductors = {b.name: b for b in parts.branches if b.role == "inductor"}
    if len(element.words) != 3 or element.options:
        raise CircuitError(f"{element}: write the names of two inductors and a number between -1 and "
                           "1: 'K1 L1 L2 0.9'.")
    names = [spelt_in(inductors, n) for n in element.words[:2]]
    for name in names:
        if name not in inductors:
            raise CircuitError(f"{element}: no inductor '{name}'{suggestion(name, inductors)}")
        if name in parts.couplings or names[0] == names[1]:
            raise CircuitError(f"{element}: {name} is coupled already. An inductor has one partner.")
    value = parts.value(element, element.words[2], "1")
    found = parts.namespace.get(value, 0.0)
    if not -1 < float(found) < 1:
        raise CircuitError(f"{element}: a coupling lies between -1 and 1, got {float(found):g}. Write "
                           "0.999 for windings on one core.")
    for name, other in (names, names[::-1]):
        parts.couplings[name] = (inductors[other], value, element)


def slope(parts, branch, drop):
    """Return the rate of the current of an inductor; `drop` gives the voltage between two nodes."""
    own, value = drop(branch.a, branch.b), closed(branch.value)
    if branch.name not in parts.couplings:
        return f"{own}/{value}"
    other, k, _ = parts.couplings[branch.name]
    k, theirs = closed(k), drop(other.a, other.b)
    mutual = f"sqrt({value}*{closed(other.value)})"
    # A root that does not exist beyond 1, so that no such coupling passes in silence.
    return f"({own}/{value} - {k}*{theirs}/{mutual})/sqrt(1 - {k}**2)**2"
