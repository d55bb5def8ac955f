"""Time many variants of one circuit: brianmem, all at once, against ngspice, one by one.

Two circuits, whose variants differ in one value, spread evenly over a range:

- ``oscillator``: a relaxation oscillator of a vanadium dioxide switch
  (vanadium_dioxide_threshold), load 2.7 to 3.3 kohm; 3 us, the error is that of a period;
- ``neuristor``: two channels of niobium dioxide between two capacitors (Pickett 2013),
  input 0.30 to 0.40 V; 10 us, the error is that of the time of the first spike.

Each contender takes the fastest tolerance of a row of 10, 7, 5, 4, 3, 2 in each decade at which,
and at the next tighter, the error of nine values across the range is below ``--error``,
against scipy's Radau at rtol 1e-9. For ngspice that is not always the loosest; its
methods trapezoidal and gear and its trtol are tried too. Contenders:

- ``standalone``: brianmem in C++ standalone; reading and writing files is part of its time;
- ``cython``: brianmem at run time; what Brian2 prepares before a run is part of its time;
- ``ngspice``: a loop that starts ngspice for each variant, as a script around it does; it takes
  the measurements itself. Beyond ``--sample`` variants its time is extrapolated;
- ``ngspice_alter``: one process that alters the value and runs again, which spares it the start
  (some 10 ms) of each variant.

Seconds are CPU time, which other work on the machine disturbs less; compilation is apart.
Round by round all contenders run, in an order that rotates; ratios are formed within
each round.

    python benchmarks/circuits.py --sizes 1 10 100 1000 10000 --rounds 3 --json circuits.json
"""

import argparse
import itertools
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from brian2 import Network, SpikeMonitor, device, prefs, set_device
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from circuit_problems import PROBLEMS, reference

from brianmem.integration import keep_spike_times

TOLERANCES = [m * 10.0**-e for e in range(3, 8) for m in (10, 7, 5, 4, 3, 2)]
SPICE_OPTIONS = ("", "method=gear", "trtol=1")
CONTENDERS = ("standalone", "cython", "ngspice", "ngspice_alter")


def network(problem, values, relative, codeobj_class=None):
    """Return a network of one variant per value, and its monitor of crossings."""
    group = problem.circuit.group(
        len(values), dt=problem.clock, parameters={problem.key: values}, relative=relative,
        threshold="spike_time >= t", reset="", codeobj_class=codeobj_class)
    keep_spike_times(group, problem.state, problem.level)
    monitor = SpikeMonitor(group, variables="spike_time", codeobj_class=codeobj_class)
    return Network(group, monitor), monitor


def crossings(problem, monitor, n):
    times = monitor.values("spike_time")
    return np.array([problem.measure(np.asarray(times[k])) for k in range(n)])


def by_numpy(problem, values, relative):
    """Return what brianmem measures; numpy, Cython and C++ agree to rounding."""
    made, monitor = network(problem, values, relative, NumpyCodeObject)
    made.run(problem.duration, namespace={})
    return crossings(problem, monitor, len(values))


def by_ngspice(problem, values, reltol, options=""):
    """Return what ngspice measures, NaN where it gave up."""
    lines = [f"* {problem.key} varies{problem.spice}.options reltol={reltol!r} abstol=1e-12 "
             f"vntol=1e-9 {options}\n.save {problem.output}",
             f".tran {float(problem.duration)!r} {float(problem.duration)!r} uic", ".control"]
    for value in np.asarray(values):
        lines += [f"alter {problem.key} = {float(value)!r}", "run", "echo variant"]
        lines += [f"meas tran t{k} WHEN {problem.output}={float(problem.level)!r} RISE={k}"
                  for k in range(1, 2 + problem.period)]
        lines += ["destroy all"]
    text = "\n".join([*lines, "quit", ".endc", ".end", ""])
    run = subprocess.run(["ngspice", "-b", "/dev/stdin"], input=text, text=True, check=False,
                         capture_output=True)
    parts = run.stdout.split("variant\n")[1:]
    return np.array([problem.measure([float(t) for t in re.findall(r"^t\d\s*=\s*(\S+)", part, re.M)])
                     for part in parts])


def calibrate(problem, error):
    """Return by solver its settings and their error; and how long scipy took for one variant."""
    values = problem.values(9)
    seconds, expected = timed(lambda: np.array([reference(problem, v) for v in np.asarray(values)]))

    def tried(solve, who):
        runs = []
        for tolerance in TOLERANCES:
            used, reached = timed(lambda t=tolerance: solve(t), who)
            if who == resource.RUSAGE_CHILDREN:
                used = min(used, timed(lambda t=tolerance: solve(t), who)[0])
            worst = np.max(np.abs(reached / expected - 1))
            runs.append((tolerance, float(np.nan_to_num(worst, nan=np.inf)), used))
            # Brianmem's time rises as the tolerance falls: the loosest is the fastest.
            if who == resource.RUSAGE_SELF and len(runs) > 1 and max(runs[-1][1], runs[-2][1]) < error:
                break
        # One good value may be luck: the next tighter must be good too.
        return [run for run, tighter in itertools.pairwise(runs) if max(run[1], tighter[1]) < error]

    own = tried(lambda t: by_numpy(problem, values, t), resource.RUSAGE_SELF)
    found = {"scipy_seconds": seconds / 9, "brianmem": {"relative": own[0][0], "error": own[0][1]}}
    best = min(((row, options) for options in SPICE_OPTIONS for row in tried(
        lambda t, o=options: by_ngspice(problem, values, t, o), resource.RUSAGE_CHILDREN)),
        key=lambda pair: pair[0][2])
    found["ngspice"] = {"relative": best[0][0], "error": best[0][1], "options": best[1]}
    print(found, file=sys.stderr, flush=True)
    return found


