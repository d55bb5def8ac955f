"""Data sets in files at a path, and what is said of those that cannot be read."""

import numpy as np
import pytest

from brianmem import datafiles, datasets
from brianmem.errors import DatasetError
from tests.unit.dataset_files import tiny_arrays, write_idx

pytestmark = pytest.mark.usefixtures("no_environment")


@pytest.mark.parametrize("compress", [False, True])
def test_idx_folder(tmp_path, compress):
    arrays = tiny_arrays()
    write_idx(tmp_path, arrays, compress)
    for path in (tmp_path, str(tmp_path),
                 tmp_path / (datafiles.IDX_NAMES[0] + ".gz" * compress)):
        data = datasets.load(path)
        assert all(map(np.array_equal, data.arrays, arrays))
    assert data.image_shape == (5, 4)
    assert data.classes == 3
    assert data.source == str(tmp_path)


@pytest.mark.parametrize("names", datafiles.NPZ_NAMES)
def test_npz_and_idx_of_the_same_content_have_one_hash(tmp_path, names):
    arrays = tiny_arrays()
    np.savez_compressed(tmp_path / "d.npz", **dict(zip(names, arrays, strict=True)))
    data = datasets.load(tmp_path / "d.npz")
    assert all(map(np.array_equal, data.arrays, arrays))
    assert data.sha256 == datasets.load(write_idx(tmp_path / "idx", arrays)).sha256


def test_npz_labels_may_be_any_integers(tmp_path):
    arrays = tiny_arrays()
    arrays[1] = arrays[1].astype(np.int64)
    np.savez(tmp_path / "d.npz", **dict(zip(datafiles.NPZ_NAMES[0], arrays, strict=True)))
    assert datasets.load(tmp_path / "d.npz").train_labels.dtype == np.uint8


def test_more_images_than_a_path_holds(tmp_path):
    with pytest.raises(DatasetError, match="holds 10 test images, 11 were asked for"):
        datasets.load(write_idx(tmp_path, tiny_arrays()), test_images=11)


@pytest.mark.parametrize(("name", "hint"), [("mnits", "Did you mean 'mnist'"),
                                        ("no/such/folder", "Check the path")])
def test_unknown_data_set(name, hint):
    with pytest.raises(DatasetError, match=f"'{name}' is not 'sample', 'mnist'.*{hint}"):
        datasets.load(name)


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("victim", datafiles.IDX_NAMES)
def test_missing_and_truncated_idx(tmp_path, victim, compress):
    write_idx(tmp_path, tiny_arrays(), compress)
    path = tmp_path / (victim + ".gz" * compress)
    path.write_bytes(path.read_bytes()[:-4])
    fault = "unreadable or damaged" if compress else "truncated"
    with pytest.raises(DatasetError, match=f"{victim}.*{fault}.*four IDX files") as caught:
        datasets.load(tmp_path)
    assert "\n" not in str(caught.value)
    path.unlink()
    with pytest.raises(DatasetError, match=f"{victim} is missing.*four IDX files"):
        datasets.load(tmp_path)


@pytest.mark.parametrize(("damage", "fault"), [
    (lambda b: b[:2] + b"\x0d" + b[3:], "not an IDX file .* starts with 0x00000d03"),
    (lambda b: b"", "not an IDX file"),
    (lambda b: b"<html>404</html>", "not an IDX file"),
    (lambda b: b[:9], "truncated inside its header"),
    (lambda b: b[:4] + b"\xff" * 12 + b[16:], "truncated"),
    (lambda b: b + b"x", "1 bytes too many"),
    (lambda b: b[:4] + b"\0\0\0\0" + b[8:16], "not empty"),
    (lambda b: b"\x1f\x8b" + b, "unreadable or damaged"),
])
def test_corrupt_idx(tmp_path, damage, fault):
    path = write_idx(tmp_path, tiny_arrays()) / datafiles.IDX_NAMES[0]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetError, match=fault):
        datasets.load(tmp_path)


def test_flipped_bit_in_gzip_is_found(tmp_path):
    path = write_idx(tmp_path, tiny_arrays(), True) / (datafiles.IDX_NAMES[0] + ".gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="damaged"):
        datasets.load(tmp_path)


def test_labels_in_place_of_images(tmp_path):
    arrays = tiny_arrays()
    with pytest.raises(DatasetError, match=r"train-images.* 3-D"):
        datasets.load(write_idx(tmp_path, [arrays[1], arrays[0], *arrays[2:]]))


def test_arrays_that_do_not_fit_together(tmp_path):
    good = tiny_arrays()
    with pytest.raises(DatasetError, match="20 training images but 19 labels"):
        datasets.load(write_idx(tmp_path, [good[0], good[1][:-1], *good[2:]]))
    with pytest.raises(DatasetError, match=r"\(5, 4\), test images \(4, 4\)"):
        datasets.load(write_idx(tmp_path, [*good[:2], good[2][:, 1:], good[3]]))


@pytest.mark.parametrize(("change", "fault"), [
    (lambda a: {"x_train": a["x_train"] / 255}, "whole numbers from 0 to 255.*float64"),
    (lambda a: {"y_test": a["y_test"].astype(int) - 1}, "y_test must hold whole numbers"),
    (lambda a: {"x_train": a["x_train"].reshape(20, -1)}, r"\(n, height, width\)"),
    (lambda a: {"y_test": np.array([{}] * 10)}, "damaged"),
])
def test_bad_npz_arrays(tmp_path, change, fault):
    arrays = dict(zip(datafiles.NPZ_NAMES[0], tiny_arrays(), strict=True))
    np.savez(tmp_path / "d.npz", **arrays | change(arrays))
    with pytest.raises(DatasetError, match=fault):
        datasets.load(tmp_path / "d.npz")


def test_bad_npz_files(tmp_path):
    path = tmp_path / "d.npz"
    with pytest.raises(DatasetError, match=r"d.npz is missing"):
        datasets.load(path)
    np.savez(path, x_train=np.zeros(3))
    with pytest.raises(DatasetError, match="must hold the arrays x_train, y_train"):
        datasets.load(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DatasetError, match=r"not an .npz file, or is truncated"):
        datasets.load(path)
