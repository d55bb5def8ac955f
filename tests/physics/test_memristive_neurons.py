"""Neurons that are circuits, against Kirchhoff's laws written by hand and solved by Radau."""

import math

import numpy as np
import pytest
from brian2 import mamp, metre, msecond, nsecond, uamp, usecond, volt, watt

from brianmem import find
from brianmem.models.targets import vanadium_alif, vanadium_encoder
from brianmem.models.targets._firing import firing, rate, rates
from brianmem.models.targets.vanadium_dioxide_threshold import MEASURED, SILENT
from brianmem.models.targets.vanadium_oscillator import conditions
from tests.physics import circuit_laws as laws


def agrees(neuron, found, expected):
    """Compare all spike times; a missing spike is no agreement.

    A switch that closes within one step of the clock is seen in the middle of it.
    """
    assert len(found) == len(expected) > 3
    assert np.abs(found - expected).max() < 0.5*float(find(neuron).suggested_dt)


def test_oscillator_against_radau():
    times = firing(find("vanadium_oscillator"), 5*volt, 6*usecond).times[0]
    agrees("vanadium_oscillator", times, laws.spikes(laws.oscillator(5.0), [0, 0], 6e-6)[0])


@pytest.mark.long
def test_conditions_of_oscillation_part_the_circuits():
    device = find("vanadium_dioxide_threshold")
    assert all(conditions(v, 1e3*r, device) for v, r, _ in MEASURED)
    assert not any(conditions(v, 1e3*r, device) for v, r in SILENT)
    p = {k: float(x) for k, x in device.parameters.items()}
    # 2 % inside and outside of each edge, at 3 kohm.
    least = p["V_th"]*(3e3 + p["R_off"])/p["R_off"]
    most = p["V_hold"]*(3e3 + p["R_on"])/p["R_on"]
    run = firing(find("vanadium_oscillator"),
                 np.array([0.98*least, 1.02*least, 0.98*most, 1.02*most])*volt, 12*usecond)
    assert [rate(t) > 0 for t in run.times] == [False, True, True, False]


def test_lif_against_radau_and_energy_of_its_source():
    run = firing(find("vanadium_lif"), 1.5*mamp, 8*usecond)
    expected, trace = laws.spikes(laws.lif(1.5e-3), [0, 0], 8e-6)
    agrees("vanadium_lif", run.times[0], expected)
    energy = 1.5e-3*np.trapezoid(trace.y[1], trace.t)
    assert run.energy[0] == pytest.approx(energy, rel=0.01)


@pytest.mark.long
def test_alif_against_radau():
    times = firing(find("vanadium_alif"), 1.5*mamp, 30*usecond).times[0]
    expected, _ = laws.spikes(laws.alif(1.5e-3), [0, 0, 0], 30e-6)
    agrees("vanadium_alif", times, expected)


@pytest.mark.long
def test_alif_without_feedback_is_the_lif_with_its_sense_resistor():
    neuron = find("vanadium_alif").with_parameters(G_a=find("vanadium_alif").parameters["G_a"]*0)
    f = rates(firing(neuron, 1.5*mamp, 12*usecond).times[0])
    assert np.ptp(f) < 0.01*f[0]
    assert f[0] > vanadium_alif.runs()[0][0]


@pytest.mark.long
def test_gallium_selenide_against_radau():
    times = firing(find("gallium_selenide_lif"), 3*volt, 0.4*msecond).times[0]
    expected, _ = laws.spikes(laws.gallium_selenide(3.0), [0, 0, 0], 0.4e-3)
    agrees("gallium_selenide_lif", times, expected)


@pytest.mark.long
def test_nickelate_against_radau():
    times = firing(find("nickelate_lif"), 100*watt/metre**2, 0.2*msecond).times[0]
    bright = laws.nickelate(100.0)
    expected, _ = laws.spikes(laws.oscillator(1.25, 20e3, 1e-9, bright), [0, 0], 0.2e-3)
    agrees("nickelate_lif", times, expected)


