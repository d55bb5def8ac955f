"""What a measurement adds to the conductance of a device that does not change."""

from dataclasses import dataclass

import numpy as np
from brian2 import hertz, second
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import VariationError
from brianmem.evidence import Evidence
from brianmem.overlays.base import Overlay, default, generator, like, quantity, times_of


@dataclass(frozen=True, repr=False, eq=False)
class ReadNoise(Overlay):
    """Multiply every single read by ``1 + relative*N(0, 1)``."""

    relative: float = 0.02
    evidence: Evidence = Evidence("proposed", "1 to 5 % of the conductance are reported, not "
                                  "confirmed in a source.")

    def __post_init__(self):
        self._check("relative")

    def read(self, value, seed=None):
        """Return `value` (conductance or current, any shape), each element read once."""
        numbers = np.asarray(value, dtype=float)
        noise = generator(seed, "ReadNoise").standard_normal(numbers.shape)
        return like(numbers * (1 + self.relative * noise), value)


@dataclass(frozen=True, repr=False, eq=False)
class TelegraphNoise(Overlay):
    """Let a conductance jump between two levels, `amplitude` of its mean apart.

    A two-state Markov process: exponential dwell times of mean `tau_up` in the upper
    and `tau_down` in the lower level. The mean over time is the conductance itself.
    """

    amplitude: float = 0.05
    tau_up: Quantity = default(1*second)
    tau_down: Quantity = default(1*second)
    evidence: Evidence = Evidence("proposed", "A single trap; no measurement behind the numbers.",
                                  ("Machlup1954",))

    def __post_init__(self):
        self._check("amplitude", high=2)
        self._check("tau_up", second, open_low=True)
        self._check("tau_down", second, open_low=True)

    @property
    def occupancy(self):
        """The share of time in the upper level."""
        return float(self.tau_up / (self.tau_up + self.tau_down))

    @property
    def rate(self):
        """The rate at which the process forgets, 1/tau_up + 1/tau_down."""
        return 1 / self.tau_up + 1 / self.tau_down

    def levels(self, times, n=1, seed=None):
        """Return the level, 1 up and 0 down, of `n` devices at `times`: (n, len(times)).

        Exact at any spacing of the times; it starts from equilibrium.
        """
        seconds = times_of(times, "TelegraphNoise")
        if seconds.ndim != 1 or np.any(np.diff(seconds) < 0):
            raise VariationError("TelegraphNoise: times must be an array that does not decrease.")
        up, draw = self.occupancy, generator(seed, "TelegraphNoise").random((n, len(seconds)))
        kept = np.exp(-np.diff(seconds, prepend=-np.inf) * float(self.rate))
        # From one number u, the next level is 1 below up*(1 - kept) and 0 above
        # up + (1 - up)*kept, whatever the last was; between, the level stays.
        rises, falls = draw < up * (1 - kept), draw >= up + (1 - up) * kept
        last = np.maximum.accumulate(np.where(rises | falls, np.arange(len(seconds)), 0), axis=1)
        return np.take_along_axis(rises, last, axis=1).astype(int)

    def factors(self, times, n=1, seed=None):
        """Return what multiplies the conductance of `n` devices at `times`: (n, len(times))."""
        return 1 + self.amplitude * (self.levels(times, n, seed) - self.occupancy)

    def spectrum(self, frequency):
        """Return the one-sided power density of `factors`, in 1/Hz: a Lorentzian."""
        f = quantity(frequency, hertz, "TelegraphNoise: frequency")
        variance = self.amplitude**2 * self.occupancy * (1 - self.occupancy)
        rate = float(self.rate)
        return Quantity(4 * variance * rate / (rate**2 + (2 * np.pi * f) ** 2), dim=second.dim)
