"""Devices in a circuit behave as the same devices behind a series resistance in `ode_group`."""

import numpy as np
import pytest
from brian2 import Network, Quantity, kohm, second, seed
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import Circuit, find
from brianmem.ode import ode_group

NUMPY = {"codeobj_class": NumpyCodeObject}
# Device, amplitude in volt, series resistance in ohm, duration in seconds and its number of steps.
CASES = (
    ("vteam", 1.0, 100, 1e-9, 40),
    ("linear_ion_drift", 1.0, 200, 0.5, 40),
    ("stanford_pku", 1.5, 500, 1e-7, 40),
    ("niobium_oxide", 1.2, 3000, 2e-6, 40),
    ("vanadium_dioxide", 1.0, 2000, 1e-5, 40),
)


def both(device, volts, ohm, duration, steps):
    """Return states and current at the end, of the circuit and of `ode_group`."""
    dt = duration / steps
    source = f"({volts!r}*volt)*sin(pi*t/({duration!r}*second))"
    circuit = Circuit(f"V1 a 0 {{{source}}}\nR1 a b {ohm}\nX1 b 0 d", devices={"d": device})
    group = circuit.group(1, dt=dt * second, **NUMPY)
    driven = ode_group(device, 1, source, dt=dt * second, method="adaptive", target="numpy",
                       series_resistance=ohm * kohm / 1e3)
    network = Network(group, *driven.objects)
    network.run(0.7 * duration * second, namespace={})
    names = [*device.states, "I"]
    one = [np.ravel(getattr(group, f"X1_{n}_")[:])[0] for n in names]
    two = [np.ravel(getattr(driven.group, f"{n}_")[:])[0] for n in names]
    return dict(zip(names, one, strict=True)), dict(zip(names, two, strict=True))


@pytest.mark.parametrize(("name", "volts", "ohm", "duration", "steps"), CASES)
def test_equals_the_device_behind_its_resistance(name, volts, ohm, duration, steps):
    device = find(name)
    one, two = both(device, volts, ohm, duration, steps)
    for key, value in two.items():
        low, high = map(float, device.bounds.get(key, (0, 0)))
        assert one[key] == pytest.approx(value, rel=2e-3, abs=1e-5 * (high - low)), key
    moved = [k for k in device.states if two[k] != float(device.initial[k])]
    assert moved
    assert two["I"] != 0


def test_two_noisy_devices_have_noise_of_their_own():
    device = find("diffusive_langevin")
    circuit = Circuit("V1 a 0 0.1\nR1 a b 1k\nC1 b 0 10f\nX1 b c d\nX2 c 0 d\nC2 c 0 10f",
                      devices={"d": device})
    dt = device.suggested_dt
    seed(3)
    group = circuit.group(40, dt=dt, **NUMPY)
    Network(group).run(20 * dt, namespace={})
    for state in device.states:
        one, two = (np.asarray(getattr(group, f"X{k}_{state}_")[:]) for k in (1, 2))
        assert np.all(np.isfinite(one))
        if np.std(one) > 0:
            assert abs(np.corrcoef(one, two)[0, 1]) < 0.5
            break
    else:
        pytest.fail("no state has noise")


def test_events_jump_in_a_circuit():
    device = find("vanadium_dioxide")
    circuit = Circuit("V1 a 0 sin(0 2 50k)\nR1 a b 2k\nX1 b 0 d", devices={"d": device})
    group = circuit.group(1, dt=2e-7 * second, **NUMPY)
    assert circuit.events
    jumping = [s for s in circuit.states if s in ("X1_T_r", "X1_delta", "X1_T_pr")]
    before = {s: np.asarray(getattr(group, f"{s}_")[:]).copy() for s in jumping}
    Network(group).run(2e-5 * second, namespace={})
    changed = [s for s in jumping if np.any(np.asarray(getattr(group, f"{s}_")[:]) != before[s])]
    assert changed


@pytest.mark.parametrize("name", ["ecm", "jart_vcm_implicit"])
def test_iterated_currents_are_those_of_the_device(name):
    device = find(name)
    circuit = Circuit("V1 a 0 -0.5\nR1 a b 650\nX1 b 0 d", devices={"d": device})
    assert circuit.parasitic_nodes == ("b",)
    group = circuit.group(1, dt=1e-9 * second, **NUMPY)
    Network(group).run(1e-9 * second, namespace={})
    states = {s: Quantity(getattr(group, f"X1_{s}_")[0], dim=device.dimension(s))
              for s in device.states}
    expected = float(device.evaluate("I", v=group.v_b[0], **states))
    assert expected != 0
    # The parasitic capacitor has long been charged: one current through both.
    assert group.i_R1_[0] == pytest.approx(expected, rel=1e-3)
