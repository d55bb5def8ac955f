"""Neurons against closed forms, the programs they come from, and scipy."""

import numpy as np
import pytest
from brian2 import (
    Network,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    amp,
    metre,
    msecond,
    mV,
    namp,
    second,
    usecond,
    volt,
)
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import FICurve, SpikeResponse, find
from tests.physics import point_neurons as independent


def spikes(name, drive, duration, dt, parameter_set=None):
    neuron = find(name) if parameter_set is None else find(name).with_parameters(parameter_set)
    return np.asarray(SpikeResponse(drive=drive, duration=duration, dt=dt).run(neuron)["spike_t"])


def test_the_first_spike_of_lif_is_exact_and_the_rate_converges_with_order_one():
    rates = []
    for dt in (400, 200, 100, 50):
        found = spikes("lif", 0.75 * namp, 30 * msecond, dt * usecond)
        # v relaxes exponentially, and so does the curve in which the crossing is sought.
        assert found[0] == pytest.approx(20e-3 * np.log(3), rel=1e-8)
        rate = FICurve(currents=[0.75 * namp], duration=200 * msecond, dt=dt * usecond).run(
            find("lif"))["rate"][0]
        rates.append(abs(1 / float(rate) - (2e-3 + 20e-3 * np.log(3))))
    steps = np.array([400, 200, 100, 50]) * 1e-6
    assert np.all(np.array(rates) < steps)
    assert max(rates) > 1e-5


def test_integrate_and_fire_loses_no_charge_at_any_step():
    for dt in (1, 0.37, 0.1):
        found = FICurve(currents=[0.3 * namp, 0.7 * namp], duration=400 * msecond,
                        dt=dt * msecond).run(find("integrate_and_fire"))
        np.testing.assert_allclose(np.asarray(found["rate"]), [30, 70], rtol=2e-3)


@pytest.mark.parametrize("pattern", ["IB", "FS"])
def test_izhikevich_converges_to_scipy_with_order_one(pattern):
    errors = []
    exact = independent.izhikevich(pattern, 10, 25)[:3]
    assert len(exact) == 3
    for dt in (40, 20, 10):
        found = spikes("izhikevich", 10.0, (1e3*exact[-1] + 500) * usecond, dt * usecond, pattern)
        errors.append(np.max(np.abs(found[:3]*1e3 - exact)))
        assert errors[-1] < 3 * dt * 1e-3
    assert errors[2] < 0.6 * errors[0]


def test_hodgkin_huxley_fires_when_scipy_does_and_converges():
    exact = independent.hodgkin_huxley(10, 20)
    errors = []
    for dt in (80, 40, 20):
        found = spikes("hodgkin_huxley", 0.1 * amp / metre**2, 20 * msecond, dt * usecond) * 1e3
        assert len(found) == len(exact) == 2
        errors.append(np.max(np.abs(found - exact)))
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 1e-4


def test_hodgkin_huxley_rates_have_no_hole_where_the_usual_form_divides_by_zero():
    neuron = find("hodgkin_huxley")
    for v in (-40, -55):
        found = SpikeResponse(drive=0 * amp / metre**2, duration=1 * msecond).run(
            neuron, initial={"v": v * mV})
        assert np.all(np.isfinite(np.asarray(found["v"])))


