"""Times of first passage of the stochastic devices: the same at half the step and for a seed."""

import numpy as np
import pytest
from brian2 import Network, StateMonitor, second
from scipy.stats import ks_2samp, kstest

from brianmem.models.devices.diffusive import diffusive_langevin
from brianmem.models.devices.stochastic_switch import stochastic_switch
from brianmem.ode import ode_group
from brianmem.protocols.surroundings import untouched_random_state

COPIES = 1000
# Device, constant voltage, duration (s), step (s), state and what it passes: the switch
# after 2.8 mean waiting times, the cluster where its resistance is 10 R_0.
CASES = {
    "switch": (stochastic_switch, "3*volt", 20e-3, 20e-6, "on", 0.5),
    "cluster": (diffusive_langevin, "0.36*volt", 30e-6, 8e-9, "x", -0.3),
}


def passages(case, halved, seed):
    """Return the time (s) of first passage of each copy."""
    device, voltage, duration, dt, state, level = CASES[case]
    made = ode_group(device, COPIES, voltage, dt=dt / (2 if halved else 1) * second, energy=False,
                     target="numpy")
    monitor = StateMonitor(made.group, state, record=True, dt=4 * dt * second,
                           codeobj_class=made.codeobj_class)
    with untouched_random_state(seed):
        Network(*made.objects, monitor).run(duration * second, namespace={})
    passed = getattr(monitor, f"{state}_") > level
    assert passed.any(axis=1).mean() > 0.9
    return np.where(passed.any(axis=1), monitor.t_[np.argmax(passed, axis=1)], duration)


@pytest.mark.parametrize("case", [
    "switch", pytest.param("cluster", marks=pytest.mark.long)])
def test_half_the_step_draws_from_the_same_distribution(case):
    coarse, fine = passages(case, False, 1), passages(case, True, 2)
    assert not np.array_equal(coarse, fine)
    assert ks_2samp(coarse, fine).pvalue > 0.01
    # The test can fail: times a quarter longer are seen with this many copies.
    assert ks_2samp(coarse, 1.25 * fine).pvalue < 0.01


def test_a_seed_repeats_every_passage():
    first, again, other = (passages("switch", False, seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("voltage", [2.8, 3.0])
def test_waiting_times_of_the_switch_are_exponential(voltage):
    tau = 2.5e5 * np.exp(-voltage / 0.16)
    made = ode_group(stochastic_switch, COPIES, f"{voltage}*volt", dt=tau / 100 * second,
                     energy=False, target="numpy")
    monitor = StateMonitor(made.group, "on", record=True, codeobj_class=made.codeobj_class)
    with untouched_random_state(int(10 * voltage)):
        Network(*made.objects, monitor).run(12 * tau * second, namespace={})
    times = np.argmax(monitor.on_ > 0.5, axis=1) * tau / 100
    # Steps of tau/100 shift the distribution by at most 1 %.
    assert kstest(times / tau, "expon").pvalue > 0.01
