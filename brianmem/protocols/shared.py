"""Runs that differ in parameters and start values alone, as copies of one group.

Each copy takes the time step that it would take alone, so that no result depends on
which others it shared a group with, to the last bit.
"""

from dataclasses import replace

import numpy as np

from brianmem.errors import BrianmemError
from brianmem.protocols.copies import subset
from brianmem.protocols.simulation import (
    _answer,
    _run,
    distance,
    first_steps,
)
from brianmem.protocols.waveform import ExpressionWaveform

#: Rounds of simulation after which runs are left to themselves.
_ROUNDS = 16


class _Wanted(Exception):
    """Stops a protocol where it needs a trace that is not there yet."""


def run_together(device, runs, values):
    """Return a `Result`, or None where a run must be made by itself.

    `runs` are tuples of (device, protocol, seed); their devices are `device` with the
    parameters of `values`, name to Quantity (runs,).
    """
    answers = [[] for _ in runs]
    results, left = [None] * len(runs), list(range(len(runs)))
    for _ in range(_ROUNDS):
        wanted = {}
        for k in left:
            outcome = _attempt(runs[k], answers[k])
            if isinstance(outcome, tuple):
                wanted[k] = outcome
            else:
                results[k] = outcome
        if not wanted:
            break
        left = list(wanted)
        for members in _groups(wanted):
            for k, trace in zip(members, _simulated(device, members, wanted, values), strict=True):
                answers[k].append(trace)
        left = [k for k in left if answers[k][-1] is not None]
    return results


def _attempt(run, answers):
    """Run a protocol on the traces it has; return its result, None, or what it wants next."""
    device, protocol, seed = run
    given, wanted = iter(answers), []

    def answer(*call):
        trace = next(given, None)
        if trace is None:
            wanted.append(call)
            raise _Wanted
        return trace

    token = _answer.set(answer)
    try:
        return protocol.run(device, seed=seed)
    except _Wanted:
        return wanted[0]
    except BrianmemError:
        return None  # said again, in full, when it runs by itself
    finally:
        _answer.reset(token)


def _groups(wanted):
    found = {}
    for k, (setup, segment, _states, dt) in wanted.items():
        cell = [x if x is None or isinstance(x, str) else float(x)
                for x in (setup.series_resistance, setup.compliance)]
        pieces = [segment.duration, segment.units, segment.stride, segment.mark, segment.cycle]
        mark = repr((*cell, dt, *pieces, _waveform(segment.waveform)))
        found.setdefault(mark, []).append(k)
    return found.values()


def _waveform(waveform):
    if isinstance(waveform, ExpressionWaveform):
        return waveform.text
    parts = sorted(vars(waveform).items())
    return [(name, np.asarray(value).tobytes()) for name, value in parts]


def _simulated(device, members, wanted, values):
    setup, segment, states, dt = wanted[members[0]]
    if any(w[0].n > 1 or w[0].stuck or w[0].cycle_parameters for w in map(wanted.get, members)):
        return [None] * len(members)
    parameters = {n: v[members] for n, v in values.items()}
    wide = replace(setup, device=device, n=len(members), parameters=parameters, alone=True)
    starts = {n: np.concatenate([wanted[k][2][n] for k in members]) for n in states}
    return simulate_each(wide, segment, starts, dt)


def simulate_each(setup, segment, states, dt=None):
    """Return a `Trace` for each copy as `simulate` makes it of that copy, or None."""
    traces = [None] * setup.n
    if setup.device.stiff:
        return traces
    parts, most = 1, first_steps(segment.units)
    if dt is not None:
        parts = max(1, int(np.ceil(segment.duration / segment.units / dt - 1e-9)))
        most = 2 * parts * segment.units
    left, coarse = np.arange(setup.n), None
    while len(left) and parts * segment.units <= most:
        fine = _separate(setup, segment, states, parts, left)
        for k in left:
            if coarse is not None and coarse[k] is not None and fine[k] is not None:
                pair = coarse[k], fine[k]
                error, _ = distance(setup.device, *pair)
                if error <= 1:
                    traces[k] = pair[0] if dt is not None else pair[1]
                    traces[k].error = error
        left = np.array([k for k in left if traces[k] is None and fine[k] is not None], dtype=int)
        coarse, parts = fine, 2 * parts
    return traces


def _separate(setup, segment, states, parts, index):
    """Integrate the copies of `index`; a fault of one costs only that one its trace."""
    part = subset(setup, index)
    part.alone = True
    try:
        trace = _run(part, segment, {n: v[index] for n, v in states.items()}, parts)
    except BrianmemError:
        if len(index) == 1:
            return {index[0]: None}
        half = len(index) // 2
        return {**_separate(setup, segment, states, parts, index[:half]),
                **_separate(setup, segment, states, parts, index[half:])}
    return {k: _copy(trace, j) for j, k in enumerate(index)}


def _copy(trace, j):
    one = slice(j, j + 1)
    marks = {n: v[one] for n, v in trace.marks.items()}
    return replace(trace, states={n: v[one] for n, v in trace.states.items()},
                   energy=trace.energy[one], marks=marks,
                   mark_energy=None if trace.mark_energy is None else trace.mark_energy[one],
                   hits={n: v[one] for n, v in trace.hits.items()})
