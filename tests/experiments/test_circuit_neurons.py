"""Experiments on neurons that are circuits: quick runs, and rules that can reject."""

import numpy as np
import pytest
from brian2 import nfarad, usecond

from brianmem import Result, catalog, find
from brianmem.experiments import _behaviours as behaviours
from brianmem.models.targets._firing import firing

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


@pytest.mark.long
def test_mixed_mode_is_no_accident_of_one_value():
    c_in, step = (x.ravel() for x in np.meshgrid([1.0, 1.05, 1.1], [0.25, 0.28, 0.3]))
    neuron = find("vanadium_neuron").with_parameters("mixed_mode")
    text = " + ".join(f"{v!r}*int(i == {k})" for k, v in enumerate(step.tolist()))
    run = firing(neuron, f"({text})*volt*int(t >= 10*us)", behaviours.END*usecond, n=len(c_in),
                 parameters={"Cin": c_in*nfarad})
    assert all(behaviours.mixed([t*1e6], None) for t in run.times)


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
    (behaviours.mixed, np.array([20, 25, 30, 60, 90, 120, 150, 180.0]), EVEN),
    (behaviours.rebound, np.array([104.0]), np.array([180.0])),
    (behaviours.rebound, np.array([104.0]), np.array([104.0, 110.0])),
    (behaviours.rebound, np.array([104.0]), np.array([50.0])),
    (behaviours.inhibition_induced, EVEN[EVEN < 150], EVEN)])
def test_rules_tell_trains_apart(rule, shows, does_not):
    assert rule([shows], None)
    assert not rule([does_not], None)


def _firing_at(rates):
    """Return trains from 20 us to the end at the rates (1/us), none at 0."""
    return [np.arange(20.0, behaviours.END, 1/f) if f else np.array([]) for f in rates]


#: Rates (1/us) over ten drives: continuous, all at once, and at 0.35 of the largest at once.
SMOOTH = _firing_at([0, 0, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1])
SUDDEN = _firing_at([0, 0, *[0.1]*8])
A_JUMP = _firing_at([0, 0, 0.02, 0.021, 0.022, 0.07, 0.08, 0.09, 0.095, 0.1])
ON_AND_OFF, LASTS = np.arange(42.0, 101, 5), np.arange(42.0, behaviours.END, 5)
ONE, NONE = np.array([20.0]), np.array([])


@pytest.mark.parametrize(("rule", "shows", "does_not"), [
    (behaviours.class_1, SMOOTH, SUDDEN), (behaviours.class_1, SMOOTH, A_JUMP),
    (behaviours.class_2, SUDDEN, SMOOTH),
    # What falls silent by itself is a transient and no second state.
    (behaviours.bistable, [ON_AND_OFF, LASTS], [ON_AND_OFF, ON_AND_OFF]),
    (behaviours.class_3, [NONE, ONE, ONE], [NONE, ONE, EVEN]),
    (behaviours.latency, [[70.0], [40.0], [20.0], [15.0]], [[20.0]]*4),
    (behaviours.integrator, [NONE, ONE, NONE], [NONE, ONE, ONE]),
    (behaviours.refractory, [ONE, ONE, EVEN[:2]], [ONE, EVEN[:2], EVEN[:2]]),
    (behaviours.threshold_variability, [NONE, NONE, [115.0]], [NONE, [112.0], [115.0]]),
    (behaviours.accommodation, [ONE, NONE], [ONE, ONE]),
    (behaviours.block, [EVEN[:5], EVEN[:8], EVEN, ONE], [EVEN[:5], EVEN[:8], EVEN[:9], EVEN])])
def test_rules_compare_runs(rule, shows, does_not):
    assert rule([np.asarray(t) for t in shows], None)
    assert not rule([np.asarray(t) for t in does_not], None)


def test_a_spike_is_all_or_none_only_if_its_height_does_not_grow():
    runs = [NONE, ONE, ONE]
    assert behaviours.all_or_none(runs, np.array([0.1, 0.50, 0.51]))
    assert not behaviours.all_or_none(runs, np.array([0.1, 0.50, 0.70]))
