"""Self-rectifying device: rectification, one pulse, disturb at a third of the voltage."""

from brian2 import volt

from brianmem import PulseMap, Target, find
from brianmem.flow import flow

DEVICE = "self_rectifying"


def rectification():
    """Return I(+1 V)/|I(-1 V)| half way between the states."""
    device = find(DEVICE)
    return float(-device.evaluate("I", v=1 * volt, x=0.5) / device.evaluate("I", v=-1 * volt, x=0.5))


def one_pulse(kind, x):
    """Return the change of x by one pulse of the operation, from the table of its map."""
    device = find(DEVICE)
    made = PulseMap.from_device(device, *device.operation[kind])
    return float(abs(made.next(x) - x))


def disturb(share, writes=1000):
    """Return the change of x from 0.5 by `writes` SET pulses at a share of their voltage."""
    device = find(DEVICE)
    voltage, width = device.operation["set"]
    return float(flow(device, share * voltage, writes * width, [[0.5]], tolerance=1e-12)[0][0, 0] - 0.5)


TARGETS = (
    Target(DEVICE, "ratio of forward to reverse current at 1 V", 1e4, rectification, "proposed",
           rtol=1e-6, source="taken from the middle of 1e3 to 1e5; no value was confirmed"),
    Target(DEVICE, "share of 1 - x that one SET pulse closes", 0.0239664,
           lambda: one_pulse("set", 0.0), "closed form", rtol=1e-3,
           source="1 - exp(-sinh(V/V_s) width/tau_s)"),
    Target(DEVICE, "change of x = 0.5 by 1000 writes elsewhere under V/3", 1e-4,
           lambda: disturb(1 / 3), "proposed", compare="<"),
    Target(DEVICE, "change of x = 0.5 by 1000 writes elsewhere under V/2", 1e-3,
           lambda: disturb(1 / 2), "proposed", compare="<"),
)
