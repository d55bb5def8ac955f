"""Draws of a variation: their statistics, their seeds and what is refused."""

import pickle

import numpy as np
import pytest
from brian2 import Quantity, kohm, metre, nmetre, ohm, second, volt

from brianmem.device import Device
from brianmem.errors import VariationError
from brianmem.variation import Spread, Variation

DEVICE = Device(
    name="gap", equations="dg/dt = k*v/volt : metre\nI = v/R/(1 + (g/g0)**p) + v*G0 : amp",
    parameters={"k": 1 * nmetre / second, "R": 10 * kohm, "g0": 1 * nmetre, "p": 2,
                "G0": 0 / ohm},
    initial={"g": 1 * nmetre}, bounds={"g": (0.5 * nmetre, 2 * nmetre)})
N = 20_000


def factors(width, distribution="lognormal"):
    return Spread(width, distribution).factors(N, np.random.default_rng(1))


def test_lognormal_has_median_one_and_never_changes_sign():
    drawn = factors(0.5)
    assert np.all(drawn > 0)
    # Five standard errors of mean and of standard deviation of N normal numbers.
    np.testing.assert_allclose(np.mean(np.log(drawn)), 0, atol=5 * 0.5 / np.sqrt(N))
    np.testing.assert_allclose(np.std(np.log(drawn)), 0.5, rtol=5 / np.sqrt(2 * N))


def test_normal_and_uniform_have_mean_one_and_their_width():
    normal, uniform = factors(0.2, "normal"), factors(0.2, "uniform")
    np.testing.assert_allclose(np.mean(normal), 1, atol=5 * 0.2 / np.sqrt(N))
    np.testing.assert_allclose(np.std(normal), 0.2, rtol=5 / np.sqrt(2 * N))
    assert np.max(np.abs(uniform - 1)) <= 0.2
    np.testing.assert_allclose(np.mean(uniform), 1, atol=5 * 0.2 / np.sqrt(3 * N))
    np.testing.assert_allclose(np.std(uniform), 0.2 / np.sqrt(3), rtol=0.02)


@pytest.mark.parametrize("distribution", ["lognormal", "normal", "uniform"])
def test_no_width_is_no_spread(distribution):
    assert np.all(factors(0, distribution) == 1)


def test_sample_scales_each_parameter_by_its_own_independent_factors():
    variation = Variation(R=0.2, p=Spread(0.1, "uniform"))
    drawn = variation.sample(DEVICE, N, variation.generator(3))
    assert list(drawn) == ["R", "p"]
    assert drawn["R"].dim is ohm.dim
    assert drawn["R"].shape == drawn["p"].shape == (N,)
    np.testing.assert_allclose(np.median(drawn["R"] / kohm), 10, rtol=5 * 1.2533 * 0.2 / np.sqrt(N))
    assert np.all((drawn["p"] >= 1.8) & (drawn["p"] <= 2.2))
    correlation = np.corrcoef(np.asarray(drawn["R"]), np.asarray(drawn["p"]))[0, 1]
    assert abs(correlation) < 5 / np.sqrt(N)


def test_cycle_is_drawn_apart_from_the_devices():
    variation = Variation(R=0.2, cycle={"g0": 0.1})
    assert list(variation.sample(DEVICE, 3, variation.generator(0))) == ["R"]
    drawn = variation.sample_cycle(DEVICE, 3, variation.generator(0))
    assert list(drawn) == ["g0"]
    assert drawn["g0"].dim is metre.dim


def test_same_seed_same_draw_and_the_own_seed_wins():
    def draw(variation, seed):
        return np.asarray(variation.sample(DEVICE, 5, variation.generator(seed))["R"])

    free, fixed = Variation(R=0.2), Variation(R=0.2, seed=7)
    assert np.array_equal(draw(free, 1), draw(free, 1))
    assert not np.array_equal(draw(free, 1), draw(free, 2))
    assert np.array_equal(draw(fixed, 1), draw(fixed, 2))
    assert np.array_equal(draw(fixed, 1), draw(free, 7))


@pytest.mark.parametrize(("where", "low", "high"), [
    ("low", 0.5, 0.5), ("high", 2, 2), ("random", 0.5, 2)])
def test_stuck_devices_are_a_fraction_at_their_place(where, low, high):
    variation = Variation(stuck=0.1, stuck_at=where)
    mask, states = variation.sample_stuck(DEVICE, N, variation.generator(2))
    assert mask.dtype == bool
    np.testing.assert_allclose(np.mean(mask), 0.1, atol=5 * np.sqrt(0.09 / N))
    at = states["g"][mask] / nmetre
    np.testing.assert_allclose([np.min(at), np.max(at)], [low, high], rtol=5e-3)
    if where == "random":
        np.testing.assert_allclose(np.mean(at), 1.25, atol=5 * 1.5 / np.sqrt(12 * 0.1 * N))


