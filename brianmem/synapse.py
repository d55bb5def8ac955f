"""A memristive device as an ordinary Brian2 synapse.

The state moves through the device's pulse maps and in no other way; a pre-synaptic
spike reads the device and drives the target with the read current times a gain.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from brian2 import Equations, Synapses, TimedArray, amp, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.device import Device
from brianmem.errors import SynapseError
from brianmem.lookup import table_function
from brianmem.quantiles import nearest, quantile_maps, quantile_values
from brianmem.reduction import COLUMNS, PulseMap, read_table, stack_tables
from brianmem.synapse_code import Bookkeeping, model, read_code, read_expression
from brianmem.units import si_unit_name
from brianmem.variation import Variation
from brianmem.write_rule import PulseRule

_serial = itertools.count()
# A source that has not fired yet did so long ago.
_NEVER = -1e6 * second


@dataclass(frozen=True, eq=False)
class Synapse:
    """Describe a memristive synapse; `connect` makes it.

    Parameters
    ----------
    device : Device
        One bounded state and a read voltage in ``operation["read"]``.
    write : PulseRule, or a rule of `brianmem.plasticity`, optional
        None: the state never moves.
    read : Quantity
        Gain from read current to the target variable, per pre-synaptic spike, e.g. in
        volt/amp for a membrane voltage, siemens/amp for a conductance.
    variation : Variation, optional
        ``d2d``, ``c2c``, ``stuck``, and the spread of at most one physical parameter.
    points, quantiles : int
        Length of the tables; number of maps for a physical spread.

    Example
    -------
    >>> from brian2 import *
    >>> from brianmem import Synapse, find
    >>> from brianmem.synapse import PulseRule
    >>> inputs = PoissonGroup(100, rates=30*Hz)
    >>> neurons = NeuronGroup(10, "dv/dt = -v/(20*ms) : volt", threshold="v > 10*mV",
    ...                       reset="v = 0*mV", method="exact")
    >>> memory = Synapse(find("memdiode"), write=PulseRule(window=20*ms), read=5*mV/mA)
    >>> synapses = memory.connect(inputs, neurons, into="v", x="rand()")
    >>> run(100*ms)
    """

    device: Device
    write: object = None
    read: Quantity = None
    variation: Variation = None
    points: int = 256
    quantiles: int = 8

    def __post_init__(self):
        device, variation = self.device, self.variation or Variation()
        object.__setattr__(self, "variation", variation)
        if self.write is not None and not hasattr(self.write, "pulsed"):
            raise SynapseError(f"Synapse of {device}: write must be a rule such as PulseRule(window="
                               f"20*ms) or one of brianmem.plasticity, got {self.write!r}.")
        if self.read is None or np.ndim(self.read) != 0:
            raise SynapseError(f"Synapse of {device}: read must be one gain such as 5*mV/mA, "
                               f"got {self.read!r}.")
        if len(device.states) != 1:
            raise SynapseError(f"Synapse of {device}: a synapse holds one state, and it has "
                               f"{len(device.states)} ({', '.join(device.states)}). Reduce the "
                               "others to their steady state, or use the network of "
                               "brianmem.models.networks.memristive_digits, which holds two.")
        if device.states[0] not in device.bounds:
            raise SynapseError(f"Synapse of {device}: '{device.states[0]}' has no bounds. Add "
                               f"bounds={{'{device.states[0]}': (low, high)}} to the device.")
        if "read" not in device.operation:
            raise SynapseError(f"Synapse of {device}: no read voltage. Add operation={{'read': "
                               "(voltage, width)} to the device.")
        variation.check(device)
        if variation.cycle or len(variation.spread) > 1:
            raise SynapseError(f"Synapse of {device}: maps hold the spread of one physical "
                               f"parameter, got {variation!r}. Keep one and use d2d and c2c for "
                               "the rest.")

    @cached_property
    def spread_parameter(self):
        """Name of the physical parameter that differs between devices, or None."""
        return next(iter(self.variation.spread), None)

    @cached_property
    def maps(self):
        """(SET maps, RESET maps): one each, or one per quantile of the spread parameter."""
        return tuple(self._maps(kind) for kind in ("set", "reset"))

    def _maps(self, kind):
        voltage, width, *resistance = self.write.pulsed.pulse(self.device, kind)
        options = {"points": self.points}
        if resistance:
            options["series_resistance"] = resistance[0]
        name = self.spread_parameter
        if name is None:
            return (PulseMap.from_device(self.device, voltage, width, **options),)
        return quantile_maps(self.device, voltage, width, name, self.spread_values, **options)

    @cached_property
    def spread_values(self):
        """Values of the spread parameter that have a map each, ascending."""
        name = self.spread_parameter
        return quantile_values(self.device, name, self.variation.spread[name], self.quantiles)

    @cached_property
    def tables(self):
        """The table that the synapses read, of shape (points, 5 columns per quantile)."""
        name, blocks = self.spread_parameter, []
        changes = [{}] if name is None else [{name: v} for v in self.spread_values]
        for k, values in enumerate(changes):
            read = read_table(self.device, self.points, parameters=values)
            if self.write is None:
                grid, nothing = np.linspace(0, 1, self.points), np.zeros(self.points)
                blocks.append(np.stack([grid, grid, nothing, nothing, read], axis=1))
            else:
                blocks.append(stack_tables(self.maps[0][k], self.maps[1][k], read))
        return np.hstack(blocks)

    def connect(self, source, target, into="v", *, i=None, j=None, p=1.0, x=None, seed=None,
                **options):
        """Connect two groups and return the `brian2.Synapses`.

        Parameters
        ----------
        into : str
            Variable of `target` that a read pulse adds to.
        i, j : sequences of int
            Pairs to connect; both or neither (then all pairs, each with probability `p`).
        x : array or str
            First states in 0..1 between the bounds; default the device's initial state.
        seed : int
            Of connections, spread and stuck devices; a seed of the Variation wins.
        options
            Further arguments of `brian2.Synapses`, such as `name` or `delay`. A rule that
            programs at source spikes does so in a pathway ``change`` of the same delay.

        Variables: ``x``, ``I_read`` (renewed at writes; use `set_state` to change x by
        hand), and ``write_energy``, ``read_energy`` where the target has none of that
        name. A source with ``last_spike`` or ``lastspike`` (second) is asked for the
        time of its last spike; any other has it kept per synapse.
        """
        rule = self.write.pulsed if self.write is not None else PulseRule(0 * second)
        kept, spread = Bookkeeping.of(source, target), self.spread_parameter is not None
        kept = rule.bookkeeping(kept)
        self._check_gain(target, into)
        rng = self.variation.generator(seed)
        i, j = connected_pairs(source, target, i, j, p, rng)
        name = options.pop("name", f"memristive_synapses_{next(_serial)}")
        data = TimedArray(self.tables, dt=1 * second, name=f"{name}_tables")
        namespace = {"pulse": table_function(data), "pulse_tables": data}
        change, write_post = rule.codes(kept, spread) if self.write is not None else ("", "")
        text = model(get_dimensions(self.read), kept, spread) + rule.model
        refuse_shared_names(text, target)
        synapses = Synapses(
            source, target, text,
            on_pre={"pre": read_code(into, kept), **({"change": change} if change else {})},
            on_post=write_post or None, namespace=namespace, name=name,
            **pathway_options(options, source, change))
        if change:
            synapses.change.order = 0  # after the read
        synapses.connect(i=i, j=j)
        self._fill(synapses, len(i), rng, kept)
        rule.settle(synapses)
        self.set_state(synapses, self._initial if x is None else x)
        return synapses

    def set_state(self, synapses, x):
        """Set the states (0..1; array, number or expression) and the currents that follow.

        Stuck devices stay where they are.
        """
        if isinstance(x, str):
            target = f"clip({x}, 0, 1)"
        else:
            values = np.asarray(x, dtype=float)
            if not np.all((values >= 0) & (values <= 1)):
                raise SynapseError(f"Synapse of {self.device}: states must lie in 0..1 between "
                                   "the bounds.")
            synapses.mobile_x = values
            target = "mobile_x"
        _move(synapses, target, read_expression(self.spread_parameter is not None))

    @property
    def _initial(self):
        (state,) = self.device.states
        return float(self.device.fraction(state, self.device.initial[state]))

    def _check_gain(self, target, into):
        if into not in target.variables:
            raise SynapseError(f"Synapse of {self.device}: the target group '{target.name}' has no "
                               f"variable '{into}'. Name one with into='...'.")
        expected = target.variables[into].dim / amp.dim
        if get_dimensions(self.read) is not expected:
            raise SynapseError(f"Synapse of {self.device}: read gain for '{into}' must be in "
                               f"{si_unit_name(expected)}, got "
                               f"{si_unit_name(get_dimensions(self.read))}.")

    def _fill(self, synapses, n, rng, kept):
        """Set what the text leaves open; `x` of stuck devices is their final one."""
        for name in ("f_min", "f_max", "f_set", "f_reset"):
            setattr(synapses, name, np.exp(self.variation.d2d * rng.standard_normal(n)))
        mask, states = self.variation.sample_stuck(self.device, n, rng)
        (state,) = self.device.states
        synapses.mobile = 1.0 - mask
        synapses.x = np.where(mask, self.device.fraction(state, states[state]), 0.0)
        low, high = self._end_currents()
        if self.spread_parameter is None:
            synapses.I_low, synapses.I_high = low[0] * amp, high[0] * amp
        else:
            drawn = self.variation.sample(self.device, n, rng)[self.spread_parameter]
            q = nearest(self.spread_values, drawn)
            synapses.quantile, synapses.I_low, synapses.I_high = q, low[q] * amp, high[q] * amp
        synapses.gain = self.read
        synapses.c2c, synapses.plastic = self.variation.c2c, 1
        voltage, width = self.device.operation["read"][:2]
        synapses.read_pulse = voltage * width
        if kept.last_spike == "last_spike":
            synapses.last_spike = _NEVER

    def _end_currents(self):
        """Return nominal read currents at x = 0 and x = 1 in ampere, one per map."""
        low, high = self.tables[[0, -1], COLUMNS.index("read_current")::len(COLUMNS)]
        if np.any(low == high):
            raise SynapseError(f"Synapse of {self.device}: the read current is {low[0]:g} A at "
                               "both bounds. Choose another read voltage.")
        return low, high


def refuse_shared_names(text, target):
    """Refuse targets with a variable that the equations `text` of synapses define too."""
    shared = sorted(set(Equations(text).names) & set(target.variables))
    if shared:
        raise SynapseError(f"The target group '{target.name}' has a variable '{shared[0]}', as its "
                           "memristive or plastic synapses have. Rename that of the group.")


def _move(synapses, target, current):
    # Brian2 looks up names where it is called: here 'x' means the state alone.
    synapses.x = f"x + mobile*({target} - x)"
    synapses.I_read = current


def pathway_options(options, source, change=False):
    """Return options of `brian2.Synapses`: the source's clock, one delay for read and change."""
    options = dict(options)
    if not options.keys() & {"dt", "clock"}:
        options["clock"] = source.clock
    if change and isinstance(options.get("delay"), Quantity):
        options["delay"] = dict.fromkeys(("pre", "change"), options["delay"])
    return options


def connected_pairs(source, target, i, j, p, rng):
    """Return the given pairs of indices, or all pairs, each with probability `p`."""
    if (i is None) != (j is None):
        raise SynapseError("Synapse.connect: give both i and j, or neither.")
    if i is not None:
        return np.asarray(i, dtype=int), np.asarray(j, dtype=int)
    pairs = np.arange(len(source) * len(target))
    if p < 1:
        pairs = pairs[rng.random(pairs.size) < p]
    return pairs // len(target), pairs % len(target)
