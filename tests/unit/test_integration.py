"""The implicit methods as Brian2 methods: targets agree, inputs, bounds, errors."""

import re

import numpy as np
import pytest
from brian2 import (
    Equations,
    Network,
    NeuronGroup,
    SpikeMonitor,
    TimedArray,
    device,
    ms,
    prefs,
    second,
    set_device,
)
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.variables import Constant
from brian2.equations.equations import DIFFERENTIAL_EQUATION

import brianmem.integration
from brianmem.errors import InputError
from brianmem.integration.cpp import source
from brianmem.integration.methods import MANY_VALUES
from brianmem.integration.system import MANY, from_equations

STIFF = """
dx/dt = y/second                                                     : 1
dy/dt = (mu*(1 - x**2)*y - x + a*sin(w*t/second) + drive(t))/second  : 1
dq/dt = abs(x)/second                                                : 1
mu : 1"""
SMOOTH = {"a": 0.3, "w": 2.0, "drive": TimedArray([0.1, -0.2, 0.3], dt=1 * second)}


def stiff(codeobj_class=None, method="adaptive", n=3, **options):
    group = NeuronGroup(n, STIFF, method=method, dt=500 * ms, namespace=SMOOTH,
                        codeobj_class=codeobj_class, **options)
    group.x, group.mu = 2, np.geomspace(1, 50, n)
    return group


def after(group, duration=3 * second):
    Network(group).run(duration, namespace={})
    return np.array([getattr(group, f"{n}_")[:] for n in group.equations
                     if group.equations[n].type == DIFFERENTIAL_EQUATION])


@pytest.mark.standalone
@pytest.mark.parametrize("method", ["adaptive", "linear_implicit_euler"])
def test_numpy_and_cython_agree(method):
    from brian2.codegen.runtime.cython_rt import CythonCodeObject

    one, two = (after(stiff(target, method)) for target in (NumpyCodeObject, CythonCodeObject))
    np.testing.assert_allclose(one, two, rtol=1e-11)


@pytest.mark.standalone
@pytest.mark.parametrize("threads", [0, 2])
def test_standalone_agrees_and_threads_share_no_scratch(tmp_path, monkeypatch, threads):
    expected = after(stiff(n=1000))
    if threads:
        monkeypatch.setitem(prefs, "devices.cpp_standalone.openmp_threads", threads)
        # Not optimised: what lies in memory is not kept in registers, where no thread reaches it.
        monkeypatch.setitem(prefs, "codegen.cpp.extra_compile_args", ["-w", "-O0", "-std=c++11"])
    set_device("cpp_standalone", directory=str(tmp_path / "program"), with_output=False)
    try:
        found = after(stiff(n=1000))
    finally:
        device.reinit()
        set_device("runtime")
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_follows_time_inside_the_clock_step():
    # One clock step over most of a period: holding the cosine would give 1.
    group = NeuronGroup(1, "dx/dt = cos(5*t/second)/second : 1", method="adaptive", dt=1 * second)
    assert after(group, 1 * second)[0, 0] == pytest.approx(np.sin(5) / 5, rel=1e-5)


def test_what_brian_updates_at_its_clock_is_held():
    group = NeuronGroup(1, "dx/dt = drive(t)/second : 1", method="adaptive", dt=500 * ms,
                        namespace={"drive": TimedArray([1.0, 3.0], dt=1 * second)})
    assert after(group, 2 * second)[0, 0] == pytest.approx(4)


def test_each_element_has_its_own_parameters_and_steps():
    group = NeuronGroup(4, "dx/dt = -x/tau : 1\ntau : second", method="adaptive", dt=1 * second)
    group.x, group.tau = 1, [1e-6, 1e-3, 1, 1e3] * second
    found = after(group, 1 * second)[0]
    np.testing.assert_allclose(found[2:], np.exp([-1, -1e-3]), rtol=1e-5)
    assert np.all(np.abs(found[:2]) < 1e-5)


def test_a_state_that_leaves_zero_slowly_is_no_obstacle():
    # x grows as t^3: relative to itself its error never becomes small.
    group = NeuronGroup(1, "dy/dt = t/second**2 : 1\ndx/dt = y/second : 1\ndz/dt = x*y/second : 1",
                        method="adaptive", dt=1 * second)
    found = after(group, 1 * second)[:, 0]
    np.testing.assert_allclose(found, [1 / 6, 1 / 2, 1 / 72], rtol=1e-4)  # x, y, z


