"""Experiments on neurons that are circuits: quick runs, and rules that can reject."""

import numpy as np
import pytest

from brianmem import Result, catalog
from brianmem.experiments import _behaviours as behaviours

FIGURES = {"neuristor": {"all_or_none", "sweeps"},
           "habituation": {"habituation", "dishabituation", "synapse"},
           "neuron_gallery": {"gallery"}}


@pytest.fixture(scope="module", params=sorted(FIGURES))
def quick(request):
    module = catalog.experiment(request.param)
    return request.param, module, module.main(quick=True)


@pytest.mark.long
def test_claim_holds_and_result_survives(quick, tmp_path):
    name, module, result = quick
    assert result.metrics["claim_holds"] is True
    assert result.attrs["kind"] == name
    loaded = Result.load(result.save(tmp_path/"result.h5"))
    assert set(loaded) == set(result)
    assert set(module.plot(loaded)) == FIGURES[name]


@pytest.mark.long
def test_numbers(quick):
    name, _, result = quick
    metrics = result.metrics
    if name == "neuristor":
        assert metrics["spikes_at_0.2V"] == 0
        assert metrics["height_spread"] < 0.05
    elif name == "habituation":
        assert metrics["share_left_100uA"] > 0.9 > 0.5 > metrics["share_left_500uA"]
        assert metrics["spikes_per_pulse_after_strong_stimulus"] > 4 > 2 > \
            metrics["spikes_per_pulse_without_other_stimulus"]
    else:
        assert metrics["detected"] == len(behaviours.BEHAVIOURS)
        assert metrics["controls_rejected"] == len(behaviours.BEHAVIOURS)


@pytest.mark.parametrize("behaviour", behaviours.BEHAVIOURS, ids=lambda b: b.name)
def test_no_rule_accepts_silence(behaviour):
    silent = [np.array([])]*len(behaviour.stimuli)
    assert not behaviour.rule(silent, np.full(len(silent), 0.1))


EVEN = np.arange(20.0, 200, 10)
GROUPS = np.concatenate([k + np.arange(4.0) for k in (20, 60, 100, 140)])


@pytest.mark.parametrize(("rule", "shows", "does_not"), [
    (behaviours.tonic, EVEN, GROUPS), (behaviours.bursting, GROUPS, EVEN),
    (behaviours.phasic, EVEN[:1], EVEN), (behaviours.phasic_bursting, GROUPS[:4], GROUPS),
    (behaviours.adapting, np.array([20, 30, 42, 58, 78, 98.2, 118.4, 138.6, 158.8, 179, 199.2]), EVEN),
    (behaviours.mixed, np.array([20, 25, 30, 60, 90, 120, 150, 180.0]), EVEN)])
def test_rules_tell_trains_apart(rule, shows, does_not):
    assert rule([shows], None)
    assert not rule([does_not], None)
