"""Descriptions that do not change, and their source text."""

from dataclasses import fields

import numpy as np
from brian2.units.fundamentalunits import Quantity

from brianmem import equations as eq
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


class Description:
    """What frozen records of equations have in common: their text, equality and pickling.

    Fields named in ``_ALWAYS`` stand in the text even where they are empty.
    """

    _ALWAYS = ("parameters",)

    @property
    def states(self):
        """Names of the state variables, in the order of the text."""
        return eq.states(self.model)

    @property
    def observables(self):
        """Names that the text defines by an expression."""
        return eq.subexpressions(self.model)

    @property
    def namespace(self):
        """Every external value that the text needs, as a new dict."""
        return {**self.parameters, **self.inputs}

    def __str__(self):
        return f"{type(self).__name__} '{self.name}'"

    def __repr__(self):
        parts = [f"{name}={source(value)}" for name, value in self.__getstate__().items()
                 if value or name in self._ALWAYS]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __eq__(self, other):
        return isinstance(other, type(self)) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))

    def _repr_latex_(self):
        return self.model._repr_latex_()

    def __getstate__(self):
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __setstate__(self, state):
        self.__dict__.update(state)
