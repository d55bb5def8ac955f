"""Provenance says where a result comes from, and never stops a run."""

import datetime
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import brianmem
from brianmem import Result, provenance
from brianmem.references import cite


@pytest.fixture(autouse=True)
def _forget():
    provenance.git_commit.cache_clear()
    provenance.compiler_version.cache_clear()
    yield
    provenance.git_commit.cache_clear()
    provenance.compiler_version.cache_clear()


@pytest.fixture
def repository(tmp_path):
    """A git checkout that tracks a file with the name of the module."""
    def git(*arguments):
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b",
                        *arguments], check=True, capture_output=True)

    (tmp_path / "provenance.py").write_text("1\n")
    git("init")
    git("add", "provenance.py")
    git("commit", "-m", "x")
    return tmp_path


def test_collects_what_a_reader_needs_to_repeat_the_run():
    attrs = provenance.collect(equations="dx/dt = v/second : 1", seed=7, wall_time=1.5,
                               dataset_sha256={"train": "ab"}, device="vteam")
    assert attrs["equations"] == "dx/dt = v/second : 1"
    assert attrs["seed"] == 7
    assert attrs["wall_time_s"] == 1.5
    assert attrs["dataset_sha256"] == {"train": "ab"}
    assert attrs["device"] == "vteam"
    assert attrs["versions"]["brianmem"] == brianmem.__version__
    assert attrs["versions"]["numpy"] == np.__version__
    assert attrs["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(attrs["date"])
    assert abs(age.total_seconds()) < 60


def test_survives_a_file_and_json(tmp_path):
    attrs = provenance.collect(seed=None, references=["Strukov2008"])
    assert Result.load(Result({}, attrs=attrs).save(tmp_path / "r.h5")).attrs == attrs
    json.dumps(attrs)


def test_a_measurement_from_python_carries_it_too():
    device = brianmem.find("linear_ion_drift")
    attrs = brianmem.PulseTrain(count=1).run(device, seed=3).attrs
    assert attrs["equations"] == device.equations
    assert attrs["seed"] == 3
    assert attrs["versions"]["brianmem"] == brianmem.__version__
    assert set(device.references) < set(attrs["references"])


def test_references_include_brian2_once_and_can_be_cited():
    attrs = provenance.collect(references=("Strukov2008", "Stimberg2019", "Strukov2008"))
    assert attrs["references"] == ["Strukov2008", "Stimberg2019"]
    assert len(cite(attrs["references"])) == 2


def test_command_line_can_be_pasted_into_a_shell(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/brianmem", "measure", "--amplitude", "1.2 V"])
    assert provenance.command_line() == "brianmem measure --amplitude '1.2 V'"


def test_commit_is_that_of_the_checkout(repository):
    commit = provenance._commit_of(repository)
    assert len(commit) == 40
    assert set(commit) <= set("0123456789abcdef")


def test_changed_checkout_is_called_dirty(repository):
    clean = provenance._commit_of(repository)
    (repository / "provenance.py").write_text("2\n")
    assert provenance._commit_of(repository) == f"{clean}-dirty"


def test_a_repository_around_an_installation_is_not_ours(repository):
    installed = repository / "site-packages"
    installed.mkdir()
    assert provenance._commit_of(installed) is None


def test_no_checkout_no_commit(tmp_path):
    assert provenance._commit_of(tmp_path) is None


def test_nothing_fails_without_git_and_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    attrs = provenance.collect()
    assert attrs["git_commit"] is None
    assert attrs["versions"]["compiler"] is None


def test_a_command_that_hangs_is_given_up(monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)\n")
    slow.chmod(0o755)
    monkeypatch.setattr(provenance, "_PATIENCE", 0.2)
    monkeypatch.setenv("CXX", str(slow))
    assert provenance.compiler_version() is None


def test_compiler_of_the_environment_is_reported(monkeypatch, tmp_path):
    fake = tmp_path / "mycc"
    fake.write_text("#!/bin/sh\necho 'mycc 9.9'\necho more\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CXX", "mycc")
    assert provenance.compiler_version() == "mycc 9.9"


def test_missing_package_has_no_version(monkeypatch):
    monkeypatch.setitem(provenance._PACKAGES, "nothing", "no-such-distribution-at-all")
    assert provenance.versions()["nothing"] is None
