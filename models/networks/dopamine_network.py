"""A random cortical network in which dopamine after one stimulus rewards its synapses.

1000 neurons of Izhikevich (2003), 800 excitatory with plastic synapses, 200 inhibitory, each
with 100 random targets, driven by noise. Groups of random neurons are the stimuli; a spike
of all neurons of a group presents one. Numbers are those of the author's program for the
network of Izhikevich (2007) as it circulates (reported); stimuli and rewards of the
conditioning are as described there in words (reported, not confirmed).

The whole schedule is data: one compiled program serves all stimuli, rewards and seeds.
"""

from dataclasses import dataclass, field

import numpy as np
from brian2 import (
    NeuronGroup,
    Quantity,
    StateMonitor,
    Synapses,
    TimedArray,
    hertz,
    linked_var,
    ms,
    second,
)

from brianmem.errors import InputError
from brianmem.network.schedule import finish_function
from brianmem.network.structure import Structure
from brianmem.plasticity.ideal import IdealWeight
from brianmem.plasticity.pairs import PairSTDP
from brianmem.plasticity.reward import Dopamine, RewardSTDP, RewardSynapse

SCHEDULE = """
seed : 1
done : 1
t_end : second
shown : integer                       # stimuli presented so far
stimulus : integer                    # presented in this step; -1 for none
reward_at : second
fired : 1                             # spikes of excitatory neurons so far
"""

NEXT = """
done = finish(int(t >= t_end))
begins = int(t >= (onsets(shown*second) - 0.5)*ms)
stimulus = begins*(int(stimuli(shown*second)) + 1) - 1
delay = delays(shown*second)
reward_at = reward_at + begins*int(delay >= 0)*(t + delay*ms - reward_at)
shown = shown + begins
"""

NEURONS = """
v : 1
u : 1
I : 1
a : 1 (constant)
d : 1 (constant)
stimulus : integer (linked)
"""

# Two half steps of v per millisecond, as in the author's program.
STEP = """
I = I + 13*(rand() - 0.5)
v = v + 0.5*((0.04*v + 5)*v + 140 - u + I)
v = v + 0.5*((0.04*v + 5)*v + 140 - u + I)
u = u + a*(0.2*v - u)
I = 0
chosen = int(stimulus >= 0)*members(clip(stimulus, 0, 1000000)*second, i)
v = v + chosen*(30 - v)
"""
EXCITATORY, INHIBITORY, FANOUT, STRONGEST = 800, 200, 100, 4.0
RULE = PairSTDP(A_plus=0.1, A_minus=0.15, tau_plus=20 * ms, tau_minus=20 * ms)
DOPAMINE = Dopamine(tau=200 * ms, tau_eligibility=1 * second, tonic=0.002)
# 100 per second of a weight, of which the range holds 4.
RATE = 100 / STRONGEST * hertz
# Rows of the table of groups and of those of stimuli; time between records of all weights.
GROUPS, ROOM, SNAPSHOT = 100, 40_000, 60 * second
TEXT = "\n".join((SCHEDULE, NEXT, NEURONS, STEP, RULE.source_equations, RULE.target_equations))


def create(stimuli, groups, connection_seed, snapshot):
    """Make the Brian2 objects.

    Parameters
    ----------
    stimuli, groups : int
        Length of the schedule's tables; number of groups of neurons.
    connection_seed : int
    snapshot : float
        Seconds between two records of all weights.
    """
    clock, n = {"dt": 1 * ms}, EXCITATORY + INHIBITORY
    tables = {name: TimedArray(np.zeros(stimuli + 1), dt=1 * second, name=name)
              for name in ("onsets", "stimuli", "delays")}
    members = TimedArray(np.zeros((groups, n)), dt=1 * second, name="members")
    schedule = NeuronGroup(1, SCHEDULE, threshold="t >= reward_at", reset="reward_at = 1e9*second",
                           name="schedule", namespace={"finish": finish_function(), **tables},
                           **clock)
    schedule.run_regularly(NEXT, when="start", order=-10, name="next_stimulus", **clock)
    neurons = NeuronGroup(
        n, NEURONS + RULE.source_equations + "\n" + RULE.target_equations, threshold="v >= 30",
        reset=f"v = -65\nu += d\n{RULE.source_reset}\n{RULE.target_reset}", method="exact",
        name="neurons", namespace={"members": members}, **clock)
    neurons.stimulus = linked_var(schedule, "stimulus")
    neurons.run_regularly(STEP, when="groups", order=1, name="step", **clock)
    dopamine = DOPAMINE.group(name="dopamine", **clock)
    release = DOPAMINE.deliver(schedule, dopamine, name="release", **clock)
    excite, inhibit = _synapses(neurons, dopamine, np.random.default_rng([connection_seed, 1]))
    tell = Synapses(neurons[:EXCITATORY], schedule, on_pre="fired_post += 1", name="tell",
                    namespace={}, **clock)
    tell.connect()
    count = StateMonitor(schedule, ("fired",), record=True, name="count", **clock)
    weights = StateMonitor(excite, "w_now", record=True, dt=snapshot * second, name="weights")
    return [schedule, neurons, dopamine, release, excite, inhibit, tell, count, weights]


