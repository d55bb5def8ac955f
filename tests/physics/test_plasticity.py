"""Mean drift of weights between neurons that fire at random, against its closed form.

Trains are Bernoulli on the clock and independent, so every mean factorises exactly.
"""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, ms, second, seed

from brianmem.plasticity import IdealSynapse, PairSTDP, TripletSTDP

STEP, DURATION, COPIES, INPUT_RATE = 1e-3, 5.0, 600, 20.0
PAIR = PairSTDP(A_plus=6e-4, A_minus=6e-4, tau_plus=17 * ms, tau_minus=34 * ms)
# A tenth of the published minimal fit, so that no weight reaches a bound.
TRIPLET = replace(TripletSTDP(), A3_plus=6.5e-4, A2_minus=7.1e-4)


def mean_trace(rate, tau, nearest=False):
    """Return the mean of a trace before the spikes of a step."""
    p, q = rate * STEP, np.exp(-STEP / float(tau))
    return p * q / (1 - (1 - p) * q) if nearest else p * q / (1 - q)


def drift(rule, rate):
    """Return the mean change of the weight in one second."""
    nearest = rule.pairing == "nearest"
    r1, o1 = (mean_trace(*pair, nearest) for pair in ((INPUT_RATE, rule.tau_plus),
                                                      (rate, rule.tau_minus)))
    if isinstance(rule, PairSTDP):
        return rate * rule.A_plus * r1 - INPUT_RATE * rule.A_minus * o1
    o2 = mean_trace(rate, rule.tau_y, nearest)
    return rate * r1 * (rule.A2_plus + rule.A3_plus * o2) - INPUT_RATE * rule.A2_minus * o1


@pytest.fixture(autouse=True)
def seeded(numpy_target):
    seed(3)
    yield
    seed(None)


def simulated(rule, rate):
    """Return mean and standard error of the change in one second."""
    groups = [NeuronGroup(COPIES, equations, threshold="rand() < rate*dt", reset=reset,
                          method="exact", namespace={"rate": r * Hz}, dt=STEP * second)
              for equations, reset, r in ((rule.source_equations, rule.source_reset, INPUT_RATE),
                                          (rule.target_equations, rule.target_reset, rate))]
    own = np.arange(COPIES)
    made = IdealSynapse(write=rule).connect(*groups, i=own, j=own)
    network = Network(*groups, made)
    network.run(0.8 * second, namespace={})  # several time constants
    start = np.array(made.w)
    network.run(DURATION * second, namespace={})
    change = (np.array(made.w) - start) / DURATION
    return change.mean(), change.std() / np.sqrt(COPIES)


@pytest.mark.parametrize("rate", [5.0, 40.0])
@pytest.mark.parametrize("rule", [PAIR, replace(PAIR, pairing="nearest"), TRIPLET],
                         ids=["pair", "nearest", "triplet"])
def test_mean_drift_is_the_closed_form(rule, rate):
    mean, error = simulated(rule, rate)
    expected = drift(rule, rate)
    assert abs(mean - expected) < 4 * error
    assert error < 0.3 * abs(expected)


def test_triplets_depress_below_a_rate_and_potentiate_above():
    threshold = float(TRIPLET.A2_minus * TRIPLET.tau_minus
                      / (TRIPLET.A3_plus * TRIPLET.tau_plus * TRIPLET.tau_y))
    assert 15 < threshold < 25
    assert simulated(TRIPLET, 0.5 * threshold)[0] < 0 < simulated(TRIPLET, 1.6 * threshold)[0]
    # The sign of a pair rule is the same at all rates.
    signs = {np.sign(drift(PAIR, rate)) for rate in (1.0, 10.0, 100.0)}
    assert len(signs) == 1
