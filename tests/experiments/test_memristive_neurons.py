"""Each experiment on a single neuron, in a quick run: its claim, its file, its figures."""

import numpy as np
import pytest

from brianmem import Result, catalog
from brianmem.errors import BrianmemError, InputError
from brianmem.experiments._claim import judged

FIGURES = {"diffusive_neuron": {"integrate_and_fire", "pulses_to_fire"},
           "vo2_oscillator": {"frequency", "spikes"}, "vo2_encoder": {"encoding", "sparsity"},
           "light_sensitive_neuron": {"rate", "scene"}, "adaptive_neurons": {"adaptation"}}


@pytest.fixture(scope="module", params=[
    # Each of their neurons is a build; vo2_oscillator stands for all.
    pytest.param(name, marks=() if name == "vo2_oscillator" else pytest.mark.long)
    for name in sorted(FIGURES)])
def quick(request):
    module = catalog.experiment(request.param)
    return request.param, module, module.main(quick=True)


def test_claim_holds_and_result_survives(quick, tmp_path):
    name, module, result = quick
    assert result.metrics["claim_holds"] is True
    assert "basis" in result.metrics
    assert result.attrs["kind"] == name
    loaded = Result.load(result.save(tmp_path/"result.h5"))
    assert set(loaded) == set(result)
    figures = module.plot(loaded)
    assert set(figures) == FIGURES[name]
    for figure in figures.values():
        figure.savefig(tmp_path/"figure.png")
        assert all(axis.lines or axis.texts for axis in figure.axes)


def test_numbers(quick):
    name, _, result = quick
    metrics = result.metrics
    if name == "vo2_oscillator":
        assert metrics["worst_from_measured"] < 0.05
        assert metrics["worst_from_closed_form"] < 0.03
        assert metrics["silent_points"] > 0
    if name == "diffusive_neuron":
        assert metrics["pulses_before_spike_at_2.5V"] == 10
        assert 8 <= metrics["pulses_before_spike_after_a_pause"] <= 10
    if name == "vo2_encoder":
        assert max(metrics["error_over_quantum"]) < 1.1
        assert np.all(np.diff(np.asarray(result["spikes"])) > 0)  # a finer quantum, more spikes
    if name == "light_sensitive_neuron":
        assert metrics["worst_from_closed_form"] < 0.02
        assert 1 < metrics["onset_W_m2"] < 5
    if name == "adaptive_neurons":
        assert metrics["plateau_over_first_lif"] == pytest.approx(1, abs=0.02)


def test_a_quick_run_raises_where_the_claim_fails():
    with pytest.raises(BrianmemError, match="not silent in the dark"):
        judged(True, silent_in_the_dark=False, monotone=True)
    assert judged(False, monotone=False) == {"claim_holds": False}


@pytest.mark.parametrize(("name", "options", "fault"), [
    ("vo2_oscillator", {"points": 2}, "--points must be at least 3"),
    ("light_sensitive_neuron", {"points": 0}, "--points must be at least 3"),
    ("diffusive_neuron", {"amplitudes": 1}, "--amplitudes must be at least 2"),
    ("vo2_encoder", {"beats": 0}, "--beats must be at least 1")])
def test_bad_options_are_refused(name, options, fault):
    with pytest.raises(InputError, match=fault):
        catalog.experiment(name).main(**options)
