"""Where a device counts as switched, if nothing else is said."""

from dataclasses import replace

import numpy as np

from brianmem.errors import ProtocolError
from brianmem.flow import device_rates
from brianmem.protocols.arrival import ConstantVoltages
from brianmem.protocols.measure import conductance, read_voltage
from brianmem.protocols.segments import Segment
from brianmem.protocols.simulation import simulate

#: Pulses whose median counts where there is noise: odd, so that it is one of them.
_PULSES, _UNITS = 33, 64


def middle_ahead(setup, voltage, start, name):
    """Return the middle between the bounds of `name`, or half way to the bound it moves to.

    The latter where all voltages drive it away from the middle and it has a way to go.
    """
    device, (low, high) = setup.device, (float(b) for b in setup.device.bounds[name])
    middle, began = (low + high) / 2, float(np.median(start[name]))
    if device.is_stochastic or any("t" in e.expr.identifiers for e in device.model.values()):
        return middle
    rates = device_rates(device, voltage, setup.series_resistance, setup.compliance,
                         setup.parameters)
    rate = rates(np.array([start[s] for s in device.states]))[device.states.index(name)]
    for sign, bound in ((1, high), (-1, low)):
        if np.all(sign * rate >= 0) and np.any(rate != 0) and sign * (middle - began) <= 0 \
                and bound != began:
            return (began + bound) / 2
    return middle


def half_way(protocol, setup, start, name):
    """Return the middle of `name` (a state or "conductance") before and after the SET pulse.

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
