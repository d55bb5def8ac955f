"""Whatever goes wrong in a command: one line, and its exit status."""

import os
from pathlib import Path

import pytest

from brianmem import cli
from tests.unit.command_line import assert_one_line, brianmem_says

pytestmark = pytest.mark.usefixtures("quiet_log")

RUNAWAY = '''
from brian2 import kohm, usecond, volt
from brianmem import Device
runaway = Device(name="runaway", equations="""
dx/dt = 1000*x**2*v/(volt*tau) : 1
I = x*v/R : amp""", parameters={"R": 1*kohm, "tau": 1*usecond}, initial={"x": 0.5})
'''


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
