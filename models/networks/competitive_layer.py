"""A competitive spiking layer whose synapses are memristive devices.

The network of Diehl and Cook (2015) reduced to what a crossbar of devices can
offer: Poisson inputs, one excitatory layer in which a spike inhibits all other
neurons directly, homeostasis by an adaptive threshold with a set point, and no
weight normalisation. A post-synaptic spike sends one SET pulse to each device
whose input fired within `window`, and one RESET pulse to every other device; the
states move through the device's pulse maps and in no other way. A pre-synaptic
spike is a read pulse that lifts the membrane by ``gain*I(V_read, state)``.

The schedule runs inside the simulation: `schedule` holds the index of the image,
re-presents an image more brightly when fewer than `min_spikes` came back, and
ends the run after the last one. Everything that a study varies is a variable, so
one compiled program serves all devices, parameters, images and seeds.
"""

import numpy as np
from brian2 import (
    Function,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    linked_var,
    second,
)

from brianmem.lookup import table_function
from brianmem.models.networks import circuit_layer, neuron_layer
from brianmem.network.schedule import NEXT_IMAGE, SCHEDULE, finish_function
from brianmem.pulses import PAIR_MODEL, PAIR_WRITE, pulse_text

#: Points of the table of a presynaptic waveform's energy over the time until it is cut.
WAVE_POINTS = 512

TRAINING = SCHEDULE + """
first_image : 1                       # index of image 0 in the whole training
total_images : 1                      # of the whole training
step_start : volt                     # threshold step at the start of training
annealing : 1
step : volt                           # threshold step per spike, annealed
inhibition : 1                        # distance to E_inhibition left after one spike
fired_seen : 1
left : 1                              # ... after all spikes of this step
"""

NEW_IMAGE = NEXT_IMAGE + """
step = learning*step_start*exp(-annealing*(first_image + image)/total_images)
"""

INPUTS = """
rate : Hz
t_next : second                       # exact Poisson spike times, up to dt
last_spike : second
count : 1
image : integer (linked)
intensity : 1 (linked)
"""

# The tiny rate keeps a dark pixel's waiting time finite under Cython as well.
NEW_INPUT = """
rate = pixels(image*second, i)*intensity*Hz
t_next = t - log(rand())/(rate + 1e-9*Hz)
last_spike = t - 1e6*second
"""

# Of spike pairs: a waveform goes on while the image changes.
NEW_INPUT_PAIRS = "\n".join(NEW_INPUT.splitlines()[:-1])

WAVES = """
waves : 1                             # presynaptic waveforms, those cut short by their energy
wave_time : second (shared, constant) # how long one lasts
"""

# Each spike counts what the one before it came to; the first stands in for the last.
COUNT_WAVES = """
waves = waves + wave((t - last_spike)/wave_time, 0)
"""

INPUT_SPIKE = """
last_spike = t
t_next = t - log(rand())/(rate + 1e-9*Hz)
count = count + 1
"""

NEURONS = """
dv/dt = -v/tau : volt                 # membrane potential relative to rest
theta : volt                          # adaptive part of the threshold
left : 1 (linked)
step : volt (linked)
tau : second (shared, constant)
v_threshold : volt (shared, constant)
E_inhibition : volt (shared, constant)
set_point : 1 (shared, constant)      # spikes per neuron and presentation
"""

# Around the equations of a point neuron (see `neuron_layer`), in the unit of its voltage.
AROUND_NEURON = """
theta : {unit}
left : 1 (linked)
step : {unit} (linked)
E_inhibition : {unit} (shared, constant)
set_point : 1 (shared, constant)
"""

# Before the neuron's own reset, which must not meet the inhibition that it causes.
INHIBIT_OTHERS = """
{voltage} = {voltage} + int(lastspike < t)*(E_inhibition - {voltage})*(1 - left)
"""

# A spike scales everybody's distance to E_inhibition; the neuron that fired is
# reset afterwards, so what remains is inhibition of all others.
COUNT_SPIKES = """
left = inhibition**(fired - fired_seen)
fired_seen = fired
"""

INHIBIT = """
v = E_inhibition + (v - E_inhibition)*left
"""

NEW_PRESENTATION = """
v = 0*volt
theta = theta - set_point*step
"""


def text(states=1, pairs=False):
    """Return every equation and statement, for provenance; `pairs` as `create` has it."""
    inputs = (INPUTS + WAVES, NEW_INPUT_PAIRS, COUNT_WAVES + INPUT_SPIKE) if pairs else \
        (INPUTS, NEW_INPUT, INPUT_SPIKE)
    return "\n".join((TRAINING, NEW_IMAGE, *inputs, NEURONS, COUNT_SPIKES, INHIBIT,
                      NEW_PRESENTATION, *_synapse_text(states, pairs)))


def _synapse_text(states, pairs):
    model, write = pulse_text(states)
    return (model + PAIR_MODEL, PAIR_WRITE) if pairs else (model, write)