def pairs(connection_seed):
    """Return the sources and targets of excitatory and of inhibitory synapses."""
    return _pairs(np.random.default_rng([connection_seed, 1]))


def _pairs(rng):
    n = EXCITATORY + INHIBITORY
    excited = np.concatenate([rng.choice(n, FANOUT, replace=False) for _ in range(EXCITATORY)])
    inhibited = np.concatenate([rng.choice(EXCITATORY, FANOUT, replace=False)
                                for _ in range(INHIBITORY)])
    return ((np.repeat(np.arange(EXCITATORY), FANOUT), excited),
            (np.repeat(np.arange(INHIBITORY), FANOUT), inhibited))


def _synapses(neurons, dopamine, rng):
    clock = {"dt": 1 * ms}
    (i, j), (k, m) = _pairs(rng)
    excite = RewardSynapse(IdealWeight(0.0, STRONGEST), RewardSTDP(RULE, dopamine, RATE), 1.0).connect(
        neurons[:EXCITATORY], neurons, into="I", i=i, j=j, x=1 / STRONGEST, name="synapses", **clock)
    inhibit = Synapses(neurons[EXCITATORY:], neurons[:EXCITATORY], on_pre="I_post -= 1", namespace={},
                       name="inhibition", **clock)
    inhibit.connect(i=k, j=m)
    return excite, inhibit


@dataclass(frozen=True)
class DopamineNetwork:
    """Describe one conditioning: which stimulus is rewarded, how often, how late.

    Parameters
    ----------
    duration : Quantity
    stimuli, group_size : int
        Number of groups of neurons and neurons per group.
    intervals : tuple of Quantity
        Between stimuli, uniform.
    delay : Quantity
        Rewards come uniformly in 0 to this after the rewarded stimulus.
    rewarded : int
        -1: none is.
    warm_up : Quantity
        First stretch, without rewards.
    seed : int
        Of groups, order of stimuli, delays and noise.
    """

    duration: Quantity = field(default_factory=lambda: 3600 * second)
    stimuli: int = 100
    group_size: int = 50
    intervals: tuple = field(default_factory=lambda: (100 * ms, 300 * ms))
    delay: Quantity = field(default_factory=lambda: 1 * second)
    rewarded: int = 0
    warm_up: Quantity = field(default_factory=lambda: 100 * second)
    seed: int = 0
    connection_seed: int = 0

    def __post_init__(self):
        if not 2 <= self.stimuli <= GROUPS or not 1 <= self.group_size <= EXCITATORY:
            raise InputError(f"DopamineNetwork: stimuli must be 2 to {GROUPS} and group_size 1 to "
                             f"{EXCITATORY}, got {self.stimuli} and {self.group_size}.")
        if not 1 <= float(self.duration) <= ROOM * float(self.intervals[0]):
            raise InputError(f"DopamineNetwork: duration must be 1 s to "
                             f"{ROOM * float(self.intervals[0]):g} s, got {self.duration}.")

    output_names = ("count.fired", "weights.w_now", "weights.t")

    def structure(self):
        """Return what has to be compiled."""
        return Structure(__name__, {
            "stimuli": ROOM, "groups": GROUPS, "connection_seed": self.connection_seed,
            "snapshot": float(SNAPSHOT)})

    def schedule(self):
        """Return groups (stimuli, neurons), onsets in ms, stimuli, delays in ms (-1: no reward)."""
        rng = np.random.default_rng([self.seed, 2])
        n, low, high = ROOM, *(float(x / ms) for x in self.intervals)
        members = np.zeros((GROUPS, EXCITATORY + INHIBITORY))
        for row in members[:self.stimuli]:
            row[rng.choice(row.size, self.group_size, replace=False)] = 1
        onsets = np.cumsum(rng.integers(int(low), int(high) + 1, n)).astype(float)
        # Every stimulus equally often: shuffled rounds.
        rounds = [rng.permutation(self.stimuli) for _ in range(-(-n // self.stimuli))]
        which = np.concatenate(rounds)[:n]
        late = rng.integers(1, max(int(self.delay / ms), 1) + 1, n).astype(float)
        paid = (which == self.rewarded) & (onsets >= float(self.warm_up / ms))
        return members, onsets, which, np.where(paid, late, -1.0)

    def inputs(self, schedule):
        """Return every variable and table of one run by name, in SI units."""
        members, onsets, which, delays = schedule
        exciting = np.arange(EXCITATORY + INHIBITORY) < EXCITATORY
        return {"members": members, "onsets": np.append(onsets, 1e12),
                "stimuli": np.append(which, 0), "delays": np.append(delays, -1),
                "schedule.t_end": float(self.duration),
                "schedule.seed": float(self.seed + 1), "schedule.stimulus": -1,
                "schedule.reward_at": 1e9, "neurons.v": -65.0, "neurons.u": -13.0,
                "neurons.a": np.where(exciting, 0.02, 0.1),
                "neurons.d": np.where(exciting, 8.0, 2.0),
                "release.amount": 0.5}
