"""Run copies of a neuron, each with a drive and values of its own, and note when they fire."""

from types import SimpleNamespace

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor

from brianmem.models.targets._circuit import recorded


def firing(neuron, drive, duration, *, n=None, dt=None, parameters=None, initial=None, record=(),
           at_spikes=(), every=1, namespace=None, interpolate=True, target="cython"):
    """Return ``times`` (s) of the spikes of each copy, energies, and traces of `record`, SI.

    `at_spikes` are names of which the values at each spike are kept, by copy. Traces
    have the shape (copies, times) and are taken at every `every`-th step. Times are
    crossings inside a step, or with `interpolate=False` those of the clock.
    """
    n = n or max([np.size(v) for v in (drive, *(parameters or {}).values())
                  if not isinstance(v, str)], default=1)
    drive = drive if isinstance(drive, str) or np.ndim(drive) == 0 or n > 1 else drive[0]
    dt = neuron.suggested_dt if dt is None else dt
    group = neuron.group(n, drive, dt=dt, parameters=parameters, initial=initial,
                         namespace=namespace, spike_times=interpolate, target=_target(target))
    code = group.codeobj_class
    monitor = SpikeMonitor(group, variables=[*(["spike_time"]*interpolate), *at_spikes],
                           codeobj_class=code)
    traces = StateMonitor(group, list(record) or neuron.states[0], record=bool(record),
                          dt=every*dt, codeobj_class=code)
    Network(group, monitor, traces).run(duration, namespace={})
    copy, clock = np.asarray(monitor.i), np.asarray(monitor.t_)
    split = {k: [np.asarray(getattr(monitor, f"{k}_"))[copy == c] for c in range(n)]
             for k in at_spikes}
    times = _crossings(np.asarray(monitor.spike_time_), clock, dt) if interpolate else clock
    energy = np.asarray(getattr(group, "energy_", np.nan))
    return SimpleNamespace(times=[times[copy == c] for c in range(n)], energy=energy, at_spikes=split,
                           **vars(recorded(traces, record)))


def _crossings(inside, clock, dt):
    # What only touches the threshold, such as a state at its bound, crosses nothing in the step.
    return np.where(inside >= clock - 1e-9*float(dt), inside, clock)


def _target(wanted):
    from brian2.codegen.runtime.cython_rt import CythonCodeObject

    # In numpy a step of one copy costs all of them; compiling lasts some seconds, once.
    return wanted if CythonCodeObject.is_available() else "numpy"


def rate(times, after=0.0):
    """Return the mean rate (Hz) of the intervals between spikes after a time; 0 below two spikes."""
    times = times[times > after]
    return (len(times) - 1)/(times[-1] - times[0]) if len(times) > 1 else 0.0


def rates(times):
    """Return the rate (Hz) over each interval."""
    return 1/np.diff(times)
