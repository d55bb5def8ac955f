"""Stanford-PKU version 2: resistances, SET and RESET times, and the order of gap and width.

The times were computed by quadrature of the rates over x and w, with the gap's voltage
by bisection: an independent program of the same equations.
"""

import numpy as np
from brian2 import Network, StateMonitor, mvolt, nmetre, ohm, second, usecond, volt

from brianmem import Target, find
from brianmem.models.targets._circuit import recorded
from brianmem.ode import ode_group

DEVICE = "stanford_pku_v2"
_OPEN = {"x": 3 * nmetre, "w": 0.5 * nmetre}
_CLOSED = {"x": 0 * nmetre, "w": 5 * nmetre}


def trajectory(voltage, duration, steps, start):
    """Return times, x and w in SI units at a constant voltage."""
    made = ode_group(find(DEVICE), 1, f"{float(voltage)!r}*volt", dt=duration / steps,
                     initial=start, target="numpy", method="rk4")
    monitor = StateMonitor(made.group, ("x", "w"), record=True, codeobj_class=made.codeobj_class)
    Network(*made.objects, monitor).run(duration, namespace={})
    run = recorded(monitor, ("x", "w"))
    return run.t, run.x[0], run.w[0]


def crossing_time(voltage, start, state, level, expected, steps=400):
    """Return when `state` crosses `level`, linear between steps."""
    t, x, w = trajectory(voltage, 1.2 * expected, steps, start)
    values = (x if state == "x" else w) - float(level)
    k = int(np.argmax(values[1:] * values[:-1] <= 0))
    return (t[k] + (t[k + 1] - t[k]) * values[k] / (values[k] - values[k + 1])) * second


def resistance(voltage, **states):
    """Return V/I of the given states."""
    return voltage / find(DEVICE).evaluate("I", v=voltage, **states)


def width_before_closing():
    """Return w after nine tenths of the time that the gap takes to close."""
    return trajectory(1 * volt, 0.9 * 3.734 * usecond, 300, _OPEN)[2][-1] * 1e9 * nmetre


def width_after_reset():
    """Return w after a RESET that opens the gap to 1 nm."""
    return trajectory(-1 * volt, 0.6 * usecond, 600, _CLOSED)[2][-1] * 1e9 * nmetre


_SET = {1.0: 3.7336e-6, 1.28: 1.97393e-7, 1.5: 1.99320e-8}
_RESET = {-0.8: 9.855365e-5, -1.0: 5.817270e-7}

TARGETS = (
    Target(DEVICE, "resistance of the closed gap at -0.1 V", 5033.7305 * ohm,
           lambda: resistance(-100 * mvolt, **_CLOSED), "computed", rtol=1e-6),
    Target(DEVICE, "resistance of the closed gap at +0.1 V", 3000.0070 * ohm,
           lambda: resistance(100 * mvolt, **_CLOSED), "computed", rtol=1e-6),
    Target(DEVICE, "off/on ratio at -0.1 V, 3 nm to 0", 3645223.843 / 5033.7305,
           lambda: float(resistance(-100 * mvolt, x=3 * nmetre, w=5 * nmetre)
                         / resistance(-100 * mvolt, **_CLOSED)), "computed", rtol=1e-6),
    *(Target(DEVICE, f"time to close half the gap at {v:g} V", t * second,
             lambda v=v, t=t: crossing_time(v, _OPEN, "x", 1.5 * nmetre, t * second),
             "computed", rtol=0.02) for v, t in _SET.items()),
    Target(DEVICE, "time to widen from 0.5 to 2.5 nm at 1 V", 5.377869 * usecond,
           lambda: crossing_time(1.0, {"x": 0 * nmetre, "w": 0.5 * nmetre}, "w", 2.5 * nmetre,
                                 5.377869 * usecond), "computed", rtol=0.02),
    *(Target(DEVICE, f"time to open the gap from 0.8 to 1 nm at {v:g} V", t * second,
             lambda v=v, t=t: crossing_time(v, {"x": 0.8 * nmetre, "w": 5 * nmetre}, "x", 1 * nmetre,
                                            t * second), "computed", rtol=0.02)
      for v, t in _RESET.items()),
    Target(DEVICE, "time to open the gap to 0.3 nm at -0.6 V", 0.2180979 * usecond,
           lambda: crossing_time(-0.6, _CLOSED, "x", 0.3 * nmetre, 0.2180979 * usecond),
           "computed", rtol=0.02),
    Target(DEVICE, "width while the gap is open", 0.5 * nmetre, width_before_closing,
           "computed", atol=1e-6 * nmetre),
    Target(DEVICE, "width after RESET", 5 * nmetre, width_after_reset, "computed",
           atol=1e-6 * nmetre),
)
