"""What may be asked of a fit, and what is refused in one line."""

import numpy as np
import pytest
from brian2 import second, siemens, volt

from brianmem import Device, find
from brianmem.errors import FitError
from brianmem.fitting import fit
from brianmem.fitting import search as search_module
from brianmem.fitting.free import make_free, parse_bounds
from brianmem.fitting.search import search
from tests.unit.fitted import ONE, UP_AND_DOWN, Quadratic, soft_bound


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


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


def test_bounds_as_text():
    found = parse_bounds(soft_bound, "k_p=1kHz..0.1MHz, beta=1..2")
    assert [float(b) for b in found["k_p"]] == [1e3, 1e5]
    assert found["beta"] == (1, 2)
    for text in ("k_p", "k_p=1kHz", "=1..2"):
        with pytest.raises(FitError, match="needs NAME=LOW..HIGH"):
            parse_bounds(soft_bound, text)
