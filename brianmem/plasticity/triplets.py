"""Rules in which a third spike counts: Pfister and Gerstner, Diehl and Cook."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import msecond
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import SynapseError
from brianmem.plasticity.base import Rule, Trace, milliseconds
from brianmem.plasticity.pairs import PAIRINGS

# Tables 3 and 4 of PfisterGerstner2006: A2+, A3+, A2-, A3-, tau_x, tau_y (ms). tau_x is
# without effect where A3- is 0.
FITS = {
    ("visual_cortex", "full", "all"): (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101, 125),
    ("visual_cortex", "minimal", "all"): (0.0, 6.5e-3, 7.1e-3, 0.0, 101, 114),
    ("hippocampus", "full", "all"): (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27),
    ("hippocampus", "minimal", "all"): (5.3e-3, 8e-3, 3.5e-3, 0.0, 946, 40),
    ("hippocampus", "full", "nearest"): (4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575, 47),
}


@dataclass(frozen=True)
class TripletSTDP(Rule):
    """Let pairs change more after an earlier spike of the side that fires.

    At a target spike w += r1 (A2_plus + A3_plus o2), at a source spike
    w -= o1 (A2_minus + A3_minus r2); r1, r2 remember the source (tau_plus, tau_x), o1, o2
    the target (tau_minus, tau_y), all before the spike itself. Defaults: the minimal
    fit to visual cortex. `pairing` as in `PairSTDP`; fits hold for their own alone.

    References: PfisterGerstner2006.
    """

    A2_plus: float = 0.0
    A3_plus: float = 6.5e-3
    A2_minus: float = 7.1e-3
    A3_minus: float = 0.0
    tau_plus: Quantity = milliseconds(16.8)
    tau_minus: Quantity = milliseconds(33.7)
    tau_x: Quantity = milliseconds(101)
    tau_y: Quantity = milliseconds(114)
    pairing: str = "all"

    constants: ClassVar[tuple] = ("A2_plus", "A3_plus", "A2_minus", "A3_minus")

    def __post_init__(self):
        self._times("tau_plus", "tau_minus", "tau_x", "tau_y")
        self._numbers(*self.constants)
        self._one_of("pairing", PAIRINGS)

    @classmethod
    def published(cls, tissue="visual_cortex", form="minimal", pairing="all"):
        """Return a published fit: "visual_cortex" or "hippocampus", "full" or "minimal"."""
        if (tissue, form, pairing) not in FITS:
            raise SynapseError(f"TripletSTDP: no fit {(tissue, form, pairing)}. Known are "
                               f"{', '.join(map(str, FITS))}.")
        *amplitudes, tau_x, tau_y = FITS[tissue, form, pairing]
        return cls(*amplitudes, tau_x=tau_x * msecond, tau_y=tau_y * msecond, pairing=pairing)

    # What a triplet amplitude of 0 multiplies out is not simulated.
    @property
    def source_traces(self):
        nearest = self.pairing == "nearest"
        slow = (Trace("input_trace_2", self.tau_x, nearest),) * (self.A3_minus > 0)
        return (Trace("input_trace", self.tau_plus, nearest), *slow)

    @property
    def target_traces(self):
        nearest = self.pairing == "nearest"
        slow = (Trace("output_trace_2", self.tau_y, nearest),) * (self.A3_plus > 0)
        return (Trace("output_trace", self.tau_minus, nearest), *slow)

    @property
    def on_pre(self):
        slow = " + A3_minus*input_trace_2_pre" if self.A3_minus > 0 else ""
        return f"-output_trace_post*(A2_minus{slow})"

    @property
    def on_post(self):
        slow = " + A3_plus*output_trace_2_post" if self.A3_plus > 0 else ""
        return f"input_trace_pre*(A2_plus{slow})"

    @property
    def full(self):
        """Largest change by spikes that see one earlier spike of each trace."""
        return max(self.A2_plus + self.A3_plus, self.A2_minus + self.A3_minus)


@dataclass(frozen=True)
class DiehlCookSTDP(Rule):
    """Potentiate at a target spike that follows an input and an earlier target spike.

    At a source spike w -= A_minus post1, at a target spike w += A_plus pre post2 with
    post2 before the spike; traces see the nearest spike. As in the authors' code.

    References: DiehlCook2015.
    """

    A_minus: float = 1e-4
    A_plus: float = 1e-2
    tau_pre: Quantity = milliseconds(20)
    tau_post: Quantity = milliseconds(20)
    tau_post_2: Quantity = milliseconds(40)

    constants: ClassVar[tuple] = ("A_minus", "A_plus")
    on_pre: ClassVar[str] = "-A_minus*output_trace_post"
    on_post: ClassVar[str] = "A_plus*input_trace_pre*output_trace_2_post"

    def __post_init__(self):
        self._times("tau_pre", "tau_post", "tau_post_2")
        self._numbers("A_minus", "A_plus")

    @property
    def source_traces(self):
        return (Trace("input_trace", self.tau_pre, True),)

    @property
    def target_traces(self):
        return (Trace("output_trace", self.tau_post, True),
                Trace("output_trace_2", self.tau_post_2, True))

    @property
    def full(self):
        """Largest change that spikes can demand."""
        return max(self.A_minus, self.A_plus)
