"""Rules of pairs of spikes: the exponential window, without and with weight dependence."""

from dataclasses import dataclass
from typing import ClassVar

from brian2.units.fundamentalunits import Quantity

from brianmem.plasticity.base import Rule, Trace, milliseconds, power

PAIRINGS = ("all", "nearest")


@dataclass(frozen=True)
class PairSTDP(Rule):
    """Change by A_plus exp(-lag/tau_plus), or -A_minus exp(lag/tau_minus) where the target led.

    `pairing` "all": every pair of spikes counts; "nearest": each spike sees the last one
    of the other side alone. Spikes in one time step make no pair.
    """

    A_plus: float = 0.01
    A_minus: float = 0.0105
    tau_plus: Quantity = milliseconds(20)
    tau_minus: Quantity = milliseconds(20)
    pairing: str = "all"

    constants: ClassVar[tuple] = ("A_plus", "A_minus")
    on_pre: ClassVar[str] = "-A_minus*output_trace_post"
    on_post: ClassVar[str] = "A_plus*input_trace_pre"

    def __post_init__(self):
        self._times("tau_plus", "tau_minus")
        self._numbers("A_plus", "A_minus")
        self._one_of("pairing", PAIRINGS)

    @property
    def source_traces(self):
        return (Trace("input_trace", self.tau_plus, self.pairing == "nearest"),)

    @property
    def target_traces(self):
        return (Trace("output_trace", self.tau_minus, self.pairing == "nearest"),)

    @property
    def full(self):
        """Largest change that one pair of spikes can demand."""
        return max(self.A_plus, self.A_minus)


@dataclass(frozen=True)
class WeightDependentSTDP(PairSTDP):
    """Scale potentiation of `PairSTDP` by (1 - w)**mu_plus and depression by w**mu_minus.

    w is the weight as a share of its range: exponents of 0 give hard bounds, 1 soft
    (multiplicative) ones.

    References: GutigAharonov2003.
    """

    mu_plus: float = 1.0
    mu_minus: float = 1.0

    constants: ClassVar[tuple] = ("A_plus", "A_minus", "mu_plus", "mu_minus")
    def __post_init__(self):
        super().__post_init__()
        self._numbers("mu_plus", "mu_minus")

    @property
    def on_pre(self):
        return f"-A_minus*output_trace_post*{power('clip(w, 0, 1)', 'mu_minus', self.mu_minus)}"

    @property
    def on_post(self):
        return f"A_plus*input_trace_pre*{power('clip(1 - w, 0, 1)', 'mu_plus', self.mu_plus)}"