@pytest.mark.parametrize(("stuck", "count"), [(0, 0), (1, 100)])
def test_none_or_all_are_stuck(stuck, count):
    variation = Variation(stuck=stuck)
    assert variation.sample_stuck(DEVICE, 100, variation.generator(0))[0].sum() == count


def test_stuck_state_without_bounds_is_refused():
    free = Device(name="free", equations=DEVICE.equations, parameters=DEVICE.parameters,
                  initial=DEVICE.initial)
    with pytest.raises(VariationError, match=r"need bounds, and Device 'free' has none for 'g'"):
        Variation(stuck=0.1).sample_stuck(free, 3, np.random.default_rng(0))


@pytest.mark.parametrize(("options", "message"), [
    ({"Rr": 0.1}, r"Device 'gap' has no parameter 'Rr'\. Did you mean 'R'\? Parameters: k, R, g0"),
    ({"cycle": {"g": 0.1}}, r"no parameter 'g'"),
    ({"G0": 0.1}, r"'G0' of Device 'gap' is 0, so that a relative spread does not change it")])
def test_spread_that_does_not_suit_the_device_is_refused(options, message):
    variation = Variation(**options)
    for act in (variation.check, lambda d: variation.sample(d, 1, variation.generator()),
                lambda d: variation.sample_cycle(d, 1, variation.generator())):
        with pytest.raises(VariationError, match=message):
            act(DEVICE)


BAD_NUMBERS = [-0.1, float("nan"), float("inf"), None, "0.1", True, 1j, [0.1], 0.1 * volt, 10**400]


@pytest.mark.parametrize("value", BAD_NUMBERS, ids=lambda v: repr(v)[:12])
@pytest.mark.parametrize("name", ["R", "d2d", "c2c", "stuck"])
def test_bad_amount_is_one_line_with_its_name(name, value):
    with pytest.raises(VariationError, match=rf"^Variation: .*{name} must be a number >= 0, got ") as e:
        Variation(**{name: value})
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Spread("wide"), r"^Spread: width must be a number >= 0, got 'wide'\.$"),
    (lambda: Spread(0.1, "gauss"), "must be one of lognormal, normal, uniform, got 'gauss'"),
    (lambda: Spread(0.1, None), "distribution must be one of"),
    (lambda: Spread(1.5, "uniform"), "must be at most 1, got 1.5"),
    (lambda: Variation(stuck=1.5), r"stuck must be a fraction 0\.\.1, got 1\.5"),
    (lambda: Variation(stuck_at="middle"), "stuck_at must be one of low, high, random, got 'middle'"),
    (lambda: Variation(seed=-1), "seed must be a whole number >= 0, got -1"),
    (lambda: Variation(seed=0.5), "seed must be a whole number"),
    (lambda: Variation(seed="x"), "seed must be a whole number"),
    (lambda: Variation(cycle=0.1), "cycle must be a dict of parameter names to spreads, got 0.1"),
    (lambda: Variation(cycle={"R": "x"}), "spread of R must be a number")])
def test_bad_definition_is_refused(make, message):
    with pytest.raises(VariationError, match=message):
        make()


@pytest.mark.parametrize("variation", [
    Variation(), Variation(d2d=0.2, c2c=0.1), Variation(R=0.2, stuck=0.1, stuck_at="low", seed=3),
    Variation(R=Spread(0.2, "normal"), cycle={"g0": 0.1})], ids=repr)
def test_round_trips_through_repr_and_pickle(variation):
    for copy in (eval(repr(variation)), pickle.loads(pickle.dumps(variation))):
        assert copy == variation
        assert hash(copy) == hash(variation)
        assert repr(copy) == repr(variation)


def test_equal_variations_hash_alike_whatever_the_order():
    assert Variation(R=0.2, p=0.1) == Variation(p=0.1, R=0.2)
    assert hash(Variation(R=0.2, p=0.1)) == hash(Variation(p=0.1, R=0.2))
    assert Variation(R=0.2) != Variation(R=0.3)
    assert Variation(R=0.2) == Variation(R=Spread(0.2))


def test_variation_does_not_change():
    variation = Variation(R=0.2)
    with pytest.raises(AttributeError):
        variation.d2d = 0.1
    with pytest.raises(TypeError):
        variation.spread["R"] = 0.1
    with pytest.raises(AttributeError):
        variation.spread["R"].width = 0.1


def test_zero_dimensional_numbers_are_plain_widths():
    assert Variation(d2d=np.float64(0.2), R=np.array(0.1)) == Variation(d2d=0.2, R=0.1)
    assert Variation(R=Quantity(0.1)) == Variation(R=0.1)
