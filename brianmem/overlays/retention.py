"""How a programmed conductance changes while nothing is applied.

Time is counted from programming. A time that is an array adds a last axis: the
result has the shape of `G0` followed by that of `time`, and each device keeps its
own draw along it.
"""

from dataclasses import dataclass

import numpy as np
from brian2 import joule, kelvin, second, siemens, volt
from brian2.units.constants import boltzmann_constant, elementary_charge
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import VariationError
from brianmem.evidence import Evidence
from brianmem.overlays.base import Overlay, default, generator, kelvins_of, like, quantity, times_of

#: Where nothing else is said: 25 degrees Celsius.
ROOM = 298.15*kelvin


@dataclass(frozen=True, repr=False, eq=False)
class RelaxationSpread(Overlay):
    """Let equal conductances spread: relative width ``s0 + B*log10(1 + t/t0)``.

    Each device keeps its own normal deviate; conductance does not become negative.
    """

    s0: float = 0.0
    B: float = 0.01
    t0: Quantity = default(1*second)
    evidence: Evidence = Evidence("proposed", "Logarithmic in time; no measurement behind the "
                                  "numbers.")

    def __post_init__(self):
        self._check("s0")
        self._check("B")
        self._check("t0", second, open_low=True)

    def width(self, time):
        """Return the relative standard deviation at `time`."""
        return self.s0 + self.B * np.log10(1 + times_of(time, "RelaxationSpread") / float(self.t0))

    def factors(self, shape, time, rng):
        """Return factors of shape ``shape + time.shape``."""
        deviate = _outer(rng.standard_normal(shape), time)
        return np.maximum(1 + deviate * self.width(time), 0)


class _Retention(Overlay):
    """What both laws share: the shape of the result, its spread, its checks."""

    def conductance(self, G0, time, temperature=ROOM, seed=None):
        """Return the conductance of devices `G0` (siemens) after `time` at `temperature`.

        `seed` fixes the spread between devices, where the model has one.
        """
        what = type(self).__name__
        start = quantity(G0, siemens, f"{what}: G0")
        if np.any(start < 0):
            raise VariationError(f"{what}: G0 must not be negative, got {G0!r}.")
        seconds, kelvins = times_of(time, what), kelvins_of(temperature, what)
        if kelvins.ndim:
            raise VariationError(f"{what}: give one temperature at a time, got {temperature!r}.")
        rng = generator(seed, what)
        aged = self._aged(_outer(start, seconds), seconds, float(kelvins), start.shape, rng)
        if self.spread is not None:
            aged = aged * self.spread.factors(start.shape, time, rng)
        return like(aged, siemens)

    def _check_spread(self):
        if not isinstance(self.spread, (RelaxationSpread, type(None))):
            raise VariationError(f"{type(self).__name__}: spread must be a RelaxationSpread, got "
                                 f"{self.spread!r}.")


def _outer(values, time):
    return np.reshape(values, np.shape(values) + (1,) * np.ndim(time))


@dataclass(frozen=True, repr=False, eq=False)
class PowerLawDrift(_Retention):
    """Let conductance drift as ``G0*(t/t0)**-nu``; `G0` is what is read at `t0` or before.

    `nu_spread` is the standard deviation of nu between devices. Temperature does not
    enter: drift by structural relaxation is found to depend on it only weakly.
    """

    nu: float = 0.05
    t0: Quantity = default(1*second)
    nu_spread: float = 0.0
    spread: RelaxationSpread = None
    evidence: Evidence = Evidence(
        "proposed", "nu near 0.05 is reported for phase-change memory and 0 to 0.01 for oxide "
        "RRAM, not confirmed in a source.", ("BoniardiIelmini2011",))

    def __post_init__(self):
        self._check("nu", low=-np.inf)
        self._check("nu_spread")
        self._check("t0", second, open_low=True)
        self._check_spread()

    def _aged(self, start, seconds, _kelvins, shape, rng):
        nu = self.nu + self.nu_spread * rng.standard_normal(shape)
        return start * np.maximum(seconds / float(self.t0), 1.0) ** -_outer(nu, seconds)

    def acceleration(self, _hot, _cold):
        """Return 1: this drift is not thermally activated."""
        return 1.0


@dataclass(frozen=True, repr=False, eq=False)
class StretchedRetention(_Retention):
    """Let conductance relax as ``G_f + (G0 - G_f)*exp(-(t/tau)**beta)``, tau thermally activated.

    tau = tau0*exp(E_a/(k*T)). `E_a` is an energy in joule, or a voltage, which then is
    that energy over the elementary charge: ``1.1*volt`` is 1.1 eV. `G_final` is what all
    devices end at; None: each at the fraction `level` of its own G0.
    """

    tau0: Quantity = default(3e-10*second)
    E_a: Quantity = default(1.1*volt)
    beta: float = 0.5
    G_final: Quantity = None
    level: float = 0.0
    spread: RelaxationSpread = None
    evidence: Evidence = Evidence(
        "proposed", "beta of 0.3 to 0.9 and 1 to 1.6 eV are reported for oxide RRAM, not confirmed "
        "in a source; tau0 makes tau 10 days at 85 degrees Celsius.", ("WilliamsWatts1970",))

    def __post_init__(self):
        self._check("tau0", second, open_low=True)
        self._check("E_a", volt if get_dimensions(self.E_a) is volt.dim else joule)
        self._check("beta", high=1, open_low=True)
        self._check("level")
        if self.G_final is not None:
            self._check("G_final", siemens)
            if self.level:
                raise VariationError("StretchedRetention: give G_final or level, not both.")
        self._check_spread()

    @property
    def activation_energy(self):
        """E_a in joule."""
        charge = elementary_charge if get_dimensions(self.E_a) is volt.dim else 1
        return self.E_a * charge

    def tau(self, temperature):
        """Return the time constant at `temperature`."""
        kelvins = kelvins_of(temperature, "StretchedRetention")
        return self.tau0 * np.exp(np.minimum(self._exponent(kelvins), 600))

    def acceleration(self, hot, cold):
        """Return how many times faster it runs at `hot` than at `cold`."""
        a, b = (self._exponent(kelvins_of(T, "StretchedRetention")) for T in (hot, cold))
        return float(np.exp(np.clip(b - a, -600, 600)))

    def _exponent(self, kelvins):
        return float(self.activation_energy) / (float(boltzmann_constant) * kelvins)

    def _aged(self, start, seconds, kelvins, _shape, _rng):
        final = self.level * start if self.G_final is None else float(self.G_final)
        left = np.exp(-(seconds / float(self.tau(kelvins * kelvin))) ** self.beta)
        return final + (start - final) * left