@pytest.mark.long
def test_habituating_against_radau():
    times = firing(find("habituating_neuron"), 1*volt, 4*msecond, dt=2*usecond).times[0]
    expected, _ = laws.spikes(laws.habituating(1.0), [0, 0, 0, 0], 4e-3)
    assert len(times) == len(expected) > 20
    # The bridge runs away within a step, where it is seen too early, by less than the step.
    assert np.all((times - expected > -2e-6) & (times - expected < 0.1e-6))


def test_niobium_srm_against_radau():
    times = firing(find("niobium_srm"), 1.5*uamp, 6*msecond, dt=2*usecond, target="numpy").times[0]
    expected = laws.moved_threshold(1.5e-6, len(times))
    assert len(times) > 3
    assert times[0] == pytest.approx(expected[0], rel=1e-4)
    # A reset comes at the next step of the clock.
    late = np.diff(times) - np.diff(expected)
    assert np.all((late > -0.1e-6) & (late < 2e-6))


@pytest.mark.long
def test_two_channels_of_vanadium_dioxide_against_radau():
    times = firing(find("vanadium_neuron"), 0.8*volt, 30*usecond).times[0]
    rest = [3, 3, -1.67e-3, 37.5e-3, 1.67e-3]
    expected, _ = laws.spikes(laws.two_channels(0.8), rest, 30e-6, state=3, level=0.4)
    agrees("vanadium_neuron", times, expected)


def test_diffusive_against_explicit_steps():
    times = firing(find("diffusive_lif"), 0.3*volt, 1.2*msecond).times[0]
    expected = laws.diffusive(0.3, 1.2e-3)
    assert len(times) == len(expected)
    assert times[:3] == pytest.approx(expected[:3], rel=0.01)
    assert np.diff(times)[3:].mean() == pytest.approx(np.diff(expected)[3:].mean(), rel=0.01)


def test_diffusive_falls_silent_under_a_constant_drive():
    run = firing(find("diffusive_lif"), np.array([0.3, 0.36])*volt, 12*msecond, record=("v_mem",))
    assert 7.5e-3 < run.times[0][-1] < 8.5e-3
    assert len(run.times[1]) == 1
    # What is counted after the first spike are ripples.
    late = run.v_mem[0][(run.t > 2e-3) & (run.t < 3e-3)]
    assert late.max() - late.min() < 5e-3 < 0.2 < run.v_mem[0].max()


@pytest.mark.long
def test_one_crossing_is_one_spike_at_any_clock():
    counts = [len(firing(find("vanadium_oscillator"), 6*volt, 6*usecond, dt=dt*nsecond).times[0])
              for dt in (40, 10)]
    assert counts[0] == counts[1] == 5


def test_first_spike_of_the_oscillator_converges():
    # From rest, in closed form but for the time that the fold takes.
    p = {k: float(v) for k, v in find("vanadium_oscillator").parameters.items()}
    shunted = p["R_L"]*p["X1_R_off"]/(p["R_L"] + p["X1_R_off"])
    v_8 = 6*p["X1_R_off"]/(p["R_L"] + p["X1_R_off"])
    exact = p["C1"]*shunted*math.log(v_8/(v_8 - p["X1_V_th"]))
    found = firing(find("vanadium_oscillator"), 6*volt, 2*usecond).times[0][0]
    assert found == pytest.approx(exact, rel=0.01)
    assert found > exact


@pytest.mark.long
def test_encoder_loses_a_fixed_time_per_reset():
    # Ramps of 1 and 4 kV/s: a period is the quantum over the slope, and a reset.
    run = firing(find("vanadium_encoder"), [1, 4]*uamp, 1*msecond, at_spikes=("v_on", "v_off"))
    lost = [1/rate(t) - vanadium_encoder.quantum()/slope
            for t, slope in zip(run.times, (1e3, 4e3), strict=True)]
    assert all(0.5e-6 < x < 1.5e-6 for x in lost)
    assert (vanadium_encoder.signed(run, 0) == 1).all()
