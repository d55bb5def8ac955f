"""A short version of benchmarks/study_survival.py: kills, a full disk, two processes at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "study_survival.py"


def survive(*words):
    done = subprocess.run([sys.executable, SCRIPT, *words], text=True, capture_output=True, check=False,
                          timeout=280)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["parent", "worker", "dask-worker", "scheduler"])
def test_results_survive_kills_bit_for_bit(kind):
    if kind in ("dask-worker", "scheduler"):
        pytest.importorskip("distributed")
    found = survive(f"--{kind}", "2")[kind]
    assert found["kills"] >= 2
    assert found["points_equal"] == 120 * found["studies"]


def test_two_processes_on_one_folder_lose_nothing():
    assert survive("--two")["two"]["points_equal"] == 120


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_stops_a_study_which_goes_on_when_there_is_room():
    found = survive("--disk")["disk"]
    assert found["times_full"] >= 1
    assert found["points_equal"] == 120
