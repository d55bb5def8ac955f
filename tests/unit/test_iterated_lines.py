"""A device may iterate in successive lines: nothing inserts them into each other."""

import numpy as np
import pytest
from brian2 import Network, amp, kohm, ms, ohm, second, volt

from brianmem import Device
from brianmem.flow import flow
from brianmem.ode import ode_group

STEPS = 30


def babylonian(steps):
    """Return a device whose conductance factor is sqrt(1 + x), found by iteration."""
    lines = ["r_0 = 1 + x : 1"]
    lines += [f"r_{k + 1} = (r_{k} + (1 + x)/r_{k})/2 : 1"
              for k in range(steps)]
    text = "\n".join([*lines, f"I = v*r_{steps}/R_on : amp", "dx/dt = (1 - x)*v*I/P/tau : 1"])
    return Device(name="iterated", equations=text,
                  parameters={"R_on": 1 * kohm, "P": 1e-3 * volt * amp, "tau": 10 * ms},
                  initial={"x": 0.0}, bounds={"x": (0, 1)})


@pytest.mark.parametrize("method", ["rk4", "adaptive", "rk2"])
def test_a_long_iteration_runs_at_once(method):
    """Inserted, the last line would hold 2**30 names."""
    device = babylonian(STEPS)
    made = ode_group(device, 1, "1*volt", dt=0.1 * ms, method=method, target="numpy")
    Network(*made.objects).run(5 * ms, namespace={})
    x, _ = flow(device, 1 * volt, 5 * ms, [[0.0]])
    # dx/ds = (1 - x) sqrt(1 + x) with s = t/tau, integrated by hand in r = sqrt(1 + x).
    r = np.sqrt(1 + x[0, 0])
    passed = (np.log((np.sqrt(2) + r) / (np.sqrt(2) - r))
              - np.log((np.sqrt(2) + 1) / (np.sqrt(2) - 1))) / np.sqrt(2)
    assert passed == pytest.approx(0.5, rel=1e-6)
    assert made.group.x[0] == pytest.approx(x[0, 0], abs=1e-4)


def test_a_long_iteration_behind_a_resistance():
    x, _ = flow(babylonian(STEPS), 1 * volt, 5e-3 * second, [[0.0]], series_resistance=1 * kohm)
    assert 0.05 < x[0, 0] < float(flow(babylonian(STEPS), 1 * volt, 5e-3 * second, [[0.0]])[0][0, 0])
    assert float(babylonian(STEPS).evaluate("I", v=1 * volt, x=0.44) * ohm / volt) == \
        pytest.approx(1.2e-3)


@pytest.mark.long
def test_a_long_iteration_behind_a_resistance_in_cython():
    """The compiled step calls the function of the cell, which Cython writes after it."""
    device = babylonian(STEPS)
    made = ode_group(device, 1, "1*volt", dt=1 * ms, method="adaptive", target="cython",
                     series_resistance=1 * kohm)
    Network(*made.objects).run(5 * ms, namespace={})
    x, _ = flow(device, 1 * volt, 5 * ms, [[0.0]], series_resistance=1 * kohm)
    assert made.group.x[0] == pytest.approx(x[0, 0], abs=1e-5)
