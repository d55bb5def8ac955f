"""Results survive a file exactly, and never leave half of one."""

import os
import resource

import h5py
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from brian2 import Quantity, amp, metre, mV, nmetre, second, volt
from brian2.units.fundamentalunits import get_dimensions, get_or_create_dimension
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import brianmem.hdf5
from brianmem import Result
from brianmem.errors import BrianmemError, InputError, ResultError

ONE_FILE = settings(deadline=None, max_examples=30,
                    suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def result():
    t = np.arange(5) * 0.1 * second
    return Result(
        data={"t": t, "v": np.linspace(0, 1, 10).reshape(2, 5) * volt, "x": np.ones((2, 5))},
        axes={"t": ("t",), "v": ("instance", "t"), "x": ("instance", "t")},
        parameters={"D": 10*nmetre, "p": 1, "device": "vteam", "seed": None, "quick": True,
                    "voltages": np.array([1., 2.])*volt, "grid": (1, 2), "nested": {"a": 1*amp}},
        attrs={"seed": 3, "references": ["Strukov2008"], "equations": "dx/dt = 1/second : 1"},
        metrics={"accuracy": 0.5, "n": 2})


def reload(result, folder):
    return Result.load(result.save(folder / "r.h5"))


def test_arrays_come_back_with_their_units(result, tmp_path):
    again = reload(result, tmp_path)
    assert list(again) == list(result)
    for name in result:
        np.testing.assert_array_equal(np.asarray(again[name]), np.asarray(result[name]))
        assert get_dimensions(again[name]) is get_dimensions(result[name])
    assert again.axes == result.axes
    assert isinstance(again["v"], Quantity)


def test_parameters_attributes_and_metrics_come_back(result, tmp_path):
    again = reload(result, tmp_path)
    assert again.metrics == result.metrics
    assert again.attrs == result.attrs
    assert again.parameters["D"] == 10*nmetre
    assert again.parameters["seed"] is None
    assert again.parameters["quick"] is True
    assert isinstance(again.parameters["p"], int)
    assert again.parameters["device"] == "vteam"
    assert again.parameters["nested"] == {"a": 1*amp}
    assert list(again.parameters["grid"]) == [1, 2]
    np.testing.assert_array_equal(again.parameters["voltages"] / volt, [1, 2])


@ONE_FILE
@given(powers=st.lists(st.sampled_from([-3, -2, -1, -0.5, 0, 0.5, 1, 2, 4]), min_size=7, max_size=7),
       values=hnp.arrays(float, hnp.array_shapes(min_dims=0, max_dims=3, max_side=3)))
def test_any_dimension_and_any_float_come_back_exactly(powers, values, tmp_path):
    dim = get_or_create_dimension(powers)
    again = reload(Result({"q": Quantity(values, dim=dim)}), tmp_path)
    np.testing.assert_array_equal(np.asarray(again["q"]), values)
    assert get_dimensions(again["q"]) is dim


@ONE_FILE
@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)))
def test_any_attribute_comes_back(value, tmp_path):
    again = reload(Result({}, parameters={"a": value}, attrs={"a": value}), tmp_path)
    assert again.attrs["a"] == value
    assert again.parameters["a"] == value
    assert type(again.attrs["a"]) is type(value)


@pytest.mark.parametrize("text", ["json:not json", "json:1", "", "é µΩ", "a\0b", "\udcff"])
def test_awkward_text_comes_back(text, tmp_path):
    assert reload(Result({}, attrs={"a": text}), tmp_path).attrs["a"] == text


@pytest.mark.parametrize("array", [np.array([True, False]), np.array(["a", "é"]), np.arange(3),
                                   np.array([], dtype=float), np.arange(3, dtype=np.uint8),
                                   np.array([np.nan, np.inf])])
def test_plain_arrays_keep_their_type(array, tmp_path):
    again = reload(Result({"a": array}), tmp_path)["a"]
    np.testing.assert_array_equal(again, array)
    assert again.dtype.kind == array.dtype.kind


def test_attributes_may_exceed_64_kilobytes(tmp_path):
    text = "dx/dt = -x/tau : 1\n" * 10_000
    assert reload(Result({}, attrs={"equations": text}), tmp_path).attrs["equations"] == text


def test_file_layout_is_readable_without_brianmem(result, tmp_path):
    with h5py.File(result.save(tmp_path / "r.h5")) as file:
        assert file.attrs["seed"] == 3
        assert file["data/v"].attrs["unit"] == "volt"
        assert list(file["data/v"].attrs["axes"]) == ["instance", "t"]
        assert file["parameters/D"][()] == pytest.approx(1e-8)
        assert file["parameters/D"].attrs["unit"] == "metre"
        assert file["metrics"].attrs["accuracy"] == 0.5


