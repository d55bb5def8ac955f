"""How much time and memory one run may take: refused with an estimate rather than suffered.

A run that lasts shows a progress bar on stderr.
"""

import contextlib
import os
import sys
import time
from dataclasses import dataclass

from tqdm import tqdm

from brianmem.errors import BudgetError, InputError, StepError

#: Wall-clock time of one run, in seconds; $BRIANMEM_SECONDS says otherwise.
SECONDS = 600.0
#: Share of the machine's memory for one run; $BRIANMEM_GIGABYTES says otherwise.
_SHARE_OF_MEMORY = 0.5
#: After so many seconds a bar appears, and a run is judged by how far it has come.
_SHOWN_AFTER, _JUDGED_AFTER = 5.0, 20.0
#: An estimate beyond this many budgets ends a run early: estimates are rough.
_HOPELESS = 3.0
_BAR = "{desc}: {n:.0f} % of this run |{bar}| {elapsed} in all"
_NO_MEMORY_STATED = 8 * 2**30


@dataclass(eq=False)
class _Budget:
    owner: str
    seconds: float
    remedy: str
    started: float
    bar: object = None

    @property
    def left(self):
        return self.started + self.seconds - time.monotonic()

    def fault(self, longer):
        return BudgetError(f"{self.owner}: {longer}; the limit is {duration(self.seconds)}. "
                           f"{self.remedy}")


_budgets = []
_tries = []


@contextlib.contextmanager
def limited(owner, seconds=None, remedy=None):
    """Give what runs inside a budget of wall-clock time, by default `SECONDS`.

    Inside another budget both hold. `check` and `run_whole` raise `BudgetError` beyond it.
    """
    if seconds is None:
        seconds = _stated("BRIANMEM_SECONDS", SECONDS)
    remedy = remedy or ("Ask for less: a lower amplitude, fewer pulses, cycles or copies; or raise "
                        "the limit with the environment variable BRIANMEM_SECONDS.")
    mine = _Budget(str(owner), seconds, remedy, time.monotonic())
    _budgets.append(mine)
    try:
        yield mine
    finally:
        _budgets.remove(mine)
        if mine.bar is not None:
            mine.bar.close()


def check(share=1.0, passed=0.0):
    """Raise `BudgetError` where time is over, or will be: a run came to `share` in `passed` s."""
    for budget in _budgets:
        if budget.left <= 0:
            raise budget.fault(f"not finished after {duration(budget.seconds)}")
        needed = passed / share - passed if share > 0 else float("inf")
        # The first steps also pay for what happens once.
        if passed > _JUDGED_AFTER and needed > _HOPELESS * max(budget.left, budget.seconds / 10):
            raise budget.fault(f"one run of it would take about {duration(needed + passed)}")


@contextlib.contextmanager
def at_most(steps, owner):
    """Let `count` raise `StepError` after so many inner steps: for what is only tried."""
    _tries.append([steps, str(owner)])
    try:
        yield
    finally:
        _tries.pop()


def count():
    """Count one inner step of an integration in numpy."""
    if _tries:
        _tries[-1][0] -= 1
        if _tries[-1][0] < 0:
            raise StepError(f"{_tries[-1][1]}: error control needs too many steps inside the steps. "
                            "Use a lower amplitude or shorter pulses, or look for a rate that jumps.")


def show(share):
    """Show how far a run has come, once the budget it belongs to is some seconds old."""
    if not _budgets or time.monotonic() - _budgets[0].started < _SHOWN_AFTER:
        return
    budget = _budgets[0]
    if budget.bar is None:
        # A log file needs no line per second.
        often = 0.5 if sys.stderr.isatty() else 30.0
        budget.bar = tqdm(total=100, initial=100 * share, desc=budget.owner, leave=False,
                          file=sys.stderr, mininterval=often, bar_format=_BAR)
        budget.bar.start_t -= time.monotonic() - budget.started
    if 100 * share < budget.bar.n:
        budget.bar.n, budget.bar.last_print_n = 0, 0
    budget.bar.update(100 * share - budget.bar.n)


def check_memory(owner, values, what, remedy):
    """Raise `BudgetError` before `values` numbers of 8 bytes are made for `what`."""
    limit = memory_limit()
    if 8 * values > limit:
        raise BudgetError(f"{owner}: {what} take about {_gigabytes(8 * values)} of memory, and the "
                          f"limit is {_gigabytes(limit)}. {remedy}")


def memory_limit():
    """Return how many bytes one run may take."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not every system tells
        machine = _NO_MEMORY_STATED
    return _stated("BRIANMEM_GIGABYTES", _SHARE_OF_MEMORY * machine / 2**30) * 2**30


def _stated(variable, usual):
    text = os.environ.get(variable)
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise InputError(f"the environment variable {variable} must be a positive number, got "
                         f"'{text}'.")
    return value


def duration(seconds):
    """Write a time as people say it."""
    for unit, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _gigabytes(count):
    return f"{count / 2**30:.3g} GB"
