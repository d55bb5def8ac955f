"""A circuit as a group: values of each copy, variation, inputs, start, energy, methods, threshold."""

import numpy as np
import pytest
from brian2 import (
    Network,
    SpikeMonitor,
    StateMonitor,
    kohm,
    mS,
    mV,
    nA,
    nF,
    ohm,
    prefs,
    second,
    us,
    volt,
)
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import Circuit, Variation, find
from brianmem.errors import CircuitError

NUMPY = {"codeobj_class": NumpyCodeObject}
LOW_PASS = "V1 a 0 5\nR1 a b 10k\nC1 b 0 1n"


def made(n=2, circuit=None, **options):
    return (circuit or Circuit(LOW_PASS)).group(n, **{"dt": 1 * us, **NUMPY, **options})


def test_values_of_each_copy_and_of_all():
    group = made(parameters={"R1": [1, 2] * kohm, "C1": 2 * nF}, initial={"v_b": [1, 2] * volt})
    np.testing.assert_array_equal(group.R1_[:], [1000, 2000])
    np.testing.assert_array_equal(group.v_b_[:], [1, 2])
    np.testing.assert_allclose(group.i_R1_[:], [4e-3, 1.5e-3])


def test_varied_constants_may_be_set_later():
    group = made(circuit=Circuit(LOW_PASS, vary=("R1",)))
    group.R1 = [1, 2] * kohm
    np.testing.assert_allclose(group.i_R1_[:], [5e-3, 2.5e-3])
    np.testing.assert_allclose(made(circuit=Circuit(LOW_PASS, vary="C1")).C1_[:], 1e-9)


def test_variation_has_the_spread_that_was_asked_for():
    one, two = (made(500, variation=Variation(R1=0.1), seed=s).R1_[:] for s in (1, 1))
    np.testing.assert_array_equal(one, two)
    assert 0.085 < np.std(np.log(one)) < 0.115 or 0.085 < np.std(one / 1e4) < 0.115
    assert np.all(one > 0)


def test_inputs_change_while_it_runs():
    circuit = Circuit("I1 0 a {I_in}\nC1 a 0 1n\nR1 a 0 1t", inputs={"I_in": 0 * nA})
    group = made(circuit=circuit)
    network = Network(group)
    network.run(2 * us, namespace={})
    np.testing.assert_array_equal(group.v_a_[:], 0)
    group.I_in = [1, -2] * nA
    network.run(4 * us, namespace={})
    np.testing.assert_allclose(group.v_a_[:], [4e-6, -8e-6], rtol=1e-6)


def test_threshold_and_reset_are_those_of_brian():
    group = made(threshold="v_b > 2*volt", reset="v_b = 0*volt")
    spikes = SpikeMonitor(group, codeobj_class=NumpyCodeObject)
    Network(group, spikes).run(30 * us, namespace={})
    # ln(5/3) time constants, up to the next step of the clock.
    assert list(spikes.count) == [5, 5] or list(spikes.count) == [4, 4]
    assert np.all(group.v_b_[:] < 2)


def test_energy_of_charging_a_capacitor():
    group = made(energy=True, initial={"v_b": [0, 1] * volt})
    Network(group).run(200 * us, namespace={})
    np.testing.assert_allclose(group.energy_[:], 1e-9 * 5 * np.array([5, 4]), rtol=1e-5)


@pytest.mark.parametrize("method", ["adaptive", "linear_implicit_euler", "rk4", "rk2", "euler",
                                    "exponential_euler"])
def test_methods_agree(method):
    group = made(method=method)
    Network(group).run(20 * us, namespace={})
    slack = {"adaptive": 1e-5, "rk4": 1e-5, "rk2": 2e-3}.get(method, 0.05)
    np.testing.assert_allclose(group.v_b_[:], 5 * (1 - np.exp(-2)), rtol=slack)


def test_without_any_state():
    group = made(circuit=Circuit("V1 a 0 {t*volt/second}\nR1 a 0 1k"))
    Network(group).run(3 * us, namespace={})
    np.testing.assert_allclose(np.ravel(group.v_a_[:]), 3e-6)


