"""Protocols against closed forms: a resistor, a linear state, and what varies."""

import brian2
import numpy as np
import pytest
from brian2 import (
    amp,
    farad,
    joule,
    kohm,
    mamp,
    msecond,
    second,
    siemens,
    uamp,
    usecond,
    volt,
)

from brianmem import Device, IVSweep, PulseTrain, Result, Transient, Variation
from brianmem.errors import InputError, ProtocolError, VariationError
from brianmem.protocols import PROTOCOLS
from brianmem.protocols.waveform import pulses, triangle

OPERATION = {"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond), "read": (0.1*volt, 1*usecond),
             "sweep": (1*volt, 1*second)}
# A state that counts flux: x = x0 + integral of v over 10 V ms.
COUNTER = Device(
    name="counter", equations="dx/dt = v/phi_0 : 1\nI = v*(G_min + G_max*x) : amp",
    parameters={"phi_0": 10*volt*msecond, "G_min": 1e-6*siemens, "G_max": 1e-3*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)}, operation=OPERATION)
RESISTOR = Device(name="resistor", equations="I = v/R : amp", parameters={"R": 1*kohm},
                  operation=OPERATION)
CUBIC = Device(name="cubic", equations="I = k*v**3 : amp", parameters={"k": 1e-3*amp/volt**3})
NOISY = Device(name="noisy", equations="dx/dt = -x/tau + s*xi*tau**-0.5 : 1\nI = v*(1 + x)/R : amp",
               parameters={"tau": 1*msecond, "s": 0.05, "R": 1*kohm}, initial={"x": 0},
               bounds={"x": (-0.9, 0.9)}, suggested_dt=20*usecond)


class TestEnergyAndTraces:
    def test_sine_on_a_resistor_dissipates_the_closed_form(self):
        result = Transient("2*volt*sin(2*pi*t/second)", duration=3*second).run(RESISTOR)
        assert result["energy"][-1] / joule == pytest.approx(2**2 / 2 / 1e3 * 3, rel=1e-6)
        np.testing.assert_allclose(result["I"] * kohm / volt, result["v"] / volt)
        assert result["t"][-1] == 3*second

    def test_triangle_on_a_resistor_dissipates_the_closed_form(self):
        result = IVSweep(1*volt, negative_amplitude=2*volt, rate=1*volt/second).run(RESISTOR)
        # 2 (A^3 + B^3)/(3 R) at 1 V/s
        assert result["energy"][-1] / joule == pytest.approx(2 * (1 + 8) / 3 / 1e3, rel=1e-6)
        assert result["v"].max() == 1*volt
        assert result["v"].min() == -2*volt
        assert result.metrics["loop_area_W"] == pytest.approx(0, abs=1e-12)

    def test_energy_does_not_depend_on_the_record_length(self):
        long = Transient(np.sin(np.linspace(0, 6 * np.pi, 9001))*volt, duration=3*second)
        result = long.run(RESISTOR)
        assert len(result["t"]) <= 2501
        assert result["energy"][-1] / joule == pytest.approx(1 / 2 / 1e3 * 3, rel=1e-6)

    def test_sampled_voltage_is_linear_between_samples(self):
        result = Transient([0, 1, 1, 0]*volt, dt=1*msecond).run(COUNTER)
        assert result["x"][-1] == pytest.approx(0.2, rel=1e-9)
        assert result["t"][-1] / msecond == pytest.approx(3)

    def test_state_follows_the_flux_of_a_sine(self):
        result = Transient("1*volt*sin(2*pi*t/(10*msecond))", duration=10*msecond).run(COUNTER)
        expected = (1 - np.cos(2 * np.pi * result["t"] / (10*msecond))) / (2 * np.pi)
        np.testing.assert_allclose(result["x"], expected, atol=1e-7)

    def test_conductance_is_that_of_the_read_voltage(self):
        result = Transient([1, 1]*volt, duration=5*msecond).run(COUNTER)
        np.testing.assert_allclose(result["conductance"] / siemens, 1e-6 + 1e-3 * result["x"])
        assert result.attrs["read_voltage_V"] == 0.1