def create(n_inputs, n_neurons, block, presentation, dt, points, dense_read, states=1, neuron=None,
           pairs=None):
    """Make the network's Brian2 objects.

    Parameters
    ----------
    n_inputs, n_neurons : int
    block : int
        Images that one run holds at the most.
    presentation, dt : float
        Seconds per presentation and per step.
    points : int
        Length of the device's table along each state.
    dense_read : bool
        Deliver read pulses a row of the array at a time (C++ only, the same
        arithmetic in the same order, some 10 times as fast) or by `Synapses`.
    states : int
        States of the device, one or two.
    neuron : dict, optional
        A point neuron in place of the layer's own, as `neuron_layer.layer_text` returns.
    pairs : int, optional
        Points of the table of spike pairs along delay and state; SET and RESET pulses
        by default.
    """
    voltage = neuron["voltage"] if neuron else "v"
    gated, circuit = bool(neuron and neuron["gated"]), bool(neuron and neuron.get("circuit"))
    arrival = f"{voltage}_post += gain*I_read" + "*int(not_refractory_post)" * gated \
        + "*share_post" * circuit
    clock = {"dt": dt * second}
    every = {"dt": presentation * second, "when": "start"}
    pixels = TimedArray(np.zeros((block, n_inputs)), dt=1 * second, name="pixels")
    tables = TimedArray(np.zeros((points**states, 2 * states + 3)), dt=1 * second,
                        name="pulse_tables")
    model, write = _synapse_text(states, pairs)
    lookup = {"pulse": table_function(tables, states), "pulse_tables": tables}
    if pairs:
        pair = TimedArray(np.zeros((pairs**2, 2)), dt=1 * second, name="pair_table")
        lookup |= {"pair": table_function(pair, 2), "pair_table": pair}
    if neuron:
        model = model.replace("volt/amp", f"{neuron['unit']}/amp")
    training = TRAINING.replace(": volt", f": {neuron['unit']}") if neuron else TRAINING
    schedule = NeuronGroup(1, training, name="schedule", namespace={"finish": finish_function()},
                           **clock)
    known = {"pixels": pixels, "deliver": deliver_function(n_neurons, voltage, gated, circuit)}
    if pairs:
        waves = TimedArray(np.zeros((WAVE_POINTS, 1)), dt=1 * second, name="wave_table")
        known |= {"wave": table_function(waves), "wave_table": waves}
    inputs = NeuronGroup(
        n_inputs, INPUTS + WAVES * bool(pairs), threshold="t >= t_next", name="inputs", order=1,
        reset=COUNT_WAVES * bool(pairs) + INPUT_SPIKE
        + ("delivered = deliver(i)" if dense_read else ""), namespace=known, **clock)
    neurons = circuit_layer.create(n_neurons, neuron, clock, every) if circuit else \
        _neurons(n_neurons, neuron, clock, every)
    for group, names in ((inputs, ("image", "intensity")),
                         (neurons, ("left", "step"))):
        for name in names:
            setattr(group, name, linked_var(schedule, name))
    synapses = Synapses(
        inputs, neurons, model + "write_energy : joule", on_post=write, name="synapses",
        on_pre=None if dense_read else arrival,
        namespace=lookup, **clock)
    synapses.connect()
    if not dense_read:
        synapses.pre.when, synapses.pre.order = "resets", 2
    tell = Synapses(neurons, schedule, on_pre="fired_post += 1", name="tell", namespace={}, **clock)
    tell.connect()
    schedule.run_regularly(NEW_IMAGE, order=0, name="next_image", **every)
    inputs.run_regularly(NEW_INPUT_PAIRS if pairs else NEW_INPUT, order=1, name="new_input", **every)
    schedule.run_regularly(COUNT_SPIKES, when="after_synapses", name="count_spikes", **clock)
    spikes = SpikeMonitor(neurons, name="spikes")
    shown = StateMonitor(schedule, ("image",), record=True, order=2, name="shown", **every)
    return [schedule, inputs, neurons, synapses, tell, spikes, shown]


def _neurons(n_neurons, neuron, clock, every):
    if neuron is None:
        group, new, inhibit = NeuronGroup(
            n_neurons, NEURONS, threshold="v > v_threshold + theta",
            reset="v = 0*volt\ntheta += step", method="exact", name="neurons", namespace={},
            **clock), NEW_PRESENTATION, INHIBIT
    else:
        group = NeuronGroup(
            n_neurons, neuron["equations"] + AROUND_NEURON.format(**neuron),
            threshold=neuron["threshold"], reset=neuron["reset"], refractory=neuron["refractory"],
            method=neuron["method"], name="neurons", namespace=neuron_layer.constants(neuron), **clock)
        new = f"{neuron['voltage']} = 0*{neuron['unit']}\ntheta = theta - set_point*step"
        inhibit = INHIBIT_OTHERS.format(**neuron)
    group.run_regularly(new, order=1, name="new_presentation", **every)
    group.run_regularly(inhibit, when="after_synapses", order=1, name="inhibit", **clock)
    return group


def deliver_function(n_neurons, voltage="v", gated=False, shared=False):
    """Return the function that adds one row of read currents to the membranes.

    With `gated`, not to those that are refractory; with `shared`, the neuron's share of it.
    """
    gate = "*(brian::_array_neurons_not_refractory[j] ? 1.0 : 0.0)" if gated else ""
    gate += "*brian::_array_neurons_share[j]" if shared else ""

    def deliver(i):
        raise NotImplementedError("dense_read needs C++; use dense_read=False")

    function = Function(deliver, arg_units=[1], arg_types=["integer"], return_unit=1,
                        stateless=False)
    function.implementations.add_implementation("cpp", f"""
    static inline double deliver(const int i) {{
        const double* __restrict row =
            &brian::_dynamic_array_synapses_I_read[0] + (size_t)i*{n_neurons};
        double* __restrict v = brian::_array_neurons_{voltage};
        const double gain = brian::_array_synapses_gain[0];
        for (int j = 0; j < {n_neurons}; j++) v[j] += gain*row[j]{gate};
        return 0;
    }}""", name="deliver")
    return function


