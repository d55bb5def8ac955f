"""Events of a device: what they may say, alone and in a group of one's own."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, kohm, second, volt
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import Device, IVSweep, Variation
from brianmem.errors import DeviceError
from brianmem.events import event_code, jumping

LATCH = {
    "name": "latch",
    "equations": """
    dx/dt = (v/V_0 - x)/tau : 1
    dlatched/dt = 0/second  : 1
    I = v*G*(1 + latched)   : amp
    """,
    "parameters": {"V_0": 1*volt, "tau": 1*second, "G": 1/kohm},
    "initial": {"x": 0, "latched": 0}, "bounds": {"x": (-5, 5), "latched": (0, 1)},
    "events": (("x > 0.5", "latched = 1"),)}


def test_only_a_constant_rate_of_zero_makes_a_state_jump():
    device = Device(**LATCH)
    assert jumping(device) == ("latched",)
    assert jumping(Device(**LATCH | {"events": ()})) == ()


@pytest.mark.parametrize(("event", "message"), [
    (("x > 0.5", "latchd = 1"), "sets 'latchd', which is not a state"),
    (("x > 0.5", "latched = 1*volt"), "'1\\*volt' must be"),
    (("x > 0.5", "latched == 1"), "is not 'state = expression'"),
    (("x > 0.5*volt", "latched = 1"), "event 'x > 0.5\\*volt'"),
    (("x > 0.5", " "), "changes nothing"),
    (("x > y", "latched = 1"), "event 'x > y': 'y' is not defined"),
    (("x >", "latched = 1"), "event 'x >': cannot read 'x >': invalid"),
    (("x > 0.5", "latched = x : 1"), "cannot read 'x : 1'"),
    (("x > 0.5", "latched = 1.01"), "sets 'latched' to 1.01, outside its bounds 0..1. Correct"),
    (("x > 0.5", "x = -V_0/volt*6"), "sets 'x' to -6, outside its bounds -5..5"),
    (("x > 0.5", "latched = 1/0"), "sets 'latched' to nan, outside")])
def test_events_that_do_not_fit_are_refused(event, message):
    with pytest.raises(DeviceError, match=message) as found:
        Device(**LATCH | {"events": (event,)})
    assert "checked_value" not in str(found.value)


def test_a_scoped_device_brings_its_events_into_another_group():
    scoped = Device(**LATCH).scoped("mem")
    group = NeuronGroup(2, scoped.equations + "mem_v : volt (constant)", method="rk4",
                        dt=0.01*second, namespace=scoped.namespace, codeobj_class=NumpyCodeObject)
    group.mem_v = [0.4, 1.0]*volt
    runner = group.run_regularly(event_code(scoped), when="after_groups",
                                 codeobj_class=NumpyCodeObject)
    Network(group, runner).run(2*second, namespace={})
    np.testing.assert_array_equal(group.mem_latched, [0, 1])


def test_a_usual_sweep_may_state_a_series_resistance():
    own = {"sweep": (2*volt, 8*second, 1*kohm)}
    usual = IVSweep().run(Device(**LATCH | {"operation": own}))
    given = IVSweep(2*volt, period=8*second, series_resistance=1*kohm).run(Device(**LATCH))
    np.testing.assert_array_equal(usual["I"], given["I"])
    assert float(np.max(usual["v"])) < 1.5


def test_a_stuck_device_does_not_jump():
    always = Device(**LATCH | {"events": (("x > -10", "latched = 1"),)})
    result = IVSweep(1*volt, period=1*second).run(
        always, n=40, seed=2, variation=Variation(stuck=0.5, stuck_at="low"))
    jumped = np.asarray(result["latched"])[:, -1] == 1
    assert jumped.sum() == 40 - result.attrs["stuck"]
    assert 0 < jumped.sum() < 40


def test_a_small_new_value_is_not_lost_beside_a_large_old_one():
    code = event_code(Device(**LATCH | {"events": (("x > 0.5", "x = 1e-17"),)}))
    found = {"x": 1.0, "int": int}
    exec(code, {}, found)
    assert found["x"] == 1e-17


@pytest.mark.parametrize("change", ["latched = 2*x", "latched = -x"])
def test_an_event_beyond_the_bounds_is_refused_also_where_the_state_is_at_one(change):
    device = Device(**LATCH | {"events": (("x > 0.5", change),)})
    with pytest.raises(DeviceError, match="an event set 'latched' .* beyond its bounds 0..1. Correct"):
        IVSweep(2*volt, period=4*second).run(device)


def test_an_event_a_little_beyond_is_clipped_and_counted():
    device = Device(**LATCH | {"events": (("x > 0.5", "latched = 1.05 + 0*x"),)})
    result = IVSweep(1*volt, period=4*second).run(device)
    assert float(result["latched"][-1]) == 1
    assert result.attrs["bound_hits"]["latched"] > 0
