"""The main experiment from the command line: claim, metrics, figures, kill and resume."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from brianmem import Result, cli

ROOT = Path(__file__).resolve().parents[2]
METRICS = {"accuracy", "accuracy_proportion", "neurons", "train_images", "test_images",
           "seconds_train", "ms_per_image", "energy_per_image_J", "write_energy_per_image_J",
           "spikes_per_image", "silent_fraction", "seed"}

pytestmark = [pytest.mark.standalone,
              pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")]


def run(capsys, out, *options):
    status = cli.main(["run", "diehl_cook", "--out", out, *options])
    captured = capsys.readouterr()
    return status, captured


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """One quick run; the module's tests look at what it left."""
    folder = tmp_path_factory.mktemp("quick") / "out"
    done = subprocess.run(command("--quick", "--out", folder), cwd=ROOT, capture_output=True,
                          text=True, env=environment())
    assert done.returncode == 0, done.stderr
    return folder, done


def command(*options):
    return [sys.executable, "experiments/diehl_cook.py", *map(str, options)]


def environment():
    # As in a bare checkout: nothing but the working directory helps the import.
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}


def test_the_claim_holds_in_its_direction(quick):
    _, done = quick
    metrics = json.loads(done.stdout.strip().splitlines()[-1])
    assert metrics.keys() >= METRICS
    assert metrics["accuracy"] > 0.5  # chance is 0.1
    assert metrics["accuracy_proportion"] > 0.5
    assert 1 < metrics["spikes_per_image"] < 50
    assert metrics["energy_per_image_J"] > 0 < metrics["write_energy_per_image_J"]


def test_figures_and_result_are_on_disk_and_load(quick):
    folder, _ = quick
    names = {p.stem for p in folder.glob("*.png")}
    assert names >= {"receptive_fields", "confusion_matrix", "training_curve", "pulse_response",
                     "weight_distribution"}
    result = Result.load(folder / "result.h5")
    assert result["weights_after"].shape == (784, 400)
    assert result["confusion"].sum() == 500
    assert len(result.attrs["dataset_sha256"]) == 64
    assert {"DiehlCook2015", "Stimberg2019"} <= set(result.attrs["references"])
    assert "dv/dt" in result.attrs["equations"]
    assert "dH/dt" in result.attrs["equations"]


def test_learning_moved_the_weights_apart(quick):
    result = Result.load(quick[0] / "result.h5")
    before, after = (np.asarray(result[f"weights_{w}"]) for w in ("before", "after"))
    # Border pixels never fire, so their devices saw nothing but RESETs.
    assert after[:28].mean() < 0.7 * before[:28].mean()
    assert after.std(axis=0).mean() > 1.2 * before.std(axis=0).mean()


def test_another_device_and_seed_reuse_the_program(quick, tmp_path, capsys):
    assert quick[1].returncode == 0  # which compiled it, if nobody had
    status, captured = run(capsys, tmp_path / "o", "--quick", "--device", "stanford_pku", "--seed",
                           "3", "--c2c", "0.1", "--train-images", "1000", "--test-images", "200")
    assert status == 0
    assert json.loads(captured.out.strip().splitlines()[-1])["device"] == "stanford_pku"
    assert "Compiling" not in captured.err


@pytest.mark.long
def test_a_device_of_two_states_learns(tmp_path, capsys):
    status, captured = run(capsys, tmp_path / "o", "--quick", "--device", "lithium_silicate")
    assert status == 0
    assert json.loads(captured.out.strip().splitlines()[-1])["accuracy"] > 0.5
    result = Result.load(tmp_path / "o" / "result.h5")
    assert "y : 1" in result.attrs["equations"]


@pytest.mark.long
def test_chosen_pulses_are_recorded_with_their_reason(quick, tmp_path, capsys):
    assert quick[1].returncode == 0
    status, captured = run(capsys, tmp_path / "o", "--quick", "--pulses", "auto", "--train-images",
                           "1000", "--test-images", "200")
    assert status == 0
    assert json.loads(captured.out.strip().splitlines()[-1])["accuracy"] > 0.4
    result = Result.load(tmp_path / "o" / "result.h5")
    assert result.attrs["operation_evidence"].startswith("proposed: SET")
    usual = Result.load(quick[0] / "result.h5")
    assert result.attrs["operation"] != usual.attrs["operation"]


@pytest.mark.parametrize(("device", "remedy"), [("niobium_dioxide", "non-volatile"),
                                                ("stochastic_switch", "non-volatile")])
def test_devices_that_pulses_cannot_program_are_refused_in_one_line(device, remedy, tmp_path,
                                                                    capsys):
    status, captured = run(capsys, tmp_path / "o", "--quick", "--device", device)
    assert status == 2
    assert remedy in captured.err
    assert len([line for line in captured.err.splitlines() if line.startswith("brianmem")]) == 1


