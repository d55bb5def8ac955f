"""Events that draw random numbers: where they may, what it makes of the device."""

import numpy as np
import pytest
from brian2 import Network, msecond, second

from brianmem import Device, check_device
from brianmem.errors import DeviceError
from brianmem.models.devices.stochastic_switch import stochastic_switch
from brianmem.ode import ode_group
from brianmem.protocols.surroundings import untouched_random_state


def redrawn(statements="level = 0.1 + rand(); h = 0", condition="h >= level"):
    return Device(
        name="redrawn", equations="""
        dh/dt = 1/tau      : 1
        dlevel/dt = 0*Hz   : 1
        I = v*level*amp/volt : amp
        """, parameters={"tau": 1 * second}, initial={"h": 0, "level": 0.5},
        events=((condition, statements),))


def test_a_device_whose_event_draws_is_stochastic():
    assert redrawn().is_stochastic
    assert redrawn("level = 0.1 + randn()**2; h = 0").is_stochastic
    assert not redrawn("level = 0.1; h = 0").is_stochastic


@pytest.mark.parametrize(("statements", "condition", "match"), [
    ("level = rand(3)", "h >= level", "rand"),
    ("level = poisson(2)", "h >= level", "poisson"),
    ("level = 0.1", "rand() < 0.5", "has no place"),
    ("level = rand()*second", "h >= level", "must be a plain number")])
def test_misuse_is_refused_in_one_line(statements, condition, match):
    with pytest.raises(DeviceError, match=match) as caught:
        redrawn(statements, condition)
    assert "\n" not in str(caught.value)


def test_a_law_cannot_draw():
    with pytest.raises(DeviceError, match="Noise is written xi"):
        Device(name="d", equations="dx/dt = rand()/tau : 1\nI = v*x*amp/volt : amp",
               parameters={"tau": 1 * second}, initial={"x": 0})


def test_only_copies_in_which_it_happens_draw_anew():
    made = ode_group(redrawn(), 100, dt=10 * msecond, target="numpy", energy=False,
                     initial={"h": np.where(np.arange(100) < 50, 0.495, 0)})
    with untouched_random_state(1):
        Network(*made.objects).run(20 * msecond, namespace={})
    level = np.asarray(made.group.level_)
    assert np.all(level[50:] == 0.5)
    assert len(np.unique(level[:50])) == 50


def test_the_suite_tests_its_distribution():
    assert "do not depend" in check_device(stochastic_switch).passed["convergence"]


def test_scoped_events_draw():
    condition, statements = stochastic_switch.scoped("mem").events[1]
    assert condition == "mem_h >= mem_h_c and mem_h_c > 0"
    assert "rand()" in statements
    assert "mem_on" in statements
