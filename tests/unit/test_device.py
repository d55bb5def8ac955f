"""A device as a value: what it holds, evaluates, becomes in a group, and survives."""

import copy
import pickle

import brian2
import numpy as np
import pytest
from brian2 import (
    Equations,
    Network,
    NeuronGroup,
    StateMonitor,
    kohm,
    mA,
    metre,
    ms,
    nmetre,
    ohm,
    second,
    siemens,
    usecond,
    volt,
)
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from hypothesis import given, settings
from hypothesis import strategies as st

from brianmem.device import Device, Evidence, FrozenDict
from brianmem.errors import DeviceError

DRIFT = Device(
    name="drift",
    equations="""
    dx/dt = k*I*(1 - (2*x - 1)**(2*p)) : 1   # doped fraction
    R = R_on*x + R_off*(1 - x) : ohm
    I = v/R : amp
    """,
    parameters={"k": 20 / (mA * second), "R_on": 100 * ohm, "R_off": 16 * kohm, "p": 1},
    initial={"x": 0.25}, bounds={"x": (0, 1)}, references=("Strukov2008", "10.1000/x"),
    evidence={"parameters": Evidence("published", "Fig. 3.", ("Strukov2008",)),
              "Author2020": Evidence("proposed")},
    parameter_sets={"Author2020": {"R_on": 200 * ohm, "x": 0.5}},
    operation={"set": (1 * volt, 1 * ms), "read": (0.1 * volt, 1 * usecond, 1 * kohm)},
    suggested_dt=10 * usecond, description="Positive voltage SETs.\nIt's \"quoted\".")
GAP = Device(
    name="gap", equations="dg/dt = -a*light*g + s*sqrt(g/g0)*xi : metre\n"
                          "I = G*v*exp(-g/g0) : amp",
    parameters={"a": 1 / second, "g0": 1 * nmetre, "G": 1e-3 * siemens,
                "s": 0.1 * nmetre / second**0.5},
    inputs={"light": 2.0}, initial={"g": 1 * nmetre}, bounds={"g": (0, 2 * nmetre)})
RESISTOR = Device(name="resistor", equations="I = v/R : amp", parameters={"R": 1 * kohm})
ALL = pytest.mark.parametrize("device", [DRIFT, GAP, RESISTOR], ids=lambda d: d.name)
NAMESPACE = {**vars(brian2), "Device": Device, "Evidence": Evidence}


@ALL
def test_repr_restores_the_device(device):
    restored = eval(repr(device), dict(NAMESPACE))
    assert restored == device
    assert hash(restored) == hash(device)
    assert restored.parameter_sets == device.parameter_sets
    assert restored.evidence == device.evidence


