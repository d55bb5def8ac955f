"""From a user's measurement to digits: CSV, fit, device file, network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import brianmem.data

PULSES = Path(brianmem.data.__path__[0]) / "examples" / "memdiode_pulses.csv"
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.long, pytest.mark.standalone,
              pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")]


def brianmem_says(*words, **environment):
    """Return the standard output of a command, as a user's shell gives it."""
    done = subprocess.run([sys.executable, "-m", "brianmem", *map(str, words)], cwd=ROOT, text=True,
                          capture_output=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_device_fitted_to_a_file_learns_digits(tmp_path):
    brianmem_says("fit", PULSES, "--device", "memdiode", "--protocol", "pulse_train",
                  "--free", "I_max,V_set,V_res", "--bounds", "I_max=1mA..10mA",
                  "--set-amplitude", "1.1 V", "--set-width", "1ms", "--seed", "4",
                  "--name", "mine", "--out", tmp_path / "fit")
    mine = tmp_path / "devices"
    mine.mkdir()
    shutil.copy(tmp_path / "fit" / "mine.py", mine)
    told = brianmem_says("run", "diehl_cook", "--device", "mine", "--quick", "--out",
                         tmp_path / "digits", BRIANMEM_PATH=str(mine))
    metrics = json.loads(told.strip().splitlines()[-1])
    assert metrics["accuracy"] > 0.3  # chance is 0.1
    assert (tmp_path / "digits" / "result.h5").is_file()
