"""Rules that compare at each target spike how recently the input fired."""

from dataclasses import dataclass
from typing import ClassVar

from brian2.units.fundamentalunits import Quantity

from brianmem.plasticity.base import Rule, Trace, milliseconds, power
from brianmem.plasticity.pairs import PAIRINGS


@dataclass(frozen=True)
class _Offset(Rule):
    """Compare the input's trace with a target value, at target spikes."""

    eta: float = 0.01
    x_tar: float = 0.4
    tau: Quantity = milliseconds(20)
    pairing: str = "nearest"

    def __post_init__(self):
        self._times("tau")
        self._numbers(*self.constants)
        self._one_of("pairing", PAIRINGS)

    @property
    def source_traces(self):
        return (Trace("input_trace", self.tau, self.pairing == "nearest"),)

    @property
    def full(self):
        """Largest change that one pair of spikes can demand."""
        return self.eta * max(abs(1 - self.x_tar), self.x_tar)


@dataclass(frozen=True)
class _TwoTerms(_Offset):
    """Give each direction a dependence on the weight of its own."""

    @property
    def full(self):
        """Largest change that one pair of spikes can demand."""
        return self.eta * max(1.0, self.x_tar)


@dataclass(frozen=True)
class PowerLawSTDP(_Offset):
    """Change by eta (x - x_tar) (1 - w)**mu at target spikes.

    x is the trace of the input: inputs that were silent lose. The published values of
    eta, x_tar and mu are not known; these are proposed.

    References: DiehlCook2015.
    """

    mu: float = 0.9

    constants: ClassVar[tuple] = ("eta", "x_tar", "mu")

    @property
    def on_post(self):
        return f"eta*(input_trace_pre - x_tar)*{power('clip(1 - w, 0, 1)', 'mu', self.mu)}"


@dataclass(frozen=True)
class ExponentialSTDP(_TwoTerms):
    """Change by eta (x exp(-beta w) - x_tar exp(-beta (1 - w))) at target spikes.

    The step of many memristive devices in closed form. Values are proposed.

    References: DiehlCook2015.
    """

    beta: float = 3.0

    constants: ClassVar[tuple] = ("eta", "x_tar", "beta")
    on_post: ClassVar[str] = "eta*(input_trace_pre*exp(-beta*w) - x_tar*exp(-beta*(1 - w)))"

    def __post_init__(self):
        super().__post_init__()
        self._numbers("beta", high=100)


@dataclass(frozen=True)
class SymmetricSTDP(_TwoTerms):
    """Potentiate by eta x (1 - w)**mu and depress by eta x_tar w**mu at target spikes.

    Both directions obey the mirrored law, so that a weight settles where
    x (1 - w)**mu = x_tar w**mu on average; mu = 0 is eta (x - x_tar). Values are proposed.
    """

    mu: float = 1.0

    constants: ClassVar[tuple] = ("eta", "x_tar", "mu")

    @property
    def on_post(self):
        up, down = (power(f"clip({share}, 0, 1)", "mu", self.mu) for share in ("1 - w", "w"))
        return f"eta*(input_trace_pre*{up} - x_tar*{down})"


@dataclass(frozen=True)
class WindowRule(Rule):
    """Change by A_plus at a target spike whose input fired within `window`, else by -A_minus.

    On a device, with equal amplitudes, this is `brianmem.PulseRule`: one SET or one RESET
    pulse. Only an input in the very time step of the target's spike counts as recent
    there and not here.
    """

    window: Quantity = milliseconds(20)
    A_plus: float = 0.01
    A_minus: float = 0.01

    constants: ClassVar[tuple] = ("A_plus", "A_minus")
    on_post: ClassVar[str] = "int(t < input_until_pre)*(A_plus + A_minus) - A_minus"

    def __post_init__(self):
        self._times("window")
        self._numbers("A_plus", "A_minus")

    @property
    def source_traces(self):
        return (Trace("input_until", window=self.window),)

    @property
    def full(self):
        """Largest change at one spike."""
        return max(self.A_plus, self.A_minus)
