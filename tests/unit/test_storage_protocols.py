"""Retention and endurance against closed forms, for devices that forget and for overlays."""

import numpy as np
import pytest
from brian2 import (
    coulomb,
    joule,
    kelvin,
    msecond,
    second,
    siemens,
    usiemens,
    volt,
)

from brianmem import (
    Device,
    Endurance,
    EnduranceModel,
    PowerLawDrift,
    RelaxationSpread,
    Result,
    Retention,
    StretchedRetention,
    Variation,
    find,
    plotting,
)
from brianmem.errors import InputError, ProtocolError
from brianmem.protocols import PROTOCOLS
from tests.unit.volatile import VOLATILE

# Forgets at rest with an activation energy of 0.8 eV: x = x0 exp(-t/tau(T)).
LEAKY = Device(
    name="leaky", equations="""
    dx/dt = v/V_0*(1 - x)*int(v > 0*volt)/tau_s + v/V_0*x*int(v < 0*volt)/tau_s - x/tau : 1
    tau = tau_0*exp(E_a*q/(k_B*T)) : second
    I = v*G*(0.01 + x) : amp
    """,
    parameters={"V_0": 1*volt, "tau_s": 10*msecond, "tau_0": 1e-9*second, "E_a": 0.8*volt,
                "q": 1.602176634e-19*coulomb, "k_B": 1.380649e-23*joule/kelvin, "T": 300*kelvin,
                "G": 100*usiemens},
    initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond),
               "read": (0.1*volt, 1e-6*second)})
# Conducts 1 uS whatever its state, which pulses move back and forth.
RESISTOR = Device(
    name="resistor", equations="dx/dt = v/phi : 1\nI = G*v : amp",
    parameters={"phi": 1*volt*second, "G": 1*usiemens}, initial={"x": 0.5}, bounds={"x": (0, 1)},
    operation={"set": (2*volt, 3*msecond), "reset": (-1*volt, 5*msecond),
               "read": (0.1*volt, 1e-6*second)})
GAP = find("stanford_pku")


def tau(T):
    return 1e-9 * np.exp(0.8 * 1.602176634e-19 / (1.380649e-23 * np.asarray(T)))


