"""The bookkeeping of benchmarks/diehl_cook.py, with contenders that only pretend."""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from brianmem import datasets

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def bench():
    spec = importlib.util.spec_from_file_location("bench_diehl_cook", FOLDER / "diehl_cook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FakeWorker:
    def __init__(self, ms, log):
        self.ms, self.log = ms, log

    def call(self, request, start, stop):
        self.log.append((self.ms, start, stop))
        n = stop - start
        return {"seconds": self.ms * n / 1e3, "cpu_seconds": self.ms * n / 2e3,
                "spikes": [4] + [20] * (n - 1), "presentations": 2 * n}


def race_fakes(bench, rounds=3, n=10):
    log = []
    workers = {"brianmem": FakeWorker(4, log), "brian2": FakeWorker(100, log)}
    return [bench.race(workers, k, n) for k in range(rounds)], log


def test_everyone_gets_the_same_images_in_rotating_order(bench):
    _, log = race_fakes(bench)
    assert log == [(4, 0, 10), (100, 0, 10), (100, 10, 20), (4, 10, 20), (4, 20, 30), (100, 20, 30)]


def test_report_and_table(bench):
    args = argparse.Namespace(contenders=["brianmem", "brian2"], images=10, rounds=3,
                              neurons=400, seed=0)
    ready = {"version": "1.0", "steps": "80 x 1 ms", "seconds": 60.0}
    prepared = dict.fromkeys(args.contenders, ready)
    report = bench.summarise(args, datasets.load(), prepared, race_fakes(bench)[0])
    brian2 = report["contenders"]["brian2"]
    assert brian2["ms_per_image"] == {"median": 100.0, "min": 100.0, "max": 100.0}
    assert brian2["ratio"]["median"] == pytest.approx(25)
    assert brian2["presentations_per_image"] == 2
    assert brian2["images_with_5_to_50_spikes"] == pytest.approx(0.9)
    assert json.loads(json.dumps(report)) == report
    lines = bench.table(report).splitlines()
    assert len(lines) == 3
    assert "ratio to brianmem" in lines[0]
    assert "25.00" in lines[2]


def test_worker_answers_in_its_own_process(bench, tmp_path, monkeypatch):
    """A contender that prints must not disturb the protocol."""
    import numpy as np
    (tmp_path / "printing.py").write_text(
        "class Contender:\n"
        "    version, steps, share = 'x', '1 x 1 ms', 0.5\n"
        "    def __init__(self, neurons, seed): self.n = neurons\n"
        "    def prepare(self): print('hello')\n"
        "    def run(self, images):\n"
        "        print('noise'); self.spikes = images.sum((1, 2)); self.presentations = self.n\n"
        "        return 1.5\n")
    np.save(tmp_path / "images.npy", np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(bench.CONTENDERS, "printing", ("printing", {}))
    settings = {"neurons": 7, "seed": 0, "images": str(tmp_path / "images.npy")}
    worker = bench.Worker("printing", sys.executable, settings)
    try:
        assert worker.call("prepare")["version"] == "x"
        answer = worker.call("run", 1, 3)
        assert answer["spikes"] == [22, 38]
        assert answer["seconds"] == 0.75
        assert answer["presentations"] == 7
        assert answer["cpu_seconds"] >= 0
    finally:
        worker.close()
