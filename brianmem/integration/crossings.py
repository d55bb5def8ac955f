"""When a watched expression rises through zero inside the steps of an adaptive method.

A cubic through the values and the slopes at both ends of a step (Hermite) is as exact
as the method of order 3 itself. The C++ of `cpp` does the same, one copy at a time.
"""

import numpy as np

#: Halvings of a step in which the crossing is sought: to the last bit of a double.
HALVINGS = 52


class Crossings:
    """When ``system.watch`` last rose through zero in each of `copies`: `times`, -1 if never."""

    def __init__(self, system, copies):
        self.system = system
        self.times = np.full(copies, -1.0)
        self.value, self.slope = np.full(copies, np.inf), np.zeros(copies)
        self.since = np.zeros(copies)

    def look(self, time, gone, y, p, who):
        """See the states y (states, all copies) of the copies `who` at ``time + gone``."""
        value, slope = (np.broadcast_to(found, who.shape) for found in self.system.watched(
            time + gone[who], y[:, who], [v[who] for v in p]))
        up = (self.value[who] <= 0) & (value > 0)
        crossed, length = who[up], (gone - self.since)[who[up]]
        share = crossing((self.value[crossed], length * self.slope[crossed]),
                         (value[up], length * slope[up]))
        self.times[crossed] = self.since[crossed] + share * length
        self.value[who], self.slope[who], self.since[who] = value, slope, gone[who]


def crossing(before, after):
    """Return the share of a step at which the cubic through (value, slope * step) is zero."""
    low, high = np.zeros_like(before[0]), np.ones_like(before[0])
    for _ in range(HALVINGS):
        u = 0.5 * (low + high)
        v = 1 - u
        above = v * v * ((1 + 2 * u) * before[0] + u * before[1]) \
            + u * u * ((3 - 2 * u) * after[0] - v * after[1]) > 0
        low, high = np.where(above, low, u), np.where(above, u, high)
    return 0.5 * (low + high)