class TestRetention:
    def test_a_device_that_forgets_obeys_its_own_law_at_every_temperature(self):
        result = Retention(time=1e6*second, temperatures=3, points=40).run(LEAKY)
        G = np.asarray(result["retention_conductance"]) / 1e-4 - 0.01
        fresh = float(result["fresh_conductance"]) / 1e-4 - 0.01
        times = np.asarray(result["retention_time"])
        for row, T in zip(G, np.asarray(result["temperature"]), strict=True):
            np.testing.assert_allclose(row, fresh * np.exp(-times / tau(T)), atol=2e-6)
        assert result.attrs["heated"] == "T"

    def test_arrhenius_plot_recovers_the_activation_energy(self):
        metrics = Retention(points=100, time=1e7*second, temperatures=3).run(LEAKY).metrics
        assert metrics["activation_energy_eV"] == pytest.approx(0.8, rel=0.01)
        # ln(1/0.9) of tau for x; 1 % of G does not leak.
        own = tau(298.15) * -np.log(1 - 0.1 * (0.8647 + 0.01) / 0.8647)
        assert metrics["time_to_loss_25C_s"] == pytest.approx(own, rel=0.03)

    @pytest.mark.parametrize("E_a", [0.9, 1.1, 1.5])
    @pytest.mark.parametrize("beta", [0.3, 0.9])
    def test_overlay_gives_back_its_activation_energy(self, E_a, beta):
        model = StretchedRetention(tau0=1e-12*second, E_a=E_a*volt, beta=beta)
        metrics = Retention(time=1e14*second, first=1e-12*second, points=400, model=model).run(
            GAP).metrics
        assert metrics["activation_energy_eV"] == pytest.approx(E_a, rel=0.01)

    def test_log_log_slope_of_drift_is_nu(self):
        result = Retention(first=1*second, model=PowerLawDrift(nu=0.03)).run(GAP)
        assert result.metrics["drift_exponent"] == pytest.approx(0.03, rel=0.01)
        assert "activation_energy_eV" in result.metrics  # the loss is seen, and not activated
        assert result.metrics["activation_energy_eV"] == pytest.approx(0, abs=1e-9)

    def test_what_is_kept_to_the_end_is_never_lost(self):
        result = Retention(points=5).run(GAP)
        assert np.all(np.isinf(np.asarray(result["time_to_loss"])))
        assert result.metrics["time_to_loss_coldest_s"] is None
        assert "activation_energy_eV" not in result.metrics

    def test_a_device_without_a_temperature_is_measured_once(self):
        assert len(Retention(points=5).run(find("vteam"))["temperature"]) == 1
        assert len(Retention(points=5, model="stretched").run(find("vteam"))["temperature"]) == 4

    def test_same_seed_same_devices(self):
        model = PowerLawDrift(nu_spread=0.02, spread=RelaxationSpread(B=0.02))
        first, again, other = (
            Retention(points=5, model=model).run(GAP, n=3, seed=s)["retention_conductance"]
            for s in (4, 4, 5))
        assert first.shape == (3, 4, 5)
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_stuck_and_spread_instances(self):
        result = Retention(points=4, temperatures=2).run(
            LEAKY, n=4, variation=Variation(G=0.3, stuck=0.5), seed=2)
        G = np.asarray(result["fresh_conductance"])
        assert len(set(G)) == 4
        assert result.attrs["stuck"] > 0

    @pytest.mark.parametrize(("options", "fault"), [
        ({"first": 2*second, "time": 1*second}, "first must be earlier"),
        ({"coldest": 500*kelvin}, "coldest must not be above"),
        ({"retained": 1.5}, "share between 0 and 1"),
        ({"model": "none"}, "one of power_law, stretched"), ({"model": 3}, "must be a PowerLaw")])
    def test_bad_options_are_refused(self, options, fault):
        with pytest.raises(ProtocolError, match=fault):
            Retention(**options)

    def test_the_energy_is_that_of_programming(self):
        found = Retention(points=3, set_pulses=5).run(RESISTOR)
        assert float(found["energy"]) == found.metrics["energy_J"] == pytest.approx(60e-9, rel=1e-6)

    def test_bad_temperatures_are_refused(self):
        for name, fault in (("nosuch", "no parameter"), ("G", "no temperature")):
            with pytest.raises(ProtocolError, match=fault):
                Retention(parameter=name).run(LEAKY)


class TestEndurance:
    MODEL = EnduranceModel(D=0.1, n0=1e3, n_c=1e5, m=2)

    def test_levels_start_as_the_device_gives_and_close_by_the_law(self):
        result = Endurance(model=EnduranceModel(D=0.1, n0=10, n_c=1e30)).run(LEAKY, seed=1)
        n, on, off = (np.asarray(result[k]) for k in ("cycle", "on_conductance",
                                                      "off_conductance"))
        assert n[0] == 1
        assert n[-1] == 1_000_000
        # 20 ms of SET and of RESET with a time constant of 10 ms
        late = n > 100
        s = np.exp(-2)
        assert off[late] / 1e-4 - 0.01 == pytest.approx((1 - s) * s / (1 - s**2), rel=1e-4)
        fresh = ((1 - s) / (1 - s**2) + 0.01) * 1e-4
        np.testing.assert_allclose(on[late], np.maximum(
            fresh * (1 - 0.1 * np.log10(1 + n[late] / 10)), off[late]), rtol=1e-4)

    def test_failures_follow_the_weibull_law_and_stay(self):
        result = Endurance(model=self.MODEL, points=30).run(LEAKY, n=3000, seed=3)
        n, failed = np.asarray(result["cycle"]), np.asarray(result["failed"])
        expected = 1 - np.exp(-(n / 1e5)**2)
        error = np.sqrt(expected * (1 - expected) / 3000) + 1e-12
        assert np.all(np.abs(failed - expected) < 4 * error + 1e-3)
        window = np.asarray(result["window"])
        dead = n >= np.asarray(result["failure_cycle"])[:, None]
        assert np.all(window[dead] == 1)
        assert np.all(window[~dead] > 1)

    @pytest.mark.parametrize("level", ["low", "high", "random"])
    def test_where_devices_stick(self, level):
        model = EnduranceModel(D=0, n_c=1, m=5, stuck_at=level)
        result = Endurance(model=model).run(LEAKY, n=50, seed=1)
        last = np.asarray(result["on_conductance"])[:, -1]
        first = {"low": last < 3e-5, "high": last > 8e-5, "random": last > 1e-5}[level]
        assert first.all()
        assert (last.std() > 1e-5) == (level == "random")

    def test_same_seed_same_failures(self):
        first, again, other = (Endurance(points=5).run(LEAKY, n=3, seed=s)["failure_cycle"]
                               for s in (1, 1, 2))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_energies_are_those_of_the_pulses(self):
        found = Endurance(cycles=3, points=3, pulses=1).run(RESISTOR, n=2, seed=1)
        # V**2 G t of 2 V for 3 ms, and of -1 V for 5 ms, at 1 uS
        np.testing.assert_allclose(np.asarray(found["set_energy"]), 12e-9, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(found["reset_energy"]), 5e-9, rtol=1e-6)
        assert found.metrics["energy_per_cycle_J"] == pytest.approx(17e-9, rel=1e-6)
        assert found.metrics["energy_J"] == pytest.approx(51e-9, rel=1e-6)

    def test_a_stuck_device_costs_what_its_own_conductance_draws(self):
        variation = Variation(stuck=1, stuck_at="high")
        found = Endurance(cycles=2, points=2, pulses=1).run(LEAKY, variation=variation, seed=1)
        # x = 1 throughout, where a free device starts at 0: 1 V for 1 ms at 101 uS
        assert np.asarray(found["set_energy"]) == pytest.approx(101e-9, rel=1e-9)

    def test_bad_input_is_refused(self):
        with pytest.raises(ProtocolError, match="must be an EnduranceModel"):
            Endurance(model="weibull")
        with pytest.raises(ProtocolError, match="do not repeat"):
            Endurance().run(LEAKY, variation=Variation(cycle={"G": 0.1}), seed=1)
        bare = Device(name="bare", equations="dx/dt = v*x/phi : 1\nI = v*x*G : amp",
                      parameters={"phi": 1*volt*second, "G": 1*siemens}, initial={"x": 0.5},
                      bounds={"x": (0.1, 1)})
        with pytest.raises(InputError, match="no usual set pulse"):
            Endurance().run(bare)


