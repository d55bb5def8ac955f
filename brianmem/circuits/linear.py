"""Linear equations as text: sums of coefficients, and their elimination line by line."""

import re

from brian2.units.fundamentalunits import DIMENSIONLESS

from brianmem.errors import CircuitError
from brianmem.units import dimension_of, si_unit_name

#: The key of what is known in a `Form`.
KNOWN = None


class Form:
    """A sum of known terms and of coefficients times unknowns.

    `terms` maps an unknown, or `KNOWN`, to its terms: a sign and factors as text.
    """

    def __init__(self, terms=None):
        self.terms = terms or {}

    @classmethod
    def unknown(cls, key):
        """Return the form that is just the unknown `key`."""
        return cls({key: [(1, ())]})

    @classmethod
    def known(cls, text):
        """Return the form that is just the expression `text`."""
        return cls({KNOWN: [(1, (text,))]})

    def times(self, factor, sign=1):
        """Return every term times `factor` (a text) and `sign`."""
        factors = () if factor is None else (factor,)
        return Form({k: [(sign * s, (*factors, *f)) for s, f in terms]
                     for k, terms in self.terms.items()})

    def __add__(self, other):
        keys = dict.fromkeys((*self.terms, *other.terms))
        return Form({k: [*self.terms.get(k, ()), *other.terms.get(k, ())] for k in keys})

    def __neg__(self):
        return self.times(None, -1)

    def __sub__(self, other):
        return self + -other

    def text(self, key):
        """Return the coefficient of `key`, or what is known; None without terms."""
        terms = self.terms.get(key)
        return _sum(terms) if terms else None

    def solved_but(self, unknowns):
        """Return the form in which all but these unknowns are known."""
        form = Form()
        for key, terms in self.terms.items():
            if key is KNOWN or key in unknowns:
                form = form + Form({key: terms})
            else:
                form = form + Form({KNOWN: [(sign, (*factors, key)) for sign, factors in terms]})
        return form

    @property
    def unknowns(self):
        """The keys with a coefficient."""
        return tuple(k for k in self.terms if k is not KNOWN)

    @property
    def texts(self):
        """All factors of the form."""
        return [f for terms in self.terms.values() for _, factors in terms for f in factors]


def bracketed(text):
    """Return `text` in brackets if it is a sum, so that it may be a factor."""
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter in "+-" and not depth and not re.search(r"[\d.][eE]$", text[:k]):
            return f"({text})"
    return text


def closed(text):
    """Return `text` in brackets unless it is one word or number, so that it may be divided by."""
    return text if re.fullmatch(r"\w+|\d+\.\d*", text) else f"({text})"


def _sum(terms):
    parts = [f" {'+' if sign > 0 else '-'} {'*'.join(map(bracketed, factors)) or '1'}"
             for sign, factors in terms]
    text = "".join(parts).strip()
    return text.removeprefix("+ ") if text.startswith("+") else f"-{text.removeprefix('- ')}"


def solve(unknowns, rows, units, serial):
    """Return lines (name, expression, unit) that solve ``rows = 0`` for `unknowns`, in order.

    `units` maps an unknown to its unit name and the unit name of its own row. One line
    for each step of an elimination that takes the sparsest row first, so that the text
    stays of the size of the factors.
    """
    rows = {i: rows[i].solved_but(unknowns) for i in unknowns}
    matrix = {(i, j): rows[i].text(j) for i in unknowns for j in unknowns if rows[i].text(j)}
    right = {i: (-rows[i]).text(KNOWN) or f"0*{units[i][1]}" for i in unknowns}
    lines, order, left, free = [], [], list(unknowns), list(unknowns)
    while left:
        row, column = _pivot(matrix, left, free)
        left.remove(row)
        free.remove(column)
        order.append((row, column, [j for j in free if (row, j) in matrix]))
        for i in [i for i in left if (i, column) in matrix]:
            factor = f"lu_{next(serial)}"
            lines.append((factor, _over(matrix.pop((i, column)), matrix[row, column]),
                          _ratio(units[i][1], units[row][1])))
            for j in order[-1][2]:
                before = f"{matrix[i, j]} - " if (i, j) in matrix else "-"
                matrix[i, j] = f"lu_{next(serial)}"
                unit = _ratio(units[i][1], units[j][0])
                lines.append((matrix[i, j], f"{before}{factor}*{bracketed(matrix[row, j])}", unit))
            name = f"lu_{next(serial)}"
            lines.append((name, f"{right[i]} - {factor}*{bracketed(right[row])}", units[i][1]))
            right[i] = name
    for row, column, rest in reversed(order):
        known = "".join(f" - {bracketed(matrix[row, j])}*{j}" for j in rest)
        lines.append((column, _over(f"{right[row]}{known}", matrix[row, column]), units[column][0]))
    return lines


def _over(above, below):
    return above if below == "1" else f"{bracketed(above)}/{closed(below)}"


def _pivot(matrix, left, free):
    found = [(_count(matrix, left, free, i, j), i != j, k, i, j) for k, (i, j) in enumerate(matrix)
             if i in left and j in free]
    if not found:
        raise CircuitError(f"Circuit: nothing determines {', '.join(free)}.")
    return min(found)[3:]


def _count(matrix, left, free, row, column):
    """Return how many entries eliminating with this pivot can fill (Markowitz)."""
    return ((sum((row, j) in matrix for j in free) - 1) *
            (sum((i, column) in matrix for i in left) - 1))


def _ratio(above, below):
    dim = dimension_of(above) / dimension_of(below)
    return "1" if dim is DIMENSIONLESS else si_unit_name(dim)
