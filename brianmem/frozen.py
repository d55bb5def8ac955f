"""Descriptions that do not change, and their source text."""

import numpy as np
from brian2.units.fundamentalunits import Quantity

from brianmem.units import quantity_source


class FrozenDict(dict):
    """A dict that cannot be changed, so that what holds it is safe to share."""

    def _refuse(self, *_args, **_kwargs):
        raise TypeError("a description does not change; make another, e.g. by with_parameters(...)")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self):
        return FrozenDict, (dict(self),)


def source(value):
    """Write a value of a description so that `eval` restores it exactly."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {source(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + "".join(f"{source(v)}, " for v in value).rstrip() + ")"
    if isinstance(value, (Quantity, np.generic)):
        return quantity_source(value)
    return repr(value)
