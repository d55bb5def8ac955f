"""Kill what runs a study, again and again, and compare what is left with a study left in peace.

    python benchmarks/study_survival.py --parent 18 --worker 14 --dask-worker 10 --scheduler 8

Kills with signal 9 at random moments; then fills a small disk (as root), and lets two
processes run one study. The last line is JSON.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

POINTS, JOBS = 120, 2


def study():
    from brian2 import volt
    from survival_point import point

    from brianmem import Study

    return Study("survival", point, {"a": range(POINTS // 6), "v": [1, 2, 3]*volt}, seeds=[0, 1])


def drive(folder, scheduler=None):
    """Run what is left; in a process of its own."""
    if scheduler is None:
        study().run(folder, jobs=JOBS, retries=100, progress=False)
        return
    from brianmem.study.cluster import connect

    with connect(scheduler) as client:
        study().run(folder, executor=client, retries=100, progress=False)


def start(folder, *words, **environment):
    path = os.pathsep.join(map(str, (HERE, HERE.parent)))
    return subprocess.Popen([sys.executable, __file__, "--drive", str(folder), *words],
                            env={**os.environ, "PYTHONPATH": path, **environment},
                            stderr=subprocess.PIPE, text=True)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def finish(folder, *words):
    """Let the study end in peace."""
    running = start(folder, *words)
    error = running.communicate()[1]
    assert running.returncode == 0, error


def kill_parents(folder, kills, rng):
    """Kill the process that called `Study.run`; the last part is left in peace."""
    done = 0
    while done < kills:
        running = start(folder)
        try:
            running.wait(timeout=rng.uniform(0.5, 9))
            if running.returncode == 0:
                return done
        except subprocess.TimeoutExpired:
            done += kill(running.pid)
        running.communicate()
    return done


def children(pid):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            if words and int(words[1]) == pid and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def kill_workers(folder, kills, rng):
    done, running = 0, start(folder)
    while done < kills and running.poll() is None:
        time.sleep(rng.uniform(0.1, 4))
        alive = children(running.pid)
        if alive and running.poll() is None:
            done += kill(rng.choice(alive))
    error = running.communicate()[1]
    assert running.returncode == 0, error
    return done


class Cluster:
    """A Dask scheduler and two worker processes on 127.0.0.1."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.folder = tempfile.mkdtemp()
        self.make_scheduler()
        self.workers = [self.make_worker() for _ in range(JOBS)]

    def _start(self, module, *words):
        path = os.pathsep.join(map(str, (HERE, HERE.parent)))
        return subprocess.Popen([sys.executable, "-m", f"distributed.cli.{module}", *words],
                                env={**os.environ, "PYTHONPATH": path},
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_scheduler(self):
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port),
                                     "--no-dashboard")

    def make_worker(self):
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny",
                           "--no-dashboard", "--local-directory", self.folder)

    def close(self):
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()


def kill_dask_workers(folder, kills, rng):
    cluster, done = Cluster(), 0
    try:
        running = start(folder, "--address", cluster.address)
        while done < kills and running.poll() is None:
            time.sleep(rng.uniform(0.5, 5))
            k = rng.randrange(JOBS)
            if running.poll() is None:
                done += kill(cluster.workers[k].pid)
                cluster.workers[k].wait()
                cluster.workers[k] = cluster.make_worker()
        error = running.communicate()[1]
        if running.returncode:  # Dask gives a task up whose worker died again and again
            print(error.splitlines()[-1:], file=sys.stderr)
            finish(folder, "--address", cluster.address)
    finally:
        cluster.close()
    return done


def kill_schedulers(folder, kills, rng):
    done = 0
    while done < kills:
        cluster = Cluster()
        try:
            running = start(folder, "--address", cluster.address)
            try:
                running.wait(timeout=rng.uniform(4, 14))
                if running.returncode == 0:
                    return done
            except subprocess.TimeoutExpired:
                done += kill(cluster.scheduler.pid)
            running.communicate(timeout=120)
        finally:
            cluster.close()
    return done


def fill_disk(folder, kills, _rng):
    """Run on a disk too small; enlarge it and run again. Returns how often it was full."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], check=True)
    full = 0
    try:
        for size in ("800k", "1200k", "64m"):
            running = start(folder / "study")
            error = running.communicate()[1]
            full += "No space left" in error
            subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
        finish(folder / "study")
        check(folder / "study", kills)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
    return full


def run_two(folder, _kills, _rng):
    """Run one study in two processes; returns how many points were computed twice."""
    with tempfile.TemporaryDirectory() as log:
        both = [start(folder, SURVIVAL_LOG=log) for _ in range(2)]
        for running in both:
            error = running.communicate()[1]
            assert running.returncode == 0, error
        return len(list(Path(log).iterdir())) - POINTS


def check(folder, reference):
    """Compare with the study that was left in peace, bit for bit; return how many points."""
    from brianmem import Result
    from brianmem.study.work import TIMES

    files = {p.relative_to(folder): p for p in (folder / "points").rglob("*.h5")}
    assert set(files) == {p.relative_to(reference) for p in (reference / "points").rglob("*.h5")}
    for name, path in files.items():
        ours, theirs = Result.load(path), Result.load(reference / name)
        assert dict(ours.metrics) == dict(theirs.metrics), name
        assert set(ours) == set(theirs), name
        for key in ours:
            assert np.asarray(ours[key]).tobytes() == np.asarray(theirs[key]).tobytes(), (name, key)
        for attrs in (ours.attrs, theirs.attrs):
            for key in TIMES:
                attrs.pop(key, None)
        assert repr(ours.attrs) == repr(theirs.attrs), name
        assert repr(ours.parameters) == repr(theirs.parameters), name
    return len(files)


KINDS = {"parent": kill_parents, "worker": kill_workers, "dask-worker": kill_dask_workers,
         "scheduler": kill_schedulers}


def strike(kind, kills, root, rng):
    """Kill until `kills` are reached, in as many studies as that takes; check each."""
    done = studies = points = 0
    while done < kills:
        folder = root / f"{kind}-{studies}"
        done += KINDS[kind](folder, kills - done, rng)
        finish(folder)
        points += check(folder, root / "reference")
        studies += 1
        print(f"{kind}: {done} kills, {studies} studies, {points} points equal", file=sys.stderr,
              flush=True)
    return {"kills": done, "studies": studies, "points_equal": points}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=int, default=0, metavar="KILLS")
    parser.add_argument("--disk", action="store_true", help="fill a small tmpfs (as root)")
    parser.add_argument("--two", action="store_true", help="two processes on one folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        drive(given.drive, given.address)
        return
    rng, report = random.Random(given.seed), {}
    with tempfile.TemporaryDirectory() as root:
        root = Path(root)
        finish(root / "reference")
        for kind in KINDS:
            kills = getattr(given, kind.replace("-", "_"))
            if kills:
                report[kind] = strike(kind, kills, root, rng)
        if given.two:
            twice = run_two(root / "two", 0, rng)
            report["two"] = {"computed_twice": twice, "points_equal": check(root / "two",
                                                                            root / "reference")}
        if given.disk:
            (root / "disk").mkdir()
            report["disk"] = {"times_full": fill_disk(root / "disk", root / "reference", rng),
                              "points_equal": POINTS}
    report["kills"] = sum(r.get("kills", 0) for r in report.values())
    print(json.dumps(report))


if __name__ == "__main__":
    main()