def test_bounds_hold_a_state_and_release_it():
    options = {"bounds": {"x": (0.0, 1.0)}}
    group = NeuronGroup(1, "dx/dt = rate/second : 1\nrate = 1 - 2*int(t >= 3*second) : 1",
                        method="adaptive", method_options=options, dt=500 * ms)
    run = Network(group)
    run.run(3 * second, namespace={})
    assert group.x_[0] == 1
    run.run(0.5 * second, namespace={})
    assert group.x_[0] == pytest.approx(0.5)


def test_a_step_size_is_kept_between_clock_steps_and_runs():
    group = NeuronGroup(1, "dx/dt = -(x - sin(t/second))/(1*ms) : 1", method="adaptive",
                        dt=100 * ms)
    network = Network(group)
    network.run(1 * second, namespace={})
    kept = float(np.asarray(group.variables["_adaptive_step"].get_value())[0])
    network.run(1 * second, namespace={})
    assert 0 < kept < 1
    assert group.x_[0] == pytest.approx(np.sin(2.0), abs=2e-3)


def test_units_and_constants_are_understood():
    equations = Equations("dv/dt = (E - v)/(10*ms) + I*pi/(1*pfarad) : volt\nI = g*(v - E) : amp")
    system = from_equations(equations, {"E": 1, "g": 1})
    assert system.states == ("v",)
    assert system.inputs == ("E", "g")
    group = NeuronGroup(1, "dv/dt = (-v + 10*mV)/(10*ms) : volt", method="adaptive", dt=5 * ms)
    assert after(group, 10 * ms)[0, 0] == pytest.approx(0.01 * (1 - np.exp(-1)), rel=1e-5)


def test_values_that_are_written_into_the_code_follow_the_namespace_of_each_run():
    names = [f"k{i}" for i in range(MANY + 1)]
    group = NeuronGroup(2, f"dx/dt = (own - ({' + '.join(names)})*x)/second : 1\nown : 1 (constant)",
                        method="adaptive", dt=10 * second, codeobj_class=NumpyCodeObject)
    system = from_equations(group.equations, {n: Constant(n, value=1.0) for n in names})
    assert system.inputs == ("own",)
    below = {n: Constant(n, value=-1.0) for n in names}
    negated = from_equations(Equations(f"dx/dt = -{'*x - -'.join(names)}*x : 1"), below)
    assert not re.search(r"--\d", source(negated)[1])
    group.own = [1, 2]
    network = Network(group)
    for value in (1.0, 4.0):
        network.run(10 * second, namespace=dict.fromkeys(names, value))
        np.testing.assert_allclose(group.x_[:], np.array([1, 2]) / (value * len(names)), rtol=1e-5)


@pytest.mark.parametrize("codeobj_class", [NumpyCodeObject, pytest.param(
    CythonCodeObject, marks=pytest.mark.standalone)])
@pytest.mark.parametrize("method", ["adaptive", "linear_implicit_euler"])
def test_a_refractory_state_stays_while_others_move(method, codeobj_class):
    group = NeuronGroup(2, "dv/dt = (drive - v)/(10*ms) : 1 (unless refractory)\ndw/dt = 1/second : 1\n"
                           "drive : 1", threshold="v > 1", reset="v = 0", refractory=5 * ms,
                        dt=0.1 * ms, method=method, codeobj_class=codeobj_class)
    group.drive = [0, 2]
    spikes = SpikeMonitor(group, codeobj_class=codeobj_class)
    network = Network(group, spikes)
    network.run(30 * ms, namespace={})
    # Up to 1 in 10 ms*ln 2, and then 5 ms at rest, twice.
    rest = 30e-3 - 2 * (10e-3 * np.log(2) + 5e-3)
    assert list(spikes.count) == [0, 2]
    assert group.v_[0] == 0
    assert group.v_[1] == pytest.approx(2 * (1 - np.exp(-rest / 10e-3)), abs=0.04)
    np.testing.assert_allclose(group.w_[:], 30e-3, rtol=1e-6)


@pytest.mark.parametrize(("options", "message"), [
    ({"bounds": {"x": (1, 0)}}, r"bounds of 'x' must be two numbers \(low, high\), got \(1, 0\)"),
    ({"bounds": {"x": 1}}, "bounds of 'x' must be two numbers"),
    ({"bounds": {"x": (0, float("nan"))}}, "bounds of 'x' must be two numbers"),
    ({"bounds": [0, 1]}, r"bounds must be a dict of states, got \[0, 1\]"),
    ({"absolute": {"x": -1}}, "absolute of 'x' must be a number of at least 0"),
    ({"absolute": {"x": float("nan")}}, "absolute of 'x'"), ({"absolute": 1e-3}, "must be a dict"),
    ({"loose": "y"}, "loose names 'y', which has no differential equation"),
    ({"relative": "x"}, "relative must lie in 1e-12..0.1, got 'x'"),
])
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        brianmem.integration.Adaptive()(Equations("dx/dt = -x/second : 1"), {}, options)


