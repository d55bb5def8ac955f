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


#: Source voltages (units of V_0) of the noisy device, with and without heating.
HEATED, UNHEATED = (0.8, 1.0, 1.4, 2.0, 5.0), (1.4, 2.0, 5.0)
COPIES, TIME = 50, 200


@functools.cache
def firing():
    """Return counts and first times (copies, condition) of all conditions, run as one group."""
    device, drive = find(NOISY), np.array(HEATED + UNHEATED)
    mem = device.scoped("mem")
    # In units of R_0 and tau_0: a series resistance of 60, and 20 times its time constant.
    text = str(mem.equations).replace("mem_beta", "heating")
    group = _noisy_group(mem, text, len(drive) * COPIES)
    group.amplitude = np.tile(drive, COPIES) * 0.3 * volt
    group.heating = np.tile([2.0] * len(HEATED) + [0.0] * len(UNHEATED), COPIES)
    spikes = SpikeMonitor(group)
    with untouched_random_state(3):
        Network(group, spikes).run(TIME * usecond, namespace={})
    counts = np.asarray(spikes.count).reshape(COPIES, -1)
    times = np.full(counts.size, np.nan)
    indices, first_at = np.unique(spikes.i, return_index=True)
    times[indices] = np.asarray(spikes.t)[first_at] / 1e-6
    return counts / TIME, times.reshape(COPIES, -1)
