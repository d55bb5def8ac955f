"""Plasticity rules, for ideal weights and for memristive devices."""

from brianmem.plasticity.base import Rule, Trace
from brianmem.plasticity.pairs import PairSTDP

__all__ = ["PairSTDP", "Rule", "Trace"]
