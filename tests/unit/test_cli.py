"""Commands, their exit status, and one line for whatever goes wrong."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import brianmem.experiments
from brianmem import Result, cli

EXPERIMENT = '''"""Claim: numbers add up.

More about it.
"""
from pathlib import Path
from typing import Literal

from brian2 import msecond, second
from matplotlib.figure import Figure
from brianmem import Result
from brianmem.errors import EngineError, InputError


def main(a: int = 1, width=2*msecond,
         mode: Literal["ok", "bad", "engine", "bug", "stop", "memory"] = "ok", seed: int = 0,
         quick: bool = False, resume: bool = False, out: Path | None = None):
    """Add.

    a : int
        First summand.
    """
    if mode == "bad":
        raise InputError("this input\\nis bad")
    if mode == "engine":
        raise EngineError("the engine broke")
    if mode == "bug":
        raise ZeroDivisionError("bug")
    if mode == "stop":
        raise KeyboardInterrupt
    if mode == "memory":
        raise MemoryError("Unable to allocate 6 TiB")
    (out / "seen").write_text("x")
    return Result({"w": [1., 2.]*second}, parameters={"a": a, "width": width, "quick": quick},
                  attrs={"seed": seed, "references": ["DiehlCook2015", "Unknown2000"]},
                  metrics={"sum": a + 1, "bad": float("nan"), "resumed": resume})


def plot(result):
    return {"first": Figure(), "second": Figure()}
'''


RUNAWAY = '''
from brian2 import kohm, usecond, volt
from brianmem import Device
runaway = Device(name="runaway", equations="""
dx/dt = 1000*x**2*v/(volt*tau) : 1
I = x*v/R : amp""", parameters={"R": 1*kohm, "tau": 1*usecond}, initial={"x": 0.5})
'''


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """An experiment `adding` that only this test can see, and a clean working folder."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "adding.py").write_text(EXPERIMENT)
    monkeypatch.setattr(brianmem.experiments, "__path__", [str(folder)])
    monkeypatch.chdir(tmp_path)
    yield folder
    sys.modules.pop("brianmem.experiments.adding", None)
    vars(brianmem.experiments).pop("adding", None)


@pytest.fixture(autouse=True)
def _quiet_log():
    log = logging.getLogger("brianmem")
    handlers, level = log.handlers[:], log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


def brianmem_says(capsys, *words):
    """Return exit status, output and error lines of one command."""
    status = cli.main(words)
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err.splitlines()


def assert_one_line(capsys, words, *parts):
    status, out, err = brianmem_says(capsys, *words)
    assert status == 2
    assert out == []
    assert len(err) == 1, err
    assert err[0].startswith("brianmem")
    for part in parts:
        assert part in err[0]


def test_run_writes_result_figures_and_references(experiment, capsys):
    status, out, _ = brianmem_says(capsys, "run", "adding", "--a", "2", "--out", "o", "--quick")
    assert status == 0
    assert sorted(os.listdir("o")) == ["first.png", "references.bib", "result.h5", "second.png", "seen"]
    assert json.loads(out[-1]) == {"sum": 3, "bad": None, "resumed": False}
    assert str(Path("o", "result.h5")) in out
    result = Result.load("o/result.h5")
    assert result.parameters["a"] == 2
    assert result.parameters["quick"] is True
    assert "DiehlCook2015" in Path("o/references.bib").read_text()
    assert "Stimberg2019" in Path("o/references.bib").read_text()


def test_result_of_a_run_carries_provenance(experiment, capsys):
    brianmem_says(capsys, "run", "adding", "--seed", "5", "--out", "o")
    with h5py.File("o/result.h5") as file:
        assert file.attrs["experiment"] == "adding"
        assert file.attrs["seed"] == 5
        assert file.attrs["wall_time_s"] >= 0
        assert {"versions", "date", "platform", "references"} <= set(file.attrs)


def test_reference_without_entry_is_a_warning(experiment, capsys, caplog):
    brianmem_says(capsys, "run", "adding", "--out", "o")
    assert "Unknown2000" in caplog.text


def test_default_folder_is_named_after_the_experiment_and_printed(experiment, capsys):
    status, out, _ = brianmem_says(capsys, "run", "adding")
    assert status == 0
    [folder] = Path("results").iterdir()
    assert folder.name.startswith("adding-")
    assert out[0] == str(folder / "result.h5")


