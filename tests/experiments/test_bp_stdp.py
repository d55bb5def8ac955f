"""BP-STDP learns XOR and Iris; one layer less would not do."""

import shutil

import numpy as np
import pytest

from brianmem import Result, datasets
from brianmem.errors import InputError
from brianmem.experiments import bp_stdp


@pytest.mark.long
@pytest.mark.standalone
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_xor_and_iris_are_learned(tmp_path):
    result = bp_stdp.main(quick=True)  # raises where the claim does not hold
    metrics = result.metrics
    assert metrics["claim_holds"]
    assert metrics["xor_accuracy_min"] == 1.0
    assert metrics["iris_accuracy"] == result["iris_right"].mean() >= 0.9
    assert result["xor_curve"][0, 0] < 0.9  # it was not there at the start
    loaded = Result.load(result.save(tmp_path / "result.h5"))
    assert set(bp_stdp.plot(loaded)) == {"learning"}


def test_folds_share_out_every_class():
    values, labels = datasets.load_iris()
    assert values.shape == (150, 4)
    assert np.all(np.bincount(labels) == 50)
    np.testing.assert_allclose(values.mean(axis=0), [5.8433, 3.0573, 3.758, 1.1993], atol=1e-4)
    folds = bp_stdp._folds(labels, 0)
    for k in range(5):
        assert np.all(np.bincount(labels[folds == k]) == 10)
    with pytest.raises(InputError, match="--passes"):
        bp_stdp.main(passes=0)


@pytest.mark.parametrize(("xor", "iris", "holds"), [
    ([1.0, 1.0], [0.93, 0.95], True), ([1.0, 0.99], [0.96, 0.96], False),
    ([1.0, 1.0], [0.92, 0.93], False)])
def test_the_claim_asks_for_all_of_xor_and_93_percent_of_iris(xor, iris, holds):
    metrics = bp_stdp._metrics(np.array(xor), np.array(iris), quick=False)
    assert metrics["claim_holds"] is holds