class TestPulseTrain:
    def test_states_conductances_and_energies_after_each_pulse(self):
        result = PulseTrain(count=4).run(COUNTER)
        x = np.array([0, 1, 2, 3, 4, 3, 2, 1, 0]) / 10
        np.testing.assert_allclose(result["pulse_x"], x, atol=1e-9)
        np.testing.assert_allclose(result["pulse_conductance"] / siemens, 1e-6 + 1e-3 * x, rtol=1e-6)
        middle = 1e-6 + 1e-3 * (x[1:] + x[:-1]) / 2
        np.testing.assert_allclose(result["pulse_energy"] / joule, middle * 1e-3, rtol=1e-6)
        np.testing.assert_allclose(result["read_energy"] / joule,
                                   (1e-6 + 1e-3 * x[1:]) * 0.01 * 1e-6, rtol=1e-6)
        assert result["energy"][-1] / joule == pytest.approx(np.sum(np.asarray(result["pulse_energy"])))

    @pytest.mark.parametrize("rest", [0.3*msecond, 1*msecond, 7*msecond])
    def test_rest_lengthens_the_train_and_moves_nothing(self, rest):
        result = PulseTrain(count=3, rest=rest).run(COUNTER)
        assert result["t"][-1] / msecond == pytest.approx(6 * (1 + float(rest) * 1e3), rel=1e-3)
        assert result["pulse_x"][3] == pytest.approx(0.3)

    def test_own_pulses_win_over_the_usual_ones(self):
        result = PulseTrain(set_amplitude=2*volt, reset_width=2*msecond, count=1).run(COUNTER)
        np.testing.assert_allclose(result["pulse_x"], [0, 0.2, 0], atol=1e-9)

    def test_series_resistance_of_the_usual_pulse_is_used(self):
        device = Device(name="behind", equations=COUNTER.equations, parameters=COUNTER.parameters,
                        initial={"x": 0.5}, bounds=COUNTER.bounds,
                        operation={**OPERATION, "set": (1*volt, 1*msecond, 5*kohm)})
        result = PulseTrain(count=1).run(device)
        assert result.attrs["set_pulse"] == [1.0, 1e-3, 5e3]
        assert 0 < result["pulse_x"][1] - 0.5 < 0.1 / 3
        assert result["pulse_x"][2] == pytest.approx(result["pulse_x"][1] - 0.1)

    def test_record_length_is_bounded(self):
        assert len(PulseTrain(count=400).run(COUNTER)["t"]) < 3000


class TestCell:
    def test_series_resistance_divides_the_voltage(self):
        result = Transient([0, 1]*volt, duration=1*second, series_resistance=3*kohm).run(RESISTOR)
        np.testing.assert_allclose(result["v"], result["v_source"] / 4)
        np.testing.assert_allclose(result["I"] * 4*kohm, result["v_source"])

    @pytest.mark.parametrize("device", [RESISTOR, CUBIC])
    def test_compliance_limits_the_current_of_the_cell(self, device):
        result = IVSweep(2*volt, period=1*second, compliance=0.5*mamp).run(device)
        assert np.max(np.abs(result["I"])) / mamp == pytest.approx(0.5, rel=1e-9)
        limited = np.abs(result["I"]) > 0.4999*mamp
        assert limited.sum() > 300
        assert np.all(np.abs(result["v"][limited]) < 1*volt)
        assert np.all(result["v"][~limited] == result["v_source"][~limited])

    def test_compliance_slows_the_state_not_only_the_record(self):
        free = Transient([1, 1]*volt, duration=5*msecond).run(COUNTER, initial={"x": 0.1})
        held = Transient([1, 1]*volt, duration=5*msecond, compliance=50*uamp).run(
            COUNTER, initial={"x": 0.1})
        # x*v*G_max = I_cc gives x dx = I_cc/(G_max phi_0) dt
        assert free["x"][-1] == pytest.approx(0.6)
        assert held["x"][-1] == pytest.approx(np.sqrt(0.01 + 2 * 0.05 * 0.5), rel=5e-3)

    def test_implicit_cell_satisfies_kirchhoff(self):
        result = IVSweep(2*volt, period=1*second, series_resistance=1*kohm).run(CUBIC)
        drop = np.asarray(result["I"]) * 1e3
        np.testing.assert_allclose(np.asarray(result["v"]) + drop, result["v_source"] / volt, atol=1e-9)


