"""The point of benchmarks/study_survival.py: short, exact, and counted."""

import os
import time
import uuid
from pathlib import Path

import numpy as np
from brian2 import volt

from brianmem import Result


def point(a=0, v=1*volt, seed=0, seconds=0.1):
    """Return numbers that follow from the arguments alone, after `seconds`."""
    log = os.environ.get("SURVIVAL_LOG")
    if log:
        Path(log, uuid.uuid4().hex).touch()
    rng = np.random.default_rng([a, seed])
    time.sleep(seconds * rng.uniform(0.5, 1.5))
    noise = rng.standard_normal(200)
    return Result({"noise": noise * v}, metrics={"mean": noise.mean(), "a": a})
