"""The conformance suite for a `Neuron`, ours or anybody's: `check_neuron`."""

import pickle

import brian2
import numpy as np
from brian2 import second

from brianmem.check_dynamics import Failed
from brianmem.checks import CheckReport, check_evidence, check_references
from brianmem.errors import BrianmemError, CheckError
from brianmem.evidence import Evidence
from brianmem.neuron import Neuron
from brianmem.protocols.neurons import FICurve, SpikeResponse


def check_neuron(neuron, bibliography=None):
    """Check that `neuron` behaves as a neuron should; return a `CheckReport`.

    `bibliography`: a further .bib file in which its references may stand. Takes some
    seconds. Raises `CheckError` naming each check that failed and why.
    """
    if not isinstance(neuron, Neuron):
        raise CheckError(f"check_neuron needs a Neuron, got {type(neuron).__name__}.")
    passed, failed = {}, []
    for name, check in _CHECKS.items():
        if name in ("convergence", "seed") and "operation" not in passed:
            continue  # it cannot be made to fire, which is said already
        try:
            passed[name] = check(neuron, bibliography)
        except (Failed, BrianmemError) as error:
            failed.append(f"{name}: {error}")
    if failed:
        raise CheckError(f"{neuron} fails {len(failed)} of {len(failed) + len(passed)} checks:\n  "
                         + "\n  ".join(failed))
    return CheckReport(str(neuron), passed)


def _repr(neuron, _):
    namespace = {k: getattr(brian2, k) for k in dir(brian2)} | {"Neuron": Neuron,
                                                                "Evidence": Evidence}
    if eval(repr(neuron), namespace) != neuron:
        raise Failed("eval(repr(neuron)) is another neuron.")
    if pickle.loads(pickle.dumps(neuron)) != neuron:
        raise Failed("the unpickled neuron is another one.")
    return "survives repr and pickling"


def _operation(neuron, _):
    missing = [k for k in ("silent", "fires", "duration") if k not in neuron.operation]
    if missing or neuron.suggested_dt is None:
        raise Failed(f"it states no {', '.join(missing) or 'suggested_dt'}; without it nothing "
                      "can be measured. Add operation={'silent': ..., 'fires': ..., 'duration': "
                      "...} and suggested_dt.")
    found = FICurve(currents=_drives(neuron)).run(neuron, seed=1)
    quiet, firing = found["spikes"]
    if quiet > 0:
        raise Failed(f"at the silent drive it fires {quiet} times.")
    if firing < 2:
        raise Failed(f"at the drive at which it fires there are {firing} spikes.")
    return f"{firing} spikes at operation 'fires', none at 'silent'"


def _drives(neuron):
    dim = neuron.dimension(neuron.drive)
    return [brian2.Quantity(float(neuron.operation[k]), dim=dim) for k in ("silent", "fires")]


def _first_spike(neuron, dt, duration=None):
    times = np.asarray(SpikeResponse(dt=dt, duration=duration).run(neuron, seed=1)["spike_t"])
    if len(times) == 0:
        raise Failed("it is silent at operation 'fires'.")
    return times[0]


def _convergence(neuron, _):
    """Compare the time of the first spike: later ones also shift by what the clock adds."""
    if neuron.is_stochastic:
        return "not looked at: its traces are random"
    dt = neuron.suggested_dt
    one = _first_spike(neuron, dt)
    # What comes after the first spike need not be simulated again.
    enough = (1.1 * one + 20 * float(dt)) * second
    two, four = (_first_spike(neuron, dt / k, enough) for k in (2, 4))
    coarse, fine = abs(one - four), abs(two - four)
    if coarse > float(dt):
        raise Failed(f"the first spike moves by {coarse:.2g} s between suggested_dt and a quarter. "
                      "Suggest a shorter dt.")
    # What switches within a step is known to half of one: a quarter and an eighth of dt here.
    if fine > max(coarse, 0.375 * float(dt)):
        raise Failed(f"halving dt moves the first spike away ({coarse:.2g}, then {fine:.2g} s).")
    return f"the first spike is within {coarse:.2g} s at suggested_dt"


def _seed(neuron, _):
    one, two = (SpikeResponse().run(neuron, seed=7) for _ in range(2))
    for key in one:
        if not np.array_equal(np.asarray(one[key]), np.asarray(two[key])):
            raise Failed(f"two runs with one seed differ in '{key}'.")
    return "the same seed gives the same trace"


_CHECKS = {"repr": _repr, "evidence": lambda neuron, _: check_evidence(neuron),
           "references": check_references, "operation": _operation,
           "convergence": _convergence, "seed": _seed}
