"""Studies on a real Dask scheduler and its worker processes, and what happens when they die."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from brianmem import Study
from brianmem.errors import EngineError, StudyError
from brianmem.study.cluster import batch_cluster, connect
from brianmem.study.store import Store
from tests.unit import study_runs

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]


def start(kind, *words):
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler" if kind == "scheduler"
               else "distributed.cli.dask_worker", *words]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL)


@pytest.fixture
def cluster(tmp_path):
    """Address, scheduler process, and a function that starts a worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    running = [start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")]

    def worker():
        running.append(start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                             "--local-directory", str(tmp_path / "dask")))
        return running[-1]

    yield address, running[0], worker
    for process in running:
        process.kill()
        process.wait()


def wait_for(condition, seconds=40):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def sleeping(count):
    return Study("s", study_runs.sleeps, {"seconds": [0.2 + k / 1e4 for k in range(count)]})


def test_a_cluster_runs_points_and_a_dead_worker_costs_nothing(tmp_path, cluster):
    address, _, worker = cluster
    first, _second = worker(), worker()
    folder, study = tmp_path / "study", sleeping(30)

    def kill():
        wait_for(lambda: len(Store(folder).done()) > 3)
        first.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with connect(address) as client:
        status = study.run(folder, executor=client, progress=False)
    killer.join()
    assert (status.done, status.failed) == (30, 0)


def test_a_dead_scheduler_stops_the_study_which_goes_on_with_another(tmp_path, cluster):
    address, scheduler, worker = cluster
    worker()
    folder, study = tmp_path / "study", sleeping(60)

    def kill():
        wait_for(lambda: len(Store(folder).done()) > 3)
        scheduler.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    started = time.monotonic()
    with connect(address) as client, pytest.raises(EngineError, match="scheduler was lost.*again"):
        study.run(folder, executor=client, progress=False)
    killer.join()
    assert time.monotonic() - started < 60
    status = study.run(folder, jobs=2, progress=False)
    assert (status.done, status.failed) == (60, 0)


def test_the_command_line_takes_a_scheduler(tmp_path, cluster):
    address, _, worker = cluster
    worker()
    words = ["sweep", "vteam", "iv_sweep", "--grid", "R_on=50ohm,60ohm", "--out", "s", "--scheduler"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-m", "brianmem", *words, address], cwd=tmp_path, text=True,
                          env=environment, capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["done"] == 2


def test_a_folder_that_workers_do_not_share_is_named(tmp_path, monkeypatch):
    class Elsewhere:
        def submit(self, _function, tasks):
            future = concurrent.futures.Future()
            future.set_result([None for _ in tasks])
            return future

    monkeypatch.setattr("brianmem.study.execute._PATIENCE", 0.2)
    with pytest.raises(EngineError, match="folder that all workers share"):
        sleeping(2).run(tmp_path, executor=Elsewhere(), progress=False)


def test_a_missing_scheduler_is_one_sentence():
    with pytest.raises(EngineError, match="no scheduler answers"), connect("tcp://127.0.0.1:9", 1):
        pass


@pytest.mark.parametrize(("address", "said"), [
    ("host:8786", "must be an address"), ("slurm", "no cores and memory in its section jobqueue.slurm"),
    ("slurm:mine", "jobqueue.mine")])
def test_a_batch_system_that_is_not_configured_is_one_sentence(address, said):
    pytest.importorskip("dask_jobqueue")
    with pytest.raises(StudyError, match=said), connect(address):
        pass


SECTION = {"cores": 4, "memory": "8GB", "queue": "short", "walltime": "01:00:00"}


def test_a_slurm_job_is_as_configured_with_one_thread_a_process(monkeypatch):
    jobqueue = pytest.importorskip("dask_jobqueue")
    scaled = []
    monkeypatch.setattr(jobqueue.SLURMCluster, "scale", lambda _self, n: scaled.append(n))
    with dask.config.set({"jobqueue.slurm": {**dask.config.get("jobqueue.slurm"), **SECTION}}), \
            batch_cluster("slurm", 8) as cluster:
        script = cluster.job_script()
    for line in ("#SBATCH -p short", "#SBATCH -t 01:00:00", "#SBATCH --cpus-per-task=4"):
        assert line in script
    assert "--nworkers 4" in script
    assert "--nthreads 1" in script
    assert scaled[0] == 8  # and 0 when it closes


def test_job_scripts_of_a_batch_system_run_points(tmp_path):
    pytest.importorskip("dask_jobqueue")
    section = {**dask.config.get("jobqueue.local"), "cores": 1, "memory": "1GB",
               "log-directory": str(tmp_path), "local-directory": str(tmp_path),
               "job-script-prologue": [f"export PYTHONPATH={os.getcwd()}"]}
    with dask.config.set({"jobqueue.local": section}), connect("local", jobs=1) as client:
        status = sleeping(3).run(tmp_path / "study", executor=client, progress=False)
    assert (status.done, status.failed) == (3, 0)