class TestInstances:
    def test_instances_equal_single_runs(self):
        protocol = PulseTrain(count=2, series_resistance=1*kohm)
        together = protocol.run(COUNTER, n=3, initial={"x": [0.0, 0.2, 0.4]})
        assert together["x"].shape == (3, len(together["t"]))
        for k, x in enumerate((0.0, 0.2, 0.4)):
            alone = protocol.run(COUNTER, initial={"x": x})
            for name in ("x", "v", "I", "energy", "pulse_conductance", "pulse_energy"):
                np.testing.assert_allclose(np.asarray(together[name][k]), np.asarray(alone[name]),
                                           rtol=1e-6, atol=1e-15)

    def test_spread_reaches_current_conductance_and_energy(self):
        result = Transient([1, 1]*volt, duration=1*msecond).run(
            COUNTER, n=4, variation=Variation(G_max=0.5), seed=3, initial={"x": 0.5})
        g = result.parameters["G_max"]
        assert len(set(np.asarray(g))) == 4
        np.testing.assert_allclose(result["I"][:, 0] / amp, 1e-6 + 0.5 * np.asarray(g))
        ends = 1e-6 + np.asarray(g) * 0.55
        np.testing.assert_allclose(result["energy"][:, -1] / joule, ends * 1e-3, rtol=1e-6)

    def test_cycle_redraws_a_parameter_for_each_pulse(self):
        result = PulseTrain(count=3).run(COUNTER, n=2, seed=1,
                                         variation=Variation(cycle={"phi_0": 0.3}))
        steps = np.abs(np.diff(result["pulse_x"], axis=1))
        assert steps.shape == (2, 6)
        assert len(np.unique(steps.round(9))) == 12

    def test_cycle_of_a_read_parameter_shows_in_the_conductance(self):
        result = IVSweep(cycles=3).run(RESISTOR, seed=2, variation=Variation(cycle={"R": 0.2}))
        assert len(np.unique(np.asarray(result["conductance"]).round(12))) == 3
        ohmic = np.asarray(result["v"]) * np.asarray(result["conductance"])
        np.testing.assert_allclose(np.asarray(result["I"]), ohmic, atol=1e-15)

    def test_stuck_copies_never_move(self):
        result = PulseTrain(count=2).run(COUNTER, n=20, seed=1, variation=Variation(stuck=0.5))
        moved = np.ptp(np.asarray(result["x"]), axis=1) > 0
        assert 20 - moved.sum() == result.attrs["stuck"] > 0

    @pytest.mark.parametrize("variation", [Variation(d2d=0.2), Variation(c2c=0.2)])
    def test_variation_of_pulse_maps_is_refused(self, variation):
        with pytest.raises(VariationError, match="spread a physical parameter"):
            PulseTrain().run(COUNTER, variation=variation)


class TestSeeds:
    def test_same_seed_same_noise_and_nothing_else_is_disturbed(self):
        protocol = Transient([1, 1]*volt, duration=5*msecond)
        brian2.seed(7)
        np.random.seed(7)
        expected = np.random.random()
        np.random.seed(7)
        runs = [protocol.run(NOISY, n=3, seed=s)["x"] for s in (1, 1, 2)]
        assert np.random.random() == expected
        np.testing.assert_array_equal(runs[0], runs[1])
        assert not np.array_equal(runs[0], runs[2])
        assert not np.array_equal(runs[0][0], runs[0][1])

    def test_a_seed_that_was_not_given_is_recorded_and_repeats(self):
        protocol = Transient([1, 1]*volt, duration=1*msecond)
        for device, variation in ((NOISY, None), (RESISTOR, Variation(R=0.1))):
            first = protocol.run(device, n=2, variation=variation)
            again = protocol.run(device, n=2, variation=variation, seed=first.attrs["seed"])
            np.testing.assert_array_equal(first["I"], again["I"])

    def test_noise_has_the_variance_of_its_equation(self):
        result = Transient([1, 1]*volt, duration=10*msecond).run(NOISY, n=400, seed=1)
        assert np.var(result["x"][:, -1]) == pytest.approx(0.05**2 / 2, rel=0.2)


