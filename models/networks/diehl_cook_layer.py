"""The network of Diehl and Cook (2015) with ideal weights and their learning rule.

Equations, rule and order of events follow the authors' public code: Poisson inputs
reach conductance-based excitatory neurons after a delay of their own; each excites
one inhibitory neuron, which inhibits all other excitatory neurons. A weight falls
with the post-synaptic trace when an input spike arrives and rises, with both
traces as they were before the spike, when its neuron fires. Columns of weights are
scaled to one sum at every presentation.

The schedule runs inside the simulation (see `brianmem.network.schedule`); everything that
a study varies is a variable.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    device,
    linked_var,
    second,
)

from brianmem.models.networks.diehl_cook_code import (
    exponential_euler_vectorised,
    fast_exp_function,
    normalise_function,
    transmit_function,
)
from brianmem.network.schedule import NEXT_IMAGE, SCHEDULE, finish_function

EXPOSURES = SCHEDULE + """
exposure : second                     # the rest of a presentation is dark
t_last : second                       # last step with input
"""

NEW_IMAGE = NEXT_IMAGE + """
t_last = t + exposure - 0.5*dt
"""

INPUTS = """
rate : Hz
t_next : second
count : 1
image : integer (linked)
intensity : 1 (linked)
t_last : second (linked)
"""

# Waiting times whose whole steps are distributed as those of one trial per step with
# probability pixels*intensity*dt. The tiny rate keeps a dark pixel's wait finite.
NEW_INPUT = """
rate = -log(1 - clip(pixels(image*second, i)*intensity*dt/second, 0, 0.999))/dt + 1e-9*Hz
t_next = t - dt - log(rand())/rate
t_next += int(t_next > t_last - 0.5*dt)*1e6*second
"""

INPUT_SPIKE = """
count += 1
t_next = t - log(rand())/rate
t_next += int(t_next > t_last - 0.5*dt)*1e6*second
"""

# Conductances are relative to the leak.
MEMBRANE = """
dv/dt = ((v_rest - v) + ge*(E_exc - v) + gi*(E_inh - v))/tau : volt (unless refractory)
dge/dt = -ge/tau_ge : 1
dgi/dt = -gi/tau_gi : 1
tau : second (shared, constant)
tau_ge : second (shared, constant)
tau_gi : second (shared, constant)
v_rest : volt (shared, constant)
v_reset : volt (shared, constant)
v_threshold : volt (shared, constant)
E_exc : volt (shared, constant)
E_inh : volt (shared, constant)
period : second (shared, constant)    # refractory
"""

EXCITATORY = MEMBRANE + """
dtheta/dt = -learning*theta/tau_theta : volt
dpost1/dt = -post1/tau_post1 : 1
dpost2/dt = -post2/tau_post2 : 1
theta_step : volt (shared, constant)
tau_theta : second (shared, constant)
tau_post1 : second (shared, constant)
tau_post2 : second (shared, constant)
inhibition : 1 (shared, constant)     # weight of one inhibitory spike
learning : 1 (shared, constant)
total : 1                             # summed input weight
"""

# After the learning that this spike causes, which takes post2 as it was.
EXCITATORY_SPIKE = """
v = v_reset
theta += learning*theta_step
post1 = 1
post2 = 1
"""

INHIBITORY = MEMBRANE + """
excitation : 1 (shared, constant)     # weight of one excitatory spike
"""

SYNAPSES = """
w : 1
arrived : second                      # last arrival of an input spike
eta_arrival : 1 (shared, constant)
eta_spike : 1 (shared, constant)
tau_arrival : second (shared, constant)
target : 1 (shared, constant)         # summed weight per neuron
plastic : 1 (shared, constant)
"""

ARRIVAL = """
ge_post += w
w += plastic*(clip(w - eta_arrival*post1_post, 0, 1) - w)
arrived = t
"""

SPIKE = """
w += plastic*(clip(w + eta_spike*exp(-(t - arrived)/tau_arrival)*post2_post, 0, 1) - w)
"""

TEXT = "\n".join([EXPOSURES, NEW_IMAGE, INPUTS, NEW_INPUT, INPUT_SPIKE, EXCITATORY, EXCITATORY_SPIKE,
                  INHIBITORY, SYNAPSES, ARRIVAL, SPIKE])


def create(n_inputs, n_neurons, block, presentation, dt, dense_read):
    """Make the network's Brian2 objects.

    Parameters
    ----------
    n_inputs, n_neurons : int
    block : int
        Images that one run holds at the most.
    presentation, dt : float
        Seconds per presentation, rest included, and per step.
    dense_read : bool
        Deliver spikes, learn and normalise in one function over whole arrays (C++
        only, the same arithmetic, some 10 times as fast) or by `Synapses`.
    """
    clock = {"dt": dt * second}
    every = {"dt": presentation * second, "when": "start"}
    method = exponential_euler_vectorised if dense_read else "exponential_euler"
    membranes = {"threshold": "v > v_threshold", "refractory": "period", "reset": "v = v_reset",
                 "method": method, "namespace": {"fast_exp": fast_exp_function()}, **clock}
    pixels = TimedArray(np.zeros((block, n_inputs)), dt=1 * second, name="pixels")
    schedule = NeuronGroup(1, EXPOSURES, name="schedule", namespace={
        "finish": finish_function(), "normalise": normalise_function(n_inputs, n_neurons)}, **clock)
    inputs = NeuronGroup(n_inputs, INPUTS, threshold="t >= t_next", reset=INPUT_SPIKE,
                         name="inputs", namespace={"pixels": pixels}, **clock)
    for name in ("image", "intensity", "t_last"):
        setattr(inputs, name, linked_var(schedule, name))
    neurons = NeuronGroup(n_neurons, EXCITATORY, name="neurons", **{
        **membranes, "threshold": "v > v_threshold + theta", "reset": EXCITATORY_SPIKE})
    inhibitory = NeuronGroup(n_neurons, INHIBITORY, name="inhibitory", **membranes)
    synapses = Synapses(inputs, neurons, SYNAPSES, on_pre=ARRIVAL, on_post=SPIKE, name="synapses",
                        namespace={}, **clock)
    synapses.connect()
    schedule.run_regularly(NEW_IMAGE, order=0, name="next_image", **every)
    inputs.run_regularly(NEW_INPUT, order=1, name="new_input", **every)
    connect = _connect_dense if dense_read else _connect_plain
    return [schedule, inputs, neurons, inhibitory, synapses,
            *connect(schedule, neurons, inhibitory, synapses, every),
            SpikeMonitor(neurons, name="spikes"),
            StateMonitor(schedule, ("image",), record=True, order=2, name="shown", **every)]


def _connect_plain(schedule, neurons, inhibitory, synapses, every):
    options = {"namespace": {}, "dt": schedule.dt[:]}
    excite = Synapses(neurons, inhibitory, on_pre="ge_post += excitation_post", name="excite",
                      **options)
    excite.connect(j="i")
    inhibit = Synapses(inhibitory, neurons, on_pre="gi_post += inhibition_post", name="inhibit",
                       **options)
    inhibit.connect("i != j")
    tell = Synapses(neurons, schedule, on_pre="fired_post += 1", name="tell", **options)
    tell.connect()
    neurons.run_regularly("total = 0", order=1, name="clear_total", **every)
    synapses.run_regularly("total_post += w", order=2, name="add_total", **every)
    synapses.run_regularly("w *= 1 + plastic*(target/total_post - 1)", order=3, name="scale",
                           **every)
    return excite, inhibit, tell


def _connect_dense(schedule, neurons, inhibitory, synapses, every):
    # The pathways stay as holders of the delays.
    synapses.pre.active = synapses.post.active = False
    delays = device.get_array_name(synapses.pre.variables["delay"], access_data=False)
    schedule.namespace["transmit"] = transmit_function(len(synapses.source), len(neurons),
                                                       float(schedule.dt[:]), delays)
    schedule.run_regularly("done = transmit(t_in_timesteps)", when="synapses", name="transmit",
                           dt=schedule.dt[:])
    schedule.run_regularly("done = normalise(learning)", order=3, name="normalise", **every)
    return ()
