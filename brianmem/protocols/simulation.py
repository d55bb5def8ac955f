"""Integrate a device under a waveform, with a time step that is shown to be short enough."""

import contextlib
import contextvars
import functools
import logging
import re

import numpy as np
from brian2 import Network, StateMonitor, second
from brian2.core.base import BrianObjectException
from brian2.stateupdaters.exponential_euler import get_conditionally_linear_system
from brian2.units.fundamentalunits import Quantity

from brianmem import budget
from brianmem import equations as eq
from brianmem.errors import DivergenceError, InputError, StepError
from brianmem.events import jumping
from brianmem.integration import RELATIVE
from brianmem.ode import ode_group
from brianmem.protocols import cycles
from brianmem.protocols.segments import Trace
from brianmem.protocols.surroundings import (
    check_size,
    run_whole,
    short_collections,
    silent_divergence,
    untouched_random_state,
)
from brianmem.units import format_quantity

logger = logging.getLogger(__name__)

#: A trace is converged if halving the step changes the time average of each state, and
#: of the energy, by less than MEAN of the range it covers, and its end by less than FINAL.
MEAN_TOLERANCE, FINAL_TOLERANCE = 2e-3, 1e-2
#: Largest number of steps tried before giving up.
MAX_STEPS = 2**18
#: Smallest range of a state, relative to its bounds, that a tolerance refers to.
_SMALLEST_MOVE = 1e-3
#: Largest number of steps that a given dt may ask for.
_MOST_GIVEN_STEPS = 2**24
#: The share of those after which error control inside the steps is tried.
_FEWER = 16
#: Answers a call of `simulate` from elsewhere, or returns None: see `brianmem.protocols.shared`.
_answer = contextvars.ContextVar("answer", default=None)
#: What Brian2 says where sympy simplifies an equation to its complex infinity, or to NaN.
_NO_VALUE = re.compile(r'"(zoo|nan)" could not be resolved')
#: How often the tolerance of the error-controlled method is tightened.
_CONTROLLED_LEVELS = 4
#: Inner steps that a law which says nothing of being stiff may take under error control.
_TRIED = 60_000


