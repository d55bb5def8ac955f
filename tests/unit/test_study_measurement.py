"""A protocol as the run of a study: copies in one group give what separate runs give."""

import time

import numpy as np
import pytest
from brian2 import nsecond, ohm, volt

from brianmem import IVSweep, PulseTrain, Study, Transient, find
from brianmem.errors import StudyError
from brianmem.study.execute import _batches
from brianmem.study.measurement import Measurement
from brianmem.study.store import Store
from brianmem.study.work import TIMES, Task, run_batch

VTEAM = find("vteam")
GRID = [{"R_on": r*ohm, "v_on": -v*volt} for r in (50, 60, 75) for v in (0.2, 0.3)]


def numbers(result):
    return {**{k: np.asarray(v) for k, v in result.data.items()}, **result.metrics}


@pytest.mark.parametrize("protocol", [IVSweep, PulseTrain])
def test_copies_give_what_separate_runs_give(protocol):
    run = Measurement(VTEAM, protocol)
    results = run.together(GRID)
    for given, result in zip(GRID, results, strict=True):
        alone = protocol().run(VTEAM.with_parameters(**given))
        assert result.attrs["dt_s"] == alone.attrs["dt_s"]
        assert result.attrs["device_repr"] == alone.attrs["device_repr"]
        for name, value in numbers(alone).items():
            np.testing.assert_allclose(numbers(result)[name], value, rtol=1e-9, atol=1e-30)


def test_a_result_does_not_depend_on_its_neighbours():
    run = Measurement(VTEAM, IVSweep)
    many, one = run.together(GRID)[3], run(**GRID[3])
    for name, value in numbers(one).items():
        np.testing.assert_array_equal(numbers(many)[name], value)


def test_a_copy_that_fails_leaves_the_others_whole():
    # This one goes back and forth between its bounds faster than any step.
    run = Measurement(VTEAM, IVSweep)
    points = [{"k_off": k*VTEAM.parameters["k_off"]} for k in (1, 1e30)]
    good, _ = run.together(points)
    assert good.metrics == run(**points[0]).metrics


def test_a_study_runs_copies_in_few_batches_and_stores_points(tmp_path):
    run = Measurement(VTEAM, IVSweep)
    study = Study("m", run, {"R_on": [50, 60, 70, 80]*ohm, "amplitude": [1, 1.5]*volt})
    assert study.points[0].id != Study("m", Measurement(VTEAM.with_parameters(R_off=900*ohm), IVSweep),
                                       {"R_on": [50*ohm], "amplitude": [1*volt]}).points[0].id
    tasks = [Task(run, p.parameters, p.id, tmp_path, "m") for p in study.points]
    batches = _batches(study, tasks, jobs=1)
    assert [len(b) for b in batches] == [4, 4]
    store = Store(tmp_path)
    store.make(study.description(), study.points)
    for batch in batches:
        assert run_batch(batch) == [None] * 4
    found = study.collect(tmp_path)
    assert found.maximum_current_A.dims == ("R_on", "amplitude")
    assert (found.maximum_current_A.values > 0).all()
    stored = store.load(study.points[3].id)
    assert stored.parameters["R_on"] == 60*ohm
    assert set(TIMES) - {"study_seconds", "platform"} <= stored.attrs.keys()


def test_copies_are_quicker():
    points = [{"R_on": float(r)*ohm} for r in range(50, 66)]
    run = Measurement(VTEAM, IVSweep)
    run(**points[0])
    started = time.process_time()
    run.together(points)
    together = time.process_time() - started
    started = time.process_time()
    for point in points[:4]:
        run(**point)
    assert together < time.process_time() - started


def test_unsuitable_points_run_alone():
    run = Measurement(VTEAM, Transient)
    assert run.alike({"n": 2}) is None
    assert Measurement(find("stochastic_switch"), IVSweep).alike({}) is None
    assert run.alike({"duration": 1*nsecond}) != run.alike({"duration": 2*nsecond})


def test_names_are_checked():
    with pytest.raises(StudyError, match="takes no 'R_onn'. Did you mean 'R_on'"):
        Study("m", Measurement(VTEAM, IVSweep), {"R_onn": [1*ohm]})
