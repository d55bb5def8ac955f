"""What a model must reproduce, each stated once: the tests and the tables are made from it.

A module of `brianmem.models.targets`, named like the device's file, holds
``TARGETS``, a tuple of `Target`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import InputError
from brianmem.units import format_quantity, si_unit_name

#: Where an expected value comes from, and what that is worth.
BASES = {
    "golden": "computed twice, by two independent solvers of the same equations",
    "computed": "computed from the same equations by an independent program",
    "closed form": "an exact solution of the equations",
    "published": "stated in the cited source",
    "reported": "reported for this system, not confirmed in the source",
    "proposed": "follows from a model that no measurement stands behind",
}


@dataclass(frozen=True)
class Target:
    """One number that a device or neuron must reproduce.

    Parameters
    ----------
    device : str
        Name of the device or neuron in the catalogue.
    quantity : str
        What is measured and how, in words.
    expected : Quantity or float
        Scalar. With ``compare="<"`` or ``">"`` it is a limit.
    measure : callable
        Without arguments, returns the measured scalar in the unit of `expected`.
    basis : str
        One of `BASES`: what stands behind `expected`.
    rtol, atol : float or Quantity
        Largest relative or absolute deviation; either suffices.
    compare : {"=", "<", ">"}
    source : str
        Where `expected` stands: key of the bibliography, DOI or words.
    long : bool
        Takes more than some ten seconds.
    """

    device: str
    quantity: str
    expected: object
    measure: Callable
    basis: str
    rtol: float = 0.0
    atol: object = 0.0
    compare: str = "="
    source: str = ""
    long: bool = False

    def __post_init__(self):
        if self.basis not in BASES:
            raise InputError(f"{self}: basis must be one of {', '.join(BASES)}, got {self.basis!r}.")
        if self.compare not in ("=", "<", ">"):
            raise InputError(f"{self}: compare must be '=', '<' or '>', got {self.compare!r}.")
        if self.compare == "=" and not (self.rtol > 0 or float(self.atol) > 0):
            raise InputError(f"{self}: give rtol or atol.")

    def __str__(self):
        return f"Target '{self.device}: {self.quantity}'"

    @property
    def tolerance(self):
        """The largest deviation from `expected`, SI."""
        return max(self.rtol * abs(float(self.expected)), float(self.atol))

    def reached(self, measured):
        """Tell whether `measured`, of the unit of `expected`, meets the target.

        Raises `InputError` where the units differ.
        """
        if get_dimensions(measured) is not get_dimensions(self.expected):
            raise InputError(f"{self}: measured {format_quantity(measured)}, which is not in "
                             f"{si_unit_name(get_dimensions(self.expected))}.")
        value, limit = float(measured), float(self.expected)
        if self.compare == "=":
            return bool(abs(value - limit) <= self.tolerance)
        return bool(value < limit if self.compare == "<" else value > limit)

    def shown(self):
        """Return expected value and tolerance as text."""
        value = format_quantity(self.expected, 7)
        if self.compare != "=":
            return f"{self.compare} {value}"
        if self.rtol * abs(float(self.expected)) >= float(self.atol):
            return f"{value} ± {100 * self.rtol:.3g} %"
        atol = Quantity(float(self.atol), dim=get_dimensions(self.expected))
        return f"{value} ± {format_quantity(atol, 3)}"


def rows(targets):
    """Measure every target; return (target, measured, reached) of each, in order."""
    found = []
    for target in targets:
        measured = target.measure()
        if np.ndim(measured) != 0:
            raise InputError(f"{target}: measured an array of shape {np.shape(measured)}.")
        found.append((target, measured, target.reached(measured)))
    return found


def table(measured):
    """Return the rows as an RST list-table."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 16 34 18 14 12 16", ""]
    cells = [("model", "target", "expected", "measured", "reached", "basis")]
    for target, value, reached in measured:
        basis = f"{target.basis}: {target.source}" if target.source else target.basis
        cells.append((target.device, target.quantity, target.shown(), format_quantity(value, 7),
                      "yes" if reached else "NO", basis))
    for row in cells:
        lines += [f"   {'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(row)]
    return "\n".join(lines) + "\n"
