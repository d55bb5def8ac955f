"""Vanadium dioxide: cooling, the major loop, and minor loops that start where they should."""

import numpy as np
import pytest
from brian2 import Network, StateMonitor, kelvin, nsecond

from brianmem import find
from brianmem.ode import ode_group
from tests.physics.measured import final, order

DEVICE = find("vanadium_dioxide")
P = {k: float(v) for k, v in DEVICE.parameters.items()}


def major(temperature, delta):
    """Return the insulating fraction of the major branch."""
    return 0.5 + 0.5*np.tanh(P["beta"]*(delta*P["width"]/2 + P["T_c"] - temperature))


@pytest.fixture(scope="module")
def loop():
    """Heat to 336 K, cool to 332 K, heat again, at three clock steps."""
    found = {}
    for dt in (4, 2, 1):
        drive = "volt*(9*int(t < 470*nsecond) + 8*int(t > 600*nsecond))"
        made = ode_group(DEVICE, 1, drive, dt=dt*nsecond, target="numpy")
        monitor = StateMonitor(made.group, ("T", "g", "delta"), record=True,
                               codeobj_class=made.codeobj_class)
        Network(*made.objects, monitor).run(720*nsecond, namespace={})
        found[dt] = {k: np.array(getattr(monitor, f"{k}_"))[0] for k in ("T", "g", "delta")}
    return found


def test_cools_with_the_thermal_time_constant():
    end = final(DEVICE, "0*volt", 300*nsecond, 60, {"T": 350*kelvin, "T_last": 350*kelvin})["T"]
    assert end - P["T_amb"] == pytest.approx(25*np.exp(-300e-9*P["S_th"]/P["C_th"]), rel=1e-6)


def test_major_branches_are_the_width_apart():
    temperature = np.linspace(326, 340, 57)
    for delta in (-1, 1):
        g = np.asarray(DEVICE.evaluate("g", T=temperature*kelvin, delta=delta, T_pr=0*kelvin))
        np.testing.assert_allclose(g, major(temperature, delta), rtol=1e-12)
    shifted = np.asarray(DEVICE.evaluate("g", T=(temperature - P["width"])*kelvin, delta=-1))
    np.testing.assert_allclose(shifted, major(temperature, 1), rtol=1e-9)


def test_each_reversal_starts_a_branch_at_the_old_fraction(loop):
    trace = loop[1]
    turns = np.flatnonzero(np.diff(trace["delta"]))
    assert len(turns) == 2
    for k in turns:
        assert 0.02 < trace["g"][k] < 0.98
        assert trace["g"][k + 1] == pytest.approx(trace["g"][k], abs=5e-3)


def test_a_minor_branch_lies_inside_the_major_loop(loop):
    trace = loop[1]
    assert np.all(trace["g"] <= major(trace["T"], 1) + 5e-3)
    assert np.all(trace["g"] >= major(trace["T"], -1) - 5e-3)
    inside = (trace["g"] < major(trace["T"], 1) - 0.05) & (trace["g"] > major(trace["T"], -1) + 0.05)
    assert inside.sum() > 100


def test_reversals_converge_with_the_clock_step(loop):
    ends = [loop[dt]["T"][-1] for dt in (4, 2, 1)]
    assert abs(ends[2] - ends[1]) < 0.02
    assert abs(ends[2] - ends[1]) < 0.75*abs(ends[1] - ends[0])


def test_order_of_convergence_on_a_branch():
    found = order(DEVICE, "T", "10*volt + 0.1*volt*sin(2*pi*t/(100*nsecond))", 200*nsecond, 20,
                  method="rk4")
    assert found == pytest.approx(4, abs=0.5)