@pytest.mark.parametrize("delay", [random.uniform(0, 2) for _ in range(2)], ids=["once", "again"])
def test_killed_and_resumed_equals_uninterrupted(quick, tmp_path, delay):
    options = ["--train-images", 4000, "--test-images", 200, "--d2d", 0.1, "--c2c", 0.1]
    whole = subprocess.run(command(*options, "--out", tmp_path / "whole"), cwd=ROOT,
                           capture_output=True, text=True, env=environment())
    assert whole.returncode == 0, whole.stderr
    killed = subprocess.Popen(command(*options, "--out", tmp_path / "killed"), cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    _wait_for(tmp_path / "killed" / "checkpoint.npz", killed)
    time.sleep(delay)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    rest = subprocess.run(command(*options, "--out", tmp_path / "killed", "--resume"), cwd=ROOT,
                          capture_output=True, text=True, env=environment())
    assert rest.returncode == 0, rest.stderr
    one, two = (Result.load(tmp_path / n / "result.h5") for n in ("whole", "killed"))
    for name in one:
        assert np.array_equal(np.asarray(one[name]), np.asarray(two[name])), name
    wall_clock = {"seconds_train", "ms_per_image"}
    assert {k: v for k, v in one.metrics.items() if k not in wall_clock} == \
        {k: v for k, v in two.metrics.items() if k not in wall_clock}


def _wait_for(file, process):
    deadline = time.monotonic() + 120
    while not file.exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


BROKEN = {
    "syntax": "from brianmem import Device\nmine = Device(",
    "dimensions": """
from brian2 import ohm, volt
from brianmem import Device
mine = Device(name="mine", equations="I = v*R : amp", parameters={"R": 1*ohm})
""",
    "misspelt": """
from brian2 import ohm
from brianmem import Device
mine = Device(name="mine", equations="I = v/R_onn : amp", parameters={"R_on": 1*ohm})
""",
    "nan": """
from brian2 import ohm, volt, second, msecond
from brianmem import Device
mine = Device(name="mine", equations='''
dx/dt = x**3*v/volt/second*1e9 : 1
I = v*(1 + x)/R : amp''', parameters={"R": 1e3*ohm}, initial={"x": 1.0},
operation={"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond), "read": (0.1*volt, 1*msecond)})
""",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_device_file_is_one_line_and_status_2(fault, tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text(BROKEN[fault])
    monkeypatch.setenv("BRIANMEM_PATH", str(tmp_path))
    status, captured = run(capsys, tmp_path / "o", "--quick", "--device", "mine")
    assert status == 2
    lines = [line for line in captured.err.splitlines() if line.startswith("brianmem: ")]
    assert len(lines) == 1
    assert "mine" in lines[0]
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("options", [
    ["--device", "nosuch"], ["--nosuch", "1"], ["--neurons", "0"], ["--neurons", "many"],
    ["--epochs", "-1"], ["--d2d", "-0.1"], ["--stuck", "2"], ["--dataset", "nosuch.npz"],
    ["--synapse", "other"], ["--train-images", "0"], ["--synapse", "ideal", "--d2d", "0.1"],
    ["--pulses", "other"], ["--synapse", "ideal", "--pulses", "auto"],
    ["--c2c", "0.2 V"], ["--seed", "-1"], ["--synapse", "ideal", "--device", "nosuch"]])
def test_bad_options_are_one_line_and_status_2(options, tmp_path, capsys):
    status, captured = run(capsys, tmp_path / "o", "--quick", *options)
    assert status == 2
    assert "Traceback" not in captured.err
    assert len([line for line in captured.err.splitlines() if line.startswith("brianmem")]) == 1


def test_resume_with_other_parameters_is_refused_and_touches_nothing(quick, capsys):
    folder, _ = quick
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    status, captured = run(capsys, folder, "--quick", "--resume", "--seed", "9")
    assert status == 2
    assert "seed" in captured.err
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before


def test_a_folder_in_use_is_refused(quick, capsys):
    status, captured = run(capsys, quick[0], "--quick")
    assert status == 2
    assert "not empty" in captured.err


def test_storage_is_tested_beside_the_fresh_network(capsys, tmp_path):
    options = ("--quick", "--train-images", "500", "--test-images", "200",
               "--age", "1e6 s", "--temperature", "358 K")
    status, captured = run(capsys, tmp_path / "out", *options)
    assert status == 0, captured.err
    metrics = json.loads(captured.out.strip().splitlines()[-1])
    assert metrics["accuracy"] > 0.2 < metrics["accuracy_aged"]  # chance is 0.1
    assert 0 <= metrics["clipped_aged"] <= 1
    result = Result.load(tmp_path / "out" / "result.h5")
    assert np.all(np.asarray(result["weights_aged"]) <= np.asarray(result["weights_after"]) * 1.0001)
    assert "StretchedRetention" in result.attrs["retention_model"]


@pytest.mark.parametrize(("options", "fault"), [
    (("--age", "-1 s"), "--age must not be negative, got -1 s."),
    (("--neurons", "100000000"), "of memory, and the limit is"),
    (("--age", "1 V"), "--age must be in second"),
    (("--temperature", "0 K"), "--temperature must be above 0 K"),
    (("--age", "1 s", "--synapse", "ideal"), "no devices that age"),
    (("--retention", "none"), "--retention must be one of power_law, stretched, or the result.h5"),
    (("--retention", "none.h5"), "none.h5 does not exist")])
def test_impossible_storage_is_refused(capsys, tmp_path, options, fault):
    status, captured = run(capsys, tmp_path / "out", *options)
    assert status == 2
    assert fault in captured.err
    assert len(captured.err.strip().splitlines()) == 1
