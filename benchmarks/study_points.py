"""The points of benchmarks/studies.py; `numbers` needs numpy alone."""

import time

import numpy as np

#: Seconds of a long point.
LONG = 5.0


def numbers(a):
    """Return 200 numbers and their mean."""
    noise = np.random.default_rng(a).standard_normal(200)
    return {"noise": noise, "mean": float(noise.mean())}


def small(a=0):
    """Return the same as a `Result`."""
    from brianmem import Result

    found = numbers(a)
    return Result({"noise": found["noise"]}, metrics={"mean": found["mean"]})


def long(a=0, busy=False):
    """Wait, or compute, for `LONG` seconds."""
    limit = time.perf_counter() + LONG
    while busy and time.perf_counter() < limit:
        sum(range(10_000))
    time.sleep(max(0.0, limit - time.perf_counter()))
    return a
