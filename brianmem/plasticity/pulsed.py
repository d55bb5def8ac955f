"""A plasticity rule as a programmer of devices.

A demanded increase becomes a SET pulse, a decrease a RESET pulse, always the same two
pulses of the device: what a pulse does is the device's affair, including its soft or
hard bounds and the asymmetry of its steps. The size of the demand, relative to `full`,
says how much of a pulse is sent; a demand beyond `full` sends one pulse. Where a rule
depends on the weight, that is the read current as a share of its range.
"""

from dataclasses import dataclass, replace

from brian2.utils.stringtools import word_substitute

from brianmem.errors import SynapseError
from brianmem.plasticity import traces
from brianmem.plasticity.base import Rule
from brianmem.pulses import PULSE_WRITE
from brianmem.synapse_code import adapted
from brianmem.units import is_number
from brianmem.write_rule import chosen_pulse

MODES = ("chance", "scaled")
# The weight is what is read, 0..1 from the weakest to the strongest nominal current: in
# some devices a SET lowers the state.
SHARE = "clip(0.5 + (I_read - 0.5*(I_low + I_high))/abs(I_high - I_low), 0, 1)"
_DEMAND = """
demand = DEMAND
idle = int(demand < 0)
pulses = PULSES
"""
_PULSES = {"chance": "int(rand()*full_demand < abs(demand))",
           "scaled": "clip(abs(demand)/full_demand, 0, 1)"}


@dataclass(frozen=True)
class Pulsed:
    """Choose how a rule programs devices; a bare rule as ``write=`` means ``Pulsed(rule)``.

    Parameters
    ----------
    rule : Rule
    set, reset : tuple
        (voltage, width) or (voltage, width, series resistance); None takes the device's.
    mode : str
        "chance": a whole pulse with probability ``|demand|/full``, as few-state devices
        need; "scaled": every event moves the state by that share of a pulse's step, which
        is what a shorter pulse does where steps are small.
    full : float
        The demand that one whole pulse stands for; None takes `Rule.full`, so that the
        rule gives the relative sizes of changes and the device the learning rate.
    """

    rule: Rule
    set: tuple = None
    reset: tuple = None
    mode: str = "chance"
    full: float = None

    def __post_init__(self):
        if not isinstance(self.rule, Rule):
            raise SynapseError(f"Pulsed: rule must be one of brianmem.plasticity, such as "
                               f"PairSTDP(), got {self.rule!r}.")
        if self.mode not in MODES:
            raise SynapseError(f"Pulsed: mode must be one of {', '.join(MODES)}, got {self.mode!r}.")
        full = self.rule.full if self.full is None else self.full
        if not is_number(full) or not 0 < float(full) < float("inf"):
            raise SynapseError(f"Pulsed: full must be a positive number, got {full!r}; it is the "
                               "demand that one whole pulse stands for.")
        object.__setattr__(self, "full", float(full))

    @property
    def pulsed(self):
        """The programmer of a device: this."""
        return self

    @property
    def model(self):
        """Lines for the equations of the synapses."""
        return f"full_demand : 1 (shared, constant)\n{self.rule.model}"

    def pulse(self, device, kind):
        """Return (voltage, width) or (voltage, width, resistance) of "set" or "reset"."""
        return chosen_pulse(self, device, kind)

    def bookkeeping(self, kept):
        """Return `kept` without a time of last spikes, which traces make needless."""
        return replace(kept, last_spike="")

    def codes(self, kept, quantiles):
        """Return statements of a source spike and of a target spike."""
        return tuple(self._code(getattr(self.rule, event), kept, quantiles)
                     for event in ("on_pre", "on_post"))

    def settle(self, synapses):
        """Fill the constants of the rule and attach its traces."""
        synapses.full_demand = self.full
        for name, value in self.rule.settings().items():
            setattr(synapses, name, value)
        traces.attach(synapses, self.rule)

    def _code(self, demand, kept, quantiles):
        if not demand:
            return ""
        head = _DEMAND.replace("PULSES", _PULSES[self.mode]).replace(
            "DEMAND", word_substitute(demand, {"w": SHARE}))
        # The first line of the plain write chooses the pulse; here the demand does.
        body = "\n".join(PULSE_WRITE.strip().splitlines()[1:])
        body = word_substitute(body, {"plastic": "plastic*pulses"})
        return adapted(head + body, kept, quantiles)
