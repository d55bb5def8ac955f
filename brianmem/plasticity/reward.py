"""Reward-modulated STDP: eligibility that dopamine turns into change, without a clock.

Every spike that asks a rule for a change charges the eligibility c of its synapse, which
fades with tau_eligibility; the dopamine d, tonic plus rewards that fade with tau, makes of it
dw/dt = rate c d (Izhikevich 2007). Between spikes of a synapse its c is exp(-t/tau_eligibility)
times a constant, the charge q. One neuron, the `Dopamine` group, gathers
K(t) = int d(s) exp(-(s - origin)/tau_eligibility) ds for all synapses, so that a weight is
brought up to date by w += rate q (K - K_seen): exact for any rewards in between, and no
synapse has an equation. Every tenth tau_eligibility the origin moves, since q grows with the
time from it.
"""

import itertools
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from brian2 import NeuronGroup, Synapses, hertz, second
from brian2.units.fundamentalunits import Quantity, get_dimensions
from brian2.utils.stringtools import word_substitute

from brianmem.errors import SynapseError, UnitError
from brianmem.plasticity.base import Rule, milliseconds
from brianmem.plasticity.ideal import IdealSynapse
from brianmem.units import check_unit, is_number

_serial = itertools.count()
# Times tau_eligibility between two shifts of the origin: exp(10) costs four digits of sixteen.
_SHIFT = 10
_EQUATIONS = """
phasic : 1                      # rewards, fading
fading : 1                      # exp(-(t - origin)/tau_eligibility)
product : 1                     # phasic*fading
gathered : second               # K of the module's text
tonic : 1 (constant)
pending : 1                     # rewards not yet acted on
"""
# The solution of the linear equations over one step; Brian2's "exact" refuses them.
_STEP = """
gathered += product*tau_both*(-expm1(-dt/tau_both)) + tonic*fading*tau_c*(-expm1(-dt/tau_c))
phasic *= exp(-dt/tau_d)
fading *= exp(-dt/tau_c)
product *= exp(-dt/tau_both)
"""
_REWARD = """
phasic_post += amount
product_post += amount*fading_post
pending_post += amount
"""
# Monitors, of order 0 at the start of a step, see both sides of a shift shifted.
_SYNAPSES_FIRST, _GROUP_NEXT = -3, -1
_SHARED = ("fading", "gathered", "pending")


@dataclass(frozen=True)
class Dopamine:
    """Describe the reward signal of a network; `group` makes it, `deliver` joins sources.

    `tau` is how fast a reward fades, `tonic` the level without any. Values of
    Izhikevich (2007) as reported in secondary sources, not confirmed.
    """

    tau: Quantity = milliseconds(200)
    tau_eligibility: Quantity = milliseconds(1000)
    tonic: float = 0.0

    def __post_init__(self):
        for name in ("tau", "tau_eligibility"):
            _positive(f"Dopamine: {name}", getattr(self, name), second)
        if not is_number(self.tonic) or not np.isfinite(self.tonic):
            raise SynapseError(f"Dopamine: tonic must be one finite number, got {self.tonic!r}.")

    @property
    def shift(self):
        """Time between two shifts of the origin."""
        return _SHIFT * self.tau_eligibility

    def group(self, name=None, **options):
        """Return the `brian2.NeuronGroup` of one neuron that holds the dopamine.

        Its variable ``phasic`` (plus ``tonic``) is the dopamine. `options` as `dt`.
        """
        name = name or f"dopamine_{next(_serial)}"
        both = 1 / (1 / self.tau + 1 / self.tau_eligibility)
        made = NeuronGroup(1, _EQUATIONS, name=name, namespace={
            "tau_d": self.tau, "tau_c": self.tau_eligibility, "tau_both": both}, **options)
        made.run_regularly(_STEP, when="groups", name=f"{name}_step", clock=made.clock)
        made.fading, made.tonic = 1, self.tonic
        made.run_regularly("product = phasic\ngathered = 0*second\nfading = 1", dt=self.shift,
                           when="start", order=_GROUP_NEXT, name=f"{name}_shift")
        made.add_attribute("dopamine")
        made.dopamine = self
        return made

    def deliver(self, source, group, amount=1.0, **options):
        """Return `brian2.Synapses` by which each spike of `source` releases `amount`.

        The variable ``amount`` may differ per neuron of the source, and be negative.
        """
        made = Synapses(source, group, "amount : 1", on_pre=_REWARD, namespace={}, **options)
        made.connect()
        made.amount = amount
        return made


@dataclass(frozen=True, eq=False)
class RewardSTDP(Rule):
    """Make the demands of `rule` eligible for reward instead of changing the weight.

    `dopamine` is what `Dopamine.group` returned; `rate` turns eligibility times dopamine
    into change. A demand that depends on the weight sees it up to date. Give it to a
    `RewardSynapse`; for a device see `brianmem.plasticity.RewardPulses`.

    References: Izhikevich2007.
    """

    rule: Rule
    dopamine: NeuronGroup
    rate: Quantity = field(default_factory=lambda: 1 * hertz)

    def __post_init__(self):
        check_members(self)
        _positive("RewardSTDP: rate", self.rate, hertz)

    @property
    def constants(self):
        return self.rule.constants

    @property
    def source_traces(self):
        return self.rule.source_traces

    @property
    def target_traces(self):
        return self.rule.target_traces

    @property
    def full(self):
        """Largest eligibility that one pair of spikes leaves."""
        return self.rule.full

    @property
    def pulsed(self):
        """Refuse devices: they need to know when pulses are sent."""
        raise SynapseError("RewardSTDP: a device needs RewardPulses(rule, dopamine, every=...), "
                           "which says when pulses are sent.")

    def settings(self):
        """Return {name: value} of the rule's constants."""
        return self.rule.settings()


