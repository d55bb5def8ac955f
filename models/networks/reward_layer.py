"""A layer that answers a question and hears whether the answer was right.

Poisson inputs charge the potentials of a layer through its synapses. When the exposure
ends, a go signal lets the neuron of the highest potential above its threshold fire alone:
the answer is that neuron's class. Its spike makes its synapses eligible, by +1 where the
input fired within `window`, else by -1 (the demand of `WindowRule`). The reward comes with
the end of the presentation: +1 or -1, less a share `baseline` of the running mean for the
class of the stimulus. Eligibility, decayed until then in closed form, times reward is what
the synapses of the one neuron are asked for: a share of a pulse (`scaled` 1), or one whole
SET or RESET pulse with that probability (`scaled` 0). No other synapse is touched.

Thresholds are homeostatic: theta grows where a neuron answers and falls elsewhere.
"""

import numpy as np
from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, Synapses, TimedArray, linked_var, second

from brianmem.lookup import table_function
from brianmem.models.networks.competitive_layer import deliver_function
from brianmem.network.schedule import finish_function
from brianmem.pulses import PULSE_MODEL, PULSE_WRITE

SCHEDULE = """
seed : 1
done : 1
image : integer                       # index within this run, -1 before the first
n_images : integer
first_image : 1                       # index of image 0 in the whole training
total_images : 1
learning : 1
go_after : second                     # length of the exposure
go_at : second
best : 1                              # highest potential above threshold, at the go signal
answer : 1                            # class of the neuron that fired; -1 before
label : 1
closing : 1                           # 1 while the reward is given
reward : 1
expected : 1                          # running mean of its class
surprise : 1                          # reward less its expectation, times the learning rate
baseline : 1
memory : 1                            # rewards that the running mean spans
annealing_rate : 1
annealing_threshold : 1
progress : 1
threshold_step : 1
"""

CLOSE = """
closing = int(image >= 0)
reward = closing*(2*int(abs(answer - label) < 0.5) - 1)
"""
SURPRISE = """
surprise = learning*exp(-annealing_rate*progress)*(reward - baseline*expected)
"""
NEXT = """
closing = 0
image = image + 1
label = labels(image*second)
answer = -1
best = -1e9
go_at = t + go_after
progress = (first_image + image)/total_images
done = finish(int(image >= n_images))
"""
# One neuron per class of stimuli.
CRITIC = """
mean : 1
label : 1 (linked)
reward : 1 (linked)
closing : 1 (linked)
memory : 1 (linked)
learning : 1 (linked)
"""
RENEW = """
mean = mean + closing*learning*int(abs(label - i) < 0.5)*(reward - mean)/memory
"""
INPUTS = """
rate : Hz
t_next : second
last_spike : second
count : 1
image : integer (linked)
go_at : second (linked)
"""
NEW_INPUT = """
rate = pixels(image*second, i)*Hz
t_next = t - log(rand())/(rate + 1e-9*Hz)
last_spike = t - 1e6*second
"""
INPUT_SPIKE = """
last_spike = t
t_next = t - log(rand())/(rate + 1e-9*Hz)
count = count + 1
"""
NEURONS = """
v : 1
theta : 1
kind : 1 (constant)                   # class that the neuron stands for
won : 1
fired_at : second
go_at : second (linked)
best : 1 (linked)
answer : 1 (linked)
closing : 1 (linked)
learning : 1 (linked)
threshold_step : 1 (linked)
progress : 1 (linked)
annealing_threshold : 1 (linked)
"""
WIN = """
won = 1
fired_at = t
theta += learning*threshold_step*exp(-annealing_threshold*progress)
"""
FALL = """
v = 0
won = 0
theta = theta - learning*threshold_step*exp(-annealing_threshold*progress)/COUNT
"""
REWARDED = """
eligibility = (1 - 2*int(fired_at_post - last_spike_pre > window))*exp(-(t - fired_at_post)/tau_c)
demand = eligibility*surprise
idle = int(demand < 0)
share = clip(abs(demand)/full_demand, 0, 1)
pulses = scaled*share + (1 - scaled)*int(rand() < share)
"""
_EXTRA = """
write_energy : joule
tau_c : second (shared, constant)
full_demand : 1 (shared, constant)
scaled : 1 (shared, constant)
"""


def write_code():
    """Return the statements by which a reward programs the synapses of one neuron."""
    body = "\n".join(PULSE_WRITE.strip().splitlines()[1:])
    return REWARDED + body.replace("plastic*", "plastic*pulses*")


