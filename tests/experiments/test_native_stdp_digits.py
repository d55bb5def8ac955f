"""Learning by overlapping spikes: above chance, and nothing by a spike alone."""

import shutil

import numpy as np
import pytest

from brianmem.errors import InputError
from brianmem.experiments import native_stdp_digits
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks.native_digits import SPIKES
from brianmem.pairing import PairMap, pair_changes


@pytest.mark.standalone
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
@pytest.mark.parametrize("device", sorted(SPIKES))
def test_spikes_alone_teach_digits(device):
    result = native_stdp_digits.main(device, quick=True)
    metrics = result.metrics
    assert metrics["accuracy"] > 0.5  # chance is 0.1
    assert max(metrics["lone_pre"], metrics["lone_post"]) < 1e-9 < metrics["largest_change"]
    # Whole rows of devices hold a presynaptic waveform, long beside a postsynaptic one.
    before, after = (metrics[f"{side}synaptic_energy_per_image_J"] for side in ("pre", "post"))
    assert before > 100*after > 0
    assert "pair(near, x, 0)" in result.attrs["equations"]
    assert "pulse(x, idle)" not in result.attrs["equations"]
    figures = native_stdp_digits.plot(result)
    assert set(figures) == {"window", "receptive_fields"}
    assert len(figures["window"].axes[0].get_legend().get_texts()) == 3


@pytest.mark.parametrize("device", sorted(SPIKES))
def test_the_map_is_what_the_equations_do(device):
    cell, spikes = SPIKES[device]
    made = PairMap.from_device(cell, spikes)
    delays, x = np.array([0.0, 0.013, 0.2]), np.array([0.31, 0.62])
    direct, _ = pair_changes(cell, spikes, delays, x, slices=16)
    found = made.window(delays[:, None], x)
    np.testing.assert_allclose(found, direct, atol=0.02 * np.abs(direct).max())
    assert np.all(direct[0] * direct[2] < 0)


def test_a_device_without_threshold_is_refused():
    with pytest.raises(InputError, match="a spike alone moves the state"):
        PairMap.from_device(memdiode, SPIKES["yakopcic"][1])
