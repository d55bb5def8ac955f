"""Eligibility that gates the programming pulses of devices."""

from dataclasses import dataclass, replace

from brian2 import NeuronGroup, second
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import word_substitute

from brianmem.errors import SynapseError
from brianmem.plasticity import traces
from brianmem.plasticity.base import Rule
from brianmem.plasticity.pulsed import SHARE
from brianmem.plasticity.reward import _positive, check_members, join
from brianmem.pulses import PULSE_WRITE
from brianmem.synapse_code import adapted
from brianmem.units import is_number
from brianmem.write_rule import chosen_pulse

_PULSES = {"threshold": "int(abs(demand) >= full_demand)",
           "chance": "int(rand()*full_demand < abs(demand))"}
# Before the origin moves and before the rewards of the slot are forgotten.
_PROGRAM, _FORGET = -4, -2


@dataclass(frozen=True, eq=False)
class RewardPulses:
    """Send SET or RESET pulses to devices whose eligibility a reward finds high enough.

    Spikes only charge the eligibility c, as demanded by `rule`. Once per `every` the
    rewards r that came since then program the array: with demand = c r, devices of
    positive demand get a SET pulse, of negative a RESET pulse.

    Parameters
    ----------
    rule : Rule
    dopamine : NeuronGroup
        Of `Dopamine.group`; what fades after a reward plays no part here.
    every : Quantity
        Time between two programming phases.
    mode : str
        "threshold": devices of \\|demand\\| >= `full`; "chance": with probability
        \\|demand\\|/`full`.
    full : float
        None takes half of `Rule.full` as threshold, `Rule.full` as scale of chance.
    clear : bool
        Whether a reward uses up the eligibility that it finds.
    set, reset : tuple
        (voltage, width) or (voltage, width, series resistance); None takes the device's.
    """

    rule: Rule
    dopamine: NeuronGroup
    every: Quantity
    mode: str = "threshold"
    full: float = None
    clear: bool = True
    set: tuple = None
    reset: tuple = None

    def __post_init__(self):
        check_members(self)
        _positive("RewardPulses: every", self.every, second)
        if self.mode not in _PULSES:
            raise SynapseError(f"RewardPulses: mode must be one of {', '.join(_PULSES)}, got "
                               f"{self.mode!r}.")
        share = 0.5 if self.mode == "threshold" else 1.0
        full = share * self.rule.full if self.full is None else self.full
        if not is_number(full) or not 0 < float(full) < float("inf"):
            raise SynapseError(f"RewardPulses: full must be a positive number, got {full!r}.")
        object.__setattr__(self, "full", float(full))

    @property
    def pulsed(self):
        """The programmer of a device: this."""
        return self

    @property
    def model(self):
        """Lines for the equations of the synapses."""
        return ("full_demand : 1 (shared, constant)\ncharge : 1\n"
                f"eligibility = charge*fading : 1\n{self.rule.model}")

    def pulse(self, device, kind):
        """Return (voltage, width) or (voltage, width, resistance) of "set" or "reset"."""
        return chosen_pulse(self, device, kind)

    def bookkeeping(self, kept):
        """Return `kept` without last spikes, the energy of writing kept per synapse."""
        return replace(kept, last_spike="", write_energy="write_energy")

    def codes(self, kept, quantiles):
        """Return statements of a source spike and of a target spike."""
        object.__setattr__(self, "_program", self._phase(kept, quantiles))
        demands = (word_substitute(d, {"w": SHARE}) for d in (self.rule.on_pre, self.rule.on_post))
        return tuple(f"charge += ({demand})/fading" if demand else "" for demand in demands)

    def settle(self, synapses):
        """Fill the constants, attach traces and dopamine, and set the programming phases."""
        synapses.full_demand = self.full
        for name, value in self.rule.settings().items():
            setattr(synapses, name, value)
        traces.attach(synapses, self.rule)
        join(synapses, self.dopamine, "charge *= fading")
        synapses.run_regularly(self._program, dt=self.every, when="start", order=_PROGRAM,
                               name=f"{synapses.name}_program")
        # Several arrays may hear one dopamine; each would forget, so all must share `every`.
        self.dopamine.run_regularly("pending = 0", dt=self.every, when="start", order=_FORGET)

    def _phase(self, kept, quantiles):
        body = "\n".join(PULSE_WRITE.strip().splitlines()[1:])
        body = word_substitute(body, {"plastic": "plastic*pulses"})
        head = ("demand = charge*fading*pending\nidle = int(demand < 0)\n"
                f"pulses = {_PULSES[self.mode]}\n")
        clear = "\ncharge *= int(pending == 0)" if self.clear else ""
        return adapted(head + body + clear, kept, quantiles)