def test_values_are_stored_in_base_units(tmp_path):
    Result({"v": [1, 2] * mV}).save(tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as file:
        np.testing.assert_allclose(file["data/v"], [1e-3, 2e-3])


def test_xarray_has_labels_units_and_coordinates(result):
    dataset = result.to_xarray()
    assert dataset.v.dims == ("instance", "t")
    assert dataset.v.attrs["units"] == "volt"
    assert float(dataset.v.sel(t=0.2, method="nearest")[1]) == pytest.approx(7 / 9)
    assert dataset.attrs["accuracy"] == 0.5


def test_xarray_takes_t_as_the_label_of_time():
    dataset = Result({"t": np.arange(3) * second, "v": np.arange(3) * volt},
                     axes={"t": ("time",), "v": ("time",)}).to_xarray()
    assert list(dataset.coords) == ["t"]
    assert list(dataset.data_vars) == ["v"]
    assert dataset.v.t.attrs["units"] == "second"


def test_xarray_of_a_loaded_result_can_be_written_by_xarray(result, tmp_path):
    import xarray

    result = result.with_attrs(quick=True, dataset=None, versions={"numpy": "2"})
    reload(result, tmp_path).to_xarray().to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with xarray.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as again:
        np.testing.assert_array_equal(again.v, np.asarray(result["v"]))


def test_repr_names_arrays_units_and_metrics(result):
    text = repr(result)
    assert "v (instance: 2, t: 5) [V]" in text
    assert "accuracy=0.5" in text


def test_unknown_name_says_what_there_is(result):
    with pytest.raises(KeyError, match=r"no 'w'. It holds t, v, x") as caught:
        result["w"]
    assert isinstance(caught.value, InputError)
    assert "w" not in result
    assert "v" in result


@pytest.mark.parametrize(("axes", "message"), [
    ({"a": ("x", "y")}, "dimensions"), ({"c": ("x",)}, "not in the data"),
    ({"a": ("x",), "b": ("x",)}, "axis 'x' is 2 long in 'a' but 3 in 'b'")])
def test_axes_that_do_not_fit_are_refused(axes, message):
    with pytest.raises(ResultError, match=message):
        Result({"a": np.zeros(2), "b": np.zeros(3)}, axes=axes)


def test_names_that_hdf5_would_split_are_refused():
    with pytest.raises(ResultError, match="cannot name"):
        Result({"a/b": np.zeros(1)})


def test_result_is_frozen_and_copies_with_attrs(result):
    with pytest.raises(AttributeError):
        result.attrs = {}
    assert result.with_attrs(wall_time=1.0).attrs["wall_time"] == 1.0
    assert result.with_metrics(x=1).metrics == {**result.metrics, "x": 1}
    assert "wall_time" not in result.attrs


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ResultError, match=r"nothing.h5 does not exist"):
        Result.load(tmp_path / "nothing.h5")


@pytest.mark.parametrize("keep", [0, 10, 100, 0.5, 0.9])
def test_truncated_file_is_named(result, tmp_path, keep):
    path = result.save(tmp_path / "r.h5")
    content = path.read_bytes()
    path.write_bytes(content[:int(keep if keep >= 1 else keep * len(content))])
    with pytest.raises(ResultError, match=r"r\.h5 is not a readable HDF5 file") as caught:
        Result.load(path)
    assert "\n" not in str(caught.value)


def test_foreign_file_is_named(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(ResultError, match="not written by brianmem"):
        Result.load(tmp_path / "f.h5")


def test_file_of_a_newer_format_is_refused(result, tmp_path, monkeypatch):
    monkeypatch.setattr(brianmem.hdf5, "FORMAT", brianmem.hdf5.FORMAT + 1)
    path = result.save(tmp_path / "r.h5")
    monkeypatch.undo()
    with pytest.raises(ResultError, match="newer"):
        Result.load(path)


def test_missing_folder_is_named(result, tmp_path):
    with pytest.raises(ResultError, match=r"cannot write .*No such file or directory"):
        result.save(tmp_path / "missing" / "r.h5")


def test_full_disk_keeps_the_old_file_and_leaves_nothing_else(result, tmp_path):
    path = result.save(tmp_path / "r.h5")
    before = path.read_bytes()
    big = Result({"noise": np.random.default_rng(0).random(100_000)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(BrianmemError, match=r"cannot write .*File too large"):
            big.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["r.h5"]


def test_interrupted_write_leaves_nothing(result, tmp_path, monkeypatch):
    def stop(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(brianmem.hdf5, "_fill", stop)
    with pytest.raises(KeyboardInterrupt):
        result.save(tmp_path / "r.h5")
    assert os.listdir(tmp_path) == []


def test_saved_file_has_ordinary_permissions(result, tmp_path):
    mask = os.umask(0o022)
    try:
        assert result.save(tmp_path / "r.h5").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(mask)


def test_json_line_is_strict_json():
    line = brianmem.hdf5.json_line({"a": float("nan"), "b": np.float64(0.5), "c": [np.inf, 1],
                                    "d": 2*mV, "e": metre})
    assert line == '{"a": null, "b": 0.5, "c": [null, 1], "d": 0.002, "e": 1.0}'
