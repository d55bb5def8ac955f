"""Parameters come back from noisy data, or are declared not identifiable."""

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from brian2 import amp, kelvin, mvolt, second, siemens, usecond, usiemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem import Device, IVSweep, PulseTrain, find
from brianmem.data import build_examples as examples
from brianmem.errors import FitError, InputError
from brianmem.fitting import fit
from brianmem.fitting import search as search_module
from brianmem.fitting.core import _settled
from brianmem.fitting.free import Free, choose, make_free, may_be_free, parse_bounds
from brianmem.fitting.hints import HOPELESS, hints_for
from brianmem.fitting.measurements import IVSweepData
from brianmem.fitting.pruning import pruned
from brianmem.fitting.search import search
from brianmem.fitting.statistics import statistics
from brianmem.fitting.tables import as_table
from brianmem.fitting.tasks import LARGEST, Task

NOISE = 0.05
SEEDS = [1, *(pytest.param(k, marks=pytest.mark.long) for k in (2, 3))]

soft_bound = Device(
    name="soft_bound",
    equations="""
    dw/dt = int(v > V_on)*k_p*(1 - w)**beta - int(v < -V_on)*k_d*w**beta : 1
    G = G_min + (G_max - G_min)*w : siemens
    I = G*v : amp
    """,
    parameters={"V_on": 500*mvolt, "k_p": 30e3/second, "k_d": 30e3/second, "beta": 1.5,
                "G_min": 1*usiemens, "G_max": 30*usiemens},
    initial={"w": 0}, bounds={"w": (0, 1)},
    operation={"set": (1*volt, 1*usecond), "reset": (-1*volt, 1*usecond),
               "read": (100*mvolt, 1*usecond)},
    description="Positive voltage SETs.")

exponential = Device(
    name="exponential",
    equations=soft_bound.equations.replace("**beta", ""), initial=soft_bound.initial,
    parameters={k: q for k, q in soft_bound.parameters.items() if k != "beta"},
    bounds=soft_bound.bounds, operation=soft_bound.operation, description=soft_bound.description)

drift = Device(
    name="drift",
    equations="""
    dx/dt = k*sinh(v/V_0)*(1 - (2*x - 1)**2) : 1
    I = v*(x/R_on + (1 - x)/R_off) : amp
    """,
    parameters={"k": 1/second, "V_0": 300*mvolt, "R_on": 1e3*volt/amp, "R_off": 1e5*volt/amp},
    initial={"x": 0.02}, bounds={"x": (0, 1)}, description="Positive voltage SETs.",
    operation={"sweep": (1*volt, 1*second)})

UP_AND_DOWN = 2 - np.abs(np.linspace(-1, 1, 11))


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


def true_device(device, truth):
    return device.with_parameters(**{k: Quantity(v, dim=device.dimension(k))
                                     for k, v in truth.items()})


def assert_found(result, truth, tolerance=0.03):
    found = 0
    for name, value in truth.items():
        if result.status[name].startswith("not identifiable"):
            continue
        found += 1
        assert float(result.parameters[name]) == pytest.approx(float(value), rel=tolerance), name
    assert found >= len(truth) / 2


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


def test_default_parameters_explain_the_data(memdiode):
    t, v, current = examples.iv_sweep(7)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    result = fit(memdiode, data)
    assert result.rms < 1.1 * NOISE
    # tau_1 only scales both time constants, which V_set and V_res do as well.
    assert not {"tau_1", "V_set", "V_res"} <= set(result.parameters)
    assert result.left
    assert not any("acts as" in status or "bound" in status for status in result.status.values())


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