def simulate(setup, segment, states, dt=None):
    """Integrate one segment from `states` (name to array (n,), SI) and return a `Trace`.

    With `dt` (s) the trace is made with it and compared with half of it; without,
    the step starts at one unit and is halved until the trace converges. Raises
    `StepError` with a step to try if it does not.
    """
    answer = _answer.get()
    if answer is not None:
        trace = answer(setup, segment, states, dt)
        if trace is not None:
            return trace
    unit = segment.duration / segment.units
    parts = 1 if dt is None else max(1, int(np.ceil(unit / dt - 1e-9)))
    if dt is not None and parts * segment.units > _MOST_GIVEN_STEPS:
        shortest = format_quantity(segment.duration / _MOST_GIVEN_STEPS * second, 2)
        raise StepError(f"{setup.device}: dt = {format_quantity(dt * second, 3)} makes "
                        f"{parts * segment.units:.2g} steps. Use dt >= {shortest}, or leave it out.")
    if setup.device.is_stochastic:
        # Halving the step draws other noise: paths cannot be compared one by one.
        if dt is None and setup.device.suggested_dt is not None:
            parts = max(1, int(np.ceil(unit / float(setup.device.suggested_dt) - 1e-9)))
        check_size(setup, segment, parts, _MOST_GIVEN_STEPS)
        return _run(setup, segment, states, parts)
    refined = dt is None and not setup.device.stiff
    check_size(setup, segment, parts, MAX_STEPS // 2 if refined else _MOST_GIVEN_STEPS)
    if dt is not None:
        return _checked(setup, segment, states, parts)
    return _refined(setup, segment, states, parts)


def _checked(setup, segment, states, parts):
    trace = _run(setup, segment, states, parts)
    trace.error, worst = distance(setup.device, trace, _run(setup, segment, states, 2 * parts))
    if trace.error > 1:
        raise StepError(
            f"{setup.device}: dt = {format_quantity(trace.dt * second, 3)} is too long: {worst} "
            f"differs by {trace.error:.2g} times the tolerance from half the step. "
            f"Use dt <= {format_quantity(trace.dt / min(2 * trace.error, 1e6) * second, 2)}, or "
            "leave dt out.")
    return trace


def _refined(setup, segment, states, parts):
    if setup.device.stiff:
        return _controlled(setup, segment, states, parts)
    with contextlib.suppress(StepError, DivergenceError):
        return _halved(setup, segment, states, parts, first_steps(parts * segment.units))
    # A threshold may be stiff for a moment only; a law without derivatives has no such way.
    with contextlib.suppress(InputError, StepError, DivergenceError), \
            budget.at_most(_TRIED, setup.device):
        return _controlled(setup, segment, states, parts)
    # Stiff and linear at constant voltage: an exponential step is stable at any
    # length, but its energy is only of first order.
    return _halved(setup, segment, states, parts, MAX_STEPS, _conditionally_linear(setup))


def first_steps(steps):
    """Return up to how many explicit steps are tried first, from `steps` on."""
    return min(max(MAX_STEPS // _FEWER, 4 * steps), MAX_STEPS)


def _controlled(setup, segment, states, parts):
    """Integrate with error control inside the steps, until a tighter tolerance changes nothing.

    Events happen at the ends of steps, so a device with events gets shorter steps too.
    """
    coarse, error, worst = _run(setup, segment, states, parts, relative=10 * RELATIVE), np.inf, None
    for level in range(_CONTROLLED_LEVELS):
        parts *= 4 if setup.device.events else 1
        fine = _run(setup, segment, states, parts, relative=RELATIVE / 10**level)
        error, worst = distance(setup.device, coarse, fine)
        if error <= 1:
            fine.error = error
            return fine
        coarse = fine
    raise StepError(f"{setup.device}: no tolerance gives a converged trace: {worst} still changes by "
                    f"{error:.2g} times the tolerance. Use a faster sweep or shorter pulses, a lower "
                    "amplitude, or a series resistance.")


def _halved(setup, segment, states, parts, most, exponential=False):
    """Halve the step until two traces agree, within `most` steps."""
    coarse, reason, failures = None, "it needs too many steps", 0
    while parts * segment.units <= most:
        try:
            fine = _run(setup, segment, states, parts, exponential)
        except (StepError, DivergenceError) as error:
            failures += 1
            if failures > 1 and not isinstance(error, StepError):
                raise
            coarse, reason, parts = None, str(error), 8 * parts
            continue
        if coarse is not None:
            fine.error, worst = distance(setup.device, coarse, fine)
            logger.debug("%s: dt %.3g s, error %.2g tolerances", setup.device, fine.dt, fine.error)
            if fine.error <= 1:
                return fine
            reason = f"{worst} still changes by {fine.error:.2g} times the tolerance"
        coarse, parts = fine, 2 * parts
    raise StepError(
        f"{setup.device}: no time step with up to {most} steps gives a converged trace: "
        f"{reason.rstrip('.')}. "
        "Use a faster sweep or shorter pulses, a lower amplitude, or a series resistance.")


def distance(device, a, b):
    """Return how far two traces differ, in tolerances, and what differs most.

    What only events change is known to one step: it is judged by what follows from it.
    """
    worst, name = 0.0, None
    jumps = jumping(device)
    for key in (*(state for state in device.states if state not in jumps), "energy"):
        low, high = (float(x) for x in device.bounds.get(key, (0, 0)))
        first, second_ = (t.energy if key == "energy" else t.states[key] for t in (a, b))
        scale = np.maximum(np.ptp(second_, axis=1), _SMALLEST_MOVE * (high - low))
        scale = np.where(scale > 0, scale, 1.0)
        change = np.abs(first - second_) / scale[:, None]
        found = max((change.mean(axis=1) / MEAN_TOLERANCE).max(),
                    (change[:, -1] / FINAL_TOLERANCE).max())
        if not found <= worst:
            worst, name = float(found), key if key == "energy" else f"state '{key}'"
    return worst, name


def _run(setup, segment, states, parts, exponential=False, relative=None):
    """Integrate `segment` with `parts` steps per unit; `relative` asks for error control inside."""
    device, steps = setup.device, parts * segment.units
    dt = segment.duration / steps
    midpoint = dt / 2 if exponential else None
    text, namespace, code = segment.waveform.source(setup.n, dt, steps, midpoint)
    draws = cycles.draw(setup, segment)
    tables, cycle_code = cycles.tables(draws, segment)
    initial = {k: Quantity(v, dim=device.dimension(k)) for k, v in states.items()}
    method = "exponential_euler" if exponential else "adaptive" if relative else None
    made = ode_group(
        device, setup.n, text, dt=dt * second, method=method,
        series_resistance=setup.series_resistance, compliance=setup.compliance,
        parameters=setup.parameters | {k: q[0] for k, q in draws.items()}, initial=initial,
        stuck=setup.stuck, namespace=namespace | tables, target="auto", steps=steps,
        relative=relative or RELATIVE, decide_as=1 if setup.alone else None)
    code = "\n".join(filter(None, (code, cycle_code)))
    trace = _record(made, segment, parts * dt, code, setup)
    made.check()
    if not np.all(np.isfinite(trace.energy)):
        when = trace.t[np.argmin(np.all(np.isfinite(trace.energy), axis=0))]
        raise DivergenceError(f"{device}: the power v*I became NaN or infinite by t = "
                              f"{format_quantity(when * second)}. Its 'I' must have a value at every "
                              "voltage of the drive: guard powers, logarithms and exponentials.")
    cycles.attach(trace, draws, segment)
    return trace


def _record(made, segment, unit, code, setup):
    names = [*setup.device.states, "energy"]
    group, objects = made.group, list(made.objects)
    if code:
        objects.append(group.run_regularly(code, when="start", order=-1,
                                           codeobj_class=made.codeobj_class))
    monitors = [StateMonitor(group, names, record=True, dt=unit * stride * second,
                             codeobj_class=made.codeobj_class)
                for stride in (segment.stride, segment.mark) if stride]
    network = Network(*objects, *monitors)
    with untouched_random_state(setup.seed), short_collections(), silent_divergence():
        try:
            run_whole(network, segment.duration, made.check)
        except BrianObjectException as error:
            _refuse_no_value(setup.device, error)
            raise
        for monitor in monitors:
            monitor.record_single_timestep()
    states, energy = _arrays(monitors[0], names)
    marks, mark_energy = _arrays(monitors[1], names) if segment.mark else ({}, None)
    hits = {k: np.asarray(made.hits(k)) for k in setup.device.bounds}
    times = np.append(np.asarray(monitors[0].t_)[:-1], segment.duration)
    return Trace(times, states, energy, marks, mark_energy, float(group.dt_[:]), 0.0, hits)


def _refuse_no_value(device, error):
    """Raise `DivergenceError` if sympy found that an equation divides by what is always 0."""
    if _NO_VALUE.search(str(error.__cause__)):
        raise DivergenceError(f"{device}: an equation divides by an expression that is 0 whatever the "
                              "states and parameters. Correct it.") from None


def _arrays(monitor, names):
    data = {k: np.array(getattr(monitor, f"{k}_"), dtype=float) for k in names}
    energy = data.pop("energy")
    return data, energy


def _conditionally_linear(setup):
    """Tell whether an exponential step is exact at constant voltage."""
    if setup.series_resistance is not None or setup.compliance is not None:
        return False
    return _linear_in_states(setup.device)


@functools.lru_cache(maxsize=64)
def _linear_in_states(device):
    # A stiff law is not linear, and the text of its rates with all lines inserted may be endless.
    if device.is_stochastic or device.stiff or not device.states:
        return False
    try:
        for state in device.states:
            eq.flatten(device.model, state)  # Brian2 would insert lines without end
        get_conditionally_linear_system(device.model)
    except ValueError:
        return False
    return True
