"""Maps over the quantiles of a spread parameter, and the error of that choice."""

import numpy as np
import pytest
from brian2 import kohm, ms, ohm, second, volt

from brianmem.device import Device
from brianmem.errors import VariationError
from brianmem.quantiles import nearest, quantile_error, quantile_maps, quantile_values
from brianmem.variation import Spread

DEVICE = Device(name="spread", equations="dx/dt = (1 - x)/tau*v/V1 : 1\nI = x*v/R : amp",
                parameters={"tau": 100 * ms, "V1": 1 * volt, "R": 1 * kohm}, initial={"x": 0},
                bounds={"x": (0, 1)})


def test_values_lie_at_mid_quantiles():
    values = quantile_values(DEVICE, "tau", Spread(0.5, "uniform"), 4)
    np.testing.assert_allclose(values / ms, [62.5, 87.5, 112.5, 137.5])
    for spread in (Spread(0.3), Spread(0.3, "normal")):
        values = quantile_values(DEVICE, "tau", spread, 5) / ms
        drawn = 100 * spread.factors(40000, np.random.default_rng(1))
        np.testing.assert_allclose(values, np.quantile(drawn, [0.1, 0.3, 0.5, 0.7, 0.9]), rtol=0.02)


def test_nearest_value():
    np.testing.assert_array_equal(nearest([1.0, 2.0, 4.0], [0, 1.4, 1.6, 2.9, 3.1, 9]),
                                  [0, 0, 1, 1, 2, 2])


def test_each_map_has_its_own_parameter():
    maps = quantile_maps(DEVICE, 1 * volt, 10 * ms, "tau", [50 * ms, 100 * ms], points=3)
    np.testing.assert_allclose([m.step(0.0) for m in maps], 1 - np.exp([-0.2, -0.1]), rtol=1e-12)


def test_error_falls_with_more_maps():
    spread = Spread(0.2)
    errors = []
    for quantiles in (1, 4, 16):
        values = quantile_values(DEVICE, "tau", spread, quantiles)
        maps = quantile_maps(DEVICE, 1 * volt, 5 * ms, "tau", values, points=9)
        errors.append(quantile_error(maps, "tau", spread, samples=40)[0])
    assert 0.08 < errors[0] < 0.3  # a spread of 0.2 unaccounted for
    assert errors[1] < errors[0] / 2
    assert errors[2] < errors[1] / 2


def test_unknown_parameter_is_named():
    with pytest.raises(VariationError, match="no parameter 'tua'"):
        quantile_values(DEVICE, "tua", Spread(0.1))
    with pytest.raises(VariationError, match="at least 1"):
        quantile_values(DEVICE, "R", Spread(0.1), 0)
    assert quantile_values(DEVICE, "R", Spread(0.1), 1)[0] == 1000 * ohm
    assert quantile_values(DEVICE, "tau", Spread(0), 3)[2] == 0.1 * second
