import functools
import gzip
import hashlib
import http.server
import importlib.util
import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from brianmem import datafiles, datasets
from brianmem.errors import DatasetError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("BRIANMEM_DATA", raising=False)
    monkeypatch.delenv("BRIANMEM_CACHE", raising=False)


@pytest.fixture(scope="module")
def sample():
    return datasets.load()


def tiny_arrays(train=20, test=10, shape=(5, 4)):
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, (train, *shape), dtype=np.uint8),
            np.arange(train, dtype=np.uint8) % 3,
            rng.integers(0, 256, (test, *shape), dtype=np.uint8),
            np.arange(test, dtype=np.uint8) % 3]


def write_idx(folder, arrays, compress=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(datafiles.IDX_NAMES, arrays, strict=True):
        content = datafiles.idx_bytes(array)
        path = folder / (f"{name}.gz" if compress else name)
        path.write_bytes(gzip.compress(content) if compress else content)
    return folder


def as_mnist(monkeypatch, arrays):
    """Let these arrays pass for the original MNIST."""
    digests = {name: hashlib.sha256(datafiles.idx_bytes(array)).hexdigest()
               for name, array in zip(datafiles.IDX_NAMES, arrays, strict=True)}
    monkeypatch.setattr(datasets, "MNIST_SHA256", digests)


def forbid_download(monkeypatch):
    def fail(url, path):
        raise AssertionError(f"download of {url}")
    monkeypatch.setattr(datasets, "_retrieve", fail)


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


# Files at a path

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


# MNIST by download, from a server on this machine

@pytest.fixture
def server(tmp_path):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            requests.append(self.path)
            super().do_GET()

    requests = []
    root = tmp_path / "served"
    root.mkdir()
    httpd = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(root)))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield root, f"http://127.0.0.1:{httpd.server_port}/", requests
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def mirrors(server, tmp_path, monkeypatch):
    """Serve tiny arrays as MNIST from the last of three mirrors; the others fail."""
    root, url, requests = server
    arrays = tiny_arrays()
    as_mnist(monkeypatch, arrays)
    write_idx(root / "good", arrays, compress=True)
    write_idx(root / "bad", arrays[2:] + arrays[:2], compress=True)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("BRIANMEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets, "MIRRORS", (f"{url}gone/", f"{url}bad/", f"{url}good/"))
    return arrays, tmp_path / "cache" / "mnist", requests


def test_download_falls_back_to_a_good_mirror_and_is_kept(mirrors, monkeypatch):
    arrays, cache, requests = mirrors
    data = datasets.load("mnist")
    assert all(map(np.array_equal, data.arrays, arrays))
    assert len(list(cache.iterdir())) == 4
    assert sum("/bad/" in path for path in requests) == 4
    requests.clear()
    again = datasets.load("mnist")
    assert requests == []
    assert again.sha256 == data.sha256
    assert again.source == str(cache)


def test_damaged_cache_is_downloaded_again(mirrors):
    arrays, cache, requests = mirrors
    datasets.load("mnist")
    (cache / f"{datafiles.IDX_NAMES[2]}.gz").write_bytes(b"junk")
    requests.clear()
    assert np.array_equal(datasets.load("mnist").test_images, arrays[2])
    assert requests
    assert all(datafiles.IDX_NAMES[2] in path for path in requests)


def test_no_mirror_serves(mirrors, monkeypatch):
    _, cache, _ = mirrors
    monkeypatch.setattr(datasets, "MIRRORS", datasets.MIRRORS[:2])
    with pytest.raises(DatasetError) as caught:
        datasets.load("mnist")
    message = str(caught.value)
    assert "HTTPError" in message
    assert "damaged" in message
    assert "\n" not in message
    assert "BRIANMEM_DATA" in message
    assert "'sample'" in message
    assert not cache.exists() or not list(cache.iterdir())


def test_real_mirrors_and_hashes_are_declared():
    assert len(datasets.MIRRORS) >= 2
    assert all(m.endswith("/mnist/") for m in datasets.MIRRORS)
    assert all(len(digest) == 64 for digest in datasets.MNIST_SHA256.values())


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
