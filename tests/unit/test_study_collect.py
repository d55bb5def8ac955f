"""All points in one labelled data set, file and table."""

import builtins

import h5py
import numpy as np
import pytest
import xarray as xr
from brian2 import msecond, mvolt, volt

from brianmem import Study
from brianmem.errors import StudyError
from brianmem.study.record import StoredStudy
from brianmem.study.store import Store
from brianmem.study.work import Task, run_batch
from tests.unit import study_runs


def done(study, folder, skip=()):
    """Run a study in this process, without the points numbered `skip`."""
    store = Store(folder)
    store.make(study.description(), study.points)
    for k, p in enumerate(study.points):
        if k not in skip:
            assert run_batch([Task(study.function, p.parameters, p.id, folder, study.name)]) == [None]
    return study


def test_a_grid_has_its_parameters_as_dimensions(tmp_path):
    study = done(Study("s", study_runs.product, {"a": [3, 1], "v": [500, 2000]*mvolt}, seeds=[0, 7]),
                 tmp_path, skip=[5])
    found = study.collect(tmp_path)
    assert found.power.dims == ("a", "v", "seed")
    assert found.power.shape == (2, 2, 2)
    assert found.v.attrs["units"] == "volt"
    assert list(found.v.values) == [0.5, 2.0]
    assert float(found.power.sel(a=3, v=2.0, seed=7)) == 3 * 4 + 7
    assert np.isnan(found.power.sel(a=1, v=0.5, seed=7))
    assert int(found.power.isnull().sum()) == 1
    assert (found.attrs["points"], found.attrs["done"]) == (8, 7)


def test_a_metric_that_repeats_a_parameter_is_that_parameter(tmp_path):
    study = done(Study("s", study_runs.echoes, {"a": [1, 2]}, seeds=[0, 3]), tmp_path)
    found = study.collect(tmp_path)
    assert list(found.data_vars) == ["total"]
    assert float(found.total.sel(a=2, seed=3)) == 5
    pytest.importorskip("pandas")
    assert list(study.to_pandas(tmp_path)) == ["a", "seed", "total"]


def test_points_that_form_no_grid_have_one_dimension(tmp_path):
    study = done(Study("s", study_runs.product, points=[{"a": 1}, {"a": 2}, {"a": 2, "v": 3*volt}]),
                 tmp_path)
    found = study.collect(tmp_path)
    assert found.power.dims == ("point",)
    assert list(found.power.values) == [1, 2, 18]
    assert list(found.a.values) == [1, 2, 2]
    assert list(found.v.values) == ["None", "None", "3 V"]


def test_the_consolidated_file_opens_in_xarray_and_h5py(tmp_path):
    study = done(Study("s", study_runs.product, {"a": [1, 2]}, fixed={"v": 3*volt}), tmp_path)
    found = study.collect(tmp_path, arrays=["trace"])
    with xr.open_dataset(tmp_path / "study.h5") as stored:
        xr.testing.assert_identical(stored.load(), found)
    with h5py.File(tmp_path / "study.h5") as file:
        assert list(file["power"]) == [9, 18]
        assert file["power"].dims[0][0].name == "/a"
        assert file["trace"].shape == (2, 3)
        assert file["trace"].attrs["units"] == "second"
    assert "volt" in found.attrs["fixed_v"]


def test_arrays_of_different_shapes_are_refused(tmp_path):
    study = done(Study("s", study_runs.product, {"a": [1, 2]}), tmp_path)
    with pytest.raises(StudyError, match="no array 'nothing'.*trace"):
        study.collect(tmp_path, arrays=["nothing"])


def test_the_folder_alone_says_the_same(tmp_path):
    study = done(Study("s", study_runs.product, {"a": [1, 2], "v": [1*volt]}, seeds=[1, 2]), tmp_path,
                 skip=[0])
    alone = StoredStudy(tmp_path)
    assert alone.status(tmp_path) == study.status(tmp_path)
    assert alone.status(tmp_path).left == 1
    xr.testing.assert_identical(alone.collect(tmp_path), study.collect(tmp_path))


def test_to_pandas_has_a_row_for_each_point(tmp_path):
    pytest.importorskip("pandas")
    study = done(Study("s", study_runs.product, {"v": [1*volt, 20*mvolt]}), tmp_path)
    table = study.to_pandas(tmp_path)
    assert list(table.index) == [p.id for p in study.points]
    assert list(table.v) == [1, 0.02]
    assert list(table.power) == [1, 0.02**2]


def test_a_missing_pandas_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *words, **options):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *words, **options)

    study = done(Study("s", study_runs.sleeps, {"seconds": [0.0]}), tmp_path)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(StudyError, match="pip install pandas"):
        study.to_pandas(tmp_path)


def test_a_folder_without_study_is_named(tmp_path):
    with pytest.raises(StudyError, match="holds no study"):
        StoredStudy(tmp_path)


def test_text_and_time_parameters_are_coordinates(tmp_path):
    study = done(Study("s", study_runs.labelled, {"mode": ["low", "high"], "t": [1, 2]*msecond}),
                 tmp_path)
    found = study.collect(tmp_path)
    assert float(found["value"].sel(mode="high", t=2e-3)) == 1002e-3
    with xr.open_dataset(tmp_path / "study.h5") as stored:
        assert list(stored.mode.values) == ["low", "high"]
        assert stored.t.attrs["units"] == "second"
