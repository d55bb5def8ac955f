"""Plasticity rules, for ideal weights and for memristive devices."""

from brianmem.plasticity.base import Rule, Trace
from brianmem.plasticity.ideal import IdealSynapse, IdealWeight, connect
from brianmem.plasticity.pairs import PairSTDP, WeightDependentSTDP
from brianmem.plasticity.post_only import (
    ExponentialSTDP,
    PowerLawSTDP,
    SymmetricSTDP,
    WindowRule,
)
from brianmem.plasticity.pulsed import Pulsed
from brianmem.plasticity.reward import (
    Baseline,
    Dopamine,
    RewardSTDP,
    RewardSynapse,
    bring_up_to_date,
)
from brianmem.plasticity.reward_pulses import RewardPulses
from brianmem.plasticity.triplets import DiehlCookSTDP, TripletSTDP

__all__ = [
    "Baseline",
    "DiehlCookSTDP",
    "Dopamine",
    "ExponentialSTDP",
    "IdealSynapse",
    "IdealWeight",
    "PairSTDP",
    "PowerLawSTDP",
    "Pulsed",
    "RewardPulses",
    "RewardSTDP",
    "RewardSynapse",
    "Rule",
    "SymmetricSTDP",
    "Trace",
    "TripletSTDP",
    "WeightDependentSTDP",
    "WindowRule",
    "bring_up_to_date",
    "connect",
]
