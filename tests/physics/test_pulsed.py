"""Pulsed updates against their laws per pulse, and where they must not fail."""

import numpy as np
import pytest
from brian2 import volt

from brianmem import PulseMap, PulseTrain, pulse_curvature
from brianmem.flow import flow
from brianmem.models.devices import pulsed
from tests.physics.measured import final

DEVICES = (pulsed.pulsed_neurosim, pulsed.pulsed_soft_bounds, pulsed.pulsed_exponential_step,
           pulsed.pulsed_constant_step)


def pulse(device, kind, w, share=1.0):
    """Return w after one pulse of a share of the nominal width."""
    voltage, width = device.operation[kind]
    return flow(device, voltage, share * width, [np.atleast_1d(w)])[0][0]


def neurosim(label, pulses, total):
    """Return w of NeuroSim's formula, on the plain line at label 0."""
    if label == 0:
        return pulses / total
    a = total / pulse_curvature(label)
    return (1 - np.exp(-pulses / a)) / (1 - np.exp(-total / a))


@pytest.mark.parametrize("label", [0, 1e-9, -3, 8])
def test_both_branches_follow_neurosims_formula(label):
    k = pulse_curvature(label)
    device = pulsed.pulsed_neurosim.with_parameters(k_p=k, k_d=k, n_p=10, n_d=10)
    w = np.asarray(PulseTrain(count=10).run(device)["pulse_w"])
    assert np.all(np.isfinite(w))
    expected = neurosim(label, np.arange(11), 10)
    np.testing.assert_allclose(w[:11], expected, atol=2e-7)
    np.testing.assert_allclose(w[10:], 1 - expected, atol=2e-7)


def test_default_depression_is_neurosims_curve_with_the_label_negative():
    # Both branches as one function of a pulse position, as in NeuroSim's Cell.cpp.
    a = -100 / pulse_curvature(4.88)
    b = 1 / (1 - np.exp(-100 / a))
    applied = np.array([0, 1, 10, 50, 99])
    w = [pulse(pulsed.pulsed_neurosim, "reset", 1, max(count, 1e-12))[0] for count in applied]
    np.testing.assert_allclose(w, b * (1 - np.exp(-(100 - applied) / a)), atol=1e-8)


def test_positive_labels_saturate_and_negative_accelerate():
    for label, sign in ((3, -1), (-3, 1)):
        k = pulse_curvature(label)
        device = pulsed.pulsed_neurosim.with_parameters(k_p=k, k_d=k)
        w = np.linspace(0.05, 0.9, 18)
        up, down = pulse(device, "set", w) - w, w - pulse(device, "reset", w)
        assert np.all(sign * np.diff(up) > 0)
        assert np.all(sign * np.diff(down) < 0)


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.name)
def test_shares_of_a_pulse_add_up(device):
    w = np.linspace(0, 1, 21)
    for kind in ("set", "reset"):
        apart = pulse(device, kind, pulse(device, kind, w, 0.3), 0.7)
        np.testing.assert_allclose(apart, pulse(device, kind, w), atol=1e-8)


def test_soft_bounds_make_the_step_of_the_law():
    device, w = pulsed.pulsed_soft_bounds, np.linspace(0, 1, 11)
    np.testing.assert_allclose(pulse(device, "set", w), w + 0.03 * (1 - w), atol=1e-9)
    np.testing.assert_allclose(pulse(device, "reset", w), w - 0.03 * w, atol=1e-9)


