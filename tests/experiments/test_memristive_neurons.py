"""Each experiment on a single neuron, in a quick run: its claim, its file, its figures."""

import numpy as np
import pytest

from brianmem import Result, catalog
from brianmem.errors import BrianmemError, InputError
from brianmem.experiments._claim import judged

FIGURES = {"diffusive_neuron": {"integrate_and_fire", "pulses_to_fire"},
           "vo2_oscillator": {"frequency", "spikes"}, "vo2_encoder": {"encoding", "sparsity"},
           "light_sensitive_neuron": {"rate", "scene"}, "adaptive_neurons": {"adaptation"}}
# Each of their neurons is a build.
LONG = {"adaptive_neurons", "light_sensitive_neuron"}


@pytest.fixture(scope="module", params=[
    pytest.param(name, marks=pytest.mark.long if name in LONG else ())
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
        assert metrics["energy_to_first_spike_J"] == pytest.approx(6.2e-9, rel=0.02)
    if name == "vo2_encoder":
        assert max(metrics["error_over_quantum"]) < 1.1
        assert metrics["worst_count_from_ideal_encoder"] < 0.1
        assert np.all(np.diff(np.asarray(result["spikes"])) > 0)  # a finer quantum, more spikes
    if name == "light_sensitive_neuron":
        assert metrics["worst_from_closed_form"] < 0.02
        assert 1 < metrics["onset_W_m2"] < 5
    if name == "adaptive_neurons":
        assert metrics["plateau_over_first_lif"] == pytest.approx(1, abs=0.02)
        assert all(metrics[f"r_squared_{k}"] > 0.95 for k in catalog.experiment(name).ADAPTIVE)


def test_an_ideal_encoder_loses_up_to_two_spikes_at_a_turn():
    ideal = catalog.experiment("vo2_encoder").ideal_spikes
    assert ideal(np.linspace(0, 1, 1000), 0.0999) == 10
    wave = np.interp(np.linspace(0, 8, 8001), range(9), [0, 1, -1, 1, -1, 1, -1, 1, 0])
    assert ideal(1.2*wave, 1.0) == 1 + 6*2 + 1  # of 19 quanta
    assert ideal(0.9*wave, 1.0) == 0


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
