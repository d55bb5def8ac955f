"""Triplets against pairs over the rate of pairing: a quick run, and its numbers."""

import numpy as np
import pytest

from brianmem import Result, catalog
from brianmem.errors import BrianmemError, InputError
from brianmem.plasticity import triplets

pytestmark = pytest.mark.usefixtures("numpy_target")

EXPERIMENT = catalog.experiment("triplet_frequency")


@pytest.fixture(scope="module")
def quick(numpy_target):
    return EXPERIMENT.main(quick=True)


def test_claim_holds_and_result_survives(quick, tmp_path):
    assert quick.metrics["claim_holds"] is True
    loaded = Result.load(quick.save(tmp_path / "result.h5"))
    assert set(loaded) == set(quick)
    assert set(EXPERIMENT.plot(loaded)) == {"frequency"}


def test_changes_are_sums_over_all_pairs_and_triplets(quick):
    periods = 1e3 / np.asarray(quick["rate"])
    for row, lag in zip(quick["triplet"], (10.0, -10.0), strict=True):
        for change, period in zip(row, periods, strict=True):
            pre = period * np.arange(60)
            post = pre + lag

            def seen(train, now, tau):
                return np.exp(-(now - train[train < now - 1e-6]) / tau).sum()

            expected = sum(seen(pre, t, 16.8) * 6.5e-3 * seen(post, t, 114) for t in post)
            expected -= sum(seen(post, t, 33.7) * 7.1e-3 for t in pre)
            np.testing.assert_allclose(change, expected, atol=1e-9)


def test_fit_is_within_the_errors_of_the_data_and_no_pair_rule_is(quick):
    assert quick.metrics["misfit_triplet"] < 0.4
    assert quick.metrics["misfit_pair"] > 3


def test_claim_can_fail_and_options_are_checked(monkeypatch):
    # A rule of pairs in the place of the fit.
    monkeypatch.setitem(triplets.FITS, ("visual_cortex", "minimal", "all"),
                        (5e-3, 0.0, 7e-3, 0.0, 101, 114))
    with pytest.raises(BrianmemError, match="triplets potentiate more"):
        EXPERIMENT.main(quick=True)
    with pytest.raises(InputError, match="at least 2"):
        EXPERIMENT.main(pairings=1)