def test_folder_that_is_not_empty_is_refused_unless_resumed(experiment, capsys):
    assert brianmem_says(capsys, "run", "adding", "--out", "o")[0] == 0
    before = Path("o/result.h5").read_bytes()
    assert_one_line(capsys, ["run", "adding", "--out", "o"], "o is not empty", "--resume")
    assert Path("o/result.h5").read_bytes() == before
    status, out, _ = brianmem_says(capsys, "run", "adding", "--out", "o", "--resume")
    assert status == 0
    assert json.loads(out[-1])["resumed"] is True


def test_resume_needs_a_folder_but_may_start_from_nothing(experiment, capsys):
    assert_one_line(capsys, ["run", "adding", "--resume"], "--resume needs --out")
    assert brianmem_says(capsys, "run", "adding", "--resume", "--out", "new")[0] == 0


@pytest.mark.parametrize(("words", "parts"), [
    ([], ["COMMAND"]), (["frob"], ["no command 'frob'"]), (["lsit"], ["Did you mean 'list'"]),
    (["--frob"], ["--help"]),
    (["run"], ["name the EXPERIMENT first"]), (["run", "--quick"], ["name the EXPERIMENT first"]),
    (["run", "addding"], ["no experiment 'addding'", "Did you mean 'adding'"]),
    (["run", "adding", "--b", "1"], ["brianmem run adding: unknown option '--b'"]),
    (["run", "adding", "--a", "x"], ["--a must be a whole number"]),
    (["run", "adding", "--width", "1.2 A"], ["--width must be in second, got 1.2 A"]),
    (["run", "adding", "--mode", "other"], ["--mode must be one of ok"]),
    (["run", "adding", "--mode", "bad", "--out", "o"], ["this input is bad"]),
    (["measure"], ["name the DEVICE first"]), (["measure", "vteam"], ["name the PROTOCOL first"]),
    (["measure", "vteeam", "iv_sweep"], ["no device 'vteeam'", "Did you mean 'vteam'"]),
    (["measure", "vteam", "iv_swep"], ["no protocol 'iv_swep'", "Did you mean 'iv_sweep'"]),
    (["measure", "vteam", "iv_sweep", "--amplitude", "1.2 A"], ["--amplitude must be in volt"]),
    (["measure", "vteam", "iv_sweep", "--amplitude", "big"], ["--amplitude: 'big' is not a number"]),
    (["measure", "vteam", "iv_sweep", "--with", "R_on"], ["--with needs NAME=VALUE"]),
    (["measure", "vteam", "iv_sweep", "--with", "R_onn=1"], ["R_onn", "Did you mean 'R_on'"]),
    (["measure", "vteam", "iv_sweep", "--with", "R_on=1V"], ["--with R_on must be in ohm"]),
    (["measure", "vteam", "iv_sweep", "--vary", "R_on=1V"], ["--vary R_on must be a plain number"]),
    (["measure", "vteam", "iv_sweep", "--vary", "R_onn=0.1"], ["R_onn"]),
    (["measure", "vteam", "iv_sweep", "--parameter-set", "X"], ["no parameter set 'X'"]),
    (["measure", "vteam", "transient"], ["required: --voltage"]),
    (["plot", "nothing.h5"], ["nothing.h5 does not exist"]), (["plot"], ["required: FILE.h5"]),
    (["show"], ["required: name"]), (["show", "vteeam"], ["Did you mean 'vteam'"]),
    (["list", "device"], ["Did you mean 'devices'"])])
def test_bad_input_is_one_line_and_status_2(experiment, capsys, words, parts):
    assert_one_line(capsys, words, *parts)
    assert not Path("o").exists()
    assert not Path("results").exists() or not any(Path("results").iterdir())


@pytest.mark.parametrize(("words", "part"), [
    (["run", "adding", "--mode", "memory"], "not enough memory (Unable to allocate 6 TiB)"),
    (["run", "adding", "--out", "o" * 300], "File name too long"),
    (["measure", "vteam", "iv_sweep", "--seed", "-1"], "seed must be a whole number from 0"),
    (["measure", "vteam", "iv_sweep", "--n", "100000000"], "Ask for fewer copies"),
    (["measure", "vteam", "pulse_train", "--count", "1000000000"], "count must be at most 1,000,000"),
    (["measure", "vteam", "iv_sweep", "--series-resistance", "1e30ohm"], "is an insulator"),
    (["measure", "vteam", "iv_sweep", "--seed", str(2**32)], "seed must be a whole number from 0")])
