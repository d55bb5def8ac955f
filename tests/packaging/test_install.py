"""brianmem imports whole from a wheel, an editable install and a bare checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("brianmem", "models", "experiments", "setup.cfg", "setup.py", "README.rst", "LICENSE")
# Prints where the three packages come from, after using a model, data and a reference.
PROBE = """
import brianmem, brianmem.experiments, brianmem.models
from brianmem import catalog, datasets
from brianmem.references import cite
assert brianmem.find("vteam").name == "vteam"
assert cite(["Strukov2008"])
for module in (brianmem, brianmem.models, brianmem.experiments):
    print(module.__file__)
"""
SCRIPT = '''"""Claim."""

import sys
from pathlib import Path

if not __package__:  # run as a file: use the checkout that it lies in
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import brianmem
from brianmem import Result


def main(a: int = 1):
    return Result({}, parameters={"file": brianmem.__file__}, metrics={"a": a})


def plot(result):
    return {}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
'''


def python(*words, cwd, path=()):
    """Run this interpreter and return what it prints; PYTHONPATH is exactly `path`."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "BRIANMEM_PATH")}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, path))
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run([sys.executable, *words], cwd=cwd, env=environment, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the sources, so that building leaves nothing behind in the real one."""
    copy = tmp_path_factory.mktemp("clone")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    (copy / "experiments" / "adding.py").write_text(SCRIPT)
    return copy


def build(checkout, folder, hook):
    """Build a wheel with the installed setuptools, offline, and unpack it."""
    python("-c", f"from setuptools.build_meta import {hook} as b; print(b({str(folder)!r}))",
           cwd=checkout)
    [wheel] = folder.glob("*.whl")
    unpacked = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    shutil.rmtree(checkout / "build", ignore_errors=True)
    return unpacked


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return build(checkout, tmp_path_factory.mktemp("wheel"), "build_wheel")


@pytest.fixture(scope="module")
def editable(checkout, tmp_path_factory):
    return build(checkout, tmp_path_factory.mktemp("editable"), "build_editable")


def assert_all_from(lines, *folders):
    for line in lines:
        assert any(Path(line).is_relative_to(folder) for folder in folders), (line, folders)


def test_wheel_imports(wheel, tmp_path):
    assert_all_from(python("-c", PROBE, cwd=tmp_path, path=[wheel]), wheel / "brianmem")


def test_wheel_with_the_checkout_as_working_directory(wheel, checkout):
    assert_all_from(python("-c", PROBE, cwd=checkout, path=[wheel]), checkout)


def test_bare_checkout_imports(checkout):
    assert_all_from(python("-c", PROBE, cwd=checkout), checkout)


def test_bare_checkout_on_the_path_imports(checkout, tmp_path):
    assert_all_from(python("-c", PROBE, cwd=tmp_path, path=[checkout]), checkout)


# Another editable brianmem may be installed here, and its finder has the same name.
FORGET_OTHERS = """
import site, sys
sys.path[:] = [p for p in sys.path if p]
sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__edit")]
for name in [name for name in sys.modules if name.startswith("__editable__")]:
    del sys.modules[name]
"""
# The finder comes last, so a brianmem installed from a wheel would be found before it.
BEFORE_OTHERS = """
sys.meta_path.sort(key=lambda f: not getattr(f, "__module__", "").startswith("__edit"))
"""


def test_editable_install_imports(editable, checkout, tmp_path):
    probe = f"{FORGET_OTHERS}\nsys.path.insert(0, {str(editable)!r})\n" \
            f"site.addsitedir({str(editable)!r})\n{BEFORE_OTHERS}\n{PROBE}"
    assert_all_from(python("-c", probe, cwd=tmp_path), checkout)


def test_wheel_puts_one_name_into_site_packages(wheel):
    top = {p.name for p in wheel.iterdir()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"brianmem"}
    assert {p.name for p in (wheel / "brianmem").iterdir() if p.is_dir()} >= {
        "models", "experiments", "data", "network", "protocols"}


def test_wheel_holds_every_source_file_and_the_data(wheel, checkout):
    expected = {p.relative_to(checkout).as_posix() for p in (checkout / "brianmem").rglob("*.py")}
    expected |= {f"brianmem/{p.relative_to(checkout).as_posix()}"
                 for folder in ("models", "experiments")
                 for p in (checkout / folder).rglob("*.py")}
    expected |= {"brianmem/references.bib"}
    expected |= {p.relative_to(checkout).as_posix() for p in (checkout / "brianmem/data").iterdir()}
    packed = {p.relative_to(wheel).as_posix() for p in wheel.rglob("*")}
    assert expected <= packed


def test_wheel_is_small(wheel):
    assert sum(p.stat().st_size for p in wheel.rglob("*") if p.is_file()) < 4e6


def test_wheel_declares_command_licence_and_python(wheel):
    [info] = wheel.glob("*.dist-info")
    assert "brianmem = brianmem.cli:main" in (info / "entry_points.txt").read_text()
    metadata = (info / "METADATA").read_text()
    assert "Requires-Python: >=3.11" in metadata
    assert 'numpy<2.4; python_version < "3.12"' in metadata.replace("(", "").replace(")", "")
    assert list(info.rglob("LICENSE"))


@pytest.mark.parametrize("words", [["experiments/adding.py"], ["-m", "brianmem.experiments.adding"],
                                   ["-m", "brianmem", "run", "adding"]])
def test_experiment_runs_in_a_bare_checkout(checkout, tmp_path, words):
    out = python(*words, "--a", "3", "--out", str(tmp_path / "o"), cwd=checkout)
    assert out[-1] == '{"a": 3}'
    from brianmem import Result

    file = Result.load(tmp_path / "o" / "result.h5").parameters["file"]
    assert Path(file).is_relative_to(checkout)


def test_experiment_file_runs_from_anywhere(checkout, tmp_path):
    out = python(str(checkout / "experiments" / "adding.py"), "--out", "o", cwd=tmp_path)
    assert out[-1] == '{"a": 1}'


def test_experiment_module_runs_from_a_wheel(wheel, tmp_path):
    out = python("-m", "brianmem.experiments.adding", "--out", "o", cwd=tmp_path, path=[wheel])
    assert out[-1] == '{"a": 1}'
