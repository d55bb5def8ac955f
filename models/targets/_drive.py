"""What the targets of several devices share: the state after a stated drive."""

from brian2 import Network
from brian2.units.fundamentalunits import Quantity

from brianmem.ode import ode_group


def state_after(device, voltage, duration, steps, **initial):
    """Return the first state of `device` after `duration` under an expression of t."""
    made = ode_group(device, 1, voltage, dt=duration / steps, initial=initial, target="numpy")
    Network(*made.objects).run(duration, namespace={})
    made.check()
    state = device.states[0]
    value = float(getattr(made.group, f"{state}_")[0])
    dim = device.dimension(state)
    return value if dim is Quantity(1.0).dim else Quantity(value, dim=dim)
