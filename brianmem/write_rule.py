"""The write rule of a memristive synapse: what spikes send which pulses.

A `Synapse` asks a rule's ``pulsed`` for the two pulses, further lines of its equations,
its statements, and to fill what those leave open. `PulseRule` is the simplest;
`brianmem.plasticity.Pulsed` answers for all rules that demand signed changes.
"""

from dataclasses import dataclass

from brian2 import second
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import SynapseError, UnitError
from brianmem.synapse_code import write_code
from brianmem.units import check_unit


@dataclass(frozen=True)
class PulseRule:
    """Program devices on post-synaptic spikes.

    Each post-synaptic spike sends one SET pulse to devices whose input fired within
    `window`, one RESET pulse to all others. `set` and `reset` are (voltage, width) or
    (voltage, width, series resistance); None takes the device's ``operation``.
    """

    window: Quantity
    set: tuple = None
    reset: tuple = None

    def __post_init__(self):
        try:
            check_unit(self.window, second, "PulseRule: window")
        except UnitError as error:
            raise SynapseError(str(error)) from None
        if not float(self.window) >= 0:
            raise SynapseError(f"PulseRule: window must not be negative, got {self.window}.")

    def pulse(self, device, kind):
        """Return (voltage, width) or (voltage, width, resistance) of "set" or "reset"."""
        return chosen_pulse(self, device, kind)

    @property
    def pulsed(self):
        """The programmer of a device: this."""
        return self

    @property
    def model(self):
        """Lines for the equations of the synapses: none beyond those of every device."""
        return ""

    def bookkeeping(self, kept):
        """Return `kept`: the rule asks for the time of each input's last spike."""
        return kept

    def codes(self, kept, quantiles):
        """Return statements of a source spike and of a target spike."""
        return "", write_code(kept, quantiles)

    def settle(self, synapses):
        """Fill the window."""
        synapses.window = self.window


def chosen_pulse(rule, device, kind):
    """Return the "set" or "reset" pulse of a rule, or else of the device."""
    pulse, owner = getattr(rule, kind) or device.operation.get(kind), type(rule).__name__
    if pulse is None:
        raise SynapseError(f"{device}: no {kind.upper()} pulse. Give {owner}({kind}="
                           f"(voltage, width)) or add operation={{'{kind}': (voltage, width)}} "
                           "to the device.")
    if len(pulse) not in (2, 3):
        raise SynapseError(f"{owner}: {kind} must be (voltage, width) or (voltage, width, "
                           f"series resistance), got {pulse!r}.")
    return pulse