WRONG = (
    ({"n": 0}, "n must be"), ({"n": 1.5}, "n must be"),
    ({"method": "rodas"}, "unknown method"),
    ({"parameters": {"R2": 1 * ohm}}, "no value 'R2'"),
    ({"parameters": {"R1": [1, 2, 3] * ohm}}, "has shape"),
    ({"parameters": {"R1": [1, 0] * ohm}}, "R1 must be above 0"),
    ({"parameters": {"R1": 1 * volt}}, "R1 must be in ohm"),
    ({"parameters": {"R1": [1, np.nan] * ohm}}, "finite"),
    ({"initial": {"v_c": 1 * volt}}, "no state 'v_c'"),
    ({"initial": {"v_b": 1 * ohm}}, "v_b must be in volt"),
    ({"variation": 0.1}, "must be a Variation"),
    ({"variation": Variation(R9=0.1)}, "no value 'R9'"),
    ({"variation": Variation(d2d=0.1)}, "d2d"),
    ({"dt": 0 * us}, "dt must be above 0 s"), ({"dt": -1 * us}, "dt must be above 0 s"),
    ({"dt": 1e-6}, "dt must be in second"), ({"dt": 1 * ohm}, "dt must be in second, got 1 ohm"),
    ({"parameters": [1]}, "parameters must be a dict"), ({"initial": [1]}, "initial must be a dict"),
    ({"absolute": 1e-3}, "absolute must be a dict"), ({"absolute": {"q": 1}}, "no 'q'"),
    ({"absolute": {"v_b": 1 * ohm}}, "v_b must be in volt"), ({"relative": 5}, "relative must lie in"),
)


@pytest.mark.parametrize("case", WRONG, ids=lambda c: str(c[1]))
def test_wrong_options_are_named(case):
    options = {"n": 2, **case[0]}
    with pytest.raises(CircuitError, match=case[1]) as caught:
        made(**options)
    assert len(str(caught.value).splitlines()) == 1


def test_noise_needs_a_method_that_reads_it():
    circuit = Circuit("V1 a 0 0.1\nR1 a b 1k\nC1 b 0 1p\nX1 b 0 diffusive_langevin",
                      devices={"diffusive_langevin": find("diffusive_langevin")})
    assert circuit.is_stochastic
    with pytest.raises(CircuitError, match="noise"):
        made(circuit=circuit, method="adaptive")


def test_bounds_hold_with_every_method():
    device = find("linear_ion_drift")
    circuit = Circuit("V1 a 0 5\nR1 a b 100\nX1 b 0 d", devices={"d": device})
    state = next(iter(circuit.bounds))
    low, high = map(float, circuit.bounds[state])
    for method in ("adaptive", "euler"):
        group = circuit.group(2, dt=1e-3 * second, method=method, **NUMPY)
        Network(group).run(2 * second, namespace={})
        found = np.asarray(getattr(group, f"{state}_")[:])
        assert np.all((low - 1e-12 <= found) & (found <= high + 1e-12))
        assert found == pytest.approx(high)


def test_names_for_equations_of_ones_own():
    group = made(threshold="v_b > V_th", reset="v_b = 0*volt", namespace={"V_th": 2 * mV})
    Network(group).run(3 * us, namespace={})
    assert np.all(group.v_b_[:] < 0.5)


def test_a_copy_whose_equation_divides_by_nothing_is_named():
    circuit = Circuit("I1 0 a 1u\nR1 a 0 1k\nG1 a 0 a 0 {g}", parameters={"g": -0.5 * mS})
    for change in ({"parameters": {"g": [-0.5, -1] * mS}}, {"parameters": {"R1": [1, 2] * kohm}}):
        with pytest.raises(CircuitError, match="node 'a' is inf at the start in copy 1"):
            made(circuit=circuit, **change)
    with pytest.raises(CircuitError, match="node 'a' is inf at the start:"):
        made(circuit=circuit, parameters={"g": -1 * mS})


def test_lines_that_are_the_same_for_all_copies_are_read_as_any_other():
    group = made(3, circuit=Circuit("V1 a 0 5\nR1 a b 10k\nC1 b 0 1n\nV2 c 0 {v(a)}\nR2 c 0 1k"))
    for line in (group.v_a_, group.v_c_):
        np.testing.assert_array_equal(line[:], [5, 5, 5])
        assert float(line[2]) == 5
    np.testing.assert_array_equal(group[1:].v_a_[:], [5, 5])


@pytest.fixture
def compiled():
    if not CythonCodeObject.is_available():
        pytest.skip("Cython finds no compiler")
    before = prefs.codegen.string_expression_target
    prefs.codegen.string_expression_target = "cython"
    yield {"codeobj_class": CythonCodeObject}
    prefs.codegen.string_expression_target = before


@pytest.mark.long
def test_compiled_code_reads_a_supply_that_all_copies_share(compiled):
    circuit = Circuit("V1 a 0 5\nR1 a b 10k\nC1 b 0 1n\nV2 c 0 {v(a)}\nR2 c 0 1k")
    group = circuit.group(2, dt=1 * us, method="rk4", **compiled)
    trace = StateMonitor(group, ["v_a", "v_c"], record=True, **compiled)
    Network(group, trace).run(3 * us, namespace={})
    for line in ("v_a_", "v_c_"):
        np.testing.assert_array_equal(getattr(trace, line), np.full((2, 3), 5.0))
    np.testing.assert_array_equal(group.v_c_[:], [5, 5])
    assert float(group.v_c_[1]) == 5
