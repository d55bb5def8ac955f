"""Circuits: a SPICE-like netlist that compiles to Brian2 equations."""

from brianmem.circuits.circuit import Circuit
from brianmem.circuits.reference import crossings

__all__ = ["Circuit", "crossings"]