@ALL
@pytest.mark.parametrize("duplicate", [lambda d: pickle.loads(pickle.dumps(d)), copy.copy,
                                       copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_pickle_and_copy_restore_the_device(device, duplicate):
    device.evaluate("I", v=1 * volt)  # caches must not hinder
    restored = duplicate(device)
    assert restored == device
    assert isinstance(restored.parameters, FrozenDict)
    assert restored.evaluate("I", v=1 * volt) == device.evaluate("I", v=1 * volt)


def test_devices_differ_by_any_field():
    devices = [DRIFT, GAP, RESISTOR, DRIFT.with_parameters(R_on=101 * ohm),
               DRIFT.with_parameters(x=0.3)]
    assert len(set(devices)) == len(devices)
    assert DRIFT.with_parameters() == DRIFT
    assert DRIFT.with_parameters(R_on=0.1 * kohm) == DRIFT
    assert DRIFT != "drift"


@pytest.mark.parametrize("change", [
    lambda d: setattr(d, "name", "other"), lambda d: delattr(d, "name"),
    lambda d: d.parameters.update(R_on=1 * ohm), lambda d: d.parameters.pop("R_on"),
    lambda d: d.parameters.__setitem__("R_on", 1 * ohm), lambda d: d.bounds.clear(),
    lambda d: d.parameter_sets["Author2020"].setdefault("k", 1), lambda d: d.initial.popitem(),
    lambda d: d.operation.__delitem__("set"), lambda d: d.inputs.__ior__({"a": 1}),
    lambda d: setattr(d.evidence["parameters"], "kind", "fitted")])
def test_nothing_in_a_device_changes(change):
    before = repr(DRIFT)
    with pytest.raises((AttributeError, TypeError)):
        change(DRIFT)
    assert repr(DRIFT) == before


def test_dicts_of_the_caller_are_copied():
    parameters, bounds = {"R": 1 * kohm}, {"x": [0, 1]}
    device = Device(name="d", equations="dx/dt = 1/second : 1\nI = v/R : amp",
                    parameters=parameters, initial={"x": 0.5}, bounds=bounds)
    parameters["R"], bounds["x"][1] = 2 * kohm, 5
    assert device.parameters["R"] == 1 * kohm
    assert device.bounds["x"] == (0, 1)


def test_names_and_dimensions():
    assert str(DRIFT) == "Device 'drift'"
    assert DRIFT.states == ("x",)
    assert DRIFT.observables == ("R", "I")
    assert GAP.namespace == {**GAP.parameters, "light": 2.0}
    dims = {n: GAP.dimension(n) for n in ("v", "t", "g", "I", "a", "light")}
    assert dims == {"v": volt.dim, "t": second.dim, "g": metre.dim, "I": mA.dim,
                    "a": (1 / second).dim, "light": (volt / volt).dim}
    assert GAP.is_stochastic
    assert not DRIFT.is_stochastic
    with pytest.raises(DeviceError, match=r"Device 'drift': no 'R_onn' here\. Did you mean 'R_on'\?"):
        DRIFT.dimension("R_onn")
    assert "mathrm" in DRIFT._repr_latex_()


def test_one_reference_may_be_given_bare():
    device = Device(name="d", equations="I = v/R : amp", parameters={"R": 1 * ohm}, references="A2020")
    assert device.references == ("A2020",)
    assert Evidence("published", references="A2020").references == ("A2020",)


# evaluate and conductance

def test_evaluate_against_hand_values():
    # R = 100*0.25 + 16000*0.75 = 12025 ohm
    assert DRIFT.evaluate("R") == 12025 * ohm
    np.testing.assert_allclose(DRIFT.evaluate("I", v=2.405 * volt) / mA, 0.2)
    np.testing.assert_allclose(DRIFT.evaluate("x", v=2.405 * volt) * second, 20 * 0.2 * 0.75)
    np.testing.assert_allclose(DRIFT.conductance(x=1) / siemens, 0.01)
    np.testing.assert_allclose(DRIFT.conductance(v=-3 * volt, x=0) * ohm, 1 / 16000)
    assert DRIFT.read_voltage == 0.1 * volt


def test_evaluate_broadcasts_and_carries_units():
    current = DRIFT.evaluate("I", v=[[1], [2]] * volt, x=np.array([0, 0.5, 1]), R_on=200 * ohm)
    assert current.shape == (2, 3)
    np.testing.assert_allclose(current[:, 2] / mA, [5, 10])
    assert GAP.evaluate("I", v=1 * volt, g=[0, 1] * nmetre).dim is mA.dim


def test_evaluate_agrees_with_brian():
    voltages, states = np.linspace(-2, 2, 7), np.linspace(0, 1, 7)
    group = NeuronGroup(7, DRIFT.model + Equations("v : volt"), namespace=dict(DRIFT.namespace),
                        method="euler", codeobj_class=NumpyCodeObject)
    group.v, group.x = voltages * volt, states
    rate = (DRIFT.evaluate("x", v=voltages * volt, x=states) * ms).copy()
    for name in ("R", "I"):
        np.testing.assert_allclose(DRIFT.evaluate(name, v=voltages * volt, x=states),
                                   getattr(group, name)[:], rtol=1e-14)
    group.clock.dt = 1 * ms
    Network(group).run(1 * ms, namespace={})
    np.testing.assert_allclose(group.x[:], states + rate, rtol=1e-13)


@pytest.mark.parametrize(("name", "given", "message"), [
    ("R_onn", {}, r"no 'R_onn' here\. Did you mean 'R_on'\?"), ("k", {}, "no 'k' here"),
    ("I", {"y": 1}, "'y' is neither a state nor a parameter"),
    ("I", {"R": 1 * ohm}, "'R' is neither a state nor a parameter"),
    ("I", {"v": 1}, "v must be in volt, got 1"), ("I", {"x": 1 * ohm}, "x must be a plain number"),
    ("I", {"R_on": None}, "R_on must be in ohm, got None"),
    ("I", {"x": "a"}, "x must be a plain number"), ("I", {"x": 10**400}, "x must be a plain number")])
def test_evaluate_refuses(name, given, message):
    with pytest.raises(DeviceError, match=f"^Device 'drift': {message}"):
        DRIFT.evaluate(name, **given)


def test_what_depends_on_time_or_noise_has_no_value_without_it():
    timed = Device(name="timed", equations="I = v/R*exp(-t/tau) : amp\nw = 2*v : volt",
                   parameters={"R": 1 * ohm, "tau": 1 * second})
    with pytest.raises(DeviceError, match="the equation for 'I' has no value without t"):
        timed.evaluate("I", v=1 * volt)
    assert timed.evaluate("w", v=1 * volt) == 2 * volt
    np.testing.assert_allclose(timed.evaluate("I", v=1 * volt, t=1 * second) / mA,
                               1e3 * np.exp(-1))
    with pytest.raises(DeviceError, match="the equation for 'g' has no value without xi"):
        GAP.evaluate("g")
    np.testing.assert_allclose(GAP.evaluate("I", v=1 * volt) / mA, np.exp(-1))


def test_conductance_needs_a_voltage():
    with pytest.raises(DeviceError, match=r"no read voltage\. Add operation=\{'read': "):
        RESISTOR.conductance()
    with pytest.raises(DeviceError, match=r"no conductance I\(v\)/v at v = 0 V"):
        RESISTOR.conductance(v=[0, 1] * volt)
    assert RESISTOR.conductance(v=[1, 2] * volt).shape == (2,)


def test_fraction_is_the_place_between_the_bounds():
    np.testing.assert_allclose(GAP.fraction("g", [0, 0.5, 2] * nmetre), [0, 0.25, 1])
    with pytest.raises(DeviceError, match="Device 'gap': no 'G' here"):
        GAP.fraction("G", 1)


# with_parameters

def test_with_parameters_changes_parameters_inputs_and_states():
    changed = GAP.with_parameters(G=2e-3 * siemens, light=0.0, g=0.5 * nmetre)
    assert changed.parameters["G"] == 2e-3 * siemens
    assert changed.inputs["light"] == 0
    assert changed.initial["g"] == 0.5 * nmetre
    assert GAP.parameters["G"] == 1e-3 * siemens
    assert changed.equations == GAP.equations


def test_named_set_comes_first_and_single_values_win():
    changed = DRIFT.with_parameters("Author2020", x=0.75)
    assert changed.parameters["R_on"] == 200 * ohm
    assert changed.initial["x"] == 0.75
    assert DRIFT.with_parameters("Author2020").initial["x"] == 0.5


@pytest.mark.parametrize(("arguments", "changes", "message"), [
    ((), {"R_onn": 1 * ohm}, r"no parameter 'R_onn'\. Did you mean 'R_on'\?"),
    ((), {"R_on": 1 * volt}, r"R_on must be in ohm, got 1 V\."),
    ((), {"v": 1 * volt}, "no parameter 'v'"),
    ((), {"R_on": 5}, r"R_on must be in ohm, got 5\."), ((), {"I": 1 * mA}, "no parameter 'I'"),
    ((), {"R_on": [1, 2] * ohm}, "R_on must be one number or quantity"),
    ((), {"R_on": np.nan * ohm}, "R_on must be finite"), ((), {"p": True}, "p must be one number"),
    ((), {"x": 1.5}, r"initial x = 1\.5 is outside its bounds 0\.\.1"),
    (("Nobody1999",), {}, r"no parameter set 'Nobody1999' \(known: Author2020\)")])
def test_with_parameters_refuses(arguments, changes, message):
    with pytest.raises(DeviceError, match=f"^Device 'drift': {message}"):
        DRIFT.with_parameters(*arguments, **changes)


# scoped

def trajectory(equations, namespace, initial, names, voltage):
    group = NeuronGroup(1, equations + Equations(voltage), method="rk4", dt=1 * ms,
                        namespace=namespace, codeobj_class=NumpyCodeObject)
    for name, value in initial.items():
        setattr(group, name, value)
    monitor = StateMonitor(group, names, record=True, codeobj_class=NumpyCodeObject)
    Network(group, monitor).run(20 * ms, namespace={})
    return [np.asarray(getattr(monitor, name)) for name in names]


def test_scoped_text_runs_to_the_same_trajectory():
    scoped = DRIFT.scoped("mem")
    assert (scoped.v, scoped.I, scoped.states) == ("mem_v", "mem_I", ("mem_x",))
    assert scoped.bounds == {"mem_x": (0, 1)}
    plain = trajectory(DRIFT.model, dict(DRIFT.namespace), DRIFT.initial, ("x", "I", "R"),
                       "v = 2*volt*sin(2*pi*50*hertz*t) : volt")
    found = trajectory(scoped.equations, scoped.namespace, scoped.initial,
                       ("mem_x", "mem_I", "mem_R"), "mem_v = 2*volt*sin(2*pi*50*hertz*t) : volt")
    assert np.ptp(plain[0]) > 1e-3
    for one, other in zip(plain, found):
        assert np.array_equal(one, other)


def test_two_scoped_devices_share_a_group_but_no_noise():
    one, other = GAP.scoped("a"), GAP.scoped("b")
    joined = one.equations + other.equations
    assert joined.stochastic_variables == {"xi_a", "xi_b"}
    group = NeuronGroup(1, joined + Equations("a_v = 1*volt : volt\nb_v = a_v : volt"), dt=1 * ms,
                        method="milstein", namespace=one.namespace | other.namespace,
                        codeobj_class=NumpyCodeObject)
    group.a_g = group.b_g = 1 * nmetre
    Network(group).run(5 * ms, namespace={})
    assert group.a_g[0] != group.b_g[0]


@pytest.mark.parametrize("prefix", ["", "1a", "_m", "a b", "a-b", "é", "xi"])
def test_scope_must_be_an_identifier(prefix):
    with pytest.raises(DeviceError, match="cannot be a name"):
        DRIFT.scoped(prefix)


# properties

POSITIVE = st.floats(1e-12, 1e12)


@settings(max_examples=25, deadline=None)
@given(POSITIVE, st.floats(-1e300, 1e300), st.integers(1, 9), st.floats(0, 1))
def test_any_numbers_survive_repr_and_pickle(r_on, k, p, x):
    device = DRIFT.with_parameters(R_on=r_on * ohm, k=k / (mA * second), p=p, x=x)
    assert eval(repr(device), dict(NAMESPACE)) == device
    assert pickle.loads(pickle.dumps(device)) == device


@settings(max_examples=50, deadline=None)
@given(POSITIVE, POSITIVE, st.floats(0, 1), st.floats(-10, 10))
def test_current_of_the_linear_device_is_ohms_law(r_on, r_off, x, v):
    current = DRIFT.evaluate("I", v=v * volt, x=x, R_on=r_on * ohm, R_off=r_off * ohm)
    resistance = r_on * x + r_off * (1 - x)
    np.testing.assert_allclose(float(current) * resistance, v, rtol=1e-12, atol=1e-300)