class RewardSynapse(IdealSynapse):
    """Describe a synapse with an ideal weight that learns by `RewardSTDP`.

    `connect` as `IdealSynapse.connect`. Besides ``w``, the weight at the last event, the
    synapses have ``w_now``, the weight at present, for monitors, and ``eligibility``.
    `bring_up_to_date` renews ``w``; do so before changing ``plastic``. Bounds hold at
    each event: exact while dopamine keeps its sign between two events of a synapse,
    else for the net change. Spikes and rewards of a time step count from its end.
    """

    _catch_up: ClassVar[str] = "w = w_now\nseen = gathered\n"

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.write, RewardSTDP):
            raise SynapseError(f"RewardSynapse: write must be RewardSTDP(...), got {self.write!r}.")

    def connect(self, source, target, into="v", **options):
        """Connect two groups and return the `brian2.Synapses`."""
        made = super().connect(source, target, into, **options)
        made.reward_rate = self.write.rate
        join(made, self.write.dopamine, self._catch_up + "charge *= fading\nseen = 0*second")
        return made

    def _model(self):
        return super()._model() + """
        charge : 1
        seen : second
        reward_rate : hertz (shared, constant)
        eligibility = charge*fading : 1
        learned = plastic*reward_rate*charge*(gathered - seen) : 1
        w_now = clip(w + (w_max - w_min)*learned, w_min, w_max) : UNIT
        """.replace("UNIT", _weight_unit(self))

    def _on_pre(self, into):
        read = f"{into}_post += gain*w\n" if self.read is not None else ""
        charge = self._charge("on_pre")
        return self._catch_up + read + charge if read or charge else ""

    def _change(self, event):
        charge = self._charge(event)
        return self._catch_up + charge if charge else ""

    def _charge(self, event):
        demand = getattr(self.write.rule, event)
        share = word_substitute(demand, {"w": "((w - w_min)/(w_max - w_min))"})
        return f"charge += ({share})/fading" if demand else ""


def bring_up_to_date(synapses):
    """Set ``w`` of all synapses of a `RewardSynapse` to the weight at present."""
    synapses.w = "w_now"
    synapses.seen = "gathered"


def join(synapses, group, shift):
    """Let synapses read the dopamine and run `shift` just before its origin moves."""
    for name in _SHARED:
        synapses.variables.add_reference(name, group, name, index="0")
    synapses.run_regularly(shift, dt=group.dopamine.shift, when="start", order=_SYNAPSES_FIRST,
                           name=f"{synapses.name}_shift")


class Baseline:
    """Keep a running mean of the reward for each class of stimuli.

    Without it a rule whose demands have a mean drifts at every reward (Fremaux, Sprekeler
    and Gerstner 2010). `memory` is the number of trials of a class that the mean spans.
    """

    def __init__(self, classes, memory=20.0, initial=0.0):
        if not (is_number(memory) and memory >= 1):
            raise SynapseError(f"Baseline: memory must be 1 trial or more, got {memory!r}.")
        if int(classes) != classes or classes < 1:
            raise SynapseError(f"Baseline: classes must be a whole number >= 1, got {classes!r}.")
        self.memory, self.mean = float(memory), np.full(int(classes), float(initial))

    def surprise(self, stimulus, reward):
        """Return the reward less the mean of its class, then let the mean follow."""
        if not 0 <= stimulus < len(self.mean) or not np.isfinite(reward):
            raise SynapseError(f"Baseline: no class {stimulus!r} with a reward {reward!r}; classes "
                               f"are 0..{len(self.mean) - 1}, rewards finite.")
        difference = reward - self.mean[stimulus]
        self.mean[stimulus] += difference / self.memory
        return float(difference)


def check_members(rule):
    """Refuse a rule that is none, or a dopamine that is not a group of `Dopamine`."""
    owner = type(rule).__name__
    if not isinstance(rule.rule, Rule) or isinstance(rule.rule, RewardSTDP):
        raise SynapseError(f"{owner}: rule must be a timing rule such as PairSTDP(), got "
                           f"{rule.rule!r}.")
    if not isinstance(getattr(rule.dopamine, "dopamine", None), Dopamine):
        raise SynapseError(f"{owner}: dopamine must be what Dopamine(...).group() returned, got "
                           f"{rule.dopamine!r}.")


def _weight_unit(synapse):
    from brianmem.units import si_unit_name

    return si_unit_name(synapse.weight.dimension)


def _positive(owner, value, unit):
    try:
        check_unit(value, get_dimensions(unit), owner)
    except UnitError as error:
        raise SynapseError(str(error)) from None
    if np.ndim(value) or not 0 < float(value) < np.inf:
        raise SynapseError(f"{owner} must be one positive value, got {value}.")
