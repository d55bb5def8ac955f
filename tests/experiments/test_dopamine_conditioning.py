"""Conditioning by dopamine: the rewarded stimulus stands out, and only if it is rewarded."""

import shutil

import numpy as np
import pytest
from brian2 import second

from brianmem import Result
from brianmem.errors import InputError
from brianmem.experiments import dopamine_conditioning
from brianmem.models.networks.dopamine_network import DopamineNetwork
from brianmem.network.program import program


@pytest.mark.long
@pytest.mark.standalone
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_the_rewarded_stimulus_stands_out(tmp_path):
    result = dopamine_conditioning.main(quick=True)
    metrics = result.metrics
    assert metrics["claim_holds"] is True
    assert metrics["response_rewarded"] > metrics["response_others_max"]
    assert metrics["response_before"] < metrics["response_rewarded"]
    assert 0.5 < metrics["rate_hz"] < 20
    loaded = Result.load(result.save(tmp_path / "result.h5"))
    assert set(dopamine_conditioning.plot(loaded)) == {"responses", "weights"}
    network = DopamineNetwork(duration=200 * second, stimuli=20, rewarded=-1)
    out = program(network.structure()).run(network.inputs(network.schedule()), network.output_names)
    mean = out["weights.w_now"].reshape(4, -1).mean(axis=1)
    # Without rewards tonic dopamine reads out the pairs of chance, among which depression prevails.
    assert np.all((np.diff(mean) < 0) & (np.diff(mean) > -0.05))


def test_the_schedule_is_what_was_asked_for():
    network = DopamineNetwork(duration=100 * second, stimuli=10, rewarded=3, warm_up=20 * second)
    members, onsets, which, delays = network.schedule()
    assert np.all(members[:10].sum(axis=1) == 50)
    assert not members[10:].any()
    assert np.diff(onsets).min() >= 100
    assert np.diff(onsets).max() <= 300
    paid = delays >= 0
    assert np.all(which[paid] == 3)
    assert onsets[paid].min() >= 20_000
    assert delays[paid].max() <= 1000
    assert np.ptp(np.bincount(which[:1000])) == 0


@pytest.mark.parametrize("options", [{"duration": 100 * second}, {"delay": 0 * second},
                                     {"stimuli": 1}])
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        dopamine_conditioning.main(**options)
