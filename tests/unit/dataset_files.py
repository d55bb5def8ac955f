"""Small data sets in the files that data sets come in."""

import gzip
import hashlib

import numpy as np

from brianmem import datafiles, datasets


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
