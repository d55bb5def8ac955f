"""Noisy letters: refractoriness and inhibition tell them apart, plain LIF does not."""

import numpy as np
import pytest

from brianmem import Result
from brianmem.errors import InputError
from brianmem.experiments import _letters, letters


def test_letters_differ_and_noise_flips_its_share():
    assert len(np.unique(_letters.PIXELS, axis=0)) == len(_letters.LETTERS)
    assert _letters.PIXELS.shape[1] == np.prod(_letters.SHAPE)
    pictures, labels = _letters.noisy(np.random.default_rng(0), 400, 0.2)
    assert np.mean(pictures != _letters.PIXELS[labels]) == pytest.approx(0.2, abs=0.01)


def test_claim_holds_and_result_survives(tmp_path):
    result = letters.main(quick=True)
    assert result.metrics["claim_holds"] is True
    assert result["accuracy"].shape == (1, 2, 4)
    loaded = Result.load(result.save(tmp_path/"result.h5"))
    assert set(letters.plot(loaded)) == {"accuracy", "fields_srm", "fields_lif"}


@pytest.mark.parametrize("options", [{"noise": (0.7,)}, {"neurons": 1}, {"seeds": 0}])
def test_bad_options_are_refused(options):
    with pytest.raises(InputError, match="--noise must lie in 0 to 0.5"):
        letters.main(**options)