def cpu_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def timed(work, who=resource.RUSAGE_SELF):
    start = cpu_seconds(who)
    result = work()
    return cpu_seconds(who) - start, result


def cython(problem, n, found, _folder):
    """Return seconds of compiling and a function that runs and returns CPU seconds."""
    made, monitor = network(problem, problem.values(n), found["brianmem"]["relative"])
    made.store()
    before = cpu_seconds(resource.RUSAGE_CHILDREN)
    seconds, _ = timed(lambda: made.run(problem.clock, namespace={}))
    seconds += cpu_seconds(resource.RUSAGE_CHILDREN) - before

    def run():
        made.restore()
        used, _ = timed(lambda: made.run(problem.duration, namespace={}))
        check(problem, crossings(problem, monitor, n))
        return used

    return seconds, run


def standalone(problem, n, found, folder):
    """Like `cython`."""
    path = Path(folder) / f"{problem.model}_{n}"
    set_device("cpp_standalone", build_on_run=False)
    try:
        made, _ = network(problem, problem.values(n), found["brianmem"]["relative"])
        made.run(problem.duration, namespace={})
        seconds, _ = timed(lambda: device.build(directory=str(path), run=False, with_output=False),
                           resource.RUSAGE_CHILDREN)
    finally:
        device.reinit()
        set_device("runtime")

    def run():
        used, _ = timed(lambda: subprocess.run([str(path / "main")], cwd=path, check=True,
                                               stdout=subprocess.DEVNULL), resource.RUSAGE_CHILDREN)
        return used

    return seconds, run


def ngspice(problem, n, found, sample, alter):
    """Like `cython`; `alter`: one process for all variants."""
    values = problem.values(n)[::max(1, n // sample)]
    parts = [values] if alter else [values[k:k + 1] for k in range(len(values))]
    settings = found["ngspice"]["relative"], found["ngspice"]["options"]

    def run():
        used, reached = timed(lambda: np.concatenate(
            [by_ngspice(problem, part, *settings) for part in parts]), resource.RUSAGE_CHILDREN)
        check(problem, reached)
        return used * n / len(values)

    return 0.0, run


def check(problem, reached):
    if not np.all(np.isfinite(reached)):
        raise SystemExit(f"{problem.model}: {np.sum(~np.isfinite(reached))} variants did not spike.")


def race(problem, n, found, args, folder):
    """Return a row of the table: seconds and ratios of `n` variants."""
    makers = {"standalone": lambda: standalone(problem, n, found, folder),
              "cython": lambda: cython(problem, n, found, folder),
              "ngspice": lambda: ngspice(problem, n, found, args.sample, alter=False),
              "ngspice_alter": lambda: ngspice(problem, n, found, args.sample, alter=True)}
    made = {name: makers[name]() for name in args.contenders}
    rounds = []
    for k in range(args.rounds):
        names = list(made)
        rounds.append({name: made[name][1]() for name in names[k % len(names):]
                       + names[:k % len(names)]})
        print(f"{problem.model} {n} round {k + 1}: {rounds[-1]}", file=sys.stderr, flush=True)
    row = {"variants": n, "ngspice_extrapolated": n > args.sample,
           "compile_s": {name: seconds for name, (seconds, _) in made.items()},
           "seconds": {name: spread([r[name] for r in rounds]) for name in made}}
    row["ratio"] = {name: {other: spread([r[other] / r[name] for r in rounds])
                           for other in made if other.startswith("ngspice")}
                    for name in made if not name.startswith("ngspice")}
    return row


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def shown(s):
    return f"{s['median']:.4g} ({s['min']:.4g}-{s['max']:.4g})"


def table(report):
    lines = []
    for name, part in report["problems"].items():
        b, s = part["found"]["brianmem"], part["found"]["ngspice"]
        lines.append(f"{name}: relative {b['relative']:g} (error {b['error']:.1e}), ngspice reltol "
                     f"{s['relative']:g} {s['options']} (error {s['error']:.1e}), one variant by "
                     f"scipy {part['found']['scipy_seconds']:.1f} s")
        lines.append(f"{'variants':>8} {'contender':>13} {'compile s':>9} {'CPU s':>28}  "
                     "ngspice (median of rounds, range) over it")
        for row in part["rows"]:
            for contender, seconds in row["seconds"].items():
                ratio = ", ".join(f"{other} {shown(r)}" for other, r in
                                  row["ratio"].get(contender, {}).items())
                if contender.startswith("ngspice") and row["ngspice_extrapolated"]:
                    ratio = "extrapolated"
                lines.append(f"{row['variants']:8} {contender:>13} "
                             f"{row['compile_s'][contender]:9.1f} {shown(seconds):>28}  {ratio}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS), choices=PROBLEMS)
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--error", type=float, default=1e-3)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--json", help="write every figure to this file")
    args = parser.parse_args()
    report = {**vars(args), "problems": {}}
    with tempfile.TemporaryDirectory() as folder:
        prefs.codegen.runtime.cython.cache_dir = str(Path(folder) / "cython")
        for name in args.problems:
            problem = PROBLEMS[name]
            found = calibrate(problem, args.error)
            rows = [race(problem, n, found, args, folder) for n in args.sizes]
            report["problems"][name] = {"found": found, "rows": rows}
    print(table(report))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
