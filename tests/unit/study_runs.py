"""Small runs that the processes of a pool can import."""

import os
import time
from pathlib import Path

from brian2 import second, volt

from brianmem import Result


def product(a=1, v=1*volt, seed=0):
    return Result({"trace": [a, seed, 1.0]*second}, metrics={"power": a * float(v)**2 + seed})


def fails(a=1, folder=None):
    """Fail for odd `a`, and count the calls in `folder`."""
    if folder:
        Path(folder, f"{a}-{time.monotonic_ns()}").touch()
    if a % 2:
        raise ZeroDivisionError("odd")
    return {"a": a}


def dies(a=1):
    if a == 2:
        os._exit(7)
    return a


def sleeps(seconds=0.01):
    time.sleep(seconds)
    return seconds


def labelled(mode="low", t=1*second):
    return (mode == "high") + float(t)


def hill(v=0*volt, k=0):
    if v > 2*volt:
        raise ValueError("too high")
    return {"height": -(float(v) - 0.7)**2 - (k - 3)**2}


def echoes(a=1, seed=0):
    """Say again what was given, as experiments do."""
    return {"a": a, "seed": seed, "total": a + seed}
