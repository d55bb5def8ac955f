"""Diffusive memristors: threshold, hold, delay, relaxation and firing.

The voltages and times of the compact model are those of an independent program with
the source's update rule at steps of 10 us (1 us with a capacitor). The rates of the
noisy model are those of an independent program with 200 copies, in the same circuit.
"""

import functools

import numpy as np
from brian2 import (
    Equations,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    kohm,
    msecond,
    mvolt,
    nfarad,
    second,
    usecond,
    volt,
)
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import find
from brianmem.ode import ode_group
from brianmem.protocols.surroundings import untouched_random_state

COMPACT, NOISY = "diffusive", "diffusive_langevin"


def trace(device, voltage, duration, dt, **options):
    """Return a monitor of all states of one copy under an expression of t."""
    made = ode_group(device, 1, voltage, dt=dt, target="numpy", energy=False, **options)
    monitor = StateMonitor(made.group, device.states, record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(duration, namespace={})
    return monitor


def first(monitor, condition):
    """Return the first time at which a condition on the samples holds; it must come."""
    assert condition.any()
    return monitor.t[np.argmax(condition)]


def threshold():
    """Return the voltage of a rise by 0.5 V/s at which the gap is bridged."""
    rise = trace(find(COMPACT), "0.5*volt*t/second", 0.56 * second, 1 * msecond)
    return 0.5 * volt / second * first(rise, rise.tot_[0] >= 1)


def hold():
    """Return the voltage of a fall by 0.5 V/s at which the thin bridge breaks."""
    fall = trace(find(COMPACT), "20*mvolt - 0.5*volt*t/second", 30 * msecond, 0.1 * msecond,
                 initial={"tot": 1, "res": 0.5})
    return 20 * mvolt - 0.5 * volt / second * first(fall, fall.tot_[0] < 1)


def delay(voltage, parameter_set="pulse", duration=60 * msecond):
    device = find(COMPACT).with_parameters(parameter_set)
    step = trace(device, f"{voltage!r}*volt", duration, 0.1 * msecond, series_resistance=22 * kohm)
    return first(step, step.tot_[0] >= 1)


def filled_share(voltage):
    """Return the filled share after 1 s at constant voltage."""
    step = trace(find(COMPACT), f"{voltage!r}*volt", 1 * second, 10 * msecond)
    return float(step.tot_[0][-1])


def relaxation(voltage):
    """Return how long the bridge lasts after a pulse of 20 ms from a residue of 0.4."""
    device = find(COMPACT).with_parameters("pulse", tot=0.4, res=0.4)
    pulse = trace(device, f"{voltage!r}*volt*int(t < 20*ms)", 60 * msecond, 0.1 * msecond,
                  series_resistance=22 * kohm)
    return first(pulse, (pulse.t > 20 * msecond) & (pulse.tot_[0] < 0.999)) - 20 * msecond


def circuit(device, n, drive, resistance, capacitance, threshold=None, refractory=False, **group):
    """Return `n` devices, each across a capacitor that a source charges through a resistor."""
    mem = device.scoped("mem")
    equations = mem.equations + Equations(f"""
        dmem_v/dt = (({drive} - mem_v)/R_source - mem_I)/C_load : volt
        amplitude : volt (constant)
        """)
    made = NeuronGroup(n, equations, threshold=threshold, refractory=refractory,
                       namespace={**mem.namespace, "R_source": resistance, "C_load": capacitance},
                       **group)
    for name, value in mem.initial.items():
        setattr(made, name, value)
    return made


def pulses_to_fire():
    """Return after how many pulses the capacitor of the LIF circuit is first discharged."""
    device = find(COMPACT).with_parameters("LIF")
    neuron = circuit(device, 1, "2.5*volt*int(t % (40*us) >= 35*us)", 47 * kohm, 4.7 * nfarad,
                     threshold="mem_tot >= 1", refractory="mem_tot >= 1", method="adaptive",
                     method_options={"bounds": device.scoped("mem").bounds}, dt=1 * usecond)
    fired = SpikeMonitor(neuron)
    Network(neuron, fired).run(600 * usecond, namespace={})
    return float(np.floor(fired.t[0] / (40 * usecond)))


#: Source voltages in units of V_0, with and without heating by the current.
HEATED, UNHEATED = (0.8, 1.0, 1.4, 2.0, 5.0), (1.4, 2.0, 5.0)
COPIES, TIME = 100, 200


@functools.cache
def firing():
    """Return rates and first times (condition, copies) of all conditions, in units of time.

    A copy fires when its resistance falls below 10 R_0 and is re-armed above 50 R_0.
    """
    found = []
    code = CythonCodeObject if CythonCodeObject.is_available() else NumpyCodeObject
    for beta, drive in ((2, HEATED), (0, UNHEATED)):
        # In units of R_0 and tau_0: a resistor of 60 that charges the capacitor in 20.
        group = circuit(find(NOISY).with_parameters(beta=beta), len(drive) * COPIES, "amplitude",
                        60 * kohm, 1 * nfarad / 3, threshold="mem_R < 10*mem_R_0",
                        refractory="mem_R < 50*mem_R_0", method="milstein", dt=2 * nsecond,
                        codeobj_class=code)
        group.amplitude = np.repeat(drive, COPIES) * 0.3 * volt
        fired = SpikeMonitor(group, codeobj_class=code)
        with untouched_random_state(3):
            Network(group, fired).run(TIME * usecond, namespace={})
        times = np.full(len(drive) * COPIES, np.nan)
        indices, first_at = np.unique(fired.i, return_index=True)
        times[indices] = np.asarray(fired.t)[first_at] / 1e-6
        rates = np.asarray(fired.count) / TIME
        found += zip(rates.reshape(-1, COPIES), times.reshape(-1, COPIES), strict=True)
    return found


def rate(condition):
    return float(firing()[condition][0].mean())


def latency(condition):
    return float(np.nanmean(firing()[condition][1]))


# Mean and its standard error of 200 copies; the same of COPIES copies is larger by ERROR.
_ERROR = (1 + 200 / COPIES)**0.5
_RATES = ((0.00128, 0.00020), (0.02910, 0.00080), (0.12768, 0.00158), (0.27203, 0.00239),
          (0.91638, 0.02278), (0.01270, 0.00044), (0.06525, 0.00045), (0.17225, 0.00033))
_LATENCIES = {1: (60.98, 1.84), 3: (15.15, 0.15)}
_PROGRAM = "independent program, steps of 2e-3 units, 200 copies for 200 units"
_COMPACT = "independent program with the update rule of Yang_DiffusiveMemristor"


def _noisy(quantity, measure, k, expected, error):
    drive = (HEATED + UNHEATED)[k]
    heat = "" if k < len(HEATED) else ", no heating"
    return Target(NOISY, f"{quantity} behind 60 R_0 at {drive:g} V_0{heat}", expected,
                  lambda: measure(k), "computed", atol=3 * error * _ERROR, source=_PROGRAM, long=True)


TARGETS = (
    Target(COMPACT, "threshold of a rise by 0.5 V/s", 264.6 * mvolt, threshold, "computed",
           rtol=0.02, source=_COMPACT),
    Target(COMPACT, "hold voltage of a fall by 0.5 V/s", 8.3 * mvolt, hold, "computed", rtol=0.02,
           source=_COMPACT),
    *(Target(COMPACT, f"delay of the pulse set at {v:g} V behind 22 kohm", t * msecond,
             lambda v=v: delay(v), "computed", rtol=0.02, source=_COMPACT)
      for v, t in ((0.8, 51.3), (1.0, 34.4), (2.0, 8.0))),
    Target(COMPACT, "share filled after 1 s at 0.21 V", 0.45, lambda: filled_share(0.21),
           "closed form", rtol=1e-3, source="the smaller root of V mu = K tot (1 + alpha - tot)"),
    Target(COMPACT, "share filled after 1 s at 0.215 V, above K (1 + alpha)^2/(4 mu) = 0.2125 V", 1.0,
           lambda: filled_share(0.215), "closed form", atol=1e-9,
           source="K = gamma_2 (gamma_1 + beta)/(gamma_2 + beta)"),
    *(Target(COMPACT, f"life of the bridge after 20 ms at {v:g} V from a residue of 0.4", t * msecond,
             lambda v=v: relaxation(v), "computed", rtol=0.02, source=_COMPACT)
      for v, t in ((1.0, 8.37), (1.2, 13.42), (2.0, 31.16))),
    Target(COMPACT, "pulses of 2.5 V, 5 us in 40 us, until the LIF circuit fires", 10.0,
           pulses_to_fire, "computed", atol=0.5, source=_COMPACT),
    *(_noisy("firing rate per unit of time", rate, k, *found) for k, found in enumerate(_RATES)),
    *(_noisy("latency in units of time", latency, k, *found) for k, found in _LATENCIES.items()),
)
