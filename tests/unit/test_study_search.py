"""Search with Optuna: finds the best, repeats itself, goes on where it was stopped."""

import pytest
from brian2 import volt

from brianmem import Study
from brianmem.errors import StudyError
from brianmem.study.pool import Outcome
from brianmem.study.record import StoredStudy
from brianmem.study.search import search
from brianmem.study.store import Store
from tests.unit import study_runs

pytest.importorskip("optuna")
SPACE = {"v": (-2*volt, 2*volt), "k": (0, 5)}


@pytest.fixture(autouse=True)
def inline(monkeypatch):
    def run(function, tasks, _jobs, _limit=None):
        for task in tasks:
            yield Outcome(task, function(task))

    monkeypatch.setattr("brianmem.study.execute.run_tasks", run)


def study():
    return Study("s", study_runs.hill, points=[{}])


def test_a_search_finds_the_top_and_keeps_every_point(tmp_path):
    best = search(study(), SPACE, "height", 40, tmp_path)
    assert best["trials"] == 40
    assert best["best"] > -0.3
    assert abs(best["v"] - 0.7*volt) < 0.5*volt
    stored = StoredStudy(tmp_path)
    assert stored.status(tmp_path).done == len(stored.points) == len(Store(tmp_path).done())
    assert stored.collect(tmp_path).height.max() == best["best"]


def test_a_search_in_two_parts_is_that_in_one(tmp_path):
    whole = search(study(), SPACE, "height", 14, tmp_path / "a")
    search(study(), SPACE, "height", 6, tmp_path / "b")
    assert search(study(), SPACE, "height", 14, tmp_path / "b") == whole
    assert Store(tmp_path / "a").done() == Store(tmp_path / "b").done()


def test_a_stopped_search_goes_on(tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("brianmem.study.search._Search._tell", _stop)
        search(study(), SPACE, "height", 4, tmp_path)
    assert search(study(), SPACE, "height", 4, tmp_path)["trials"] == 4
    assert len(Store(tmp_path).done()) == 4


def _stop(*_words):
    raise KeyboardInterrupt


def test_failed_points_do_not_stop_a_search(tmp_path):
    best = search(study(), {"v": (-2*volt, 9*volt)}, "height", 12, tmp_path, retries=0, minimize=True)
    assert best["trials"] == 12
    assert 0 < len(Store(tmp_path).failures()) < 12


def test_an_unknown_metric_is_named(tmp_path):
    with pytest.raises(StudyError, match="no metric 'depth'. There are height"):
        search(study(), SPACE, "depth", 2, tmp_path)
