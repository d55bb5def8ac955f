"""What surrounds a run of a protocol: random state, warnings and memory stay the user's."""

import contextlib
import gc
import logging

import brian2
import numpy as np
from brian2 import second

from brianmem.errors import ProtocolError


@contextlib.contextmanager
def silent_divergence():
    """Silence Brian2 and numpy about NaN, which `OdeGroup.check` reports once, with a remedy."""
    log = logging.getLogger("brian2.groups.group.invalid_values")

    def nothing(_record):
        return False

    log.addFilter(nothing)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        log.removeFilter(nothing)


@contextlib.contextmanager
def untouched_random_state(seed):
    """Run with Brian2 seeded by `seed`, and leave its random state as it was."""
    device = brian2.get_device()
    if type(device).__name__ != "RuntimeDevice":
        raise ProtocolError("A protocol runs on Brian2's runtime device, but a standalone device "
                            "is set. Call brian2.set_device('runtime') first.")
    before = device.get_random_state()
    if seed is not None:
        brian2.seed(seed)
    try:
        yield
    finally:
        device.set_random_state(before)


@contextlib.contextmanager
def short_collections():
    """Spare old objects from the garbage collection that every `Network.run` starts.

    It takes a third of a second once sympy and Brian2 are loaded: more than most runs.
    """
    if gc.get_freeze_count():  # somebody else's arrangement
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def run_whole(network, seconds):
    """Run `network` for a time in seconds; a run that Ctrl-C stopped raises `KeyboardInterrupt`.

    Brian2 itself ends such a run early and returns as if nothing had happened.
    """
    start = float(network.t)
    network.run(seconds * second, namespace={})
    if float(network.t) - start < seconds * (1 - 1e-6):
        raise KeyboardInterrupt
