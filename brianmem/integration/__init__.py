"""Stiff integration for Brian2: importing this registers two methods.

``NeuronGroup(..., method="adaptive")`` and ``method="linear_implicit_euler"``.
"""

from brianmem.integration.methods import RELATIVE, Adaptive, LinearImplicitEuler, register

__all__ = ["RELATIVE", "Adaptive", "LinearImplicitEuler", "register"]

register()
