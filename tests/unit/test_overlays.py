"""Overlays against their closed forms, their statistics, their seeds, and what is refused."""

import pickle

import brian2
import numpy as np
import pytest
from brian2 import Quantity, hertz, joule, kelvin, second, siemens, usiemens, volt
from brian2.units.constants import boltzmann_constant, elementary_charge
from scipy import signal, stats

import brianmem
from brianmem.errors import VariationError
from brianmem.overlays import (
    EnduranceModel,
    PowerLawDrift,
    ReadNoise,
    RelaxationSpread,
    StretchedRetention,
    TelegraphNoise,
)
from brianmem.references import is_known

G0 = 50*usiemens
ALL = [PowerLawDrift(), PowerLawDrift(0.01, 2*second, 0.003, RelaxationSpread(0.01, 0.02)),
       StretchedRetention(), StretchedRetention(E_a=2e-19*joule, G_final=1*usiemens),
       RelaxationSpread(B=0.03), EnduranceModel(D=0.1, stuck_at="high"), ReadNoise(0.01),
       TelegraphNoise(0.1, 2*second, 0.5*second)]


@pytest.mark.parametrize("overlay", ALL, ids=repr)
def test_is_a_value_with_evidence(overlay):
    names = vars(brian2) | {n: getattr(brianmem, n) for n in brianmem.__all__ if n[0].isupper()}
    assert eval(repr(overlay), dict(names)) == overlay
    assert pickle.loads(pickle.dumps(overlay)) == overlay
    assert len({overlay, pickle.loads(pickle.dumps(overlay))}) == 1
    assert overlay.evidence.kind == "proposed"
    assert all(map(is_known, overlay.evidence.references))
    with pytest.raises(AttributeError):
        overlay.evidence = None


class TestDrift:
    def test_log_log_slope_is_minus_nu(self):
        times = np.logspace(0.5, 7, 30)*second
        g = PowerLawDrift(nu=0.05).conductance(G0, times)
        slope = np.polyfit(np.log10(times / second), np.log10(g / siemens), 1)[0]
        assert slope == pytest.approx(-0.05, rel=1e-9)

    def test_nothing_drifts_before_t0(self):
        g = PowerLawDrift(nu=0.1, t0=3*second).conductance(G0, [0, 1, 3]*second)
        np.testing.assert_allclose(g / G0, 1)

    def test_spread_of_nu_is_the_devices_own(self):
        drift = PowerLawDrift(0.05, nu_spread=0.01)
        g = drift.conductance(np.full(4000, 50e-6)*siemens, [1e2, 1e4]*second, seed=3)
        nu = -np.log10(np.asarray(g) / 50e-6) / [2, 4]
        np.testing.assert_allclose(nu[:, 0], nu[:, 1])
        assert nu[:, 0].mean() == pytest.approx(0.05, abs=3 * 0.01 / np.sqrt(4000))
        assert nu[:, 0].std() == pytest.approx(0.01, rel=3 / np.sqrt(8000))

    def test_temperature_does_not_enter(self):
        drift = PowerLawDrift()
        assert drift.acceleration(358*kelvin, 298*kelvin) == 1
        assert drift.conductance(G0, 9*second, 400*kelvin) == drift.conductance(G0, 9*second)