def test_what_the_machine_cannot_do_is_one_line_and_status_2(experiment, capsys, words, part):
    assert_one_line(capsys, words, part)


def test_a_device_that_runs_to_nan_is_one_line_and_status_2(experiment, capsys, monkeypatch):
    Path("runaway.py").write_text(RUNAWAY)
    words = ["measure", "runaway.py", "iv_sweep", "--amplitude", "1 V", "--period", "1 ms"]
    assert_one_line(capsys, words, "'x' of copy 0 became", "Give bounds=")


def test_failure_is_status_1_and_one_line(experiment, capsys):
    status, _, err = brianmem_says(capsys, "run", "adding", "--mode", "engine")
    assert status == 1
    assert err == ["brianmem: the engine broke"]


def test_a_bug_is_one_line_and_status_1(experiment, capsys, monkeypatch):
    monkeypatch.delenv("BRIANMEM_DEBUG", raising=False)
    status, _, err = brianmem_says(capsys, "run", "adding", "--mode", "bug")
    assert status == 1
    assert err == ["brianmem: internal error, please report it: ZeroDivisionError: bug (add --debug "
                   "to see where)"]


@pytest.mark.parametrize("way", ["--debug", "BRIANMEM_DEBUG"])
def test_a_bug_shows_its_traceback_where_asked(experiment, capsys, monkeypatch, way):
    monkeypatch.setenv("BRIANMEM_DEBUG", "0" if way == "--debug" else "1")
    words = ["--debug"] if way == "--debug" else []
    status, _, err = brianmem_says(capsys, *words, "run", "adding", "--mode", "bug")
    assert status == 1
    assert err[0].startswith("Traceback")
    assert 'raise ZeroDivisionError("bug")' in "\n".join(err)
    assert err[-1] == "brianmem: internal error, please report it: ZeroDivisionError: bug"


def test_a_folder_is_not_to_be_resumed_where_nothing_can(capsys, tmp_path):
    (tmp_path / "x").write_text("")
    words = ["measure", "vteam", "iv_sweep", "--out", str(tmp_path)]
    assert_one_line(capsys, words, "is not empty. Choose another --out.")
    assert cli.main(words) == 2
    assert "--resume" not in capsys.readouterr().err


@pytest.mark.parametrize(("figure", "part"), [
    ("none/x.png", "there is no folder"), ("x.xyz", "'.xyz' is no format"),
    ("d.png", "it is a folder")])
def test_show_checks_the_figure_before_it_measures(capsys, tmp_path, monkeypatch, figure, part):
    from brianmem import output

    (tmp_path / "d.png").mkdir()
    monkeypatch.setattr(output, "write_portrait", None)  # whoever gets there fails
    assert_one_line(capsys, ["show", "vteam", "--figure", str(tmp_path / figure)], "cannot write", part)


def test_interrupt_is_status_130(experiment, capsys):
    status, _, err = brianmem_says(capsys, "run", "adding", "--mode", "stop", "--out", "o")
    assert status == 130
    assert err == ["brianmem: interrupted; continue with --out o --resume"]


@pytest.mark.parametrize("out", ["file/o", "file"])
def test_unwritable_folder_is_bad_input(experiment, capsys, out):
    Path("file").write_text("")
    assert_one_line(capsys, ["run", "adding", "--out", out], "cannot write to the folder", out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission_is_bad_input(experiment, capsys):
    Path("locked").mkdir(mode=0o500)
    assert_one_line(capsys, ["run", "adding", "--out", "locked"], "Permission denied")


def test_help_of_an_experiment_lists_its_options(experiment, capsys):
    status, out, _ = brianmem_says(capsys, "run", "adding", "--help")
    text = " ".join(" ".join(out).split())
    assert status == 0
    assert "Claim: numbers add up." in text
    assert "--a INT First summand. (default: 1)" in text
    assert "--out DIR" in text


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["list", "--help"], ["run", "--help"],
                                   ["measure", "--help"], ["measure", "vteam", "--help"],
                                   ["measure", "vteam", "pulse_train", "--help"], ["plot", "--help"]])
