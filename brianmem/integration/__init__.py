"""Stiff integration for Brian2: importing this registers two methods.

``NeuronGroup(..., method="adaptive")`` and ``method="linear_implicit_euler"``.
`keep_spike_times` says when a threshold was crossed inside a clock step.
"""

from brianmem.integration.methods import RELATIVE, Adaptive, LinearImplicitEuler, register
from brianmem.integration.spike_times import keep_spike_times

__all__ = ["RELATIVE", "Adaptive", "LinearImplicitEuler", "keep_spike_times", "register"]

register()
