"""One group for many values: each instance stands in it once for each value.

Copy ``i*m + k`` is instance i under value k of m, so that a result reshapes to
(instances, values).
"""

from dataclasses import replace

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions


def widen(setup, count):
    """Return `setup` with each of its copies `count` times, one after the other."""
    return _mapped(setup, np.repeat(np.arange(setup.n), count))


def subset(setup, index):
    """Return `setup` with the copies of the integer array `index` alone."""
    return _mapped(setup, np.asarray(index))


def widen_states(states, count):
    """Repeat start values, name to (n,), like `widen` does."""
    return {k: np.repeat(v, count) for k, v in states.items()}


def _mapped(setup, index):
    stuck = setup.stuck
    if stuck is not None:
        stuck = stuck[0][index], {k: _taken(v, index) for k, v in stuck[1].items()}
    cycle = setup.cycle_parameters
    return replace(
        setup, n=len(index), stuck=stuck, cycle_parameters=cycle and _mapped_draws(cycle, index),
        parameters={k: _taken(v, index) for k, v in setup.parameters.items()})


def _mapped_draws(cycle_parameters, index):
    def restart(segment):
        draw = cycle_parameters(segment)
        return lambda: {k: _taken(v, index) for k, v in draw().items()}

    return restart


def _taken(values, index):
    return Quantity(np.asarray(values)[index], dim=get_dimensions(values))
