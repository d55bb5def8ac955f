"""What surrounds a run of a protocol: random state, warnings and memory stay the user's."""

import contextlib
import gc
import logging

import brian2
import numpy as np
from brian2 import Network, second
from brian2.core.base import BrianObjectException

from brianmem import budget
from brianmem.errors import BrianmemError, BudgetError, ProtocolError

#: What warns of things that are taken care of here.
_NEEDLESS = ("brian2.groups.group.invalid_values", "brian2.input.timedarray",
             "brian2")  # itself speaks on Ctrl-C only, to ask for another, which is not needed
_REPORT = 0.5  # seconds between looks at the clock


def check_size(setup, segment, parts, most):
    """Raise `BudgetError` unless a trace of `parts` steps per unit can be made, in `most` steps."""
    device, steps = setup.device, parts * segment.units
    if steps > most:
        raise BudgetError(f"{device}: at least {steps:.2g} time steps are needed, and more than "
                          f"{most:.2g} would take too long. Ask for fewer pulses, cycles or values "
                          "at once, or a faster drive.")
    points = sum(segment.units // every + 1 for every in (segment.stride, segment.mark) if every)
    # Each state, the energy, and what is read off them: source, voltage, current, conductance.
    budget.check_memory(device, setup.n * points * (len(device.states) + 5),
                        f"{setup.n:.6g} copies at {points:.6g} points",
                        "Ask for fewer copies, pulses or cycles.")


@contextlib.contextmanager
def silent_divergence():
    """Silence Brian2 and numpy about NaN, which `OdeGroup.check` reports once, with a remedy.

    Also about tables whose step is a whole number of the group's but for rounding: they
    are read half a step inside, where that does not matter.
    """
    logs = [logging.getLogger(name) for name in _NEEDLESS]

    def nothing(_record):
        return False

    for log in logs:
        log.addFilter(nothing)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        for log in logs:
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


def run_whole(network, seconds, sound=None):
    """Run `network` for a time in seconds; a run that Ctrl-C stopped raises `KeyboardInterrupt`.

    Brian2 itself ends such a run early and returns as if nothing had happened. So it
    is stopped too when the budget of time is over, with `BudgetError`, and when `sound`,
    called now and then, raises: a long run that has gone wrong need not be waited for.
    """
    start, found = float(network.t), []

    def report(elapsed, share, _start, _duration):
        try:
            if 0 < share < 1 and not found:
                budget.check(share, float(elapsed))
                if sound is not None:
                    sound()
        except BrianmemError as error:  # raised here, it would leave Brian2 believing it still runs
            found.append(error)
            network.stop()
        budget.show(share)

    budget.check()
    try:
        network.run(seconds * second, report=report, report_period=_REPORT * second, namespace={})
    except BrianObjectException as error:  # what a step of ours raised
        Network._globally_running = False  # or the next Ctrl-C would be taken for its own
        if isinstance(error.__cause__, BrianmemError):
            raise error.__cause__ from None
        raise
    if found:
        raise found[0]
    if float(network.t) - start < seconds * (1 - 1e-6):
        raise KeyboardInterrupt