@pytest.mark.parametrize("code", ["v//0.5", "v % 0.3", "v // (k*v)", "(2*v) % k", "v**2//k"])
def test_whole_quotients_are_written_in_closed_brackets(code):
    system = from_equations(Equations(f"dv/dt = ({code} - v)/second : 1"), {"k": 1})
    lines = re.findall(r"const double [kw]\d+ = .*", source(system)[1])
    assert lines
    for line in lines:
        assert line.count("(") == line.count(")"), line


def chain(states):
    return "\n".join(f"dx{k}/dt = (x{(k - 1) % states} - x{k})/second : 1" for k in range(states))


def test_only_what_is_written_around_a_large_system_is_left_as_it_stands():
    written = {}
    for states in (MANY_VALUES, MANY_VALUES + 1):
        installer = brianmem.integration.Adaptive()(Equations(chain(states)), {})
        for target in ("cpp", "cython"):
            implementations = installer.functions[1].implementations._implementations
            written[target, states] = "optimize" in implementations[target].get_code(None)
    assert written == {("cpp", MANY_VALUES): False, ("cython", MANY_VALUES): False,
                       ("cpp", MANY_VALUES + 1): False, ("cython", MANY_VALUES + 1): True}


@pytest.mark.standalone
def test_a_large_system_in_cython_agrees_with_numpy():
    found = []
    for target in (NumpyCodeObject, CythonCodeObject):
        group = NeuronGroup(2, chain(MANY_VALUES + 1), method="adaptive", dt=500 * ms,
                            codeobj_class=target)
        group.x0 = [1, 2]
        found.append(after(group))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("text", "options", "message"), [
    ("dx/dt = xi*second**-0.5 : 1", {}, "does not integrate noise.*linear_implicit_euler"),
    ("dx/dt = look(x)/second : 1", {}, r"'look\(x\)' depends on a state and has no derivative"),
    ("dx/dt = -x/second : 1", {"relative": 0}, "relative must lie in 1e-12..0.1, got 0"),
    ("dx/dt = -x/second : 1", {"bounds": {"y": (0, 1)}}, "bounds names 'y'.*states: x"),
    ("dx/dt = -x/second : 1", {"absolute": {"y": 1.0}}, "absolute names 'y'"),
])
def test_what_it_cannot_do_is_said(text, options, message):
    with pytest.raises(InputError, match=message):
        brianmem.integration.Adaptive()(Equations(text), {"look": TimedArray([1.0], dt=1 * second)},
                                        options)


def test_an_unknown_option_is_refused():
    with pytest.raises(KeyError, match="relativ"):
        brianmem.integration.Adaptive()(Equations("dx/dt = -x/second : 1"), {}, {"relativ": 1})


def test_an_element_that_explodes_becomes_nan_and_spares_the_others():
    # Brian2 warns of it by its log.
    group = NeuronGroup(2, "dx/dt = x**2/second : 1", method="adaptive", dt=1 * second)
    group.x = [0.1, 10]
    with np.errstate(all="ignore"):
        found = after(group, 2 * second)[0]
    assert found[0] == pytest.approx(1 / (10 - 2), rel=1e-5)
    assert np.isnan(found[1])


def test_a_bound_lets_go_within_a_clock_step():
    # The rate turns inwards halfway: holding on for the whole step would give 1.
    options = {"bounds": {"x": (0.0, 1.0)}}
    for dt in (0.5, 0.25):
        group = NeuronGroup(1, "dx/dt = 2*cos(2*pi*t/second)/second : 1", method="adaptive",
                            method_options=options, dt=dt * second)
        group.x = 1
        assert after(group, 0.5 * second)[0, 0] == pytest.approx(1 - 1 / np.pi, rel=1e-4)


@pytest.mark.parametrize("run_before", [False, True])
def test_a_restored_group_repeats_its_run_exactly(run_before):
    """The step in use must not outlive the state it belongs to."""
    group = stiff(NumpyCodeObject)
    network = Network(group)
    if run_before:
        network.run(1 * second, namespace={})
    network.store()
    ends = []
    for _ in range(2):
        network.run(2 * second, namespace={})
        ends.append(np.array([group.x[:], group.y[:], group.q[:]]))
        network.restore()
    np.testing.assert_array_equal(*ends)
    assert np.all(np.abs(ends[0][0] - group.x[:]) > 1e-3)