class TestResultAndInput:
    def test_result_says_what_was_done_and_survives_a_file(self, tmp_path):
        protocol = IVSweep(1*volt, period=1*second)
        result = protocol.run(COUNTER.with_parameters(phi_0=3*volt*second))
        assert result.attrs["kind"] == "iv_sweep"
        assert result.attrs["device_repr"].startswith("Device(name='counter'")
        namespace = {k: getattr(brian2, k) for k in dir(brian2)} | {"IVSweep": IVSweep}
        assert eval(result.attrs["protocol"], namespace) == protocol
        loaded = Result.load(result.save(tmp_path / "sweep.h5"))
        np.testing.assert_array_equal(loaded["x"], result["x"])

    def test_waveforms_are_exact_on_both_sides_of_an_edge(self):
        wave = pulses(1.0, 2.0, 1.0, 2)
        np.testing.assert_array_equal(wave.sample([0, 1.9, 2.0, 2.9, 3.0, 5.1]), [1, 1, 0, 0, 1, 0])
        np.testing.assert_allclose(triangle(1.0, 0.5, 1.0, 2).sample([0.5, 1, 2, 2.5, 3.5]),
                                   [0.5, 1, 0, -0.5, 0.5])

    @pytest.mark.parametrize(("make", "message"), [
        (lambda: IVSweep(1.2*amp), r"amplitude must be in volt, got 1.2 A"),
        (lambda: IVSweep(-1*volt), "amplitude must be positive"),
        (lambda: IVSweep(period=1*second, rate=1*volt/second), "period or rate, not both"),
        (lambda: IVSweep(waveform="square"), "waveform must be one of triangle, sine"),
        (lambda: IVSweep(waveform="sine", negative_amplitude=1*volt), "a sine is symmetric"),
        (lambda: IVSweep(cycles=0), "cycles must be a whole number >= 1"),
        (lambda: PulseTrain(count=2.5), "count must be a whole number"),
        (lambda: PulseTrain(set_width=[1, 2]*second), "set_width must be one finite value"),
        (lambda: PulseTrain(series_resistance=1*farad), "series_resistance must be in ohm"),
        (lambda: Transient("1*amp", duration=1*second), "voltage = '1\\*amp'"),
        (lambda: Transient("1*volt*frequency", duration=1*second), "'frequency'.*is not defined"),
        (lambda: Transient("1*volt"), "needs duration="),
        (lambda: Transient([0, 1]*volt), "needs dt="),
        (lambda: Transient([0, 1]*amp, dt=1*second), "voltage must be in volt"),
        (lambda: IVSweep().run(CUBIC), "states no usual sweep. Give amplitude="),
        (lambda: PulseTrain().run(CUBIC), "states no usual set pulse. Give set_amplitude="),
        (lambda: IVSweep().run(COUNTER, n=0), "n must be a whole number >= 1"),
        (lambda: IVSweep().run(COUNTER, initial={"y": 1}), "'y', which is not a state"),
        (lambda: IVSweep().run(COUNTER, initial={"x": 2}), "outside its bounds"),
        (lambda: IVSweep().run(COUNTER, n=3, initial={"x": [0, 1]}), "Give a scalar or 3 values"),
        (lambda: IVSweep().run(COUNTER, initial={"x": 1*volt}), "must be a plain number"),
    ])
    def test_bad_input_is_one_line(self, make, message):
        with pytest.raises(InputError, match=message) as caught:
            make()
        assert "\n" not in str(caught.value)

    def test_command_line_names_and_units(self):
        assert set(PROTOCOLS) >= {"transient", "iv_sweep", "pulse_train", "retention", "endurance"}
        for cls in PROTOCOLS.values():
            for item in cls.__dataclass_fields__.values():
                assert item.metadata["help"]
                # The drive of a neuron has the unit that the neuron gives it.
                assert {"unit", "type"} & {*item.metadata} or item.name in ("currents", "drive")

    def test_standalone_mode_is_refused(self):
        brian2.set_device("cpp_standalone", build_on_run=False)
        try:
            with pytest.raises(ProtocolError, match=r"set_device\('runtime'\)"):
                IVSweep().run(RESISTOR)
        finally:
            brian2.device.reinit()
            brian2.set_device("runtime")
