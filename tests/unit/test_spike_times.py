"""Spike times inside the clock step: exact times of an integrate-and-fire neuron."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeMonitor, ms, mV, second, volt
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


def test_times_lie_inside_the_step_and_converge_with_order_two():
    errors = []
    for dt in (1.0, 0.5, 0.25, 0.125):
        clock, inside = first_spikes(dt * ms)
        assert np.all((inside >= clock) & (inside <= clock + dt * 1e-3))
        errors.append(np.abs(inside - EXACT))
        assert np.max(errors[-1]) < np.max(np.abs(clock - EXACT))
    # The bend within a step is at most dt^2/(8 tau); where the crossing lies in it varies.
    limit = (np.array([1.0, 0.5, 0.25, 0.125]) * 1e-3)**2 / (8 * 10e-3)
    assert np.all(np.max(errors, axis=1) < 1.2 * limit)
    assert np.max(errors[0]) > 0.1 * limit[0]


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
