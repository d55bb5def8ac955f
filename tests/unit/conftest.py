"""What more than one file of these tests needs around each test."""

import logging
import sys

import pytest

import brianmem.experiments
from tests.unit.command_line import EXPERIMENT


@pytest.fixture
def no_environment(monkeypatch):
    """Leave out what the machine's own variables say of data sets."""
    monkeypatch.delenv("BRIANMEM_DATA", raising=False)
    monkeypatch.delenv("BRIANMEM_CACHE", raising=False)


@pytest.fixture
def quiet_log():
    """Take back what a command does to the log."""
    log = logging.getLogger("brianmem")
    handlers, level = log.handlers[:], log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


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
