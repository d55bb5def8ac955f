"""The label of nonlinearity against points read in NeuroSim, and its inverse."""

import numpy as np
import pytest

from brianmem import pulse_curvature, pulse_nonlinearity
from brianmem.errors import InputError


# Label to A/P_max, to the digits read in getParamA of MLP+NeuroSim 3.0.
@pytest.mark.parametrize(("label", "normalised_a", "digit"), [
    (0.01, 126.268958, 1e-6), (0.5, 2.519877, 1e-6), (1, 1.251653, 1e-6), (2, 0.609035, 1e-6),
    (2.4, 0.4992, 1e-4), (3, 0.3868, 1e-4), (4, 0.2691, 1e-4), (4.88, 0.2003, 1e-4),
    (5, 0.1924, 1e-4), (6, 0.1356, 1e-4), (8, 0.0528, 1e-4)])
def test_table_of_neurosim(label, normalised_a, digit):
    assert 1 / pulse_curvature(label) == pytest.approx(normalised_a, abs=digit)


def test_label_is_the_perpendicular_distance_from_the_line():
    p = np.linspace(0, 1, 200001)
    for k in (0.3, 2.5, 12.0):
        w = np.expm1(-k * p) / np.expm1(-k)
        assert pulse_nonlinearity(k) == pytest.approx(np.max(w - p) / np.sqrt(2) / 0.07, rel=1e-8)


def test_inverse_and_odd():
    for label in (-9, -0.3, 1e-6, 1e-3, 0.05, 4.22, 10):
        assert pulse_nonlinearity(pulse_curvature(label)) == pytest.approx(label, rel=1e-9)
    assert pulse_curvature(0) == 0
    k = np.array([-3.0, 0.0, 0.009, 0.011, 3.0])
    found = pulse_nonlinearity(k)
    np.testing.assert_allclose(found, -pulse_nonlinearity(-k))
    assert found[1] == 0
    assert np.all(np.diff(found) > 0)


def test_series_for_small_curvatures_meets_the_formula():
    below, above = pulse_nonlinearity(0.01 - 1e-12), pulse_nonlinearity(0.01 + 1e-12)
    assert below == pytest.approx(above, rel=1e-9)


@pytest.mark.parametrize("label", [10.2, -11, np.nan, np.inf])
def test_labels_beyond_a_step_are_refused(label):
    with pytest.raises(InputError, match="nonlinearity must lie between"):
        pulse_curvature(label)
    with pytest.raises(InputError, match="finite"):
        pulse_nonlinearity(np.inf)