def test_srm_is_the_sum_of_its_kernels():
    """Input spikes and a neighbour at given times, and what the closed form makes of them."""
    dt, neuron = 0.1 * msecond, find("srm")
    times, weights = np.array([2, 5, 6, 6.5, 7, 20, 31]), np.array([4, 9, 9, 9, 9, 5, 3.0])
    source = SpikeGeneratorGroup(len(times), np.arange(len(times)), times * msecond, dt=dt,
                                 codeobj_class=NumpyCodeObject)
    neighbour = SpikeGeneratorGroup(1, [0], [18] * msecond, dt=dt, codeobj_class=NumpyCodeObject)
    group = neuron.group(1, dt=dt, target="numpy")
    excite = Synapses(source, group, "w : volt", on_pre="p_m_post += w; p_s_post += w", dt=dt,
                      codeobj_class=NumpyCodeObject)
    excite.connect()
    excite.w = weights * mV
    inhibit = Synapses(neighbour, group, on_pre="t_inh_post = t + 4.95*ms", dt=dt,
                       codeobj_class=NumpyCodeObject)
    inhibit.connect()
    trace = StateMonitor(group, ["v", "eta"], record=True, codeobj_class=NumpyCodeObject)
    Network(source, neighbour, group, excite, inhibit, trace).run(45 * msecond, namespace={})
    # What a synapse does in a step is there at the start of the next.
    t = np.asarray(trace.t_) * 1e3
    eta = np.asarray(trace.eta_)[0] * 1e3
    fired = t[np.argmin(eta)]
    assert eta.min() == -40  # one spike, where the four strong inputs add up
    assert 6 < fired < 9

    arrived = t - times[:, None] - 0.1
    arrived[arrived < -1e-6] = np.inf
    expected = (weights[:, None] * (np.exp(-arrived/10) - np.exp(-arrived/2.5))).sum(axis=0)
    own = t - fired
    expected += np.where(own > -1e-6, -40*np.exp(-own/20), 0.0)
    expected -= 30*((t > 18 + 1e-6) & (t < 18 + 4.95))
    np.testing.assert_allclose(np.asarray(trace.v_)[0]*1e3, expected, atol=2e-5)


@pytest.mark.parametrize(("name", "parts"), [
    ("adaptive_lif", {"a": (700, 1.8)}), ("dexat", {"b_1": (30, 0.3), "b_2": (500, 1.8)})])
def test_adaptive_neurons_are_the_recursion_of_the_program(name, parts):
    drive, steps = 0.05, 1500
    v, b, z = independent.adaptive(drive, steps, list(parts.values()))
    found = SpikeResponse(drive=drive, duration=steps * msecond, dt=1 * msecond).run(find(name))
    # Step k of the recursion ends where the monitor looks at step k + 1, after the reset,
    # which holds what the recursion does one step later.
    quiet = z[:-1] == 0
    np.testing.assert_allclose(np.asarray(found["v"])[1:][quiet], v[:-1][quiet], rtol=1e-9,
                               atol=1e-15)
    for k, part in enumerate(parts):
        np.testing.assert_allclose(np.asarray(found[part])[1:][quiet], b[:-1, k][quiet], rtol=1e-9)
    assert z.sum() > 30
    assert len(found["spike_t"]) == z.sum()


def test_adaptive_threshold_falls_with_its_own_time_constant():
    found = SpikeResponse(drive="0.05*int(t < 0.3*second)", duration=1 * second).run(
        find("adaptive_lif"))
    a, t = np.asarray(found["a"]), np.asarray(found["t"])
    later = t > 0.4
    slope = np.polyfit(t[later], np.log(a[later]), 1)[0]
    assert -1 / slope == pytest.approx(0.7, rel=1e-6)
    assert a[later][0] > 0.01


def test_a_threshold_that_moves_is_crossed_inside_the_step():
    """Halving the step moves the second spike, which meets a falling threshold, ever less."""
    second_spikes = [spikes("dexat", 0.02, 60 * msecond, dt * usecond)[1]
                     for dt in (100, 50, 25, 12.5)]
    moved = np.abs(np.diff(second_spikes))
    assert np.all(moved < [1e-4, 0.5e-4, 0.25e-4])
    assert 0 < moved[-1] < 1.3e-5


def test_a_circuit_without_reset_spikes_once_per_crossing():
    """A sine through a threshold, with hysteresis in the refractory condition."""
    from brianmem import Neuron

    wave = Neuron(name="wave", equations="dx/dt = I_in : volt", threshold="x > 0.5*volt",
                  reset=None, refractory="x > 0*volt", parameters={}, initial={"x": 0 * volt},
                  inputs={"I_in": 0 * volt / second}, voltage="x", suggested_dt=0.1 * msecond)
    found = SpikeResponse(drive="2*pi*10*Hz*volt*cos(2*pi*10*Hz*t)", duration=0.5 * second).run(wave)
    np.testing.assert_allclose(np.asarray(found["spike_t"]), 1 / 120 + 0.1 * np.arange(5), atol=1e-6)
