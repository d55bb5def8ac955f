"""VTEAM: constant rate at constant voltage, and a reference trajectory."""

from brian2 import nmetre, nsecond, second, volt

from brianmem import Target, find
from brianmem.models.targets._drive import state_after

DEVICE = "vteam"


def switching_time(voltage):
    """Return the time to cross the range, from the time to cross half of it."""
    device = find(DEVICE)
    rate = device.evaluate("w", v=voltage)
    half = abs(1.5 * nmetre / rate)
    start = 0 * nmetre if rate > 0 * nmetre / second else 3 * nmetre
    moved = abs(state_after(find(DEVICE), f"{float(voltage)!r}*volt", half, 100, w=start) - start)
    return half * (3 * nmetre / moved)


_TIMES = {0.1: 1.50e-6, 0.5: 0.25e-6, 1.0: 0.122e-6, -0.3: 2.4e-9, -0.5: 89e-12, -1.0: 4.7e-12}
_SINE = "1*volt*sin(2*pi*50*MHz*t)"

TARGETS = (
    *(Target(DEVICE, f"switching time at {v:g} V", t * second, lambda v=v: switching_time(v * volt),
             "closed form", rtol=0.01, source="3 nm over the constant rate")
      for v, t in _TIMES.items()),
    Target(DEVICE, "w after 2 ns of a 50 MHz sine of 1 V", 0.014214 * nmetre,
           lambda: state_after(find(DEVICE), _SINE, 2 * nsecond, 2000), "golden", atol=1e-6 * nmetre),
)
