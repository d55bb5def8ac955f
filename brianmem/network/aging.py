"""What storage does to the devices of a trained network."""

import numpy as np
from brian2 import siemens

from brianmem.errors import InputError
from brianmem.overlays.retention import ROOM


def aged(network, state, retention, time, temperature=ROOM, seed=0):
    """Return `state` after `time` at `temperature`, and the share of devices that were clipped.

    `retention` (a `PowerLawDrift` or `StretchedRetention`) changes each device's own
    conductance at the read voltage; the state that has it takes its place. Where no
    state does, it is clipped to the end of that device's range. Stuck devices stay.
    """
    if not hasattr(network, "state_of_current"):
        raise InputError("this network has ideal weights; only devices age. Use memristive synapses.")
    if not hasattr(retention, "conductance"):
        raise InputError("retention must be a PowerLawDrift or a StretchedRetention, got "
                         f"{retention!r}.")
    voltage = float(network.device.read_voltage)
    before = network.synaptic_current(state) / voltage
    after = retention.conductance(before * siemens, time, temperature, seed)
    x, clipped = network.state_of_current(np.asarray(after) * voltage)
    stuck = network.devices[1]
    x = np.where(stuck, state["synapses.x"], x)
    return {**state, "synapses.x": x}, float(np.mean(clipped & ~stuck))