def test_what_acts_as_one_is_left_out_again_by_default():
    class Product(Quadratic):
        def predict(self, values):
            a, b = (values.get(k, np.array([usual]))[:, None] for k, usual in (("a", 5), ("b", 0.5)))
            return a * b * np.array([1.0, 2.0, 4.0])

    both = [*ONE, replace(ONE[0], name="b", start=0.5)]
    task = Product()

    def judge(found, free):
        return statistics(found, free, 0.05)

    found = search(task, both)
    free, again, left = pruned(task, both, found, judge, ())
    assert len(free) == len(left) == 1
    assert "acts as" in next(iter(left.values()))
    # The one that is left makes up for the other's fixed value.
    assert np.max(np.abs(again.residuals)) < 1e-3
    assert pruned(task, both, found, judge, ("a", "b"))[2] == {}


def test_what_acts_as_one_is_not_is_not_identifiable(memdiode):
    t, v, current = examples.iv_sweep(1)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    result = fit(memdiode, data, free=["tau_1", "V_set", "V_res", "I_min"])
    assert "acts as" not in result.status["I_min"]
    assert result.identifiable in ((), ("I_min",))
    assert "acts as" in result.status["tau_1"]
    assert abs(result.correlation[0, 1]) == pytest.approx(1, abs=1e-3)


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


class Quadratic(Task):
    """y = a*b for the data, NaN for half of all candidates; `stop` raises Ctrl-C."""

    device = soft_bound

    def __init__(self, stop_after=None, nan=False):
        super().__init__(np.array([2.0, 4.0, 8.0]), 1e-6, "conductance", ("time", np.arange(3)))
        self.calls, self.stop_after, self.nan = 0, stop_after, nan

    def predict(self, values):
        self.calls += 1
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        a = values["a"][:, None]
        made = a * np.array([1.0, 2.0, 4.0])
        return np.where(self.nan | (a < 1), np.nan, made)


ONE = [Free("a", soft_bound.dimension("beta"), 5.0, 0.01, 100.0)]


def test_candidates_that_diverge_do_not_matter():
    found = search(Quadratic(), ONE)
    assert ONE[0].value(found.u[0]) == pytest.approx(2, rel=1e-6)
    with pytest.raises(FitError, match="none of .* candidates gives finite values"):
        search(Quadratic(nan=True), ONE)


def test_ctrl_c_ends_the_search_with_the_best_so_far():
    found = search(Quadratic(stop_after=6), ONE)
    assert found.interrupted
    assert np.all(np.abs(found.residuals) < 2)
    with pytest.raises(KeyboardInterrupt):
        search(Quadratic(stop_after=1), ONE)


def test_an_error_of_ours_passes_through_scipy(monkeypatch):
    def refuse(self, values):
        raise FitError("no")

    monkeypatch.setattr(Quadratic, "predict", refuse)
    with pytest.raises(FitError, match="^no$"):
        search(Quadratic(), ONE)
    assert search_module.search is search


def test_residuals_are_relative_above_the_floor_and_finite_everywhere():
    task = Task(np.array([1e-3, -1e-3, 1e-12]), 1e-9, "current", ("voltage", np.zeros(3)))
    found = task.compare(np.array([[1.05e-3, -1.05e-3, 2e-12], [np.nan, np.inf, 0]]))
    np.testing.assert_allclose(found[0, :2], [np.log(1.05), -np.log(1.05)], rtol=1e-4)
    assert abs(found[0, 2]) < 1e-3
    assert np.all(found[1, :2] == LARGEST)


def test_standard_errors_are_those_of_a_linear_fit():
    rng = np.random.default_rng(0)
    design = rng.standard_normal((50, 2))
    from brianmem.fitting.search import Found

    free = [Free(n, None, 0.5, 0.0, 10.0) for n in "ab"]
    residuals = rng.standard_normal(50) * 0.1
    stats = statistics(Found(np.array([0.5, 0.5]), residuals, design * 10, 1, False), free)
    sigma = np.sqrt(np.sum(residuals**2) / 48)
    expected = sigma * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    np.testing.assert_allclose(stats.errors, expected)
    assert stats.degrees == 48
    at_bound = statistics(Found(np.array([0.0, 0.5]), residuals, design * 10, 1, False), free)
    assert at_bound.status[0] == "not identifiable: at its lower bound"
    assert at_bound.errors[1] == pytest.approx(sigma / np.linalg.norm(design[:, 1]))


