import hashlib
import importlib.util
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from brianmem import datafiles, datasets
from brianmem.errors import DatasetError
from tests.unit.dataset_files import as_mnist, forbid_download, tiny_arrays, write_idx

pytestmark = pytest.mark.usefixtures("no_environment")


@pytest.fixture(scope="module")
def sample():
    return datasets.load()


# The sample

def test_sample_is_the_default_and_has_its_hash(sample, monkeypatch):
    forbid_download(monkeypatch)
    assert sample.name == "sample"
    assert sample.note == ""
    assert sample.sha256 == datafiles.idx_digest(sample.arrays) == datasets.SAMPLE_SHA256
    assert sample.train_images.shape == (12000, 28, 28)
    assert sample.test_images.shape[0] == 1000
    assert all(array.dtype == np.uint8 for array in sample.arrays)
    assert sample.classes == 10
    assert sample.image_shape == (28, 28)
    assert "CC BY-SA" in sample.licence


def test_sample_file_is_under_two_megabytes_and_has_a_notice():
    folder = Path(datasets.__file__).with_name("data")
    assert (folder / datasets.SAMPLE_FILE).stat().st_size < 2_000_000
    notice = (folder / "README.md").read_text()
    assert datasets.SAMPLE_SHA256 in notice
    assert "LeCun" in notice
    assert "Licence" in notice


def test_sample_has_the_class_shares_of_mnist(sample):
    mnist_train = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    mnist_test = np.array([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    assert np.abs(np.bincount(sample.train_labels) - mnist_train / 5).max() < 1
    assert np.abs(np.bincount(sample.test_labels) - mnist_test / 10).max() < 1


def test_sample_digits_look_like_their_labels(sample):
    """Nearest class mean of real MNIST is right in 82 % of cases; mixed-up labels give 10 %."""
    train = sample.train_images.reshape(12000, -1).astype(np.float32)
    means = np.stack([train[sample.train_labels == k].mean(0) for k in range(10)])
    test = sample.test_images.reshape(1000, -1).astype(np.float32)
    guess = ((means**2).sum(1) - 2 * test @ means.T).argmin(1)
    assert 0.78 < (guess == sample.test_labels).mean() < 0.86


def test_no_training_digit_is_a_test_digit(sample):
    train = {image.tobytes() for image in sample.train_images}
    assert len(train) == 12000
    assert not any(image.tobytes() in train for image in sample.test_images)


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b"not xz", lambda b: None])
def test_damaged_sample_is_refused(tmp_path, monkeypatch, damage):
    import importlib.resources
    content = Path(datasets.__file__).with_name("data").joinpath(datasets.SAMPLE_FILE).read_bytes()
    (tmp_path / "data").mkdir()
    if damage(content):
        (tmp_path / "data" / datasets.SAMPLE_FILE).write_bytes(damage(content))
    monkeypatch.setattr(importlib.resources, "files", lambda package: tmp_path)
    with pytest.raises(DatasetError, match=r"mnist_sample.*unreadable.*Reinstall"):
        datasets.load()


def test_another_sample_is_refused(tmp_path, monkeypatch):
    import importlib.resources
    import lzma
    (tmp_path / "data").mkdir()
    content = b"".join(map(datafiles.idx_bytes, tiny_arrays()))
    (tmp_path / "data" / datasets.SAMPLE_FILE).write_bytes(lzma.compress(content))
    monkeypatch.setattr(importlib.resources, "files", lambda package: tmp_path)
    with pytest.raises(DatasetError, match=r"SHA-256.*Reinstall"):
        datasets.load()


# The object

def test_arrays_are_read_only_and_the_record_frozen(sample):
    for array in (*sample.arrays, *sample.select(100, 10).arrays):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        sample.name = "other"


def test_dataset_pickles(sample):
    few = sample.select(30, 10)
    again = pickle.loads(pickle.dumps(few))
    assert again.name == few.name
    assert again.sha256 == few.sha256
    assert all(map(np.array_equal, again.arrays, few.arrays))


def test_whole_data_set_is_not_copied(sample):
    assert all(map(np.shares_memory, sample.arrays, sample.select().arrays))


# Selection

def test_selection_keeps_shares_pairs_and_order(sample):
    few = datasets.load(train_images=1000, test_images=100)
    assert len(few.train_labels) == 1000
    assert len(few.test_labels) == 100
    shares = np.bincount(sample.train_labels) / 12
    assert np.abs(np.bincount(few.train_labels) - shares).max() < 1
    chosen = datasets.stratified(sample.train_labels, 1000)
    assert np.array_equal(few.train_images, sample.train_images[chosen])
    assert np.array_equal(few.train_labels, sample.train_labels[chosen])
    assert few.sha256 == sample.sha256


