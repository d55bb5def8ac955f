"""Where a constant voltage takes the states of a device, to a stated tolerance.

Integrates many initial states at once in plain numpy, each with its own
error-controlled step (Dormand and Prince 1980), from the same text that Brian2
runs. Threshold switches move by orders of magnitude in rate within one pulse, which
one step for all copies cannot follow.
"""

import functools
from dataclasses import replace

import numpy as np

from brianmem import budget
from brianmem import equations as eq
from brianmem.cell import cell_voltage_line
from brianmem.errors import InputError, StepError
from brianmem.integration.rosenbrock import Tolerance, advance
from brianmem.integration.system import from_equations
from brianmem.units import si_unit_name

_NODES = ((), (1 / 5,), (3 / 40, 9 / 40), (44 / 45, -56 / 15, 32 / 9),
          (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
          (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
          (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84))
_FIFTH = np.array([35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0])
_ERROR = _FIFTH - np.array([5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100,
                            1 / 40])
_MOST_STEPS = 10_000
#: Explicit steps before implicit ones are tried.
_FEW_STEPS = 100


def flow(device, voltage, duration, start, *, series_resistance=None, compliance=None,
         parameters=None, tolerance=1e-9, patience=None):
    """Hold `voltage` for `duration` and return the final states and the energy.

    `start` has shape (states, copies), in SI units; voltage, resistance, compliance and
    parameters are scalars or (copies,). `tolerance` bounds the error of a
    step relative to the range between the bounds; the energy is held to 1000 times
    that, relative. Returns an array like `start` and one of shape (copies,) in joule.
    Raises `StepError` where the tolerance cannot be reached; with `patience`, a number
    of steps, copies that need more become NaN instead.
    """
    check_mappable(device)
    if device.stiff:
        return _stiff_flow(device, voltage, float(duration), np.array(start, dtype=float),
                           {"series_resistance": series_resistance, "compliance": compliance},
                           parameters or {}, tolerance, patience)
    rates = device_rates(device, voltage, series_resistance, compliance, parameters or {})
    bounds = np.array([[float(b) for b in device.bounds[s]] for s in device.states])
    return _integrate(device, rates, np.array(start, dtype=float), float(duration), bounds,
                      tolerance, patience)


def patient_flow(device, voltage, duration, start, **options):
    """Do the same as `flow`, with implicit steps where explicit ones become many.

    A long time outlasts every time constant.
    """
    if device.stiff:
        return flow(device, voltage, duration, start, **options)
    found = flow(device, voltage, duration, start, patience=_FEW_STEPS, **options)
    if np.all(np.isfinite(found[0])):
        return found
    try:
        return flow(_stiff(device), voltage, duration, start, **options)
    except (InputError, StepError):
        return flow(device, voltage, duration, start, **options)


@functools.lru_cache(maxsize=64)
def _stiff(device):
    return replace(device, stiff=True)


def check_mappable(device):
    """Raise `InputError` unless `device` is deterministic, autonomous and bounded."""
    if device.is_stochastic:
        raise InputError(f"{device}: its equations contain noise, which a map of one pulse cannot "
                         "hold. Take the noise out and use Variation(c2c=...).")
    for state in device.states:
        if state not in device.bounds:
            raise InputError(f"{device}: the effect of a pulse is tabulated between bounds, and "
                             f"'{state}' has none. Add bounds={{'{state}': (low, high)}}.")
    if device.events:
        raise InputError(f"{device}: its events are no part of a map of one pulse. Drive it with a "
                         "protocol or ode_group.")
    lines = [line for line in device.model.values() if line.expr is not None]
    if any("t" in line.expr.identifiers for line in lines):
        raise InputError(f"{device}: its equations contain 't', so that equal pulses differ. "
                         "Replace 't' by a state.")


def device_rates(device, voltage, series_resistance=None, compliance=None, parameters=None):
    """Return a numpy function from states (states, copies) to rates and power.

    Its result has shape (states + 1, copies): the last row is v*I in watt. Values that
    are arrays hold one entry per copy; the function's second argument picks some of them.
    """
    line, functions = cell_voltage_line(device, series_resistance is not None,
                                        compliance is not None)
    values = {**device.namespace, **(parameters or {}), "v_source": voltage,
              "series_resistance": series_resistance, "compliance": compliance}
    values = {k: np.asarray(q, dtype=float) for k, q in values.items() if q is not None}
    functions = {k: f.implementations["numpy"].get_code(None) for k, f in functions.items()}
    cell = line.removeprefix("v = ").removesuffix(" : volt")
    outputs = [*(f"_rate_{s}" for s in device.states), "v*I"]
    system = eq.compile_system(device.model, ("v", cell), outputs, (*device.states, *values),
                               functions)

    def rates(x, copies=slice(None)):
        with np.errstate(all="ignore"):
            found = system(*x, *(q[copies] if q.ndim else q for q in values.values()))
        return np.stack([np.broadcast_to(f, x.shape[1:]) for f in found])

    return rates


def implicit_system(device, voltage, limits, parameters):
    """Return the `System` of the states and the energy, and the values of its inputs.

    `limits` maps "series_resistance" and "compliance" to a Quantity or None.
    """
    system = _system(device, *(limits[k] is not None for k in ("series_resistance", "compliance")))
    values = {**device.namespace, **parameters, "v_source": voltage, **limits}
    return system, [values[n] for n in system.inputs]


@functools.lru_cache(maxsize=64)
def _system(device, resistance, compliance):
    # Deriving the Jacobian of a long law takes longer than many a pulse.
    line, functions = cell_voltage_line(device, resistance, compliance)
    text = [line, *(
        f"{n} = {e.expr.code} : {si_unit_name(e.dim)}" if n in device.observables else
        f"d{n}/dt = {e.expr.code} : {si_unit_name(e.dim)}" for n, e in device.model.items()),
        "denergy/dt = v*I : joule"]
    known = dict.fromkeys((*device.namespace, "v_source", "series_resistance", "compliance"))
    return from_equations(eq.parse("\n".join(text), str(device)), {**known, **functions},
                          str(device))


def _stiff_flow(device, voltage, duration, start, limits, parameters, tolerance, patience):
    """Do the same with the implicit method; `tolerance` is taken a hundred times looser."""
    system, values = implicit_system(device, voltage, limits, parameters)
    bounds = {s: tuple(float(b) for b in device.bounds[s]) for s in device.states}
    held = Tolerance(system, max(100 * tolerance, 1e-9), None, bounds, ("energy",))
    y = np.vstack([start, np.zeros(start.shape[1])])
    y, _ = advance(system, 0.0, duration, np.full(start.shape[1], duration / 16), y,
                   [np.asarray(v, dtype=float) for v in values], held)
    if patience is None and not np.all(np.isfinite(y)):
        where = np.argmin(np.all(np.isfinite(y), axis=0))
        at = ", ".join(f"{s} = {v:g}" for s, v in zip(device.states, start[:, where], strict=True))
        raise StepError(f"{device}: no step reaches tolerance {tolerance:g} from {at} (SI units). "
                        "Limit the current with series_resistance or compliance, lower the voltage, "
                        "or raise tolerance.")
    return y[:-1], y[-1]


def _integrate(device, rates, x, duration, bounds, tolerance, patience):
    low, high = bounds[:, :1], bounds[:, 1:]
    time, energy = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    power = np.abs(rates(x)[-1]) * duration
    scale = tolerance * (high - low)
    step = np.full(x.shape[1], duration / 16)
    for _ in range(patience or _MOST_STEPS):
        budget.check()
        busy = np.flatnonzero(time < duration * (1 - 1e-14))
        if busy.size == 0:
            return x, energy
        h = np.minimum(step[busy], duration - time[busy])
        change, error, pinned = trial_step(lambda y, k=busy: rates(y, k), x[:, busy], h, low, high)
        error[:-1] = np.where(pinned, 0, error[:-1]) / scale
        error[-1] /= 1000 * tolerance * (power[busy] + np.abs(energy[busy]) + np.abs(change[-1])) \
            + 1e-300
        worst = np.max(np.abs(error), axis=0)
        good = worst <= 1  # False for NaN: rejected like a step that is too long
        taken = busy[good]
        x[:, taken] = np.clip(x[:, taken] + change[:-1, good], low, high)
        energy[taken] += change[-1, good]
        time[taken] += h[good]
        growth = 0.9 * np.maximum(np.where(np.isnan(worst), np.inf, worst), 1e-10)**-0.2
        step[busy] = h * np.clip(growth, 0.1, 5)
        if np.any(step[busy] < 1e-15 * duration):
            if patience is None:
                break
            lost = busy[step[busy] < 1e-15 * duration]
            x[:, lost], energy[lost], time[lost] = np.nan, np.nan, duration
    if patience is not None:
        late = time < duration * (1 - 1e-14)
        x[:, late], energy[late] = np.nan, np.nan
        return x, energy
    stuck = int(np.argmin(time))
    where = ", ".join(f"{s} = {v:g}" for s, v in zip(device.states, x[:, stuck], strict=True))
    raise StepError(f"{device}: no step reaches tolerance {tolerance:g} at {where} (SI units), "
                    f"{time[stuck]:.3g} s into the pulse. Limit the current with "
                    "series_resistance or compliance, lower the voltage, or raise tolerance.")


def trial_step(rates, x, h, low, high):
    """Return change and error estimate of one step, and where a bound holds the state."""
    stages = []
    for weights in _NODES:
        trial = x + h * sum((w * k[:-1] for w, k in zip(weights, stages, strict=True)),
                            np.zeros_like(x))
        stages.append(rates(np.clip(trial, low, high)))
    stages = np.array(stages)
    first = stages[0, :-1]
    pinned = ((x >= high) & (first >= 0)) | ((x <= low) & (first <= 0))
    change = h * np.tensordot(_FIFTH, stages, 1)
    return change, h * np.tensordot(_ERROR, stages, 1), pinned
