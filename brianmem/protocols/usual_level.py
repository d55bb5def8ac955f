"""Where a volatile device counts as switched: half way to what its usual SET pulse does."""

from dataclasses import replace

import numpy as np

from brianmem.errors import ProtocolError
from brianmem.protocols.arrival import ConstantVoltages
from brianmem.protocols.measure import conductance, read_voltage
from brianmem.protocols.simulation import Segment, simulate

#: Pulses whose median counts where there is noise: odd, so that it is one of them.
_PULSES, _UNITS = 33, 64


def usual_level(protocol, setup, start, name):
    """Return the middle of state `name`, the geometric one of "conductance".

    It is that of the device itself, not of one of the copies that `setup` spreads.
    """
    device, (voltage, width, *_) = setup.device, setup.device.operation["set"]
    count = _PULSES if device.is_stochastic else 1
    before = {s: np.full(count, np.median(x)) for s, x in start.items()}
    nominal = replace(setup, n=count, parameters={}, cycle_parameters=None, stuck=None)
    segment = Segment(ConstantVoltages(np.full(count, float(voltage))), float(width), _UNITS)
    after = simulate(nominal, segment, before).final
    if name == "conductance":
        read = float(read_voltage(device, protocol.read_voltage))
        low, high = (float(np.median(conductance(nominal, read, {s: x[:, None] for s, x in
                                                                 states.items()})))
                     for states in (before, after))
    else:
        low, high = float(np.median(before[name])), float(np.median(after[name]))
    if not abs(high - low) > 1e-3 * max(abs(low), abs(high)):
        raise ProtocolError(f"{protocol}: the usual SET pulse does not change '{name}' of {device}, "
                            "so that it has no usual level. Give level= or another state=.")
    return (low + high) / 2