@pytest.mark.parametrize("n", [1, 2, 7, 50, 99, 100])
def test_stratified_gives_n_distinct_ascending_indices(n):
    labels = np.repeat([0, 1, 5], [70, 25, 5])
    chosen = datasets.stratified(labels, n)
    assert len(chosen) == n
    assert (np.diff(chosen) > 0).all()
    shares = np.array([(labels[chosen] == k).sum() for k in (0, 1, 5)])
    assert np.abs(shares - n * np.array([0.7, 0.25, 0.05])).max() < 1


def test_stratified_spreads_over_the_whole_file():
    chosen = datasets.stratified(np.tile([0, 1], 500), 100)
    assert abs((chosen < 500).sum() - 50) <= 2
    assert np.diff(chosen).max() <= 21
    assert np.array_equal(datasets.stratified(np.arange(10), 10), np.arange(10))


@pytest.mark.parametrize(("n", "fault"), [(0, "at least 1"), (-3, "at least 1"),
                                      (2.5, "whole number"), ("7", "whole number")])
def test_bad_counts(n, fault):
    with pytest.raises(DatasetError, match=f"test_images must be .*{fault}"):
        datasets.load(test_images=n)


# MNIST through BRIANMEM_DATA

@pytest.mark.parametrize("compress", [False, True])
def test_brianmem_data_is_used(tmp_path, monkeypatch, compress):
    forbid_download(monkeypatch)
    arrays = tiny_arrays()
    as_mnist(monkeypatch, arrays)
    write_idx(tmp_path / "mnist", arrays, compress)
    monkeypatch.setenv("BRIANMEM_DATA", str(tmp_path))
    data = datasets.load("mnist")
    assert data.name == "mnist"
    assert all(map(np.array_equal, data.arrays, arrays))


def test_environment_alone_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIANMEM_DATA", str(tmp_path / "missing"))
    assert datasets.load().name == "sample"
    assert datasets.load(train_images=12000, test_images=1000).name == "sample"


@pytest.mark.parametrize("counts", [{"train_images": 12001}, {"test_images": 1001}])
def test_more_than_the_sample_means_mnist_and_says_so(tmp_path, monkeypatch, caplog, counts):
    arrays = tiny_arrays(12005, 1005, (1, 1))
    as_mnist(monkeypatch, arrays)
    write_idx(tmp_path / "mnist", arrays)
    monkeypatch.setenv("BRIANMEM_DATA", str(tmp_path))
    with caplog.at_level("INFO", logger="brianmem"):
        data = datasets.load(**counts)
    assert data.name == "mnist"
    assert "using the full MNIST" in data.note
    assert data.note in caplog.text
    assert all(len(getattr(data, key)) == n for key, n in counts.items())


def test_brianmem_data_is_authoritative(tmp_path, monkeypatch):
    forbid_download(monkeypatch)
    arrays = tiny_arrays()
    as_mnist(monkeypatch, arrays)
    monkeypatch.setenv("BRIANMEM_DATA", str(tmp_path))
    with pytest.raises(DatasetError, match=r"train-images.* is missing.*BRIANMEM_DATA is set"):
        datasets.load("mnist")
    write_idx(tmp_path / "mnist", arrays[2:] + arrays[:2])
    with pytest.raises(DatasetError, match=r"SHA-256 of its content differs.*unset BRIANMEM_DATA"):
        datasets.load("mnist")


# The real thing

@pytest.fixture
def real_data(monkeypatch):
    if not REAL_DATA:
        pytest.skip("BRIANMEM_DATA is not set: no full MNIST on this machine")
    monkeypatch.setenv("BRIANMEM_DATA", REAL_DATA)


REAL_DATA = os.environ.get("BRIANMEM_DATA")


@pytest.mark.mnist
def test_full_mnist(real_data):
    data = datasets.load("mnist")
    assert data.train_images.shape == (60000, 28, 28)
    assert data.test_images.shape[0] == 10000
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.sha256 == datafiles.idx_digest(data.arrays)


@pytest.mark.mnist
def test_sample_is_rebuilt_from_mnist(real_data):
    path = Path(datasets.__file__).parent / "data" / "build_sample.py"
    spec = importlib.util.spec_from_file_location("build_sample", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert hashlib.sha256(module.sample_content()).hexdigest() == datasets.SAMPLE_SHA256
