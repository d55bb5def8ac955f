"""A plastic synapse with an ideal weight: what a device is compared with."""

import itertools
from dataclasses import dataclass

import numpy as np
from brian2 import Synapses
from brian2.units.fundamentalunits import Quantity, get_dimensions
from brian2.utils.stringtools import word_substitute

from brianmem.errors import SynapseError
from brianmem.plasticity import traces
from brianmem.plasticity.base import Rule
from brianmem.synapse import Synapse, connected_pairs, pathway_options, refuse_shared_names
from brianmem.units import is_number, si_unit_name
from brianmem.variation import Variation

_serial = itertools.count()
_SHARE = "((w - w_min)/(w_max - w_min))"


@dataclass(frozen=True)
class IdealWeight:
    """A weight that takes every change exactly, between two bounds of one unit."""

    low: Quantity = 0.0
    high: Quantity = 1.0

    def __post_init__(self):
        if not (is_number(self.low) and is_number(self.high)):
            raise SynapseError(f"IdealWeight: low and high must be one number or quantity each, "
                               f"got {self.low!r} and {self.high!r}.")
        if get_dimensions(self.low) is not get_dimensions(self.high):
            raise SynapseError(f"IdealWeight: low is in {si_unit_name(get_dimensions(self.low))}, "
                               f"high in {si_unit_name(get_dimensions(self.high))}. Use one unit.")
        if not -np.inf < float(self.low) < float(self.high) < np.inf:
            raise SynapseError(f"IdealWeight: low must lie below high and both be finite, got "
                               f"{self.low} and {self.high}.")

    @property
    def dimension(self):
        """Dimension of the weight."""
        return get_dimensions(self.low)


@dataclass(frozen=True, eq=False)
class IdealSynapse:
    """Describe a synapse with an ideal weight as `brianmem.Synapse` does one with a device.

    `write` is a rule, or None; `read` is the gain from weight to target variable per
    spike of the source, or None for a weight that drives nothing.
    """

    weight: IdealWeight = IdealWeight()
    write: Rule = None
    read: Quantity = None

    def __post_init__(self):
        if not isinstance(self.weight, IdealWeight):
            raise SynapseError(f"IdealSynapse: weight must be an IdealWeight, got {self.weight!r}.")
        if self.write is not None and not isinstance(self.write, Rule):
            raise SynapseError(f"IdealSynapse: write must be a rule of brianmem.plasticity such as "
                               f"PairSTDP(), got {self.write!r}.")
        if self.read is not None and not is_number(self.read):
            raise SynapseError(f"IdealSynapse: read must be one gain, got {self.read!r}.")

    def connect(self, source, target, into="v", *, i=None, j=None, p=1.0, x=0.5, seed=None,
                **options):
        """Connect two groups and return the `brian2.Synapses`; arguments as `Synapse.connect`.

        `x` is the first weight as a share 0..1 of its range. Variables: ``w`` in the unit
        of the bounds, ``plastic`` (0 holds all weights) and the constants of the rule.
        """
        self._check_gain(target, into)
        refuse_shared_names(self._model(), target)
        i, j = connected_pairs(source, target, i, j, p, Variation().generator(seed))
        name = options.pop("name", f"ideal_synapses_{next(_serial)}")
        made = Synapses(source, target, self._model(), on_pre=self._on_pre(into) or None,
                        on_post=self._change("on_post") or None, namespace={}, name=name,
                        **pathway_options(options, source))
        made.connect(i=i, j=j)
        made.w_min, made.w_max, made.plastic = self.weight.low, self.weight.high, 1
        if self.read is not None:
            made.gain = self.read
        self.set_state(made, x)
        if self.write is not None:
            for key, value in self.write.settings().items():
                setattr(made, key, value)
            traces.attach(made, self.write)
        return made

    def set_state(self, synapses, x):
        """Set the weights as shares 0..1 of their range: array, number or expression."""
        if isinstance(x, str):
            synapses.w = f"w_min + (w_max - w_min)*clip({x}, 0, 1)"
            return
        values = np.asarray(x, dtype=float)
        if not np.all((values >= 0) & (values <= 1)):
            raise SynapseError("IdealSynapse: states must lie in 0..1 between the bounds.")
        low, high = float(self.weight.low), float(self.weight.high)
        synapses.w = Quantity(low + (high - low) * values, dim=self.weight.dimension)

    def _model(self):
        unit = si_unit_name(self.weight.dimension)
        lines = [f"w : {unit}", f"w_min : {unit} (shared, constant)",
                 f"w_max : {unit} (shared, constant)", "plastic : 1 (shared)"]
        if self.read is not None:
            lines.append(f"gain : {si_unit_name(get_dimensions(self.read))} (shared, constant)")
        return "\n".join([*lines, self.write.model if self.write is not None else ""])

    def _on_pre(self, into):
        read = f"{into}_post += gain*w\n" if self.read is not None else ""
        return read + self._change("on_pre")

    def _change(self, event):
        demand = getattr(self.write, event, "")
        if not demand:
            return ""
        demand = word_substitute(demand, {"w": _SHARE})
        return f"w = clip(w + plastic*(w_max - w_min)*({demand}), w_min, w_max)"

    def _check_gain(self, target, into):
        if self.read is None:
            return
        if into not in target.variables:
            raise SynapseError(f"IdealSynapse: the target group '{target.name}' has no variable "
                               f"'{into}'. Name one with into='...'.")
        expected = target.variables[into].dim / self.weight.dimension
        if get_dimensions(self.read) is not expected:
            raise SynapseError(f"IdealSynapse: read gain for '{into}' must be in "
                               f"{si_unit_name(expected)}, got "
                               f"{si_unit_name(get_dimensions(self.read))}.")


def connect(weight, rule, source, target, into="v", *, read, **options):
    """Connect two groups by plastic synapses of `weight`: a Device or an `IdealWeight`.

    The one argument tells ideal from memristive: an IdealWeight in ampere, of the range
    of the device's read current, takes the same `read` gain. `options` as those of
    `Synapse.connect`. Returns the `brian2.Synapses`.
    """
    kind = IdealSynapse if isinstance(weight, IdealWeight) else Synapse
    return kind(weight, write=rule, read=read).connect(source, target, into=into, **options)