def test_exponential_step_differs_from_the_recursion_by_the_square_of_the_step():
    def difference(step):
        device = pulsed.pulsed_exponential_step.with_parameters(s_d=step)
        w = np.linspace(0.05, 0.9, 18)
        rate = step * np.clip(1 - 0.36833 * np.exp(-12.78785 * (0.488 * (w - 0.5) + 0.2425)), 0, None)
        return np.max(np.abs(pulse(device, "reset", w) - (w - rate)))

    # At the last of these steps the difference is 2e-6 of the range.
    assert difference(0.02) / difference(0.01) == pytest.approx(4, abs=0.6)
    assert difference(0.02) < 1e-3


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.name)
def test_each_branch_has_its_own_end(device):
    apart = device.with_parameters(w_p_max=0.8, w_d_min=0.1)
    up = [pulse(apart, "set", 0.3, count)[0] for count in (1, 3, 10, 30, 100, 300)]
    down = [pulse(apart, "reset", up[-1], count)[0] for count in (1, 3, 10, 30, 100, 300)]
    assert up[-1] == pytest.approx(0.8, abs=1e-3)
    assert down[-1] == pytest.approx(0.1, abs=1e-3)
    assert np.all(np.diff(up) > -1e-6)
    assert np.all(np.diff(down) < 1e-6)
    # Beyond its end a branch does nothing; the other brings the state back.
    assert pulse(apart, "set", 0.95) == pytest.approx(0.95)
    assert pulse(apart, "reset", 0.05) == pytest.approx(0.05)
    assert pulse(apart, "reset", 0.95) < 0.95


def test_depression_that_starts_below_the_top():
    device = pulsed.pulsed_neurosim.with_parameters(w_d_max=0.7, w_d_min=0.2, n_d=50)
    k = pulse_curvature(4.88)
    w = pulse(device, "reset", np.array([0.7, 0.9, 1.0]))
    first = 0.5 * np.expm1(-k / 50) / np.expm1(-k)
    assert w[0] == pytest.approx(0.7 - first, abs=1e-8)
    # Above the branch the rate is that of its start.
    start = 0.5 * k / 50 / -np.expm1(-k)
    np.testing.assert_allclose(w[1:], np.array([0.9, 1.0]) - start, atol=1e-8)


@pytest.mark.parametrize("device", [
    DEVICES[0], *(pytest.param(d, marks=pytest.mark.long) for d in DEVICES[1:])],
    ids=lambda d: d.name)
def test_below_the_thresholds_nothing_moves_and_above_the_height_is_no_matter(device):
    for kind in ("set", "reset"):
        voltage, width = device.operation[kind]
        for share, moves in ((0.74, False), (0.76, True), (2, True)):
            found = final(device, f"{share * float(voltage)}*volt", width, 20, {"w": 0.5})["w"]
            assert (found != 0.5) is moves
            if moves:
                assert found == pytest.approx(pulse(device, kind, 0.5)[0], abs=1e-6)


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.name)
@pytest.mark.parametrize("kind", ["set", "reset"])
def test_maps_are_useful_for_learning(device, kind):
    made = PulseMap.from_device(device, *device.operation[kind][:2])
    moved = np.abs(np.clip(made.table[0], 0, 1) - np.linspace(0, 1, made.points))
    assert 0.01 < moved.max() < 0.05
    assert made.monotone
    assert made.error(pulses=100, copies=21) < 5e-6


def test_steps_of_everything_stay_finite():
    device = pulsed.pulsed_soft_bounds.with_parameters(s_p=1, s_d=1)
    rates = device.evaluate("w", v=np.array([-2, 0, 2]) * volt, w=0.5)
    assert np.all(np.isfinite(np.asarray(rates)))
    assert pulse(device, "set", 0.5) == pytest.approx(1)


def test_one_nominal_pulse_is_found_at_any_step():
    """The order is that of the law: exact up to rk4 inside a pulse, from 1 step on."""
    device = pulsed.pulsed_neurosim
    voltage, width = device.operation["reset"]
    exact = 1 + np.expm1(-device.parameters["k_d"] / 100) / -np.expm1(-device.parameters["k_d"])
    errors = [abs(final(device, f"({float(voltage)})*volt", width, steps, {"w": 1})["w"] - exact)
              for steps in (1, 2, 4)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders, 4, atol=0.4)
