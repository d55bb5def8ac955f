"""A device behind a resistor with a capacitor across it, integrated as one Brian2 group."""

from types import SimpleNamespace

import numpy as np
from brian2 import Equations, Network, NeuronGroup, StateMonitor, second
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

import brianmem.integration  # noqa: F401  registers "adaptive"
from brianmem.circuits import crossings
from brianmem.events import event_code

_NODE = Equations("""
dmem_v/dt = ((V_in - mem_v)/R_L - mem_I)/C : volt
V_in : volt (constant)
""")


def circuit(lines, devices, duration, dt, *, record, arrays=None, initial=None, method="rk4",
            method_options=None, **namespace):
    """Run scoped `devices` joined by `lines`; return ``t`` (s) and each name of `record`, SI.

    `arrays` are values per copy; `record` arrays have the shape (copies, times).
    """
    made = [device.scoped(prefix) for prefix, device in devices.items()]
    equations, known = lines, dict(namespace)
    for scoped in made:
        equations, known = equations + scoped.equations, known | scoped.namespace
    for name in arrays or {}:
        known.pop(name, None)
    n = max((len(values) for values in (arrays or {}).values()), default=1)
    compiled = _compiled()
    group = NeuronGroup(n, equations, method=method, method_options=method_options, dt=dt,
                        namespace=known, codeobj_class=compiled)
    start = {k: v for scoped in made for k, v in scoped.initial.items()}
    for name, values in (start | (initial or {}) | (arrays or {})).items():
        setattr(group, name, values)
    events = [group.run_regularly(event_code(scoped), when="after_groups", codeobj_class=compiled)
              for scoped in made if scoped.events]
    monitor = StateMonitor(group, record, record=True, codeobj_class=NumpyCodeObject)
    Network(group, monitor, *events).run(duration, namespace={})
    return recorded(monitor, record)


def recorded(monitor, names):
    """Return copies of ``t`` and each of `names`, SI: Brian2 may free its own with the monitor."""
    return SimpleNamespace(t=np.array(monitor.t_),
                           **{k: np.array(getattr(monitor, f"{k}_")) for k in names})


def _compiled():
    # In numpy a step of one copy costs all of them; compiling lasts some seconds, once.
    return CythonCodeObject if CythonCodeObject.is_available() else NumpyCodeObject


def oscillator(device, v_in, resistance, capacitance, duration, dt, record=("mem_I",), lines="",
               **options):
    """Run `device` with a capacitor across it, fed through a resistor: one copy per `v_in`."""
    return circuit(_NODE + Equations(lines), {"mem": device}, duration, dt, record=list(record),
                   arrays={"V_in": v_in} | options.pop("arrays", {}), R_L=resistance,
                   C=capacitance, **options)


def frequencies(t, traces, level, after):
    """Return the rate (Hz) of each trace after the time `after`; 0 with fewer than two spikes."""
    found = []
    for trace in traces:
        times = crossings(t, trace, level)
        times = times[times > float(after/second)]
        found.append((len(times) - 1)/(times[-1] - times[0]) if len(times) > 1 else 0.0)
    return np.array(found)
