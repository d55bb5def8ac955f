"""Programs: arrays in and out, failures, the cache; a shell script plays the binary."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from brianmem.errors import CacheError, EngineError, InputError
from brianmem.network import program as module
from brianmem.network.program import Program, cache_folder, program
from brianmem.network.structure import Structure

MANIFEST = {
    "arrays": {"neurons.v": {"file": "v.bin", "dtype": "float64", "size": 3,
                             "key": "neurons.v"},
               "spikes.i": {"file": "i.bin", "dtype": "int32", "size": None, "key": "spikes.i"}},
    "tables": {"pixels": {"shape": [2, 2]}}}

# Copies the file given for neurons.v to the results, as if nothing had happened to it.
COPY = """#!/bin/sh
for word in "$@"; do case "$word" in neurons.v=*) file="${word#neurons.v=}";; esac; done
cp "$file" "$2/v.bin"; : > "$2/i.bin"
"""


def make(folder, script=COPY):
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "main").write_text(script)
    (folder / "main").chmod(0o755)
    return Program(folder)


class Builds:
    """Plays the compiler: writes a program, or fails as a full disk does."""

    returncode, stdout, stderr = 0, "", ""

    def __init__(self, error=None):
        self.count, self.error = 0, error

    def __call__(self, command, **_options):
        if self.error:
            raise self.error
        self.count += 1
        make(Path(command[-1]))
        return self


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache and a compiler that needs no time; return (folder, builds)."""
    builds = Builds()
    monkeypatch.setenv("BRIANMEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Structure, "key", lambda self: "key")
    monkeypatch.setattr(module.subprocess, "run", builds)
    return tmp_path / "cache", builds


def test_arrays_go_in_and_come_back(tmp_path):
    out = make(tmp_path / "p").run({"neurons.v": [1.0, 2.5, -3e-9]}, ["neurons.v", "spikes.i"])
    assert out["neurons.v"].tolist() == [1.0, 2.5, -3e-9]
    assert out["spikes.i"].dtype == np.int32
    assert out["spikes.i"].size == 0


def test_numbers_are_passed_with_all_their_digits(tmp_path):
    value = 0.1 + 0.2
    assert make(tmp_path / "p")._argument(tmp_path, "neurons.v", value) == f"neurons.v={value!r}"


def test_a_table_goes_in_as_one_file_of_its_shape(tmp_path):
    word = make(tmp_path / "p")._argument(tmp_path, "pixels", np.eye(2))
    name, _, file = word.partition("=")
    assert name == "pixels.values"
    assert np.fromfile(file).tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize(("inputs", "outputs", "text"), [
    ({"neurons.nosuch": 1}, [], "no variable 'neurons.nosuch'"),
    ({"neurons.v": [1.0, 2.0]}, [], "'neurons.v' takes 3 values, got 2"),
    ({"pixels": np.zeros(5)}, [], "'pixels' takes 4 values, got 5"),
    ({"neurons.v": np.zeros(3)}, ["nosuch.x"], "no variable 'nosuch.x'")])
def test_wrong_variables_are_named(tmp_path, inputs, outputs, text):
    with pytest.raises(EngineError, match=text):
        make(tmp_path / "p").run(inputs, outputs)


@pytest.mark.parametrize(("script", "text"), [
    ("#!/bin/sh\necho out of luck >&2\nexit 3\n", "status 3.*out of luck"),
    # The real program reports a variable it could not set and then goes on.
    ("#!/bin/sh\necho Error reading neurons.v\n", "Error reading"),
    ("#!/bin/sh\nkill -9 $$\n", "status -9.*no output")])
def test_a_program_that_fails_or_complains_is_an_error(tmp_path, script, text):
    with pytest.raises(EngineError, match=text):
        make(tmp_path / "p", script).run({"neurons.v": np.zeros(3)}, ["neurons.v"])


def test_an_interrupted_run_leaves_no_process_and_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(module.tempfile, "tempdir", None)
    slow = make(tmp_path / "p", "#!/bin/sh\nexec sleep 60\n")

    def interrupted(child):
        raise KeyboardInterrupt

    children = []

    class Popen(module.subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            children.append(self)

        communicate = interrupted

    monkeypatch.setattr(module.subprocess, "Popen", Popen)
    with pytest.raises(KeyboardInterrupt):
        slow.run({"neurons.v": np.zeros(3)}, [])
    assert children[0].returncode is not None
    children[0].stdout.close()
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


def test_the_cache_is_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIANMEM_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    assert cache_folder().is_dir()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BRIANMEM_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(EngineError, match="set BRIANMEM_CACHE"):
        cache_folder()


def test_a_program_is_built_once(cache):
    folder, builds = cache
    for _ in range(2):
        assert program(Structure("network")).folder == folder / "key"
    assert builds.count == 1


@pytest.mark.parametrize("damage", [
    lambda f: (f / "main").write_bytes((f / "main").read_bytes()[:20]),
    lambda f: (f / "main").unlink(), lambda f: (f / "main").chmod(0o644),
    lambda f: (f / "manifest.json").write_text('{"arr'), lambda f: (f / "manifest.json").unlink()])
def test_a_damaged_program_is_built_again(cache, damage):
    folder, builds = cache
    program(Structure("network"))
    damage(folder / "key")
    program(Structure("network")).run({"neurons.v": np.zeros(3)}, ["neurons.v"])
    assert builds.count == 2
    assert sorted(p.name for p in folder.iterdir()) == ["key", "key.lock"]


def test_what_a_killed_build_left_is_cleared(cache):
    folder, _ = cache
    (folder / "build-key-abc").mkdir(parents=True)
    (folder / "build-other-abc").mkdir()
    program(Structure("network"))
    assert sorted(p.name for p in folder.iterdir()) == ["build-other-abc", "key", "key.lock"]


def test_a_full_cache_is_the_users_to_mend(cache):
    cache[1].error = OSError(28, "No space left on device")
    with pytest.raises(CacheError, match="No space.*set BRIANMEM_CACHE") as caught:
        program(Structure("network"))
    assert isinstance(caught.value, InputError)


def test_no_room_for_the_data_of_a_run_says_where(tmp_path, monkeypatch):
    ready = make(tmp_path / "p")
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="nowhere.*TMPDIR"):
        ready.run({"neurons.v": np.zeros(3)}, [])


@pytest.mark.standalone
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_a_network_that_cannot_be_built_leaves_a_log_and_no_program(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIANMEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_network.py").write_text(
        "def create():\n    raise RuntimeError('no such ion')\n")
    with pytest.raises(EngineError, match="no such ion.*full output in"):
        program(Structure("broken_network"))
    left = sorted(p.suffix for p in (tmp_path / "cache").iterdir())
    assert left == [".lock", ".log"]
    assert sys.modules.get("broken_network") is None  # it was tried in a child
