"""How instances of one device differ: spread, noise per cycle, stuck faults."""

import logging
from dataclasses import dataclass

import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem.device import FrozenDict
from brianmem.errors import VariationError, suggestion
from brianmem.units import is_number

logger = logging.getLogger(__name__)

#: A relative spread beyond this is a misunderstanding.
_WIDE = 3.0
DISTRIBUTIONS = ("lognormal", "normal", "uniform")
STUCK_STATES = ("low", "high", "random")


@dataclass(frozen=True)
class Spread:
    """A relative spread of a positive quantity about its nominal value.

    lognormal: factor exp(width z), median 1, never changes sign (the default);
    normal: 1 + width z; uniform: 1 + width u with u in -1..1, for a width up to 1.
    z is standard normal.
    """

    width: float
    distribution: str = "lognormal"

    def __post_init__(self):
        if self.distribution not in DISTRIBUTIONS:
            raise VariationError(f"Spread: distribution must be one of {', '.join(DISTRIBUTIONS)}, "
                                 f"got {self.distribution!r}.")
        object.__setattr__(self, "width", _amount("Spread: width", self.width))
        if self.distribution == "uniform" and self.width > 1:
            raise VariationError(f"Spread: the width of a uniform spread must be at most 1, got "
                                 f"{self.width:g}: values would change sign.")

    def factors(self, shape, rng):
        """Draw multiplicative factors of the given shape."""
        if self.distribution == "uniform":
            return 1 + self.width * rng.uniform(-1, 1, shape)
        z = rng.standard_normal(shape)
        return np.exp(self.width * z) if self.distribution == "lognormal" else 1 + self.width * z


@dataclass(frozen=True, init=False)
class Variation:
    """Lay device-to-device, cycle-to-cycle and stuck variation over a `Device`.

    Parameters
    ----------
    **spread : float or Spread
        Relative device-to-device spread of a physical parameter by name, e.g.
        ``Variation(R_on=0.2)``: independent lognormal factors per instance.
    d2d : float
        Spread of each device's lowest and highest conductance, SET step and
        RESET step, four independent lognormal factors: for networks, where the
        state moves by pulse maps.
    c2c : float
        Each pulse's change of state is multiplied by ``1 + c2c*N(0, 1)``.
    cycle : dict
        Spread of a physical parameter redrawn in every cycle of a protocol.
    stuck : float
        Fraction of devices whose state never moves.
    stuck_at : {"random", "low", "high"}
        Where they are stuck: uniform between the bounds, or at one of them.
    seed : int, optional
        Fixes the draw whatever seed the caller uses.
    """

    spread: dict
    d2d: float
    c2c: float
    cycle: dict
    stuck: float
    stuck_at: str
    seed: int | None

    def __init__(self, d2d=0.0, c2c=0.0, cycle=None, stuck=0.0, stuck_at="random", seed=None,
                 **spread):
        values = {"spread": _spreads("spread", spread), "d2d": _amount("Variation: d2d", d2d),
                  "c2c": _amount("Variation: c2c", c2c), "cycle": _spreads("cycle", cycle or {}),
                  "stuck": _amount("Variation: stuck", stuck), "stuck_at": stuck_at, "seed": seed}
        if values["stuck"] > 1:
            raise VariationError(f"Variation: stuck must be a fraction 0..1, got {stuck!r}.")
        if stuck_at not in STUCK_STATES:
            raise VariationError(f"Variation: stuck_at must be one of {', '.join(STUCK_STATES)}, "
                                 f"got {stuck_at!r}.")
        if seed is not None and not (isinstance(seed, (int, np.integer)) and seed >= 0):
            raise VariationError(f"Variation: seed must be a whole number >= 0, got {seed!r}.")
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        parts = [f"{k}={v!r}" for k, v in self.spread.items()]
        defaults = {"d2d": 0.0, "c2c": 0.0, "cycle": {}, "stuck": 0.0, "stuck_at": "random",
                    "seed": None}
        parts += [f"{k}={getattr(self, k)!r}" for k, v in defaults.items() if getattr(self, k) != v]
        return f"Variation({', '.join(parts)})"

    def __hash__(self):
        return hash((frozenset(self.spread.items()), frozenset(self.cycle.items()), self.d2d,
                     self.c2c, self.stuck, self.stuck_at, self.seed))

    def generator(self, seed=None):
        """Return the numpy generator of this variation; its own seed wins."""
        return np.random.default_rng(self.seed if self.seed is not None else seed)

    def check(self, device):
        """Raise `VariationError` for a name that `device` lacks or that cannot spread."""
        for name in (*self.spread, *self.cycle):
            if name not in device.parameters:
                raise VariationError(f"Variation: {device} has no parameter '{name}'"
                                     f"{suggestion(name, device.parameters)} Parameters: "
                                     f"{', '.join(device.parameters)}.")
            if float(device.parameters[name]) == 0:
                raise VariationError(f"Variation: '{name}' of {device} is 0, so that a relative "
                                     "spread does not change it.")

    def warn_if_wide(self, device):
        """Log a warning for a relative spread that no fabrication has; percent are easily meant."""
        wide = {k: s.width for k, s in (*self.spread.items(), *self.cycle.items())}
        for name, width in {**wide, "d2d": self.d2d, "c2c": self.c2c}.items():
            if width > _WIDE:
                logger.warning("%s: a relative spread %s = %g is more than %g. Check whether percent "
                               "were meant: %g.", device, name, width, _WIDE, width / 100)

    def sample(self, device, n, rng):
        """Draw each spread parameter for `n` instances: name to Quantity of shape (n,)."""
        return self._draw(self.spread, device, n, rng)

    def sample_cycle(self, device, n, rng):
        """Draw the parameters that change from cycle to cycle, shape (n,) each."""
        return self._draw(self.cycle, device, n, rng)

    def _draw(self, spreads, device, n, rng):
        self.check(device)
        return {name: _scaled(device.parameters[name], spread.factors(n, rng))
                for name, spread in spreads.items()}

    def sample_stuck(self, device, n, rng):
        """Return a boolean mask (n,) and the stuck states, name to Quantity (n,).

        Raises `VariationError` for a state without bounds.
        """
        mask = rng.random(n) < self.stuck
        level = {"low": np.zeros(n), "high": np.ones(n), "random": rng.random(n)}[self.stuck_at]
        values = {}
        for state in device.states:
            if state not in device.bounds:
                raise VariationError(f"Variation: stuck devices need bounds, and {device} has "
                                     f"none for '{state}'.")
            low, high = (float(b) for b in device.bounds[state])
            values[state] = Quantity(low + (high - low) * level, dim=device.dimension(state))
        return mask, values


def _scaled(nominal, factors):
    return Quantity(float(nominal) * factors, dim=get_dimensions(nominal))


def _spreads(what, spreads):
    if not isinstance(spreads, dict):
        raise VariationError(f"Variation: {what} must be a dict of parameter names to spreads, "
                             f"got {spreads!r}.")
    return FrozenDict({name: spread if isinstance(spread, Spread) else
                       Spread(_amount(f"Variation: spread of {name}", spread))
                       for name, spread in spreads.items()})


def _amount(what, value):
    if not (is_number(value) and get_dimensions(value) is DIMENSIONLESS
            and 0 <= float(value) < np.inf):
        raise VariationError(f"{what} must be a number >= 0, got {value!r}.")
    return float(value)
