"""BP-STDP: each error changes the weights that the rule names, by as much, and no other."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, TimedArray, ms

from brianmem.errors import InputError, SynapseError
from brianmem.models.networks.two_layers import BPNetwork
from brianmem.plasticity.supervised import BPSTDP, check_window, first_weights

pytestmark = pytest.mark.usefixtures("numpy_target")

RATE = 0.01


def after_one_window(first, second_, wanted, threshold=(1.0, 1.0), learning=1, fires=(1, 1, 0, 1)):
    """Return both weight matrices after 4 ms in which input 0 fires at `fires`, input 1 never."""
    table = TimedArray(np.array([[f, 0] for f in fires]), dt=1 * ms)
    inputs = NeuronGroup(2, "recent : 1", threshold="fires(t, i) > 0.5 and t < 4*ms",
                         reset="recent += 1", namespace={"fires": table, "ms": ms}, dt=1 * ms)
    made = BPSTDP(rate=RATE).layers(inputs, 2, 2, dt=1 * ms)
    made.first.w, made.second.w = np.ravel(first), np.ravel(second_)
    made.hidden.v_threshold, made.outputs.v_threshold = threshold
    made.outputs.wanted, made.outputs.learning = wanted, learning
    Network(inputs, *made).run(5 * ms, namespace={})
    return np.reshape(made.first.w, (2, 2)), np.reshape(made.second.w, (2, 2))


FIRST = np.array([[1.0, 0.1], [1.0, 1.0]])  # input 0 makes hidden 0 fire at once, hidden 1 never
SECOND = np.array([[0.2, 1.5], [0.7, -0.3]])  # hidden 0 makes output 1 fire, output 0 never


def test_errors_change_what_they_should_by_the_rule():
    """Output 0 should fire and is silent (+1), output 1 fires and should not (-1)."""
    first, second_ = after_one_window(FIRST, SECOND, [1, 0])
    # Three input spikes; the second meets the reset of hidden 0, the third is too late.
    np.testing.assert_allclose(second_ - SECOND, [[RATE, -RATE], [0, 0]], atol=1e-12)
    back = SECOND[0, 0] - SECOND[0, 1]  # by the weights before they change
    np.testing.assert_allclose(first - FIRST, [[RATE * back * 3, 0], [0, 0]], atol=1e-12)


@pytest.mark.parametrize("options", [{"wanted": [0, 1]}, {"wanted": [1, 0], "learning": 0}])
def test_right_answers_and_tests_change_nothing(options):
    first, second_ = after_one_window(FIRST, SECOND, **options)
    np.testing.assert_array_equal(first, FIRST)
    np.testing.assert_array_equal(second_, SECOND)


def test_weights_stay_in_bounds():
    first, _ = after_one_window(10 * FIRST, 10 * SECOND, [0, 0], fires=(1, 1, 1, 1))
    assert np.abs(first).max() <= 10


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: BPSTDP(rate=0), SynapseError, "rate must be a positive"),
    (lambda: BPSTDP(window=1), SynapseError, "window must be in second"),
    (lambda: BPSTDP(window=-1 * ms), SynapseError, "window must be positive"),
    (lambda: check_window(1.5 * ms, 1 * ms), SynapseError, "whole number of steps"),
    (lambda: BPNetwork(2, 2, exposure=50 * ms), SynapseError, "whole number of steps"),
    (lambda: BPSTDP().layers(NeuronGroup(1, "v : 1"), 1, 1, dt=1 * ms), SynapseError, "'recent : 1'"),
    (lambda: BPNetwork(2, 2).run(None, None, [[0, 2]]), InputError, "numbers in 0..1"),
    (lambda: BPNetwork(2, 2).run(None, None, [[0, 0, 0]]), InputError, "2 numbers"),
    (lambda: BPNetwork(2, 2, averaged=0), InputError, "averaged must be a whole number"),
    (lambda: BPNetwork(2, 2, shown=float("nan")), InputError, "shown must be a whole number"),
])
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_first_weights_are_reproducible_and_scaled():
    first, last = first_weights(400, 100, 3, seed=1, spread=2.0)
    assert first.std() == pytest.approx(2 / 20, rel=0.02)
    np.testing.assert_array_equal(first, first_weights(400, 100, 3, seed=1, spread=2.0)[0])
    assert last.shape == (300,)


class Counter:
    """Stand for a compiled program: each run adds 1 to the weights; output 0 fires every 3rd row."""

    def run(self, inputs, outputs):
        n = int(inputs["schedule.n_samples"])
        rows = np.arange(n)
        return {"bp_first.w": inputs["bp_first.w"] + 1, "bp_second.w": inputs["bp_second.w"] + 2,
                "spikes.i": (rows % 3 != 0).astype(int), "spikes.t": 0.048*rows + 0.01,
                "left.v": np.zeros((n + 1)*2)}


def test_weights_are_the_mean_over_the_last_passes():
    network, values = BPNetwork(2, 2, averaged=3), np.zeros((4, 2))
    weights, curve = network.train(Counter(), values, np.zeros(4, dtype=int), passes=5)
    for layer, start, each in zip(weights, network.initial(0), (1, 2), strict=True):
        np.testing.assert_allclose(layer - start, 4*each)  # of 3, 4 and 5 passes
    assert len(curve) == 5


def test_a_tested_sample_is_named_by_the_sum_of_its_answers():
    network = BPNetwork(2, 2, shown=3)
    assert network.predict(Counter(), network.initial(0), np.zeros((4, 2))).tolist() == [1]*4
    with pytest.raises(InputError, match="up to 150 rows"):
        network.predict(None, None, np.zeros((51, 2)))
