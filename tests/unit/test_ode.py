"""A driven group of device copies: its variables, its bounds and its complaints."""

import brian2
import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    StateMonitor,
    TimedArray,
    kohm,
    mA,
    ms,
    ohm,
    prefs,
    second,
    uA,
    volt,
)

from brianmem.device import Device
from brianmem.errors import BrianmemError, InputError, StepError
from brianmem.ode import ode_group
from brianmem.variation import Variation

DRIFT = Device(
    name="drift",
    equations="""
    dx/dt = k*I*(1 - (2*x - 1)**2) : 1
    R = R_on*x + R_off*(1 - x)     : ohm
    I = v/R                        : amp
    """,
    parameters={"k": 20 / (mA * second), "R_on": 100 * ohm, "R_off": 16 * kohm},
    initial={"x": 0.3}, bounds={"x": (0, 1)})
PUSHED = Device(
    name="pushed", equations="dx/dt = k*v : 1\nI = v*x/R : amp",
    parameters={"k": 1 / (volt * second), "R": 1 * kohm}, initial={"x": 0.5}, bounds={"x": (0, 1)})


def run(made, duration, *variables):
    monitor = StateMonitor(made.group, variables, record=True, codeobj_class=made.codeobj_class) \
        if variables else None
    Network(*made.objects, *([monitor] if variables else [])).run(duration, namespace={})
    return monitor


def test_group_offers_cell_source_states_observables_and_energy():
    made = ode_group(DRIFT, 2, "1*volt", dt=1 * ms, target="numpy")
    assert isinstance(made.group, NeuronGroup)
    monitor = run(made, 3 * ms, "v", "v_source", "I", "x", "R", "energy")
    assert np.all(monitor.v[:] == monitor.v_source[:])
    np.testing.assert_allclose(monitor.I[:] / mA, monitor.v[:] / monitor.R[:] / mA, rtol=1e-12)
    np.testing.assert_allclose(monitor.R[0][0] / ohm, 0.3 * 100 + 0.7 * 16e3)


def test_energy_of_a_fixed_resistance_is_exact():
    made = ode_group(PUSHED.with_parameters(k=0 / (volt * second)), 1, "2*volt", dt=1 * ms,
                     target="numpy")
    run(made, 10 * ms)
    np.testing.assert_allclose(np.asarray(made.group.energy), [4 * 0.5 / 1e3 * 10e-3], rtol=1e-12)


def test_energy_can_be_left_out():
    assert "energy" not in ode_group(DRIFT, dt=1 * ms, energy=False).group.variables


def test_voltage_takes_arrays_per_copy_and_timed_arrays():
    steps = TimedArray([1, 3], dt=1 * ms)
    made = ode_group(DRIFT, 2, "height*steps(t)", dt=1 * ms, target="numpy",
                     namespace={"height": [1, 2] * volt, "steps": steps})
    monitor = run(made, 2 * ms, "v_source")
    np.testing.assert_allclose(monitor.v_source / volt, [[1, 3], [2, 6]])


def test_parameters_per_copy_equal_changed_devices():
    both = ode_group(DRIFT, 2, "1*volt", dt=1 * ms, target="numpy",
                     parameters={"R_off": [16, 8] * kohm})
    alone = ode_group(DRIFT.with_parameters(R_off=8 * kohm), 1, "1*volt", dt=1 * ms, target="numpy")
    run(both, 20 * ms)
    run(alone, 20 * ms)
    np.testing.assert_allclose(both.group.x[1], alone.group.x[0], rtol=1e-12)
    assert both.group.x[0] != both.group.x[1]


@pytest.mark.parametrize("method", ["rk4", "rk2", "euler"])
def test_stage_methods_give_brian2s_own_numbers(method):
    made = ode_group(DRIFT, 1, "1*volt*sin(40*t/second)", dt=1 * ms, method=method, target="numpy")
    other = NeuronGroup(1, made.group.equations, method=method, dt=1 * ms,
                        namespace=DRIFT.parameters, codeobj_class=made.codeobj_class)
    other.x = 0.3
    run(made, 100 * ms)
    Network(other).run(100 * ms, namespace={})
    np.testing.assert_allclose(np.asarray(made.group.x), np.asarray(other.x), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(made.group.energy), np.asarray(other.energy), rtol=1e-12)


def test_bounds_hold_and_hits_are_counted():
    made = ode_group(PUSHED, 2, "height", dt=10 * ms, namespace={"height": [1, -1] * volt},
                     target="numpy")
    run(made, 1000 * ms)
    np.testing.assert_array_equal(made.group.x[:], [1, 0])
    # 50 steps to arrive; the others push on at the bound.
    assert all(49 <= h <= 51 for h in made.hits("x"))


def test_pushing_on_at_a_bound_is_no_overshoot():
    made = ode_group(PUSHED, 1, "1*volt", dt=10 * ms, target="numpy")
    run(made, 2000 * ms)
    assert made.overshoot("x")[0] <= 0.011
    made.check(overshoot=0.02)


