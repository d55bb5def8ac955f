"""Tables read in place, against scipy and by hand."""

import numpy as np
import pytest
from brian2 import TimedArray, second
from scipy.interpolate import RegularGridInterpolator

from brianmem.errors import InputError
from brianmem.lookup import interpolate, table_function


def data(values, name):
    return TimedArray(values, dt=1 * second, name=name)


def test_one_axis_is_linear_and_clipped():
    table = np.array([0.0, 1.0, 4.0])
    np.testing.assert_allclose(interpolate(table, [-1, 0, 0.25, 0.75, 1, 2]), [0, 0, 0.5, 2.5, 4, 4])


def test_two_axes_are_bilinear():
    rng = np.random.default_rng(0)
    table = rng.uniform(size=(5, 5))
    x, y = rng.uniform(size=(2, 50))
    expected = RegularGridInterpolator((np.linspace(0, 1, 5),) * 2, table)(np.stack([x, y], 1))
    np.testing.assert_allclose(interpolate(table, x, y), expected, rtol=1e-12)
    look_up = table_function(data(table.reshape(-1, 1), "two_axes"), states=2)
    np.testing.assert_allclose(look_up(x, y, 0), expected, rtol=1e-12)


def test_invalid_state_stays_visible():
    assert np.isnan(interpolate(np.array([0.0, 1.0]), np.nan))


def test_column_may_differ_between_elements():
    table = np.stack([np.linspace(0, 1, 4), np.linspace(5, 6, 4)], axis=1)
    look_up = table_function(data(table, "columns"))
    np.testing.assert_allclose(look_up(np.array([0.5, 0.5]), np.array([0, 1])), [0.5, 5.5])
    np.testing.assert_allclose(look_up(0.5, np.array([1, 0])), [5.5, 0.5])


def test_replaced_values_are_read():
    array = data(np.zeros((3, 1)), "replaced")
    look_up = table_function(array)
    array.values[:] = 7.0
    assert look_up(0.3, 0) == 7.0


def test_rows_must_form_a_grid():
    with pytest.raises(InputError, match="7 rows is no square grid of 2 states"):
        table_function(data(np.zeros((7, 1)), "odd"), states=2)
    with pytest.raises(InputError, match="one or two states"):
        table_function(data(np.zeros((8, 1)), "cube"), states=3)