class TestStretched:
    def test_is_the_closed_form(self):
        model = StretchedRetention(tau0=1e-9*second, E_a=1*volt, beta=0.4, G_final=5*usiemens)
        tau = 1e-9 * np.exp(float(elementary_charge / boltzmann_constant) / 350)
        assert model.tau(350*kelvin) / second == pytest.approx(tau)
        g = model.conductance(G0, np.array([0, 1, 2]) * tau * second, 350*kelvin) / usiemens
        np.testing.assert_allclose(g, 5 + 45 * np.exp(-np.array([0, 1, 2])**0.4))

    def test_level_is_a_share_of_each_devices_own_conductance(self):
        model = StretchedRetention(level=0.3)
        g = model.conductance([10, 20]*usiemens, 1e30*second)
        np.testing.assert_allclose(g / usiemens, [3, 6])

    @pytest.mark.parametrize("energy", [1.1*volt, 1.1*volt*elementary_charge])
    def test_ten_thousand_seconds_at_85_degrees_are_five_months_at_25(self, energy):
        """exp(E_a/k (1/298 K - 1/358 K)); 1303 with 298.15 K and 358.15 K."""
        model = StretchedRetention(E_a=energy)
        assert model.acceleration(358*kelvin, 298*kelvin) == pytest.approx(1312, abs=0.5)
        assert model.acceleration(358.15*kelvin, 298.15*kelvin) == pytest.approx(1303, abs=0.5)
        hot = model.conductance(G0, 1e4*second, 358*kelvin)
        cold = model.conductance(G0, 1.312e7*second, 298*kelvin)
        assert cold / G0 == pytest.approx(hot / G0, rel=1e-5)

    def test_default_keeps_ten_days_at_85_degrees(self):
        days = StretchedRetention().tau(358.15*kelvin) / (86400*second)
        assert days == pytest.approx(10, rel=0.1)

    def test_relaxation_spreads_with_the_logarithm_of_time(self):
        spread = RelaxationSpread(s0=0.01, B=0.02)
        model = StretchedRetention(spread=spread)
        start = np.full(5000, 50e-6)*siemens
        for t in (1e-3, 99, 9999)*second:
            g = np.asarray(model.conductance(start, t, 250*kelvin, seed=1))
            s = 0.01 + 0.02 * np.log10(1 + t / second)
            assert spread.width(t) == pytest.approx(s)
            assert g.std() / g.mean() == pytest.approx(s, rel=3 / np.sqrt(10000))

    def test_same_seed_same_devices(self):
        model = StretchedRetention(spread=RelaxationSpread(B=0.1))
        first, again, other = (model.conductance([5, 5, 5]*usiemens, 1e3*second, seed=s)
                               for s in (1, 1, 2))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_axes_are_devices_then_times(self):
        g = StretchedRetention().conductance(np.ones((3, 4))*siemens, np.ones(5)*second)
        assert g.shape == (3, 4, 5)


class TestEndurance:
    def test_window_closes_with_the_logarithm_of_cycles(self):
        model = EnduranceModel(D=0.1, n0=10)
        n = np.array([0, 90, 990, 1e30])
        np.testing.assert_allclose(model.on_conductance(G0, n) / G0, [1, 0.9, 0.8, 0])
        assert model.on_conductance([1, 2]*siemens, n).shape == (2, 4)

    def test_failures_have_the_stated_hazard(self):
        model, devices = EnduranceModel(n_c=1e6, m=2.5), 40_000
        cycles = model.failure_cycles(devices, seed=2)
        assert stats.kstest(cycles, lambda n: 1 - model.survival(n)).pvalue > 0.003
        for a, b in ((2e5, 2.5e5), (7e5, 7.5e5), (1.2e6, 1.25e6)):
            alive = np.sum(cycles > a)
            failed = np.sum((cycles > a) & (cycles <= b))
            expected = 1 - model.survival(b) / model.survival(a)
            assert abs(failed / alive - expected) < 3 * np.sqrt(expected * (1 - expected) / alive)
            # The hazard is the rate of that, at the middle of a short stretch.
            assert model.hazard((a + b) / 2) * (b - a) == pytest.approx(
                -np.log(1 - expected), rel=0.01)


