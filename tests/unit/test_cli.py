"""Commands and what they write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from brianmem import Result, cli
from tests.unit.command_line import assert_one_line, brianmem_says

pytestmark = pytest.mark.usefixtures("quiet_log")


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
