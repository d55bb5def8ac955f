"""Spike times inside the clock step: exact times of an integrate-and-fire neuron."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeMonitor, ms, mV, second, volt
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem.errors import InputError
from brianmem.integration import keep_spike_times


def first_spikes(dt, threshold=10 * mV):
    """Return the clock's and the interpolated times of the first spikes of three neurons."""
    neurons = NeuronGroup(3, "dv/dt = (drive - v)/(10*ms) : volt\ndrive : volt", method="exact",
                          threshold="v > 10*mV", reset="v = 0*mV", dt=dt, codeobj_class=NumpyCodeObject)
    neurons.drive = [12, 17, 40] * mV
    keep_spike_times(neurons, "v", threshold)
    spikes = SpikeMonitor(neurons, variables="spike_time", codeobj_class=NumpyCodeObject)
    Network(neurons, spikes).run(40 * ms, namespace={})
    first = [int(np.flatnonzero(spikes.i == k)[0]) for k in range(3)]
    return np.asarray(spikes.t)[first], np.asarray(spikes.spike_time)[first]


EXACT = 10e-3 * np.log(np.array([12, 17, 40]) / (np.array([12, 17, 40]) - 10))


def test_times_lie_inside_the_step_and_are_exact_for_a_leaky_neuron():
    for dt in (1.0, 0.25):
        clock, inside = first_spikes(dt * ms)
        assert np.all((inside >= clock) & (inside <= clock + dt * 1e-3))
        assert np.max(np.abs(inside - EXACT)) < 1e-9 < np.max(np.abs(clock - EXACT))


def test_order_three_where_it_is_no_exponential():
    steps, errors = np.array([1.0, 0.5, 0.25, 0.125]), []
    for dt in steps:
        # v = sin(t/tau), 20 of them with thresholds of their own.
        sines = NeuronGroup(20, "dv/dt = w/(10*ms) : 1\ndw/dt = -v/(10*ms) : 1\nlevel : 1",
                            method="rk4", threshold="v > level", refractory="v > level", reset="",
                            dt=dt * ms, codeobj_class=NumpyCodeObject)
        sines.w = 1
        sines.level = np.linspace(0.3, 0.7, 20)
        keep_spike_times(sines, "v", "level")
        spikes = SpikeMonitor(sines, variables="spike_time", codeobj_class=NumpyCodeObject)
        Network(sines, spikes).run(10 * ms, namespace={})
        exact = 10e-3 * np.arcsin(np.asarray(sines.level))[spikes.i]
        assert len(exact) == 20
        errors.append(np.abs(np.asarray(spikes.spike_time) - exact).max())
    assert np.polyfit(np.log2(steps), np.log2(errors), 1)[0] == pytest.approx(3, abs=0.5)
    assert errors[0] < 1e-5


def test_a_jump_and_a_first_step_are_straight_lines():
    jumps = NeuronGroup(2, "v : volt\nlow : volt", threshold="v > 0.5*volt", dt=1 * ms,
                        refractory="v > 0.5*volt", reset="", codeobj_class=NumpyCodeObject)
    jumps.v = jumps.low = [0, 0.25] * volt
    jumps.run_regularly("v = low + int(t >= 2.5*ms)*volt", codeobj_class=NumpyCodeObject,
                        when="groups")
    keep_spike_times(jumps, "v", 0.5 * volt)
    spikes = SpikeMonitor(jumps, variables="spike_time", codeobj_class=NumpyCodeObject)
    Network(jumps, spikes).run(5 * ms, namespace={})
    np.testing.assert_array_equal(spikes.i, [0, 1])
    assert np.asarray(spikes.spike_time) == pytest.approx([3.5e-3, 3.25e-3], rel=1e-6)


def test_a_threshold_as_an_expression_does_the_same():
    np.testing.assert_array_equal(first_spikes(0.5 * ms)[1], first_spikes(0.5 * ms, "10*mV")[1])


def test_what_cannot_be_watched_is_said():
    silent = NeuronGroup(1, "v : volt")
    with pytest.raises(InputError, match="has no threshold"):
        keep_spike_times(silent, "v", 1 * volt)
    fires = NeuronGroup(1, "v : volt", threshold="v > 1*volt", reset="v = 0*volt")
    with pytest.raises(InputError, match="no variable 'w'"):
        keep_spike_times(fires, "w", 1 * volt)
    with pytest.raises(InputError, match="unit of 'v'"):
        keep_spike_times(fires, "v", 1 * second)
    keep_spike_times(fires, "v", 1 * volt)
    with pytest.raises(InputError, match="already"):
        keep_spike_times(fires, "v", 1 * volt)


def adaptive_spikes(target, threshold, dt=2.0):
    """Return the in-step times and the exact ones of sines with thresholds of their own."""
    sines = NeuronGroup(20, "dv/dt = w/(10*ms) : 1\ndw/dt = -v/(10*ms) : 1\nlevel : 1\n"
                        "excess = v*abs(v) - level**2 : 1", method="adaptive", dt=dt * ms,
                        method_options={"relative": 1e-8}, codeobj_class=target,
                        threshold="v > level", refractory="v > level", reset="")
    sines.w = 1
    sines.level = np.linspace(0.3, 0.7, 20)
    keep_spike_times(sines, *threshold)
    spikes = SpikeMonitor(sines, variables="spike_time", codeobj_class=target)
    Network(sines, spikes).run(74 * ms, namespace={})
    exact = 10e-3 * (np.arcsin(np.asarray(sines.level)) + 2 * np.pi * np.arange(2)[:, None])
    order = np.lexsort([spikes.i, spikes.t])
    assert len(order) == 40
    return np.asarray(spikes.spike_time)[order], exact.ravel()


@pytest.mark.parametrize("threshold", [("v", "level"), ("excess", 0.0)])
@pytest.mark.parametrize("dt", [0.5, 2.0])
def test_adaptive_times_have_the_error_of_the_steps_and_not_of_the_clock(threshold, dt):
    found, exact = adaptive_spikes(NumpyCodeObject, threshold, dt)
    assert np.max(np.abs(np.sort(found) - np.sort(exact))) < 1e-7


def test_compiled_code_finds_the_same_crossings():
    by_numpy, _ = adaptive_spikes(NumpyCodeObject, ("excess", 0.0))
    compiled, _ = adaptive_spikes(CythonCodeObject, ("excess", 0.0))
    np.testing.assert_allclose(compiled, by_numpy, rtol=1e-9)
