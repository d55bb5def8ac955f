"""The equations and statements of a memristive synapse, as pure functions of its options."""

import re
from dataclasses import dataclass

from brian2.utils.stringtools import word_substitute

from brianmem.pulses import PULSE_MODEL, PULSE_WRITE
from brianmem.reduction import COLUMNS
from brianmem.units import si_unit_name


@dataclass(frozen=True)
class Bookkeeping:
    """Where times of last spikes and energies are kept: by a group or per synapse."""

    last_spike: str
    write_energy: str
    read_energy: str

    @classmethod
    def of(cls, source, target):
        known = [n for n in ("last_spike", "lastspike") if n in source.variables]
        energy = {n: f"{n}_post" if n in target.variables else n
                  for n in ("write_energy", "read_energy")}
        return cls(f"{known[0]}_pre" if known else "last_spike", **energy)


PER_SYNAPSE = Bookkeeping("last_spike", "write_energy", "read_energy")


def model(gain_dimension, kept=PER_SYNAPSE, quantiles=False):
    """Return the equations of the synapse for a gain of the given dimension."""
    text = PULSE_MODEL.replace("gain : volt/amp", f"gain : {si_unit_name(gain_dimension)}")
    text += "mobile_x : 1\nread_pulse : volt*second (shared, constant)\n"
    for name in ("write_energy", "read_energy"):
        text += f"{name} : joule\n" if getattr(kept, name) == name else ""
    text += "last_spike : second\n" if kept.last_spike == "last_spike" else ""
    if quantiles:
        text += "quantile : integer (constant)\n"
        text = re.sub(r"(I_low|I_high) : amp \(shared, constant\)", r"\1 : amp (constant)", text)
    return text


def write_code(kept=PER_SYNAPSE, quantiles=False):
    """Return the statements of a post-synaptic spike."""
    return adapted(PULSE_WRITE, kept, quantiles)


def adapted(text, kept=PER_SYNAPSE, quantiles=False):
    """Return statements in the names of `kept`, reading each device's own quantile."""
    text = word_substitute(text, {"last_spike_pre": kept.last_spike,
                                  "write_energy": kept.write_energy})
    return _with_quantiles(text) if quantiles else text


def read_code(into, kept=PER_SYNAPSE):
    """Return the statements of a pre-synaptic spike that drives `into` of the target."""
    lines = [f"{into}_post += gain*I_read", f"{kept.read_energy} += read_pulse*I_read"]
    return "\n".join(lines + (["last_spike = t"] if kept.last_spike == "last_spike" else []))


def read_expression(quantiles=False):
    """Return the read current as an expression of the state, as `write_code` renews it."""
    lines = dict(line.split(" = ", 1) for line in PULSE_WRITE.strip().splitlines() if " = " in line)
    text = word_substitute(lines["I_read"], {"nominal": f"({lines['nominal']})"})
    return _with_quantiles(text) if quantiles else text


def _with_quantiles(text):
    return re.sub(r"pulse\(x, ([^)]*)\)", rf"pulse(x, \1 + {len(COLUMNS)}*quantile)", text)
