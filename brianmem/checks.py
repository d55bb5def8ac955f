"""The conformance suite for a `Device`, ours or anybody's: `check_device`."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path

import brian2
import numpy as np
from brian2.units.fundamentalunits import Quantity

from brianmem import check_dynamics as dynamics
from brianmem import references
from brianmem.check_dynamics import Failed
from brianmem.device import Device, Evidence
from brianmem.errors import BrianmemError, CheckError


@dataclass(frozen=True)
class CheckReport:
    """What `check_device` found: name of each check to one line about it."""

    device: str
    passed: dict = field(default_factory=dict)

    def __str__(self):
        lines = [f"{self.device}: {len(self.passed)} checks passed"]
        return "\n".join(lines + [f"  {name}: {text}" for name, text in self.passed.items()])


def check_device(device, bibliography=None):
    """Check that `device` behaves as a memristive device should; return a `CheckReport`.

    `bibliography`: a further .bib file in which its references may stand. Takes
    some seconds. Raises `CheckError` naming each check that failed and why.
    """
    if not isinstance(device, Device):
        raise CheckError(f"check_device needs a Device, got {type(device).__name__}.")
    passed, failed = {}, []
    for name, check in _checks(device).items():
        try:
            # A wrong device divides by zero: that is reported as what follows from it.
            with np.errstate(all="ignore"):
                passed[name] = check(device, bibliography) if check is check_references \
                    else check(device)
        except (Failed, BrianmemError) as error:
            failed.append(f"{name}: {error}")
    if failed:
        raise CheckError(f"{device} fails {len(failed)} of {len(failed) + len(passed)} checks:\n  "
                         + "\n  ".join(failed))
    return CheckReport(str(device), passed)


def _checks(device):
    checks = {"zero current": _zero_current, "passivity": _passivity, "repr": _repr,
              "pickle": _pickle, "evidence": check_evidence, "references": check_references}
    if device.states:
        checks["operation"] = _operation
        if not _missing(device):
            checks.update({"bounds": dynamics.bounds, "read": dynamics.read,
                           "convergence": dynamics.convergence, "seed": dynamics.seed})
    return checks


def _missing(device):
    needed = [*dynamics.kinds(device), "read"]
    return [kind for kind in needed if kind not in device.operation]


def _operation(device):
    if _missing(device):
        raise Failed(f"operation states no {', '.join(_missing(device))}; without it the device "
                      "cannot be driven. Add operation={'set': (V, width), ...}.")
    unbounded = [state for state in device.states if state not in device.bounds]
    if unbounded:
        raise Failed(f"state '{unbounded[0]}' has no bounds, so nothing keeps it from running "
                      "away. Add them.")
    return "set, reset and read are stated"


def _largest_voltage(device):
    return max([abs(float(pulse[0])) for pulse in device.operation.values()] or [1.0])


def _current(device, v):
    """Return the current (copies, voltages) at random states, SI."""
    given = {k: Quantity(x[:, None], dim=device.dimension(k))
             for k, x in dynamics.random_states(device, 64).items()}
    current = np.asarray(device.evaluate("I", v=v * brian2.volt, **given))
    return np.broadcast_to(current, np.broadcast_shapes(current.shape, (64, len(v))))


def _zero_current(device):
    current = _current(device, np.zeros(1))
    scale = np.nanmax(np.abs(_current(device, np.array([_largest_voltage(device)]))))
    worst = np.max(np.abs(current))
    if not worst <= 1e-12 * scale:
        raise Failed(f"I(v=0) = {worst:.3g} A; a device without a source carries no current at 0 V.")
    return "I(v=0) = 0 in every state"


def _passivity(device):
    v = np.linspace(-1, 1, 41) * _largest_voltage(device)
    current = _current(device, v)
    if not np.all(np.isfinite(current)):
        where = v[np.argwhere(~np.isfinite(current))[0][1]]
        raise Failed(f"the current is not finite at v = {where:.3g} V. Guard the branch of the "
                      "equation that is not taken.")
    power = current * v
    if power.min() < -1e-12 * np.abs(power).max():
        where = v[np.unravel_index(np.argmin(power), power.shape)[1]]
        raise Failed(f"v*I = {power.min():.3g} W at v = {where:.3g} V: the device delivers power.")
    return f"v*I >= 0 up to {_largest_voltage(device):.3g} V"


def _repr(device):
    namespace = {k: getattr(brian2, k) for k in dir(brian2)} | {"Device": Device,
                                                                "Evidence": Evidence}
    if eval(repr(device), namespace) != device:
        raise Failed("eval(repr(device)) is another device.")
    return "eval(repr(device)) == device"


def _pickle(device):
    if pickle.loads(pickle.dumps(device)) != device:
        raise Failed("the unpickled device is another one.")
    return "survives pickling"


def check_evidence(device):
    """Check that a device or neuron says what stands behind it; return that in words."""
    needed = ["parameters"] * bool(device.parameters) + ["operation"] * bool(device.operation)
    for key in (*needed, *device.parameter_sets):
        if key not in device.evidence:
            raise Failed(f"nothing is said about what stands behind '{key}'. Add "
                          f"evidence={{'{key}': Evidence('proposed')}} or better.")
    for key, evidence in device.evidence.items():
        if evidence.kind == "published" and not evidence.references:
            raise Failed(f"'{key}' is called published, but no reference is given.")
    return ", ".join(f"{key} {evidence.kind}" for key, evidence in device.evidence.items())


def check_references(device, bibliography):
    """Check that every reference of a device or neuron can be looked up."""
    keys = [*device.references, *(r for e in device.evidence.values() for r in e.references)]
    extra = references.read_bibtex(Path(bibliography)) if bibliography is not None else {}
    for key in keys:
        if not references.is_known(key) and key not in extra:
            raise Failed(f"'{key}' is neither a DOI nor in a bibliography. Add it to a .bib file "
                          "in a folder of $BRIANMEM_PATH, or pass bibliography=.")
    return f"{len(set(keys))} known"