def text():
    """Return every equation and statement, for provenance."""
    return "\n".join((SCHEDULE, CLOSE, SURPRISE, NEXT, CRITIC, RENEW, INPUTS,
                      NEW_INPUT, INPUT_SPIKE, NEURONS, WIN, FALL,
                      PULSE_MODEL + _EXTRA, write_code()))


def create(n_inputs, n_neurons, n_classes, block, presentation, dt, points, dense_read):
    """Make the Brian2 objects; arguments as those of `competitive_layer.create`."""
    clock, every = {"dt": dt * second}, {"dt": presentation * second, "when": "start"}
    pixels = TimedArray(np.zeros((block, n_inputs)), dt=1 * second, name="pixels")
    labels = TimedArray(np.zeros(block), dt=1 * second, name="labels")
    tables = TimedArray(np.zeros((points, 5)), dt=1 * second, name="pulse_tables")
    schedule = NeuronGroup(1, SCHEDULE, name="schedule", namespace={
        "finish": finish_function(), "labels": labels}, **clock)
    critic = NeuronGroup(n_classes, CRITIC, name="critic", namespace={}, events={
        "asked": "closing > 0.5 and abs(label - i) < 0.5"}, **clock)
    inputs = NeuronGroup(
        n_inputs, INPUTS, threshold="t >= t_next and t < go_at", name="inputs",
        reset=INPUT_SPIKE + ("delivered = deliver(i)" if dense_read else ""),
        namespace={"pixels": pixels, "deliver": deliver_function(n_neurons)}, **clock)
    neurons = NeuronGroup(
        n_neurons, NEURONS, name="neurons", namespace={},
        threshold="t >= go_at and v - theta >= best and best > -1e8 and answer < -0.5",
        reset=WIN,
        events={"ready": "t >= go_at and best < -1e8",
                "rewarded": "closing > 0.5 and won > 0.5"}, **clock)
    _link(schedule, critic, inputs, neurons)
    model = PULSE_MODEL.replace("volt/amp", "1/amp") + _EXTRA
    arrival = {} if dense_read else {"pre": "v_post += gain*I_read"}
    synapses = Synapses(
        inputs, neurons, model, on_pre=arrival or None, on_post={"write": write_code()},
        on_event={"pre": "spike", "write": "rewarded"}, name="synapses",
        namespace={"pulse": table_function(tables), "pulse_tables": tables}, **clock)
    synapses.connect()
    synapses.variables.add_reference("surprise", schedule, "surprise", index="0")
    compare = Synapses(neurons, schedule, name="compare", namespace={}, on_event={"pre": "ready"},
                       on_pre="best_post = clip(v_pre - theta_pre, best_post, 1e9)", **clock)
    compare.connect()
    tell = Synapses(neurons, schedule, on_pre="answer_post = kind_pre", name="tell", namespace={},
                    **clock)
    tell.connect()
    expect = Synapses(critic, schedule, on_pre="expected_post = mean_pre", name="expect",
                      on_event={"pre": "asked"}, namespace={}, **clock)
    expect.connect()
    expect.pre.when, expect.pre.order = "start", 2
    _order(schedule, critic, inputs, neurons, synapses, compare, every, n_neurons)
    spikes = SpikeMonitor(neurons, name="spikes")
    return [schedule, critic, inputs, neurons, synapses, compare, tell, expect, spikes,
            StateMonitor(schedule, ("answer",), record=True, order=6, name="answers", **every)]


def _link(schedule, critic, inputs, neurons):
    for group, names in (
            (critic, ("label", "reward", "closing", "memory", "learning")),
            (inputs, ("image", "go_at")),
            (neurons, ("go_at", "best", "closing", "learning", "threshold_step", "progress",
                       "annealing_threshold", "answer"))):
        for name in names:
            setattr(group, name, linked_var(schedule, name))


def _order(schedule, critic, inputs, neurons, synapses, compare, every, n_neurons):
    """Close the presentation, reward, program, and only then begin the next one."""
    neurons.set_event_schedule("ready", when="thresholds", order=-2)
    compare.pre.when, compare.pre.order = "thresholds", -1
    schedule.run_regularly(CLOSE, order=0, **every)
    critic.set_event_schedule("asked", when="start", order=1)
    schedule.run_regularly(SURPRISE, order=3, **every)
    critic.run_regularly(RENEW, order=3, **every)
    neurons.set_event_schedule("rewarded", when="start", order=4)
    synapses.write.when, synapses.write.order = "start", 5
    schedule.run_regularly(NEXT, order=7, **every)
    inputs.run_regularly(NEW_INPUT, order=8, **every)
    neurons.run_regularly(FALL.replace("COUNT", str(n_neurons)), order=8, **every)
