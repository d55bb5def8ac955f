"""Run a study of networks that learn digits, in a folder that is kept or not."""

import contextlib
import tempfile
import time
from pathlib import Path

import numpy as np

from brianmem.errors import EngineError


def run_study(study, out, jobs):
    """Run what is left of `study` and return its data set and the wall time in seconds.

    Points are kept in the folder `study` of `out`, or nowhere for None. Raises
    `EngineError` where a point failed.
    """
    with contextlib.ExitStack() as stack:
        kept = out if out is not None else stack.enter_context(tempfile.TemporaryDirectory())
        folder = Path(kept) / "study"
        started = time.perf_counter()
        status = study.run(folder, jobs=jobs)
        if status.left:
            point, record = study.failures(folder)[0]
            raise EngineError(f"{study}: {status}. First failure, at {point.parameters}: "
                              f"{record['error']}")
        return study.collect(folder, save=out is not None).load(), time.perf_counter() - started


def branches(label):
    """Return name to (share of the pulses, conductance 0..1) of both branches for +-`label`."""
    from brianmem import pulse_curvature

    p = np.linspace(0, 1, 61)
    found = {}
    for sign, x in (("+", label), ("−", -label)):
        k = pulse_curvature(x)
        rise = np.expm1(-k * p) / np.expm1(-k)
        found[f"LTP {sign}{label:g}"] = (p, rise)
        found[f"LTD {sign}{label:g}"] = (1 + p, 1 - rise)
    return found