def test_hidden_overshoot_is_an_error_whose_dt_helps():
    made = ode_group(PUSHED, 1, "1*volt", dt=400 * ms, target="numpy")
    run(made, 800 * ms)
    with pytest.raises(StepError, match=r"Device 'pushed'.*'x' 0.3 of its range.*dt <= 27 ms"):
        made.check(overshoot=0.02)
    better = ode_group(PUSHED, 1, "1*volt", dt=20 * ms, target="numpy")
    run(better, 800 * ms)
    better.check(overshoot=0.02)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_state_that_runs_away_is_named_with_its_time():
    runaway = Device(name="runaway", equations="dx/dt = x**2/tau : 1\nI = x*v/R : amp",
                     parameters={"tau": 10 * ms, "R": 1 * ohm}, initial={"x": 1})
    made = ode_group(runaway, 2, dt=1 * ms, target="numpy", initial={"x": [0.01, 1]})
    run(made, 30 * ms)
    with pytest.raises(BrianmemError, match=r"Device 'runaway': state 'x' of copy 1 became .* at "
                                            r"t = 1\d ms.*bounds"):
        made.check()


def test_stuck_copies_never_move():
    mask, values = Variation(stuck=0.5, seed=2).sample_stuck(DRIFT, 20, np.random.default_rng(2))
    made = ode_group(DRIFT, 20, "1*volt", dt=1 * ms, stuck=(mask, values), target="numpy")
    run(made, 50 * ms)
    assert 0 < mask.sum() < 20
    np.testing.assert_array_equal(made.group.x[:][mask], values["x"][mask])
    assert np.all(made.group.x[:][~mask] > 0.31)


def test_noise_chooses_an_ito_method():
    text = "dx/dt = -x/tau + {}*sqrt(2/tau)*xi : 1\nI = x*v/R : amp"
    options = {"parameters": {"tau": 10 * ms, "R": 1 * ohm}, "initial": {"x": 0.5}}
    additive = Device(name="additive", equations=text.format("0.1"), **options)
    product = Device(name="product", equations=text.format("x"), **options)
    assert ode_group(additive, dt=1 * ms).method == "euler"
    made = ode_group(product, 3, dt=1 * ms, target="numpy")
    assert made.method == "milstein"
    run(made, 5 * ms)
    made.check()
    with pytest.raises(InputError, match=r"Device 'product'.*Ito.*'heun'.*milstein"):
        ode_group(product, dt=1 * ms, method="heun")


def test_stuck_copies_stay_under_noise():
    noisy = Device(name="noisy", equations="dx/dt = -x/tau + 0.1*sqrt(2/tau)*xi : 1\nI = x*v/R : amp",
                   parameters={"tau": 10 * ms, "R": 1 * ohm}, initial={"x": 0.5},
                   bounds={"x": (0, 1)})
    stuck = (np.array([True, False]), {"x": [0.25, 0.25]})
    made = ode_group(noisy, 2, dt=1 * ms, stuck=stuck, target="numpy")
    run(made, 5 * ms)
    assert made.group.x[0] == 0.25
    assert made.group.x[1] not in (0.25, 0.5)


@pytest.mark.parametrize(("options", "message"), [
    ({"method": "rk5"}, "unknown method 'rk5'"),
    ({"initial": {"x": 2}}, "initial x = 2 is outside its bounds"),
    ({"initial": {"y": 0.5}}, "no state 'y'"),
    ({"initial": {"x": 0.5 * volt}}, "must be a plain number"),
    ({"parameters": {"R_of": 1 * ohm}}, "no parameter 'R_of'"),
    ({"parameters": {"R_off": 1 * volt}}, "R_off must be in ohm"),
    ({"parameters": {"R_off": [1, 2] * ohm}}, "there are 3 copies"),
    ({"namespace": {"x": 1}}, "'x' in the namespace"),
    ({"series_resistance": 1 * volt}, "series_resistance must be in ohm"),
    ({"series_resistance": -1 * ohm}, "must be positive"),
    ({"compliance": 0 * uA}, "compliance must be positive"),
    ({"target": "fortran"}, "target must be"),
    ({"voltage": "1*volt +"}, "Device 'drift', driven by"),
])
def test_bad_input_is_named(options, message):
    with pytest.raises(InputError, match=message):
        ode_group(DRIFT, 3, dt=1 * ms, **options)


def test_names_of_the_simulation_are_reserved():
    device = Device(name="taken", equations="I = v/energy : amp", parameters={"energy": 1 * ohm})
    with pytest.raises(InputError, match="'energy' is a name of the simulation"):
        ode_group(device, dt=1 * ms)


def test_compliance_can_limit_one_polarity():
    made = ode_group(DRIFT, 2, "height", dt=1 * ms, namespace={"height": [1, -1] * volt},
                     compliance="10*uA + int(v_source < 0*volt)*1*amp", target="numpy")
    monitor = run(made, 1 * ms, "I")
    np.testing.assert_allclose(monitor.I[0] / uA, 10)
    np.testing.assert_allclose(monitor.I[1] / uA, -1e6 / 11230)


def test_small_work_runs_in_numpy_and_preferences_stay():
    before = prefs.codegen.target
    made = ode_group(DRIFT, 1, dt=1 * ms, target="auto", steps=1000)
    assert made.codeobj_class.class_name == "numpy"
    assert prefs.codegen.target == before
    assert ode_group(DRIFT, 1, dt=1 * ms).codeobj_class is None


def test_the_cache_of_brian2_that_spares_inserting_lines_is_still_there():
    """Without it a group whose lines iterate is never built; see `stages.keep_lines`."""
    equations = brian2.Equations("a = x + 1 : 1\ndx/dt = -a/second : 1")
    assert equations._substituted_expressions is None
    equations.get_substituted_expressions()
    assert len(equations._substituted_expressions) == 2
