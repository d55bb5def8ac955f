"""Parameters come back from noisy data, by each way that a fit can simulate."""

import time
from dataclasses import replace

import numpy as np
import pytest
from brian2 import amp, kelvin, second, siemens, usecond, volt
from brian2.units.fundamentalunits import Quantity

from brianmem import Device, IVSweep, PulseTrain, Result, find
from brianmem.data import build_examples as examples
from brianmem.errors import FitError, InputError
from brianmem.fitting import fit, retention_model
from tests.unit.fitted import (
    NOISE,
    SEEDS,
    UP_AND_DOWN,
    assert_found,
    drift,
    exponential,
    soft_bound,
    true_device,
)


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


def pulse_data(seed, truth, count=80):
    found = PulseTrain(count=count).run(true_device(soft_bound, truth))
    g = np.asarray(found["pulse_conductance"])
    noise = np.random.default_rng(seed).standard_normal(len(g))
    return {"pulse": np.asarray(found["pulse"]), "conductance": g * (1 + NOISE * noise) * siemens}


def assert_consistent(result, truth, tolerance=0.03):
    """Within the tolerance or three standard errors, and the residuals are the noise."""
    for name, value in truth.items():
        allowed = max(tolerance * value, 3 * float(result.errors[name]))
        assert abs(float(result.parameters[name]) - value) < allowed, name
    assert result.rms == pytest.approx(NOISE, rel=0.15)


@pytest.mark.parametrize("seed", SEEDS)
def test_pulses_of_a_nonlinear_device_return_its_parameters(seed):
    truth = {"k_p": 5e4, "k_d": 4e4, "G_min": 2.2e-6, "G_max": 2e-5}
    started = time.monotonic()
    result = fit(soft_bound, pulse_data(seed, truth), "pulse_train", free=list(truth), seed=seed,
                 generations=15 if seed == 1 else 40)
    assert time.monotonic() - started < 60
    assert_consistent(result, truth)
    assert "G_max" in result.identifiable


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cycles_of_pulses_with_exact_steps_return_all_parameters(seed):
    truth = {"k_p": 6e4, "k_d": 4e4, "G_min": 2.2e-6, "G_max": 2e-5}
    amplitude = np.tile(np.repeat([1.0, -1.0], 60), 6)
    # The closed form per pulse, not the code under test.
    keep = np.where(amplitude > 0, np.exp(-truth["k_p"] * 1e-6), np.exp(-truth["k_d"] * 1e-6))
    w = [0.0]
    for a, k in zip(amplitude, keep, strict=True):
        w.append((1 - (1 - w[-1]) * k) if a > 0 else w[-1] * k)
    g = truth["G_min"] + (truth["G_max"] - truth["G_min"]) * np.array(w)
    g = g * (1 + NOISE * np.random.default_rng(seed).standard_normal(len(g)))
    data = {"amplitude": np.append(0, amplitude)*volt, "width": np.ones(len(g))*usecond,
            "conductance": g*siemens}
    result = fit(exponential, data, "pulse_train", free=list(truth), seed=seed)
    assert_consistent(result, truth)
    assert_found(result, truth)
    assert {"k_d", "G_max"} <= set(result.identifiable)
    assert result.device.operation["set"] == (1*volt, 1*usecond)
    assert result.device.operation["reset"] == (-1*volt, 1*usecond)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sweep_with_exact_steps_returns_its_parameters(memdiode, seed):
    t, v, current = examples.iv_sweep(seed)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    result = fit(memdiode, data, free=list(examples.IV_TRUTH), seed=seed)
    assert_found(result, examples.IV_TRUTH)
    assert len(result.identifiable) == len(examples.IV_TRUTH)


def ode_data(seed, truth):
    found = IVSweep(amplitude=1*volt, period=1*second, waveform="sine").run(
        true_device(drift, truth))
    t, v, i = (np.asarray(found[k])[::8] for k in ("t", "v", "I"))
    noise = np.random.default_rng(seed).standard_normal(len(t))
    return {"time": t*second, "voltage": v*volt, "current": i * (1 + NOISE * noise)*amp}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ode_returns_its_parameters(seed):
    truth = {"k": 2.0, "R_on": 700.0, "R_off": 6e4}
    started = time.monotonic()
    result = fit(drift, ode_data(seed, truth), free=list(truth), seed=seed,
                 generations=8 if seed == 1 else 40)
    assert time.monotonic() - started < 300
    assert_found(result, truth)
    assert result.result.attrs["step_error"] < 2e-3


def test_a_stiff_device_and_a_compliance_go_through_the_group():
    from brianmem.fitting.tasks import Sweep, settle

    # Up only: near its bounds this device amplifies every error on the way back.
    t = np.linspace(0, 0.25, 41)
    v = np.sin(2 * np.pi * t)
    values = {"k": np.array([2.0, 3.0]), "x": np.array([0.02, 0.03])}
    found = {}
    for device in (drift, replace(drift, stiff=True)):
        task = Sweep(device, t, v, np.ones(41), 1e-6)
        settle(task, values)
        found[device.stiff] = task.predict(values)
    np.testing.assert_allclose(found[True], found[False], rtol=1e-3, atol=1e-9)
    limited = Sweep(drift, t, v, np.ones(41), 1e-6, compliance=20e-6*amp)
    settle(limited, values)
    assert np.max(limited.predict(values)) == pytest.approx(20e-6, rel=1e-6)