@pytest.mark.parametrize("protocol", [Retention(points=8, model="stretched"), Endurance(points=8)],
                         ids=str)
@pytest.mark.parametrize("n", [1, 3])
def test_result_survives_the_file_and_has_a_figure(protocol, n, tmp_path):
    result = protocol.run(LEAKY, n=n, seed=1)
    result.save(tmp_path / "r.h5")
    loaded = Result.load(tmp_path / "r.h5")
    assert set(loaded) == set(result)
    assert list(plotting.figures(loaded)) == [protocol.kind]
    assert PROTOCOLS[protocol.kind] is type(protocol)


def test_protocols_write_themselves():
    assert repr(Retention(model="stretched", points=3)) == "Retention(points=3, model='stretched')"
    assert repr(Retention(model=StretchedRetention(beta=0.4))) == \
        "Retention(model=StretchedRetention(beta=0.4))"


def test_a_volatile_device_is_stored_for_its_own_time():
    result = Retention(retained=0.5).run(VOLATILE)
    # The whole span is ten relaxing times of 50 ms; half is lost after ln 2 of tau_off.
    assert float(result["retention_time"][-1]) == pytest.approx(0.5)
    assert result.metrics["time_to_loss_coldest_s"] == pytest.approx(np.log(2) * 10e-3, rel=0.15)
    with pytest.raises(ProtocolError, match="forgets by itself and is not RESET. Measure Relaxation"):
        Endurance().run(VOLATILE)


class TestFigures:
    def test_where_nothing_is_lost_the_panel_says_so(self):
        result = Retention(time=1e3*second, points=5).run(find("vteam"))
        assert not np.isfinite(result["time_to_loss"]).any()
        left, right = plotting.figures(result)["retention"].axes
        assert "retained: 0.9" in legend_of(left)
        assert legend_of(right) == ["not lost in the time simulated"]
        np.testing.assert_allclose(right.lines[-1].get_ydata(), 1e3)

    def test_equal_times_span_a_decade(self):
        result = Retention(first=1*second, model=PowerLawDrift(nu=0.03)).run(GAP)
        low, high = plotting.figures(result)["retention"].axes[1].get_ylim()
        assert high > 10 * low

    def test_one_device_is_not_counted(self):
        assert plotting.figures(Endurance(points=5).run(LEAKY))["endurance"].get_suptitle() == "leaky"


def legend_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]
