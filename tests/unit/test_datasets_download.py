"""MNIST by download, from a server on this machine."""

import functools
import http.server
import threading

import numpy as np
import pytest

from brianmem import datafiles, datasets
from brianmem.errors import DatasetError
from tests.unit.dataset_files import as_mnist, tiny_arrays, write_idx

pytestmark = pytest.mark.usefixtures("no_environment")


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
