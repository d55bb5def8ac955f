"""Measure what a study costs: beside joblib and pypet, for each point, on two cores, by size.

    python benchmarks/studies.py --compare 200 --overhead --efficiency --sizes 1000,10000

``--compare`` runs the same small points by `brianmem.Study`, by joblib (``Parallel`` over a
function that ``Memory`` keeps on disk) and by pypet, each in processes of its own and in turn.
``--efficiency`` takes two minutes, of which 60 s are waiting (``--busy``: computing); it needs a
quiet machine. ``--sizes`` fills a folder with files of the store's own writer, then times status,
collection and a run with nothing left in fresh processes. The last line is JSON; processor time
counts children. joblib: ``pip install "brianmem[bench]"``; pypet 0.6.1 cannot be imported beside
numpy 2, so that it needs an environment of its own: ``--pypet PYTHON``, with
``pip install pypet "numpy<2" "pandas<3" "tables<3.10" "setuptools<81"``.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from study_points import long, numbers, small  # noqa: E402

JOBS, ROUNDS = 2, 3
#: Points that the store itself writes for --sizes; the others are copies of their files.
WRITTEN = 300


def study(count):
    from brianmem import Study

    return Study("benchmark", small, {"a": range(count)})


def by_brianmem(folder, count):
    study(count).run(folder, jobs=JOBS, progress=False)


def by_joblib(folder, count):
    import joblib

    kept = joblib.Memory(folder, verbose=0).cache(numbers)
    joblib.Parallel(n_jobs=JOBS)(joblib.delayed(kept)(a) for a in range(count))


def by_pypet(folder, count):
    from pypet import Environment

    environment = Environment(
        trajectory="benchmark", filename=str(Path(folder) / "pypet.hdf5"), multiproc=True, ncores=JOBS,
        use_pool=True, log_config=None, log_stdout=False, git_repository=None, automatic_storing=True)
    trajectory = environment.trajectory
    trajectory.f_add_parameter("a", 0)
    trajectory.f_explore({"a": list(range(count))})
    environment.run(_pypet_point)
    environment.disable_logging()


def _pypet_point(trajectory):
    for name, value in numbers(trajectory.a).items():
        trajectory.f_add_result(f"$set.$.{name}", value)


DRIVERS = {"brianmem": by_brianmem, "joblib": by_joblib, "pypet": by_pypet}


def in_process(*words, python=sys.executable):
    """Run a part of this script; return wall and processor seconds, peak memory and its output."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    path = os.pathsep.join(map(str, (HERE, HERE.parent)))
    done = subprocess.run([python, __file__, *map(str, words)], text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": path}, check=False)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": time.perf_counter() - started, "cpu_s": cpu}, done.stdout


def compare(count, root, pypet):
    """Time each driver in turn, `ROUNDS` times; the shortest of each counts."""
    found, pythons = {}, {"pypet": pypet}
    for k in range(ROUNDS):
        for name in DRIVERS if pypet else ("brianmem", "joblib"):
            folder = root / f"{name}-{k}"
            folder.mkdir()
            cost, _ = in_process("--drive", name, folder, count,
                                 python=pythons.get(name, sys.executable))
            best = found.setdefault(name, cost)
            found[name] = {key: min(best[key], cost[key]) for key in cost}
            shutil.rmtree(folder)
    return found


def overhead(root):
    """Return what one more point costs, from 50 and 450 empty ones."""
    costs = [in_process("--drive", "brianmem", root / f"overhead-{n}", n)[0] for n in (50, 450)]
    return {f"{key}_per_point": (costs[1][key] - costs[0][key])/400 for key in costs[0]}


def efficiency(root, busy):
    """Return seconds inside points over processes times wall seconds, start of processes included."""
    from brianmem import Study
    from brianmem.study.store import Store

    folder, started = root / "efficiency", time.perf_counter()
    made = Study("efficiency", long, {"a": range(24)}, fixed={"busy": busy})
    made.run(folder, jobs=JOBS, progress=False)
    wall = time.perf_counter() - started
    inside = sum(Store(folder).load(p.id).attrs["study_seconds"] for p in made.points)
    return {"points": 24, "seconds_per_point": inside/24, "wall_s": wall,
            "efficiency": inside/(JOBS*wall)}


def sizes(count, root):
    """Write `count` points and time what reads them."""
    folder = root / f"size-{count}"
    _, said = in_process("--write", folder, count)
    parts = {"write_cpu_s_per_point": float(said.splitlines()[-1]),
             "bytes_per_point": _size(folder)/count}
    for what in ("status", "collect", "resume"):
        cost, said = in_process("--look", what, folder, count)
        parts[what] = {**json.loads(said.splitlines()[-1]), "cpu_s": cost["cpu_s"]}
        print(count, what, parts[what], file=sys.stderr, flush=True)
    shutil.rmtree(folder)
    return parts


def _size(folder):
    return sum(p.stat().st_size for p in (folder / "points").rglob("*.h5"))


def write(folder, count):
    """Fill a study with what its points would have written."""
    from brianmem.study.store import Store
    from brianmem.study.work import Task, _stamped

    made, store = study(count), Store(Path(folder))
    store.make(made.description(), made.points)
    first = made.points[0]
    stamped = _stamped(small(), Task(small, first.parameters, first.id, folder, made.name), 0.0)
    started = time.process_time()
    for p in made.points[:WRITTEN]:
        store.save(p.id, stamped)
    print((time.process_time() - started)/WRITTEN)
    content = store.path(first.id).read_bytes()
    for p in made.points[WRITTEN:]:
        store.path(p.id).parent.mkdir(exist_ok=True)
        store.path(p.id).write_bytes(content)


def look(what, folder, count):
    """Time one way of reading a study, in this process."""
    from brianmem.study.record import StoredStudy

    started, cpu = time.perf_counter(), time.process_time()
    if what == "status":
        assert StoredStudy(folder).status(folder).done == count
    elif what == "collect":
        assert StoredStudy(folder).collect(folder).attrs["done"] == count
    else:
        assert study(count).run(folder, jobs=JOBS, progress=False).left == 0
    print(json.dumps({"wall_s": time.perf_counter() - started, "own_cpu_s": time.process_time() - cpu,
                      "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024}))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", type=int, metavar="POINTS")
    parser.add_argument("--pypet", metavar="PYTHON", help="an interpreter that has pypet")
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--efficiency", action="store_true")
    parser.add_argument("--busy", action="store_true", help="points of --efficiency compute")
    parser.add_argument("--sizes", metavar="N,N")
    for flag, many in (("--drive", 3), ("--write", 2), ("--look", 3)):
        parser.add_argument(flag, nargs=many, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        DRIVERS[given.drive[0]](given.drive[1], int(given.drive[2]))
    elif given.write:
        write(given.write[0], int(given.write[1]))
    elif given.look:
        look(given.look[0], given.look[1], int(given.look[2]))
    else:
        print(json.dumps(measured(given)))


def measured(given):
    """Return all that the command line asks for."""
    report = {"load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as root:
        root = Path(root)
        if given.compare:
            report["compare"] = compare(given.compare, root, given.pypet)
        if given.overhead:
            report["overhead"] = overhead(root)
        if given.efficiency:
            report["efficiency"] = efficiency(root, given.busy)
        for count in map(int, given.sizes.split(",") if given.sizes else ()):
            report.setdefault("sizes", {})[count] = sizes(count, root)
    return report


if __name__ == "__main__":
    main()