def test_the_group_and_the_exact_steps_agree(memdiode):
    from brianmem.fitting.tasks import Sweep, settle

    t = np.linspace(0, 48, 121)
    v = np.interp(t, [0, 12, 36, 48], [0, 0.8, -0.8, 0])
    exact = Sweep(memdiode, t, v, np.ones(121), 1e-6)
    group = Sweep(memdiode, t, v, np.ones(121), 1e-6)
    group.linear = None
    values = {"I_min": np.array([4e-5, 6e-5]), "V_set": np.array([0.85, 0.9])}
    for task in (exact, group):
        settle(task, values)
    np.testing.assert_allclose(group.predict(values)[:, 1:-1], exact.predict(values)[:, 1:-1],
                               rtol=5e-3, atol=1e-9)


def test_the_same_seed_gives_the_same_fit(memdiode):
    t, v, current = examples.iv_sweep(1)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    one, two = (fit(memdiode, data, free=["I_min", "V_set"], seed=5) for _ in range(2))
    assert one.parameters == two.parameters
    assert one.result.attrs["evaluations"] == two.result.attrs["evaluations"]


def test_a_group_is_made_for_each_set_of_free_parameters():
    from brianmem.fitting.tasks import Sweep

    t = np.linspace(0, 0.25, 21)
    task = Sweep(drift, t, np.sin(2 * np.pi * t), np.ones(21), 1e-6)
    first = task.predict({"k": np.array([1.0, 3.0])})
    second_ = task.predict({"V_0": np.array([0.3, 0.2])})
    np.testing.assert_allclose(first[0], second_[0])
    assert second_[1, -1] > 1.01 * second_[0, -1]


def test_relaxation_switching_time_and_retention(memdiode):
    volatile = Device(
        name="volatile", equations="""dx/dt = -x/tau : 1
        I = v*(G_off + x*G_on) : amp""", initial={"x": 1}, bounds={"x": (0, 1)},
        parameters={"tau": 2*second, "G_on": 1e-4*siemens, "G_off": 3e-6*siemens})
    rng = np.random.default_rng(5)
    t = np.logspace(-2, 1.5, 80)
    g = (5e-6 + 8e-5 * np.exp(-t / 1.3)) * (1 + NOISE * rng.standard_normal(80))
    found = fit(volatile, {"time": t*second, "conductance": g*siemens}, "relaxation",
                free=["tau", "G_on", "G_off"])
    assert_found(found, {"tau": 1.3, "G_off": 5e-6})
    v = np.linspace(0.7, 1.1, 30)
    delay = np.log(2) * np.exp(-14 * (v - 0.8)) * (1 + NOISE * rng.standard_normal(30))
    found = fit(memdiode, {"voltage": v*volt, "delay": delay*second}, "switching_time",
                free=["eta_set", "V_set"])
    assert_found(found, {"eta_set": 14, "V_set": 0.8})
    t = np.logspace(0, 5, 100)
    g = 5e-5 * t**-0.05 * (1 + NOISE * rng.standard_normal(100))
    found = fit(None, {"time": t*second, "conductance": g*siemens}, "retention", law="power_law")
    assert_found(found, {"nu": 0.05, "G_0": 5e-5})
    assert retention_model(found.result).nu == float(found.parameters["nu"])
    assert found.device is None
    with pytest.raises(FitError, match="no device"):
        found.write_device(".")


def test_an_activation_energy():
    t, celsius, g = examples.retention()
    data = {"time": t*second, "temperature": Quantity(celsius + 273.15, dim=kelvin.dim),
            "conductance": g*siemens}
    found = fit(None, data, "retention")
    electronvolts = float(found.parameters["E_a"]) / 1.602176634e-19
    assert electronvolts == pytest.approx(examples.RETENTION_TRUTH["E_a"], rel=0.03)
    assert "eV" in str(found)
    # The model that ages a network gives the curve that was fitted, at each temperature.
    model = retention_model(found.result)
    for T in np.unique(celsius + 273.15):
        here = celsius + 273.15 == T
        aged = model.conductance(found.parameters["G_0"], t[here]*second, T*kelvin)
        np.testing.assert_allclose(aged, found.result["fitted"][here], rtol=1e-4)
    assert model.evidence.kind == "fitted"
    with pytest.raises(FitError, match="not the result of a fit of retention"):
        retention_model(Result({"x": [1.0]}))


def test_nonlinear_switching_times_are_the_integral_of_the_rate():
    v = np.array([0.5, 1.0])
    data = {"voltage": np.repeat(v, 2)*volt, "delay": np.ones(4)*second}
    from brianmem.fitting.measurements import SwitchingTimeData
    from brianmem.fitting.tables import as_table

    task = SwitchingTimeData(share=0.5).task(drift, as_table(data))
    # dx/dt = 4 r x (1 - x): logit(x) grows at the rate 4 r.
    start, end = 0.02, 0.51
    way = np.log(end / (1 - end)) - np.log(start / (1 - start))
    expected = way / (4 * np.sinh(v / 0.3))
    np.testing.assert_allclose(task.predict({})[0, ::2], expected, rtol=1e-6)


def test_equations_with_t_go_through_the_group_or_are_refused():
    timed = Device(
        name="timed", equations="""dx/dt = k*sin(t/second)*v/volt : 1
        I = v*x*G : amp""", parameters={"k": 1/second, "G": 1e-3*siemens},
        initial={"x": 0.5}, bounds={"x": (0, 1)}, operation=soft_bound.operation)
    t = np.linspace(0, 1, 21)
    x = 0.5 + np.array([np.trapezoid(np.sin(s) * s, s) for s in
                        (np.linspace(0, end, 500) for end in t)])
    data = {"time": t*second, "voltage": t*volt, "current": 2e-3 * t * x*amp}
    result = fit(timed, data, free=["G"], generations=5)
    assert float(result.parameters["G"]) == pytest.approx(2e-3, rel=1e-3)
    pulses = {"conductance": UP_AND_DOWN*siemens}
    with pytest.raises(InputError, match="its equations contain 't'"):
        fit(timed, pulses, "pulse_train", free=["G"])
