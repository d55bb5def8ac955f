"""Nonlinear, pruned, quantised and varied devices in a network: quick runs and their parts."""

import shutil

import numpy as np
import pytest

from brianmem.errors import InputError
from brianmem.experiments import _digit_points as points
from brianmem.experiments import nonlinearity_map, pruned_quantised, variability

compiled = [pytest.mark.standalone, pytest.mark.long,
            pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")]


@pytest.mark.parametrize(("experiment", "figures"), [
    pytest.param(nonlinearity_map, {"nonlinearity_map"}, marks=compiled),
    pytest.param(pruned_quantised, {"accuracy", "savings"}, marks=compiled),
    pytest.param(variability, {"variability"}, marks=compiled)])
def test_a_quick_run_shows_the_direction(experiment, figures):
    result = experiment.main(quick=True)
    assert result.metrics["claim_holds"]
    assert set(experiment.plot(result)) == figures


@pytest.mark.standalone
@pytest.mark.long
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_a_map_continues_with_the_points_it_has(tmp_path):
    first = nonlinearity_map.main(size=2, seeds=1, images=500, jobs=1, out=tmp_path)
    files = sorted((tmp_path / "study").glob("points/*/*.h5"))
    assert len(files) == 4
    kept = files[0].stat().st_mtime_ns
    files[1].unlink()
    again = nonlinearity_map.main(size=2, seeds=1, images=500, jobs=1, out=tmp_path, resume=True)
    assert files[0].stat().st_mtime_ns == kept
    assert files[1].exists()
    np.testing.assert_array_equal(first["accuracy"], again["accuracy"])


def test_signs_of_the_map():
    """Positive: most of the change comes first, by SET and by RESET; a middle step is kept."""
    for ltp, ltd in ((3, 3), (3, -3), (-3, 3)):
        curve = points.MemristiveDigits(points.cell(ltp, ltd, levels=40, depression=1),
                                        neurons=1).pulse_response(40)
        rise, fall = curve["set"][[0, 20, 40]], curve["reset"][[0, 20, 40]]
        assert (rise[1] - rise[0] > rise[2] - rise[1]) == (ltp > 0)
        assert (fall[0] - fall[1] > fall[1] - fall[2]) == (ltd > 0)
        np.testing.assert_allclose([rise[2], fall[2]], [fall[0], rise[0]], rtol=2e-3)


@pytest.mark.parametrize("label", [-5, 2, 5])
def test_a_step_in_the_middle_is_that_of_a_straight_branch(label):
    tables = points.MemristiveDigits(
        points.cell(label, label, levels=500, depression=1, steps="middle"), neurons=1).tables
    grid = np.linspace(0, 1, len(tables))
    step = np.interp(0.5, grid, tables[:, 0] - grid), np.interp(0.5, grid, tables[:, 1] - grid)
    np.testing.assert_allclose(step, [1/500, -1/500], rtol=0.02)


def test_groups_of_the_map_part_it_by_sign():
    parts = nonlinearity_map.groups(np.array([-1.0, 0.0, 1.0]))
    assert parts["ltp_positive_ltd_negative"][2, 0]
    assert parts["retracing"][2, 0]
    assert parts["both_positive"].sum() == parts["both_negative"].sum() == 1
    assert parts["same_shape"].sum() == parts["retracing"].sum() == 3


def test_pruning_takes_the_least_and_quantising_moves_to_the_nearest():
    network = points.PrunedDigits(points.cell(), neurons=3, seed=1)
    state = network.initial_state(1)
    cut = points.pruned(network, state, 0.5)
    assert cut.pruned.mean() == pytest.approx(0.5, abs=1e-3)
    current = network.synaptic_current(state)
    assert current[cut.pruned].max() <= current[~cut.pruned].min()
    assert not cut.synaptic_current(state)[cut.pruned].any()
    assert np.all(cut.devices[1] == cut.pruned)
    more = points.pruned(cut, state, 0.8)
    assert np.all(more.pruned[cut.pruned])
    low, high = network.window_current
    levels = network.synaptic_current(points.quantise(network, state, 4))
    share = (levels - low) / (high - low) * 3
    np.testing.assert_allclose(share, np.round((current - low) / (high - low) * 3), atol=1e-6)


@pytest.mark.parametrize("experiment", [nonlinearity_map, pruned_quantised, variability])
def test_no_network_is_refused(experiment):
    with pytest.raises(InputError, match="--seeds"):
        experiment.main(seeds=0)


def test_the_ratio_of_steps():
    ratio = nonlinearity_map.step_ratio([-3.0, 0.0, 3.0], 0.2)
    assert ratio[1, 1] == pytest.approx(points.DEPRESSION, rel=0.02)
    assert np.all(np.diff(ratio, axis=0) > 0)  # saturating LTP: large steps where the weight is low
    assert np.all(np.diff(ratio, axis=1) > 0)  # saturating LTD: small ones there


def test_the_published_ordering_is_told_from_its_opposite():
    labels = np.array([-2.0, -1.0, 1.0, 2.0])
    parts = nonlinearity_map.groups(labels)
    high = np.where(parts["both_positive"] | parts["same_shape"], 0.8, 0.6)
    noise = np.array([-0.01, 0.01])
    found = nonlinearity_map._metrics(labels, high[..., None] + noise, quick=False)
    assert found["published_ordering_same_shape"]
    assert found["claim_holds"]
    assert found["margin_same_shape"] == pytest.approx(0.2)
    assert found["spread_of_seeds"] == pytest.approx(0.01 * np.sqrt(2))
    assert found["error_same_shape"] == pytest.approx(0.01 * np.sqrt(2 * (1/4 + 1/10) / 2))
    opposite = nonlinearity_map._metrics(labels, (1 - high)[..., None] + noise, quick=False)
    assert not opposite["published_ordering_same_shape"]
    assert not opposite["claim_holds"]
