"""What all overlays share: checked fields, exact source text, seeded draws."""

import dataclasses

import numpy as np
from brian2 import kelvin, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import UnitError, VariationError
from brianmem.frozen import source
from brianmem.units import check_unit, format_quantity, is_number


class Overlay:
    """A frozen description whose repr restores it; `evidence` says what stands behind it."""

    def __repr__(self):
        given = [f"{f.name}={source(getattr(self, f.name))}" for f in dataclasses.fields(self)
                 if f.name != "evidence"
                 and source(getattr(self, f.name)) != source(_default(f))]
        return f"{type(self).__name__}({', '.join(given)})"

    def __eq__(self, other):
        return isinstance(other, Overlay) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))

    def _check(self, name, like=1, low=0, high=np.inf, open_low=False):
        """Raise unless field `name` is a number in low..high in the unit of `like`."""
        value, what = getattr(self, name), f"{type(self).__name__}: {name}"
        if not is_number(value):
            raise VariationError(f"{what} must be one number or quantity, got {value!r}.")
        quantity(value, like, what)
        number, limit = float(value), "above" if open_low else "at least"
        if not (low < number if open_low else low <= number) or not number <= high \
                or not np.isfinite(number):
            top = "" if np.isinf(high) else f" and at most {high:g}"
            raise VariationError(f"{what} must be finite, {limit} {low:g}{top}, got "
                                 f"{format_quantity(value)}.")


def default(value):
    """Declare a field whose default is a quantity, which Python takes for mutable."""
    return dataclasses.field(default_factory=lambda: value)


def _default(field):
    made = field.default_factory
    return field.default if made is dataclasses.MISSING else made()


def quantity(value, like, what):
    """Return `value` as a float array of SI numbers, or raise `VariationError`."""
    try:
        check_unit(value, like, what)
    except UnitError as error:
        raise VariationError(str(error)) from None
    numbers = np.asarray(value, dtype=float)
    if not np.all(np.isfinite(numbers)):
        raise VariationError(f"{what} must be finite, got {value!r}.")
    return numbers


def times_of(time, what):
    """Return `time` in seconds, none negative."""
    seconds = quantity(time, second, f"{what}: time")
    if np.any(seconds < 0):
        raise VariationError(f"{what}: a time since programming is not negative, got {time!r}.")
    return seconds


def kelvins_of(temperature, what):
    """Return an absolute temperature in kelvin."""
    kelvins = quantity(temperature, kelvin, f"{what}: temperature")
    if np.any(kelvins <= 0):
        raise VariationError(f"{what}: temperature must be above 0 K, got {temperature!r}.")
    return kelvins


def generator(seed, what):
    """Return a numpy generator; `seed` is a whole number >= 0, or None for a fresh one."""
    if seed is not None and not (isinstance(seed, (int, np.integer)) and seed >= 0):
        raise VariationError(f"{what}: seed must be a whole number >= 0, got {seed!r}.")
    return np.random.default_rng(seed)


def like(values, original):
    """Return SI numbers with the unit of `original`."""
    return Quantity(values, dim=get_dimensions(original))
