"""What the README shows works as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from brianmem import Study, cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.rst").read_text(encoding="utf-8")


def blocks(directive):
    """Return the indented blocks below lines that end with `directive`."""
    found, lines = [], README.splitlines()
    for k, line in enumerate(lines):
        if line.endswith(directive):
            block = []
            for following in lines[k + 1:]:
                if following.strip() and not following.startswith("    "):
                    break
                block.append(following[4:])
            found.append("\n".join(block))
    return found


PYTHON = blocks(".. code-block:: python")
COMMANDS = re.findall(r"^brianmem .*?(?= +#|$)", "\n".join(blocks("::")), re.MULTILINE)


def run(code, folder, target):
    """Run the code in a fresh interpreter, where its Brian2 preferences stay."""
    start = f"import brian2; brian2.prefs.codegen.target = '{target}'\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    return subprocess.run([sys.executable, "-c", start + code], cwd=folder, env=environment,
                          capture_output=True, text=True, check=False)


def test_the_readme_has_the_blocks_that_are_tested_here():
    assert len(PYTHON) == 10
    assert len(COMMANDS) >= 6


def test_python_blocks_run_in_order(tmp_path):
    # Circuits are stiff and need compiled code.
    done = run("\n".join(b for b in PYTHON if "Circuit(" not in b), tmp_path, "numpy")
    assert done.returncode == 0, done.stderr
    assert "pulse_conductance" not in done.stderr
    assert "(5, 21)" in done.stdout
    assert "stanford_pku" in done.stdout


@pytest.mark.standalone
def test_circuit_block_runs_with_cython(tmp_path):
    [block] = [b for b in PYTHON if "Circuit(" in b]
    done = run(block, tmp_path, "cython")
    assert done.returncode == 0, done.stderr
    rates = [float(x) for x in re.search(r"\[(.*)\] MHz", done.stdout)[1].split()]
    assert rates[0] > rates[1] > rates[2] > 0
    assert ".tran" in done.stdout


@pytest.mark.long
@pytest.mark.standalone
def test_synapse_block_runs_with_cython(tmp_path):
    [block] = [b for b in PYTHON if "PulseRule" in b]
    done = run(block, tmp_path, "cython")
    assert done.returncode == 0, done.stderr
    spikes, before, after = re.search(r"(\d+) ([\d.]+) ([\d.]+)", done.stdout).groups()
    assert int(spikes) > 0
    assert before != after


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command, tmp_path, monkeypatch, capsys):
    import shlex

    words = shlex.split(command)[1:]
    monkeypatch.chdir(tmp_path)
    _prepare(tmp_path)
    if words[0] == "plot":
        words[1] = str(tmp_path)
    if words[0] == "plot" or words[1] in ("status", "collect"):
        assert cli.main(words) == 2  # the folder is a placeholder
        assert re.search("result.h5 does not exist|holds no study|is no study", capsys.readouterr().err)
        return
    if words[0] in ("run", "measure", "fit"):
        _options_are_known(words, monkeypatch)
    if words[0] == "sweep":
        monkeypatch.setattr(Study, "run", _count_points)
    assert cli.main(words) == 0
    assert capsys.readouterr().out


def _prepare(folder):
    """Put the files there that a reader of the README has of their own."""
    shutil.copy(ROOT / "brianmem/data/examples/memdiode_pulses.csv", folder / "my_pulses.csv")
    (folder / "my_fit").mkdir()
    shutil.copy(ROOT / "models/devices/memdiode.py", folder / "my_fit/mine.py")


def _count_points(study, *_, **__):
    """Stand for the runs of a study."""
    print(len(study.points))
    raise SystemExit(0)


def _options_are_known(words, monkeypatch):
    """Let the command parse its options and stop before it runs anything."""
    from brianmem import output

    def stop(name, out=None, resume=False):
        print(name)
        raise SystemExit(0)

    monkeypatch.setattr(output, "folder_for", stop)


def test_readme_is_plain_restructured_text():
    assert not re.search(r"```|^#+ ", README, re.MULTILINE)
    for title, line in re.findall(r"^(\S.*)\n([=-]{3,})$", README, re.MULTILINE):
        assert len(line) == len(title)
