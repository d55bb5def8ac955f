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
    result = bp_stdp.main(quick=True)
    metrics = result.metrics
    assert metrics["xor_accuracy_min"] == 1.0
    assert metrics["iris_accuracy"] >= 0.9
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