def test_constants_of_nature_and_zeros_are_not_freed():
    thermal = Device(
        name="thermal", equations="I = v*G*exp(-q*V_a/(k_B*T_a)) + G_0*v : amp",
        parameters={"G": 1*siemens, "q": 1.602e-19*amp*second, "V_a": 0.1*volt,
                    "k_B": 1.380649e-23*volt*amp*second/kelvin, "T_a": 300*kelvin,
                    "G_0": 0*siemens})
    assert [n for n in thermal.parameters if may_be_free(thermal, n)] == ["G", "V_a", "T_a"]
    with pytest.raises(FitError, match="G_0 is 0, which tells nothing of its size"):
        make_free(thermal, ["G_0"], {})
    v = np.linspace(0.1, 1, 20)
    data = {"voltage": v*volt, "time": v*second, "current": 0.02*v*amp}
    result = fit(thermal, data)
    assert len(result.parameters) == 1
    assert result.rms < 1e-4


def test_usual_bounds_depend_on_the_unit_and_keep_the_sign():
    made = {p.name: p for p in make_free(soft_bound, ["k_p", "V_on", "beta", "w"], {})}
    assert (made["k_p"].low, made["k_p"].high) == pytest.approx((3e3, 3e5))
    assert made["V_on"].high == pytest.approx(1.5)
    assert made["beta"].logarithmic
    assert not made["w"].logarithmic
    assert (made["w"].low, made["w"].high) == (0, 1)


@pytest.mark.parametrize(("free", "bounds", "message"), [
    (["kp"], {}, "no parameter 'kp' to fit. Did you mean 'k_p'"),
    (["k_p", "k_p"], {}, "named twice"),
    (["k_p"], {"k_d": (1/second, 2/second)}, "bounds for 'k_d', which is not free"),
    (["k_p"], {"k_p": (1*volt, 2*volt)}, "bounds of k_p must be in hertz"),
    (["k_p"], {"k_p": (2/second, 1/second)}, "low < high"),
    (["k_p"], {"k_p": 3}, r"must be \(low, high\)"),
    (["w"], {"w": (-1, 1)}, "leave those of the state"),
    ([], {}, "free is empty")])
def test_wrong_requests_are_one_line(free, bounds, message):
    data = {"conductance": UP_AND_DOWN*siemens}
    with pytest.raises(FitError, match=message) as caught:
        fit(soft_bound, data, "pulse_train", free=free, bounds=bounds)
    assert "\n" not in str(caught.value)


def test_wrong_protocols_options_and_devices(memdiode):
    data = {"voltage": [1]*volt}
    for kwargs, message in (
            ({"protocol": "sweep"}, "no data of protocol 'sweep'"),
            ({"protocol": "iv_sweep", "rat": 1}, "iv_sweep has no option 'rat'. Did you mean"),
            ({"protocol": "switching_time", "share": 2.0, "data": {
                "voltage": [1]*volt, "delay": [1]*second}}, "share must lie between")):
        with pytest.raises(FitError, match=message):
            fit(memdiode, **{"data": data, **kwargs})
    with pytest.raises(FitError, match="iv_sweep needs a device"):
        fit(None, data)
    noisy = Device(name="noisy", equations="dx/dt = -x/tau + xi*tau**-0.5 : 1\nI = v*x*G : amp",
                   parameters={"tau": 1*second, "G": 1*siemens}, initial={"x": 0})
    with pytest.raises(FitError, match="contain noise"):
        fit(noisy, data)


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


