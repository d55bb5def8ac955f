"""What the data cannot tell is declared not identifiable; what they can has an error."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import amp, kelvin, second, siemens, volt

from brianmem import Device, find
from brianmem.data import build_examples as examples
from brianmem.errors import FitError
from brianmem.fitting import fit
from brianmem.fitting.free import Free, choose, make_free, may_be_free
from brianmem.fitting.pruning import pruned
from brianmem.fitting.search import search
from brianmem.fitting.statistics import statistics
from brianmem.fitting.tasks import LARGEST, Task
from tests.unit.fitted import NOISE, ONE, Quadratic, soft_bound


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


def test_default_parameters_explain_the_data(memdiode):
    t, v, current = examples.iv_sweep(7)
    data = {"time": t*second, "voltage": v*volt, "current": current*amp}
    result = fit(memdiode, data)
    assert result.rms < 1.1 * NOISE
    # tau_1 only scales both time constants, which V_set and V_res do as well.
    assert not {"tau_1", "V_set", "V_res"} <= set(result.parameters)
    assert result.left
    assert not any("acts as" in status or "bound" in status for status in result.status.values())


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


def test_nothing_has_an_effect():
    class Flat(Quadratic):
        def predict(self, values):
            return np.tile(self.y, (len(values["k_p"]), 1))

    with pytest.raises(FitError, match="no parameter has an effect"):
        choose(soft_bound, Flat(), {})
