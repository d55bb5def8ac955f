"""What a study does with its points: once each, whatever fails, dies or hangs."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time

import pytest
from brian2 import second, volt

from brianmem import Result, Study
from brianmem.errors import EngineError, ResultError, StudyError
from brianmem.study.pool import run_tasks
from brianmem.study.record import StoredStudy
from brianmem.study.store import Store
from tests.unit import study_runs


def run(study, folder, **options):
    return study.run(folder, progress=False, **options)


@pytest.fixture
def inline():
    """An executor without processes."""
    class Inline:
        def submit(self, function, *words):
            future = concurrent.futures.Future()
            future.set_result(function(*words))
            return future

    return Inline()


def test_points_run_in_processes_once_and_whole(tmp_path):
    study = Study("s", study_runs.product, {"a": [1, 2], "v": [2*volt]}, seeds=[0, 5])
    assert str(run(study, tmp_path, jobs=2)) == "4 of 4 points done, 0 failed, 0 left"
    store, last = Store(tmp_path), study.points[-1]
    assert store.done() == {p.id for p in study.points}
    stored = store.load(last.id)
    assert stored.metrics == {"power": 2 * 4 + 5}
    assert list(stored["trace"] / second) == [2, 5, 1]
    assert stored.attrs["study_parameters"] == {"a": 2, "v": 2*volt, "seed": 5}
    assert {"versions", "git_commit", "date", "wall_time_s"} <= stored.attrs.keys()
    times = [store.path(p.id).stat().st_mtime_ns for p in study.points]
    run(study, tmp_path, jobs=2)
    assert times == [store.path(p.id).stat().st_mtime_ns for p in study.points]


def test_more_points_keep_the_old_ones(tmp_path, inline):
    run(Study("s", study_runs.product, {"a": [1, 2]}), tmp_path, executor=inline)
    study = Study("s", study_runs.product, {"a": [1, 2, 3]})
    assert study.status(tmp_path).left == 1
    assert run(study, tmp_path, executor=inline).left == 0


def test_a_study_remembers_the_folder_of_its_last_run(tmp_path, inline):
    study = Study("s", study_runs.product, {"a": [1, 2]})
    for ask in (study.status, study.collect, study.failures):
        with pytest.raises(StudyError, match="has not run here. Name the folder"):
            ask()
    run(study, tmp_path, executor=inline)
    assert study.status().done == len(study.collect().a) == 2
    assert study.failures() == []


def test_a_failure_is_recorded_retried_and_stops_nothing(tmp_path, inline):
    calls, folder = tmp_path / "calls", tmp_path / "study"
    calls.mkdir()
    study = Study("s", study_runs.fails, {"a": range(4)}, fixed={"folder": str(calls)})
    status = run(study, folder, executor=inline, retries=2)
    assert (status.done, status.failed) == (2, 2)
    assert sorted(p.name.split("-")[0] for p in calls.iterdir()) == list("01112333")
    point, record = study.failures(folder)[0]
    assert point.parameters["a"] == 1
    assert record["attempts"] == 3
    assert record["error"] == "ZeroDivisionError: odd"
    assert "study_runs.py" in record["traceback"]
    run(study, folder, executor=inline, retries=2)
    assert len(list(calls.iterdir())) == 8
    run(study, folder, executor=inline, retries=3)
    assert len(list(calls.iterdir())) == 10


def test_a_process_that_dies_costs_its_own_point_only(tmp_path):
    study = Study("s", study_runs.dies, {"a": [1, 2, 3, 4]})
    status = run(study, tmp_path, jobs=2, retries=1)
    assert (status.done, status.failed) == (3, 1)
    (point, record), = study.failures(tmp_path)
    assert point.parameters["a"] == 2
    assert record["attempts"] == 2
    assert record["error"] == "its process died (exit code 7)."


def test_a_point_that_takes_too_long_is_stopped(tmp_path):
    study = Study("s", study_runs.sleeps, {"seconds": [60.0, 0.01]})
    started = time.monotonic()
    # Shorter than a process takes to start, which must not count.
    status = run(study, tmp_path, time_limit=1, retries=0)
    assert (status.done, status.failed) == (1, 1)
    assert time.monotonic() - started < 50
    assert study.failures(tmp_path)[0][1]["error"] == "it took longer than the limit of 1 s."


def test_the_pool_keeps_to_its_number_of_processes():
    outcomes = list(run_tasks(_pid, range(6), 2))
    assert sorted(o.task for o in outcomes) == list(range(6))
    assert len({o.value for o in outcomes}) <= 2
    assert os.getpid() not in {o.value for o in outcomes}


def _pid(_task):
    return os.getpid()


SCRIPT = """
import sys
from brianmem import Study
from tests.unit import study_runs
if __name__ == "__main__":
    grid = {"seconds": [0.2 + k/1e4 for k in range(40)]}
    Study("s", study_runs.sleeps, grid).run(sys.argv[1], jobs=2)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_stopped_study_goes_on_where_it_was(tmp_path, name):
    script, folder = tmp_path / "script.py", tmp_path / "study"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    running = subprocess.Popen([sys.executable, script, folder], env=environment,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    limit = time.monotonic() + 60
    while len(Store(folder).done()) < 3 and time.monotonic() < limit:
        time.sleep(0.05)
    # Ctrl-C reaches all processes of a terminal.
    (os.killpg if name == "SIGINT" else os.kill)(running.pid, getattr(signal, name))
    said = running.communicate(timeout=20)[1]
    assert said.count("Traceback") <= (name == "SIGINT")
    assert "Process" not in said
    time.sleep(0.5)
    stored = StoredStudy(folder)
    assert 3 <= stored.status(folder).done < 40
    assert stored.status(folder).failed == 0
    study = Study("s", study_runs.sleeps, {"seconds": [0.2 + k/1e4 for k in range(40)]})
    assert {p.id for p in study.points} == {p.id for p in stored.points}
    assert len(list(folder.rglob("*.tmp"))) <= 2  # a process was killed while it wrote


def test_a_folder_belongs_to_one_study(tmp_path, inline):
    run(Study("s", study_runs.product), tmp_path / "a", executor=inline)
    with pytest.raises(StudyError, match="holds the study 's'"):
        run(Study("t", study_runs.product), tmp_path / "a", executor=inline)
    for name in ("points", "failures"):  # as a process leaves them that is killed while it begins
        (tmp_path / "b" / name).mkdir(parents=True)
    (tmp_path / "b" / ".points.json-x1.tmp").touch()
    assert run(Study("t", study_runs.product), tmp_path / "b", executor=inline).left == 0
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").touch()
    with pytest.raises(StudyError, match="not empty"):
        run(Study("t", study_runs.product), tmp_path / "c", executor=inline)


def test_a_folder_that_takes_no_file_stops_the_study_and_blames_no_point(tmp_path, inline, monkeypatch):
    def full(self, path):
        raise ResultError(f"cannot write {path}: No space left on device.")

    study = Study("s", study_runs.product, {"a": [1, 2]})
    with monkeypatch.context() as patch:
        patch.setattr(Result, "save", full)
        with pytest.raises(ResultError, match="No space left.*same call continues"):
            run(study, tmp_path, executor=inline, retries=0)
    assert run(study, tmp_path, executor=inline, retries=0).done == 2


def test_any_executor_runs_points_and_a_broken_one_blames_none(tmp_path):
    study = Study("s", study_runs.dies, {"a": [1, 3, 2, 4]})
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        run(Study("s", study_runs.dies, {"a": [1, 3]}), tmp_path, executor=threads)
    with concurrent.futures.ProcessPoolExecutor(1) as processes, \
            pytest.raises(EngineError, match="run the study again"):
        run(study, tmp_path, executor=processes)
    assert (study.status(tmp_path).done, study.status(tmp_path).failed) in ((2, 0), (3, 0))


@pytest.mark.parametrize(("options", "said"), [
    ({"jobs": 0}, "jobs"), ({"retries": -1}, "retries"), ({"time_limit": 0}, "time_limit"),
    ({"executor": 3}, "submit")])
def test_wrong_options_are_refused(tmp_path, options, said):
    with pytest.raises(StudyError, match=said):
        run(Study("s", study_runs.product), tmp_path, **options)


def test_points_of_one_structure_run_one_after_the_other(tmp_path):
    order = []

    class Watch:
        def submit(self, function, tasks):
            order.append(tasks[0].parameters)
            future = concurrent.futures.Future()
            future.set_result(function(tasks))
            return future

    study = Study("s", study_runs.product, {"v": [1, 2]*volt, "a": [1, 2, 3]}, structure=["a"])
    run(study, tmp_path, executor=Watch())
    assert [p["a"] for p in order] == [1, 1, 2, 2, 3, 3]
