"""The conformance suite for a `Device`, ours or anybody's: `check_device`."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path

import brian2
import numpy as np
from brian2 import Network, second
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import get_identifiers

from brianmem import references
from brianmem.device import Device, Evidence
from brianmem.errors import BrianmemError, CheckError
from brianmem.ode import ode_group
from brianmem.protocols.simulation import Segment, Setup, simulate
from brianmem.protocols.surroundings import short_collections, untouched_random_state
from brianmem.protocols.transient import Transient
from brianmem.protocols.waveform import PiecewiseLinear, pulses
from brianmem.variation import Variation

#: The share of its range by which a read may move a state.
READ_TOLERANCE = 1e-3
#: Orders accepted of rk4: on smooth equations, and where a rate jumps.
SMOOTH_ORDER, THRESHOLD_ORDER = 3.0, 0.6
_KINKS = frozenset({"int", "abs", "sign", "clip", "floor", "ceil", "mod"})
_COPIES = 8


@dataclass(frozen=True)
class CheckReport:
    """What `check_device` found: name of each check to one line about it."""

    device: str
    passed: dict = field(default_factory=dict)

    def __str__(self):
        lines = [f"{self.device}: {len(self.passed)} checks passed"]
        return "\n".join(lines + [f"  {name}: {text}" for name, text in self.passed.items()])


class _Failed(Exception):
    """Signal that one check failed, with the reason."""


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
                passed[name] = check(device, bibliography) if check is _references \
                    else check(device)
        except (_Failed, BrianmemError) as error:
            failed.append(f"{name}: {error}")
    if failed:
        raise CheckError(f"{device} fails {len(failed)} of {len(failed) + len(passed)} checks:\n  "
                         + "\n  ".join(failed))
    return CheckReport(str(device), passed)


def _checks(device):
    checks = {"zero current": _zero_current, "passivity": _passivity, "repr": _repr,
              "pickle": _pickle, "evidence": _evidence, "references": _references}
    if device.states:
        checks["operation"] = _operation
        if not _missing(device):
            dynamic = _distribution if device.is_stochastic else _convergence
            checks.update({"bounds": _bounds, "read": _read, "convergence": dynamic,
                           "seed": _seed})
    return checks


def _missing(device):
    return [kind for kind in ("set", "reset", "read") if kind not in device.operation]


def _operation(device):
    if _missing(device):
        raise _Failed(f"operation states no {', '.join(_missing(device))}; without it the device "
                      "cannot be driven. Add operation={'set': (V, width), ...}.")
    unbounded = [state for state in device.states if state not in device.bounds]
    if unbounded:
        raise _Failed(f"state '{unbounded[0]}' has no bounds, so nothing keeps it from running "
                      "away. Add them.")
    return "set, reset and read are stated"


def _random_states(device, n=_COPIES):
    """Return states spread over their bounds, both ends included: name to (n,), SI."""
    rng = np.random.default_rng(0)
    states = {}
    for key in device.states:
        low, high = (float(b) for b in device.bounds.get(key, (device.initial[key],) * 2))
        share = np.concatenate([[0.0, 1.0], rng.random(n - 2)])
        states[key] = np.clip(low + (high - low) * rng.permutation(share), low, high)
    return states


def _largest_voltage(device):
    return max([abs(float(pulse[0])) for pulse in device.operation.values()] or [1.0])


def _current(device, v):
    """Return the current (copies, voltages) at random states, SI."""
    given = {k: Quantity(x[:, None], dim=device.dimension(k))
             for k, x in _random_states(device, 64).items()}
    current = np.asarray(device.evaluate("I", v=v * brian2.volt, **given))
    return np.broadcast_to(current, np.broadcast_shapes(current.shape, (64, len(v))))


def _zero_current(device):
    current = _current(device, np.zeros(1))
    scale = np.nanmax(np.abs(_current(device, np.array([_largest_voltage(device)]))))
    worst = np.max(np.abs(current))
    if not worst <= 1e-12 * scale:
        raise _Failed(f"I(v=0) = {worst:.3g} A; a device without a source carries no current at 0 V.")
    return "I(v=0) = 0 in every state"


def _passivity(device):
    v = np.linspace(-1, 1, 41) * _largest_voltage(device)
    current = _current(device, v)
    if not np.all(np.isfinite(current)):
        where = v[np.argwhere(~np.isfinite(current))[0][1]]
        raise _Failed(f"the current is not finite at v = {where:.3g} V. Guard the branch of the "
                      "equation that is not taken.")
    power = current * v
    if power.min() < -1e-12 * np.abs(power).max():
        where = v[np.unravel_index(np.argmin(power), power.shape)[1]]
        raise _Failed(f"v*I = {power.min():.3g} W at v = {where:.3g} V: the device delivers power.")
    return f"v*I >= 0 up to {_largest_voltage(device):.3g} V"


def _repr(device):
    namespace = {k: getattr(brian2, k) for k in dir(brian2)} | {"Device": Device,
                                                                "Evidence": Evidence}
    if eval(repr(device), namespace) != device:
        raise _Failed("eval(repr(device)) is another device.")
    return "eval(repr(device)) == device"


def _pickle(device):
    if pickle.loads(pickle.dumps(device)) != device:
        raise _Failed("the unpickled device is another one.")
    return "survives pickling"


def _evidence(device):
    needed = ["parameters"] * bool(device.parameters) + ["operation"] * bool(device.operation)
    for key in (*needed, *device.parameter_sets):
        if key not in device.evidence:
            raise _Failed(f"nothing is said about what stands behind '{key}'. Add "
                          f"evidence={{'{key}': Evidence('proposed')}} or better.")
    for key, evidence in device.evidence.items():
        if evidence.kind == "published" and not evidence.references:
            raise _Failed(f"'{key}' is called published, but no reference is given.")
    return ", ".join(f"{key} {evidence.kind}" for key, evidence in device.evidence.items())


def _references(device, bibliography):
    keys = [*device.references, *(r for e in device.evidence.values() for r in e.references)]
    extra = references.read_bibtex(Path(bibliography)) if bibliography is not None else {}
    for key in keys:
        if not references.is_known(key) and key not in extra:
            raise _Failed(f"'{key}' is neither a DOI nor in a bibliography. Add it to a .bib file "
                          "in a folder of $BRIANMEM_PATH, or pass bibliography=.")
    return f"{len(set(keys))} known"


def _bounds(device):
    """Drive copies from all over the range by pulses of random height."""
    rng = np.random.default_rng(1)
    setup, states, hits = Setup(device, _COPIES, seed=1), _random_states(device), 0
    for kind in ("set", "reset"):
        voltage, width, *resistance = device.operation[kind]
        setup.series_resistance = resistance[0] if resistance else None
        train = pulses(1.0, 1.0, 0.5, 4)
        heights = float(voltage) * np.repeat(rng.uniform(0.5, 1.0, 4), 4)
        waveform = PiecewiseLinear(train.times * float(width), train.values * heights)
        trace = simulate(setup, Segment(waveform, 6 * float(width), 48), states)
        states, hits = trace.final, hits + sum(trace.hits.values())
        for key, (low, high) in device.bounds.items():
            x, slack = trace.states[key], 1e-9 * (float(high) - float(low))
            if not np.all((x >= float(low) - slack) & (x <= float(high) + slack)):
                raise _Failed(f"state '{key}' left its bounds under {kind} pulses.")
    return f"kept under random pulses ({hits} steps stopped at a bound)"


def _read(device):
    voltage, width, *_ = (float(x) for x in device.operation["read"])
    start = _random_states(device)
    if device.is_stochastic:
        return "not tested: the state moves by noise"
    waveform = PiecewiseLinear(np.array([0.0, width]), np.array([voltage, voltage]))
    end = simulate(Setup(device, _COPIES), Segment(waveform, width, 8), start).final
    moved = {key: float(np.max(np.abs(device.fraction(key, end[key])
                                      - device.fraction(key, start[key])))) for key in end}
    worst = max(moved, key=moved.get)
    if moved[worst] > READ_TOLERANCE:
        raise _Failed(f"a read of {voltage:g} V for {width:.3g} s moves state '{worst}' by "
                      f"{moved[worst]:.2g} of its range. Read at a lower voltage or the other "
                      "polarity.")
    return f"moves a state by at most {moved[worst]:.1g} of its range"


def _final(device, kind, steps, n=1, initial=None, seed=0):
    """Return the states (n,) after one smooth pulse, integrated in `steps` steps."""
    voltage, width, *resistance = device.operation[kind]
    shape = f"{float(voltage)!r}*volt*sin(pi*t/({float(width)!r}*second))**2"
    made = ode_group(device, n, shape, dt=width / steps, energy=False, target="numpy",
                     initial=initial, series_resistance=resistance[0] if resistance else None)
    with untouched_random_state(seed), short_collections():
        Network(*made.objects).run(float(width) * second, namespace={})
    return {k: np.array(getattr(made.group, f"{k}_")) for k in device.states}


def _middle(device):
    return {key: Quantity((float(low) + float(high)) / 2, dim=device.dimension(key))
            for key, (low, high) in device.bounds.items()}


def _convergence(device):
    smooth = not any(_KINKS & get_identifiers(line.expr.code) for line in device.model.values())
    needed, coarsest, levels = (SMOOTH_ORDER, 4, 5) if smooth else (THRESHOLD_ORDER, 16, 7)
    found = {}
    for kind in ("set", "reset"):
        runs = [_final(device, kind, coarsest * 2**k, initial=_middle(device))
                for k in range(levels)]
        for key in device.states:
            values = [float(device.fraction(key, run[key])[0]) for run in runs]
            found[f"{key} ({kind})"] = _order(values)
    for name, order in found.items():
        if order is not None and not order >= needed:
            raise _Failed(f"halving the step improves {name} with order {order:.2g}, not "
                          f"{'3 or more (smooth equations)' if smooth else '1 (threshold)'}: a "
                          "rate that is no function of state and voltage, a guard that bends the "
                          f"solution, or a pulse too strong for {coarsest} steps.")
    measured = [order for order in found.values() if order is not None]
    return f"order {min(measured):.1f} or better under halving" if measured else \
        "exact to rounding at every step"


def _order(values):
    """Return the order fitted to all halvings, None if their effect is only rounding.

    Where a rate jumps, a single difference depends on where the jump lies in a step.
    """
    differences = np.abs(np.diff(values))
    if not np.all(np.isfinite(differences[1:])):
        return -np.inf
    clear = np.flatnonzero(differences > 1e-12)
    if len(clear) < 3:
        return None
    return float(-np.polyfit(clear, np.log2(differences[clear]), 1)[0])


def _distribution(device, copies=400):
    """Compare mean and spread at two step sizes: paths of noise cannot be compared."""
    runs = [_final(device, "set", steps, copies, _middle(device), seed) for steps, seed in
            ((100, 1), (200, 2))]
    for key in device.states:
        a, b = (device.fraction(key, run[key]) for run in runs)
        error = np.sqrt((a.var() + b.var()) / copies) + 1e-12
        if not abs(a.mean() - b.mean()) < 5 * error + 1e-3:
            raise _Failed(f"the mean of '{key}' depends on the time step ({a.mean():.4g} and "
                          f"{b.mean():.4g} of the range at half of it).")
        if not 0.7 < (a.std() + 1e-9) / (b.std() + 1e-9) < 1.4:
            raise _Failed(f"the spread of '{key}' depends on the time step ({a.std():.3g} and "
                          f"{b.std():.3g} of the range at half of it): noise must be written "
                          "with xi.")
    return "mean and spread do not depend on the time step"


def _seed(device):
    voltage, width, *_ = device.operation["set"]
    protocol = Transient(np.array([0.0, 1.0, 1.0, 0.0]) * voltage, duration=width)
    name = next(iter(device.parameters), None)
    variation = Variation(**{name: 0.01}) if name else None
    before = np.random.get_state()[1].copy()
    first, again = (protocol.run(device, n=2, variation=variation, seed=5) for _ in range(2))
    if not all(np.array_equal(first[key], again[key]) for key in ("I", *device.states)):
        raise _Failed("two runs with the same seed differ.")
    if not np.array_equal(before, np.random.get_state()[1]):
        raise _Failed("a run changes numpy's global random state.")
    return "same seed, same trace"