class TestNoise:
    def test_read_noise_is_relative_and_independent(self):
        g = np.asarray(ReadNoise(0.03).read(np.full((200, 200), 2e-6)*siemens, seed=1)) / 2e-6
        assert g.mean() == pytest.approx(1, abs=3 * 0.03 / 200)
        assert g.std() == pytest.approx(0.03, rel=3 / np.sqrt(2 * 40_000))
        assert abs(np.corrcoef(g[:, 0], g[:, 1])[0, 1]) < 3 / np.sqrt(200)

    def test_telegraph_occupies_its_levels_by_their_dwell_times(self):
        noise = TelegraphNoise(0.1, 3*second, 1*second)
        levels = noise.levels([0, 0.4, 5]*second, n=20_000, seed=4)
        error = 3 * np.sqrt(0.75 * 0.25 / 20_000)
        assert noise.occupancy == 0.75
        np.testing.assert_allclose(levels.mean(axis=0), 0.75, atol=error)
        # P(up after dt | up) = p + (1 - p) exp(-dt/tau_c)
        up = levels[levels[:, 0] == 1]
        stays = 0.75 + 0.25 * np.exp(-0.4 * (1 / 3 + 1))
        assert abs(up[:, 1].mean() - stays) < 3 * np.sqrt(stays * (1 - stays) / len(up))

    def test_dwell_times_are_exponential_with_the_stated_means(self):
        noise, dt = TelegraphNoise(0.1, 3*second, 1*second), 0.01
        level = noise.levels(np.arange(400_000) * dt * second, seed=5)[0]
        edges = np.flatnonzero(np.diff(level))
        dwell, state = np.diff(edges) * dt, level[edges[:-1] + 1]
        for value, mean in ((1, 3.0), (0, 1.0)):
            found = dwell[state == value]
            assert abs(found.mean() - mean) < 3 * mean / np.sqrt(len(found)) + 2 * dt
            assert abs(found.std() - mean) < 3 * mean * np.sqrt(2 / len(found)) + 2 * dt

    def test_spectrum_is_a_lorentzian(self):
        noise, dt = TelegraphNoise(0.2, 0.2*second, 0.1*second), 0.005
        factors = noise.factors(np.arange(2**15) * dt * second, n=20, seed=6)
        f, power = signal.welch(factors, 1 / dt, nperseg=2048, axis=1)
        inside = (f > 0.2) & (f < 15)  # aliasing lifts the top of the band
        ratio = power.mean(axis=0)[inside] / np.asarray(noise.spectrum(f[inside]*hertz))
        error = 1 / np.sqrt(20 * 2**15 / 2048)  # of one bin; windows overlap
        assert np.mean(np.abs(ratio - 1) < 3 * error) > 0.98
        assert ratio.mean() == pytest.approx(1, abs=0.03)

    def test_the_power_of_the_spectrum_is_the_variance(self):
        noise = TelegraphNoise(0.2, 0.2*second, 0.1*second)
        f = np.linspace(0, 1e4, 2_000_001)
        total = np.trapezoid(np.asarray(noise.spectrum(f*hertz)), f)
        assert total == pytest.approx(0.2**2 * 2 / 9, rel=1e-3)

    def test_mean_of_the_factors_is_one(self):
        factors = TelegraphNoise(0.2, 3*second, 1*second).factors([0]*second, n=50_000, seed=1)
        assert factors.mean() == pytest.approx(1, abs=3 * 0.2 * np.sqrt(3 / 16 / 50_000))


@pytest.mark.parametrize(("make", "fault"), [
    (lambda: PowerLawDrift(t0=1*volt), "PowerLawDrift: t0 must be in second"),
    (lambda: PowerLawDrift(nu=float("nan")), "nu must be finite"),
    (lambda: PowerLawDrift(nu_spread=-1), "nu_spread must be finite, at least 0"),
    (lambda: StretchedRetention(E_a=1.1), "E_a must be in joule"),
    (lambda: StretchedRetention(beta=0), "beta must be finite, above 0 and at most 1"),
    (lambda: StretchedRetention(G_final=1*siemens, level=0.1), "G_final or level, not both"),
    (lambda: StretchedRetention(spread=0.1), "spread must be a RelaxationSpread"),
    (lambda: PowerLawDrift().conductance(1*volt, 1*second), "G0 must be in siemens"),
    (lambda: PowerLawDrift().conductance(-G0, 1*second), "G0 must not be negative"),
    (lambda: PowerLawDrift().conductance(G0, -1*second), "not negative"),
    (lambda: StretchedRetention().conductance(G0, 1*second, 0*kelvin), "above 0 K"),
    (lambda: StretchedRetention().conductance(G0, 1*second, 25), "temperature must be in kelvin"),
    (lambda: StretchedRetention().conductance(G0, 1*second, [1, 2]*kelvin), "one temperature"),
    (lambda: PowerLawDrift().conductance(G0, 1*second, seed=-1), "seed must be a whole number"),
    (lambda: EnduranceModel(stuck_at="up"), "stuck_at must be low, high or random"),
    (lambda: EnduranceModel(n_c=0), "n_c must be finite, above 0"),
    (lambda: EnduranceModel().survival(-1), "not negative"),
    (lambda: ReadNoise("2 %"), "relative must be one number"),
    (lambda: TelegraphNoise(amplitude=3), "at most 2"),
    (lambda: TelegraphNoise().levels([2, 1]*second), "does not decrease"),
])
def test_bad_input_is_refused_with_its_name(make, fault):
    with pytest.raises(VariationError, match=fault):
        make()


def test_the_result_has_the_unit_of_what_went_in():
    assert isinstance(ReadNoise().read(1*volt), Quantity)
    assert ReadNoise(0).read(1*volt) == 1*volt