def test_bounds_as_text():
    found = parse_bounds(soft_bound, "k_p=1kHz..0.1MHz, beta=1..2")
    assert [float(b) for b in found["k_p"]] == [1e3, 1e5]
    assert found["beta"] == (1, 2)
    for text in ("k_p", "k_p=1kHz", "=1..2"):
        with pytest.raises(FitError, match="needs NAME=LOW..HIGH"):
            parse_bounds(soft_bound, text)


def test_nothing_has_an_effect():
    class Flat(Quadratic):
        def predict(self, values):
            return np.tile(self.y, (len(values["k_p"]), 1))

    with pytest.raises(FitError, match="no parameter has an effect"):
        choose(soft_bound, Flat(), {})


class Slow(Quadratic):
    """Each prediction takes a while, and the next candidate is always worth a try."""

    pause = 0.05

    def predict(self, values):
        time.sleep(self.pause)
        return super().predict(values)


def test_the_time_is_over_for_every_stage():
    for pause, generations in ((0.05, 10**4), (0.05, 0), (0.5, 0)):
        task = Slow()
        task.pause = pause
        started = time.monotonic()
        found = search(task, ONE, generations=generations, deadline=started + 0.3)
        # What has begun is finished, and the errors of the best one take a run more.
        assert time.monotonic() - started < 0.3 + 4 * pause + 1.0
        if generations == 0 and pause == 0.5:
            assert found.late
    assert not search(Quadratic(), ONE).late


def test_pruning_stops_in_time_and_keeps_what_it_has(memdiode):
    two = [*ONE, Free("b", ONE[0].dim, 1.0, 0.01, 100.0)]
    found = search(Quadratic(), two, generations=2)
    status = ("not identifiable: acts as b", "identified")
    parameters, late, left = pruned(
        Quadratic(), two, found, lambda _f, _p: SimpleNamespace(status=status), (),
        deadline=time.monotonic() - 1)
    assert (parameters, left) == (two, {})
    assert late.late
    assert not found.late


def test_a_fit_says_that_its_time_was_over(memdiode):
    t, v, current = examples.iv_sweep(1)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    started = time.monotonic()
    result = fit(memdiode, data, free=list(examples.IV_TRUTH), seconds=0.5)
    assert time.monotonic() - started < 15
    assert result.result.attrs["out_of_time"]
    assert "the 0.5 s were over before the search was" in str(result)


class Unsettled(Quadratic):
    """Each halving of the step changes what is predicted."""

    resolution = 1
    steps = property(lambda self: self.resolution)

    def predict(self, values):
        return super().predict(values) * (1 + self.resolution % 3)


def test_a_fit_whose_time_is_over_before_one_candidate_is_refused():
    run = {"started": time.monotonic() - 1, "seconds": 0.5}
    with pytest.raises(FitError, match="0.5 s are over before one candidate is simulated well. Give"):
        _settled(Unsettled(), {"a": np.array([2.0])}, run)


def test_a_hopeless_fit_hints_at_sign_and_unit(memdiode):
    t, v, current = examples.iv_sweep(1)
    for factor, hint in ((-1, "opposite sign"), (1e3, "check its unit"), (1e-4, "check its unit")):
        data = {"time": t*second, "voltage": v*volt, "current": factor*current*amp}
        result = fit(memdiode, data, free=["I_max"], bounds={"I_max": (10e-3*amp, 30e-3*amp)},
                     generations=1)
        assert result.rms > HOPELESS
        assert len(result.hints) == 1
        assert hint in result.hints[0]
    assert hints_for(IVSweepData().task(memdiode, as_table({**data, "current": current*amp}))) == ()


def test_an_error_above_the_value_is_not_identifiable():
    free = [Free("a", ONE[0].dim, 0.1, -10.0, 10.0)]
    found = SimpleNamespace(u=np.array([0.505]), residuals=np.ones(5), jacobian=np.full((5, 1), 10.0))
    assert not free[0].logarithmic
    stats = statistics(found, free)
    assert 0.1 < stats.errors[0] < 5
    assert stats.status[0].startswith("not identifiable: standard error")
