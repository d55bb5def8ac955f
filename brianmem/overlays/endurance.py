"""What cycling does to a device: a window that closes, and devices that stick."""

from dataclasses import dataclass

import numpy as np

from brianmem.errors import VariationError
from brianmem.evidence import Evidence
from brianmem.overlays.base import Overlay, generator, like, quantity


@dataclass(frozen=True, repr=False, eq=False)
class EnduranceModel(Overlay):
    """Lower the ON conductance by cycling, and stick devices by a Weibull hazard.

    G_on(n) = G_on0*(1 - D*log10(1 + n/n0)), so `D` is the share lost per decade of
    cycles; h(n) = (m/n_c)*(n/n_c)**(m - 1). A stuck device stays where `stuck_at` says.
    """

    D: float = 0.05
    n0: float = 1e3
    n_c: float = 1e6
    m: float = 2.0
    stuck_at: str = "low"
    evidence: Evidence = Evidence("proposed", "No measurement behind the numbers; the Weibull law "
                                  "of failures is a convention.", ("Weibull1951",))

    def __post_init__(self):
        self._check("D")
        for name in ("n0", "n_c", "m"):
            self._check(name, open_low=True)
        if self.stuck_at not in ("low", "high", "random"):
            raise VariationError("EnduranceModel: stuck_at must be low, high or random, got "
                                 f"{self.stuck_at!r}.")

    def left(self, n):
        """Return which share of the ON conductance is left after `n` cycles, not below 0."""
        return np.maximum(1 - self.D * np.log10(1 + _cycles(n) / self.n0), 0)

    def on_conductance(self, G_on0, n):
        """Return the ON conductance after `n` cycles; an array `n` adds a last axis."""
        start = np.asarray(G_on0, dtype=float)
        return like(np.multiply.outer(start, self.left(n)), G_on0)

    def hazard(self, n):
        """Return the failures per cycle of a device that has survived `n` cycles."""
        return self.m / self.n_c * (_cycles(n) / self.n_c) ** (self.m - 1)

    def survival(self, n):
        """Return the share of devices that still switch after `n` cycles."""
        return np.exp(-(_cycles(n) / self.n_c) ** self.m)

    def failure_cycles(self, devices, seed=None):
        """Draw the cycle at which each of `devices` sticks."""
        return self.n_c * generator(seed, "EnduranceModel").weibull(self.m, devices)


def _cycles(n):
    numbers = quantity(n, 1, "EnduranceModel: cycles")
    if np.any(numbers < 0):
        raise VariationError(f"EnduranceModel: a number of cycles is not negative, got {n!r}.")
    return numbers