def test_help_is_status_0(capsys, words):
    status, out, err = brianmem_says(capsys, *words)
    assert status == 0
    assert out
    assert err == []


def test_list_and_show(experiment, capsys):
    out = "\n".join(brianmem_says(capsys, "list")[1])
    assert "devices\n" in out
    assert "adding  Claim: numbers add up" in out
    assert brianmem_says(capsys, "list", "experiments")[1] == ["adding  Claim: numbers add up"]
    shown = "\n".join(brianmem_says(capsys, "show", "adding")[1])
    assert "More about it." in shown
    assert "brianmem run adding --help" in shown


@pytest.mark.parametrize("name", ["linear_ion_drift", "vteam", "memdiode", "stanford_pku"])
def test_show_prints_equations_numbers_evidence_and_references(capsys, name):
    from brianmem import find
    from brianmem.describe import all_references

    status, lines, _ = brianmem_says(capsys, "show", name)
    out, device = "\n".join(lines), find(name)
    assert status == 0
    for line in device.equations.split("\n"):
        assert line.strip() in out
    for parameter in device.parameters:
        assert f"    {parameter} " in out
    for key, evidence in device.evidence.items():
        assert f"{key}: {evidence.kind}." in out
    for key in all_references(device):
        assert f"[{key}] " in out
    assert "in no bibliography" not in out
    assert max(map(len, lines)) < 110


def test_list_warns_of_a_broken_file_and_goes_on(tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.py").write_text("x = (")
    monkeypatch.setenv("BRIANMEM_PATH", str(tmp_path))
    status, out, err = brianmem_says(capsys, "list", "devices")
    assert status == 0
    assert any(line.startswith("vteam") for line in out)
    assert len(err) == 1
    assert "bad.py, line 1" in err[0]


def test_plot_draws_again_from_the_file_alone(experiment, capsys):
    brianmem_says(capsys, "run", "adding", "--out", "o")
    Path("o/first.png").unlink()
    status, out, _ = brianmem_says(capsys, "plot", "o/result.h5")
    assert status == 0
    assert out == ["o/first.png", "o/second.png"]
    assert Path("o/first.png").stat().st_size > 0
    assert brianmem_says(capsys, "plot", "o", "--out", "p")[1] == ["p/first.png", "p/second.png"]


def test_plot_of_a_corrupt_file_is_bad_input(experiment, capsys):
    Path("r.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"rubbish" * 100)
    assert_one_line(capsys, ["plot", "r.h5"], "r.h5 is not a readable HDF5 file")


def test_measure_writes_result_and_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    status, out, err = brianmem_says(
        capsys, "measure", "linear_ion_drift", "iv-sweep", "--amplitude", "1 V", "--period", "1s",
        "--n", "2", "--seed", "1", "--vary", "R_on=0.1", "--with", "R_off=20kohm", "--out", "o")
    assert (status, err) == (0, [])
    result = Result.load("o/result.h5")
    assert result.attrs["device"] == "linear_ion_drift"
    assert "dx/dt" in result.attrs["equations"]
    assert result["v"].shape[0] == 2
    assert float(result.parameters["R_off"]) == 20e3
    assert json.loads(out[-1]) == pytest.approx(result.metrics)
    assert list(Path("o").glob("*.png"))


def test_run_experiment_serves_the_file_of_an_experiment(experiment, capsys):
    assert cli.run_experiment("/somewhere/adding.py", ["--out", "o", "--a", "4"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["sum"] == 5


def test_reader_that_leaves_early_gets_no_traceback():
    command = f"{sys.executable} -m brianmem.cli show vteam | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True,
                          cwd=Path(cli.__file__).parents[1], check=False)
    assert done.stdout == "v"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_help_does_not_import_the_simulator():
    code = ("import sys; from brianmem.cli import main; main(['--help']); "
            "sys.exit(any(m in sys.modules for m in ('brian2', 'numpy', 'h5py', 'matplotlib')))")
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(cli.__file__).parents[1],
                          capture_output=True, check=False)
    assert done.returncode == 0
