"""What every plasticity rule is made of: traces in the neurons, signed demands at spikes.

A rule is a frozen record. It asks for a signed change of the weight, as a share of the
weight's range: `on_pre` at a spike of the source, `on_post` at a spike of the target.
What that change becomes is the business of the weight: an ideal one takes it whole
(`brianmem.plasticity.ideal`), a device gets pulses (`brianmem.plasticity.pulsed`).
"""

from dataclasses import dataclass, field
from typing import ClassVar

from brian2 import msecond, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import SynapseError, UnitError
from brianmem.units import check_unit, quantity_source


def milliseconds(number):
    """Return the default of a field that is a time."""
    return field(default_factory=lambda: number * msecond)


def power(base, name, value):
    """Return `base` to the power of the constant `name`, which costs nothing where it is 0 or 1."""
    return {0: "1", 1: base}.get(value, f"{base}**{name}")


@dataclass(frozen=True)
class Trace:
    """A variable of a neuron that remembers its own spikes.

    `tau` is its time constant: +1 at each spike, or set to 1 where only the `nearest`
    spike counts. With a `window` instead of `tau` it is the time (second) until which
    the last spike counts as recent.
    """

    name: str
    tau: Quantity = None
    nearest: bool = False
    window: Quantity = None

    @property
    def equation(self):
        """Line for the equations of the neurons; needs a method that solves it exactly."""
        if self.window is not None:
            return f"{self.name} : second"
        return f"d{self.name}/dt = -{self.name}/({quantity_source(self.tau)}) : 1"

    @property
    def statement(self):
        """Line for their reset."""
        if self.window is not None:  # half a step, so that the window holds its end
            return f"{self.name} = t + {quantity_source(self.window)} + 0.5*dt"
        return f"{self.name} {'=' if self.nearest else '+='} 1"


class Rule:
    """Base of the rules: what a synapse asks of one.

    A subclass is a frozen dataclass whose fields are its numbers. It gives

    source_traces, target_traces : tuples of `Trace`
        Read as ``<name>_pre`` and ``<name>_post``. Traces grow after all synapses have
        seen a spike, so spikes of both sides in one time step do not see each other. A
        delay of the synapses delays the demand, not the traces.
    on_pre, on_post : str
        Demanded change as an expression of traces, of the fields named in `constants`
        and of `w`, the weight as a share 0..1 of its range; "" for none.
    full : float
        The demand that one whole pulse of a device stands for.
    """

    constants: ClassVar[tuple] = ()
    source_traces: ClassVar[tuple] = ()
    target_traces: ClassVar[tuple] = ()
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""

    @property
    def full(self):
        """Largest change that one pair of spikes can demand."""
        raise NotImplementedError

    @property
    def source_equations(self):
        """Equations that a group of sources needs to hold the traces itself."""
        return "\n".join(trace.equation for trace in self.source_traces)

    @property
    def source_reset(self):
        """Statements for the reset of that group."""
        return "\n".join(trace.statement for trace in self.source_traces)

    @property
    def target_equations(self):
        """Equations that a group of targets needs to hold the traces itself."""
        return "\n".join(trace.equation for trace in self.target_traces)

    @property
    def target_reset(self):
        """Statements for the reset of that group."""
        return "\n".join(trace.statement for trace in self.target_traces)

    @property
    def model(self):
        """Lines that declare `constants` in the synapses."""
        return "".join(f"{name} : 1 (shared, constant)\n" for name in self.constants)

    @property
    def pulsed(self):
        """The rule as a programmer of devices, with the usual pulses."""
        from brianmem.plasticity.pulsed import Pulsed

        return Pulsed(self)

    def settings(self):
        """Return {name: value} of `constants`."""
        return {name: getattr(self, name) for name in self.constants}

    def _times(self, *names):
        """Refuse fields that are not positive times."""
        for name in names:
            value = getattr(self, name)
            self._check(name, value, second)
            if not 0 < float(value) < float("inf"):
                raise SynapseError(f"{type(self).__name__}: {name} must be positive and finite, "
                                   f"got {value}.")

    def _numbers(self, *names, high=float("inf")):
        """Refuse fields that are not plain numbers in 0..`high`."""
        for name in names:
            value = getattr(self, name)
            self._check(name, value, 1)
            if not 0 <= float(value) <= high or float(value) == float("inf"):
                raise SynapseError(f"{type(self).__name__}: {name} must be a number "
                                   + ("0 or more" if high == float("inf") else f"in 0..{high:g}")
                                   + f", got {value!r}.")

    def _one_of(self, name, choices):
        if getattr(self, name) not in choices:
            raise SynapseError(f"{type(self).__name__}: {name} must be one of "
                               f"{', '.join(choices)}, got {getattr(self, name)!r}.")

    def _check(self, name, value, like):
        owner = f"{type(self).__name__}: {name}"
        try:
            check_unit(value, get_dimensions(like), owner)
        except UnitError as error:
            raise SynapseError(str(error)) from None
        if getattr(value, "ndim", 0):
            raise SynapseError(f"{owner} must be one value, got {value!r}.")
