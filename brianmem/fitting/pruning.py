"""Leave out again what turns out not to be identifiable where the fit ends."""

import time
from dataclasses import replace

import numpy as np

from brianmem.fitting.search import search

#: Larger growth of the sum of squares, in units of its mean, keeps a parameter.
_WORSE = 10.0


def nearer(parameters, u):
    """Return the parameters with their start moved to `u`."""
    return [replace(p, start=float(p.value(x))) for p, x in zip(parameters, u, strict=True)]


def pruned(task, parameters, found, judge, keep, deadline=np.inf, **options):
    """Fix parameters at the device's value, one by one, while the fit stays as good.

    Of those that act as another or ran into a bound, the one goes whose value in the
    device the data contradict least. `judge` makes the statistics of a `Found` and its
    parameters; `keep` names what stays free. Returns parameters, found, and name to
    reason of what was left out.
    """
    left = {}
    while len(parameters) > 1 and not found.interrupted:
        status = judge(found, parameters).status
        spare = [k for k, s in enumerate(status) if parameters[k].name not in keep
                 and ("acts as" in s or "bound" in s)]
        if not spare:
            break
        if time.monotonic() > deadline:
            return parameters, replace(found, late=True), left
        tried = {}
        for k in spare:
            fewer = nearer(parameters[:k] + parameters[k + 1:], np.delete(found.u, k))
            tried[k] = fewer, search(task, fewer, generations=0, deadline=deadline, **options)
        if any(trial.late for _fewer, trial in tried.values()):  # half a trial proves nothing
            return parameters, replace(found, late=True), left
        k = min(tried, key=lambda k: np.sum(tried[k][1].residuals**2))
        worse = np.sum(tried[k][1].residuals**2) - np.sum(found.residuals**2)
        if worse > _WORSE * np.mean(found.residuals**2):
            break
        left[parameters[k].name] = status[k].split(": ")[1] + " when free"
        parameters, found = tried[k][0], replace(tried[k][1], late=found.late)
    return parameters, found, left
