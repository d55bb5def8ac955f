"""Windows of overlapping spikes on several devices: a quick run, and its numbers."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import msecond

from brianmem import Result, catalog
from brianmem.errors import BrianmemError, InputError
from tests.unit.threshold_window import expected, summed

pytestmark = pytest.mark.usefixtures("numpy_target")

EXPERIMENT = catalog.experiment("stdp_window")


@pytest.fixture(scope="module")
def quick(numpy_target):
    return EXPERIMENT.main(quick=True)


def test_claim_holds_and_figure_shows_every_device(quick, tmp_path):
    assert quick.metrics["claim_holds"] is True
    loaded = Result.load(quick.save(tmp_path / "result.h5"))
    figures = EXPERIMENT.plot(loaded)
    assert set(figures) == {"windows"}
    legend = figures["windows"].axes[0].get_legend().get_texts()
    assert [t.get_text() for t in legend] == [
        "exponential threshold", "yakopcic", "stanford pku", "pershin di ventra", "law, by quadrature"]


def test_numbers(quick):
    delays = list(EXPERIMENT.TABLE)
    exact = np.array([expected(delay) for delay in delays]) / abs(expected(-0.5))
    np.testing.assert_allclose(list(EXPERIMENT.TABLE.values()), exact, atol=6e-5)
    shown = dict(zip(np.asarray(quick["delay"] / msecond), quick["window"][0], strict=True))
    np.testing.assert_allclose([shown[delay] for delay in delays], exact, rtol=2e-3)
    assert 0 < quick.metrics["worst_deviation_over_entry"] < 2e-3
    np.testing.assert_array_equal(quick["lone"], 0)
    # The law's depression outweighs its potentiation; equal scales make windows nearly odd.
    ratio = quick.metrics["increase_over_decrease_exponential_threshold"]
    assert ratio == pytest.approx(0.393, abs=2e-3)
    assert quick.metrics["increase_over_decrease_pershin_di_ventra"] == pytest.approx(1, abs=0.05)


def test_a_sum_that_misses_the_peak_gives_another_table():
    coarse = np.array([summed(delay) for delay in EXPERIMENT.TABLE]) / abs(summed(-0.5))
    np.testing.assert_allclose(coarse, [0.391, 0.324, 0.107, -1, -0.90, -0.476, -0.039], atol=6e-4)
    assert max(abs(coarse / list(EXPERIMENT.TABLE.values()) - 1)) > 0.02


def test_claim_can_fail_and_options_are_checked(monkeypatch):
    with pytest.raises(InputError, match="no wiring is stated for 'memdiode'"):
        EXPERIMENT.main("memdiode", quick=True)
    with pytest.raises(InputError, match="each device once"):
        EXPERIMENT.main("yakopcic, yakopcic", quick=True)
    # A presynaptic spike over the threshold by itself.
    wired = EXPERIMENT.WIRING["yakopcic"]
    monkeypatch.setitem(EXPERIMENT.WIRING, "yakopcic", replace(wired, pre=0.7))
    with pytest.raises(BrianmemError, match="lone spikes change nothing"):
        EXPERIMENT.main("yakopcic", quick=True)
