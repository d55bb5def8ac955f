"""The time that a fit may take is kept in each of its stages; hopeless fits say what may be wrong."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from brian2 import amp, second, volt

from brianmem import find
from brianmem.data import build_examples as examples
from brianmem.errors import FitError
from brianmem.fitting import fit
from brianmem.fitting.core import _settled
from brianmem.fitting.free import Free
from brianmem.fitting.hints import HOPELESS, hints_for
from brianmem.fitting.measurements import IVSweepData
from brianmem.fitting.pruning import pruned
from brianmem.fitting.search import search
from brianmem.fitting.statistics import statistics
from brianmem.fitting.tables import as_table
from tests.unit.fitted import ONE, Quadratic


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


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
    result = fit(memdiode, data, free=list(examples.IV_TRUTH), seconds=0.1)
    assert time.monotonic() - started < 15
    assert result.result.attrs["out_of_time"]
    assert "the 0.1 s were over before the search was" in str(result)


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
