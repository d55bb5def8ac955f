"""Helpers of the physics tests: integrate with a stated step, measure an order."""

import numpy as np
from brian2 import Network, second

from brianmem.ode import ode_group


def final(device, voltage, duration, steps, initial=None, method=None, **options):
    """Return the states (SI) after `duration` under the expression `voltage`."""
    made = ode_group(device, 1, voltage, dt=duration / steps, initial=initial, method=method,
                     target="numpy", **options)
    network = Network(*made.objects)
    network.run(duration, namespace={})
    return {k: float(getattr(made.group, f"{k}_")[0]) for k in device.states}


def order(device, state, voltage, duration, steps, initial=None, method=None, exact=None):
    """Return the order of convergence over two halvings of the step from `steps`.

    Against `exact`, or from three steps alone.
    """
    values = np.array([final(device, voltage, duration, steps * 2**k, initial, method)[state]
                       for k in range(3)])
    errors = np.abs(values[:2] - exact) if exact is not None else np.abs(np.diff(values))
    return float(np.log2(errors[0] / errors[1]))


def crossing(result, state, level):
    """Return the source voltage where `state` first crosses `level` (one copy)."""
    x = np.asarray(result[state])
    k = int(np.argmax((x[1:] - level) * (x[:-1] - level) <= 0))
    share = (level - x[k]) / (x[k + 1] - x[k])
    v = np.asarray(result["v"])
    return v[k] + share * (v[k + 1] - v[k])


__all__ = ["crossing", "final", "order", "second"]
