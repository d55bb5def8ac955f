"""Circuits: a SPICE-like netlist that compiles to Brian2 equations."""

from brianmem.circuits.circuit import Circuit

__all__ = ["Circuit"]
