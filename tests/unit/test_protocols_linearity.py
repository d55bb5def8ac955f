"""Non-linearity, symmetry and levels of pulse trains against closed forms."""

import numpy as np
import pytest
from brian2 import msecond, siemens, usecond, volt
from hypothesis import given, settings
from hypothesis import strategies as st

from brianmem import Device, PulseTrain, Variation, find
from brianmem.errors import ProtocolError, UnitError
from brianmem.protocols.linearity import LABELS, WIDTHS, area, fit, label, levels, train_metrics

COUNTER = Device(
    name="counter", equations="dx/dt = v/phi_0 : 1\nI = v*(G_min + G_max*x) : amp",
    parameters={"phi_0": 10*volt*msecond, "G_min": 1e-6*siemens, "G_max": 1e-3*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond),
               "read": (0.1*volt, 1*usecond)})


def exponential(steepness, count=50):
    p = np.linspace(0, 1, count + 1)
    return np.expm1(-steepness * p) / np.expm1(-steepness)


@settings(max_examples=40, deadline=None)
@given(s=st.floats(-12, 12).filter(lambda s: abs(s) > 1e-3), g=st.floats(1e-9, 1), flip=st.booleans())
def test_fit_recovers_the_exponential_in_either_direction(s, g, flip):
    curve = g * (1 + 5 * exponential(s))
    found, residual = fit(6 * g - curve + g if flip else curve)
    assert found == pytest.approx(s, rel=1e-4, abs=1e-4)
    assert residual < 1e-5


def test_labels_are_those_of_the_table_and_keep_the_sign():
    for row, width in zip(LABELS, WIDTHS, strict=True):
        assert label(1 / width) == pytest.approx(row, rel=1e-12)
        assert label(-1 / width) == pytest.approx(-row, rel=1e-12)
    assert label(0) == 0
    tried = np.concatenate([np.linspace(-150, -1e-3, 300), np.linspace(1e-3, 150, 300)])
    assert np.all(np.diff([label(s) for s in tried]) > 0)
    # Half of the pulses at label 3
    assert exponential(1 / 0.3868)[25] == pytest.approx(0.785, abs=1e-3)


@pytest.mark.parametrize("s", [0.1, 1, 2.5, 5])
def test_area_between_two_saturating_branches(s):
    up = exponential(s, 1000)
    down = 1 - exponential(s, 1000)
    assert area(up, down) == pytest.approx(1 / np.tanh(s / 2) - 2 / s, abs=1e-5)
    assert area(up, up[::-1]) == 0
    metrics = train_metrics(np.concatenate([up, down[1:]])[None], 1000, 0.0)
    assert metrics["ltp_nonlinearity"] == pytest.approx(metrics["ltd_nonlinearity"], rel=1e-3)
    assert metrics["ltd_nonlinearity"] > 0
    retraced = train_metrics(np.concatenate([up, up[::-1][1:]])[None], 1000, 0.0)
    assert retraced["ltd_nonlinearity"] == pytest.approx(-retraced["ltp_nonlinearity"], rel=1e-3)


def test_levels_are_counted_with_their_noise():
    curve = np.linspace(1, 2, 51)
    assert levels(curve, np.zeros(51)) == 51
    # 0.02 apart, 2 (0.01 + 0.01) = 0.04 needed: every second one
    assert levels(curve, np.full(51, 0.01 * (1 - 1e-9))) == 26
    assert levels(curve[::-1], np.full(51, 0.01 * (1 - 1e-9))) == 26
    assert levels(curve, np.full(51, 1.0)) == 1
    assert levels(np.ones(5), np.zeros(5)) == 1
    # Relative read noise: G_k+1 = G_k (1 + 2 s)/(1 - 2 s)
    ratio = 1.04 / 0.96
    fine = np.linspace(1, 100, 100001)
    assert levels(fine, 0.02 * fine) == pytest.approx(1 + np.log(100) / np.log(ratio), abs=1.01)


def test_flux_counter_is_linear_and_symmetric():
    metrics = PulseTrain(count=8).run(COUNTER).metrics
    assert metrics["ltp_nonlinearity"] == pytest.approx(0, abs=1e-3)
    assert metrics["ltd_nonlinearity"] == pytest.approx(0, abs=1e-3)
    assert metrics["symmetry_area"] == pytest.approx(0, abs=1e-6)
    assert (metrics["levels_set"], metrics["levels_reset"]) == (9, 9)
    noisy = PulseTrain(count=8, read_noise=0.2).run(COUNTER).metrics
    assert noisy["levels_set"] < 9


def test_spread_over_copies_limits_the_levels():
    spread = PulseTrain(count=8).run(COUNTER, n=20, variation=Variation(phi_0=0.2), seed=1).metrics
    assert 1 < spread["levels_set"] < 9


def test_memdiode_saturates_in_both_directions():
    metrics = PulseTrain(count=20).run(find("memdiode")).metrics
    assert metrics["ltp_nonlinearity"] > 0
    assert metrics["ltd_nonlinearity"] > 0
    assert metrics["symmetry_area"] > 0
    assert metrics["ltp_fit_residual"] < 0.01


def test_a_train_that_changes_nothing_has_no_shape():
    metrics = PulseTrain(count=3, set_amplitude=-1*volt).run(COUNTER).metrics
    assert "ltp_nonlinearity" not in metrics
    assert "symmetry_area" not in metrics
    assert metrics["levels_set"] == 1


def test_bad_read_noise():
    with pytest.raises(ProtocolError, match="must not be negative"):
        PulseTrain(read_noise=-0.1)
    with pytest.raises((ProtocolError, UnitError), match="must be a plain number"):
        PulseTrain(read_noise=1*volt)
