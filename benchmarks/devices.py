"""Time many pulsed copies of one device equation, by four ways to solve it, at equal error.

Every contender drives the same copies (other initial states) of linear ion drift through
the same pulses, blocks of 10 SET and 10 RESET, with the fewest steps per pulse, in powers
of two, that keep the largest error at the end below ``--error`` (share of the range
between the bounds, against an error-controlled reference):

- ``compiled``: brianmem's equations in a Brian2 group, rk4, Cython;
- ``pulse_map``: brianmem's table of one pulse, read once per pulse (numpy); deriving
  both tables is part of its time;
- ``numpy``: explicit Euler by hand, vectorised over the copies;
- ``python``: explicit Euler in a loop over steps, one copy at a time, as several packages
  do. A few copies and pulses are timed, the rest is extrapolated, which is said.

Seconds are CPU time of this single-threaded process, which other work on the machine
disturbs less. Compilation is prepared before any clock starts. Round by round all contenders run, in an
order that rotates; ratios are formed within each round.

    python benchmarks/devices.py --copies 10000 --pulses 1000 --rounds 3 --json devices.json
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from brian2 import Network, TimedArray, volt

from brianmem import PulseMap, find
from brianmem.flow import flow
from brianmem.lookup import interpolate
from brianmem.ode import ode_group

BLOCK, SCALAR_STEPS = 10, 200_000
DEVICE = find("linear_ion_drift")
(V_SET, WIDTH), (V_RESET, _) = DEVICE.operation["set"], DEVICE.operation["reset"]


def starts(copies):
    return np.random.default_rng(0).uniform(0.1, 0.3, copies)


def voltages(pulses):
    one = np.repeat([float(V_SET), float(V_RESET)], BLOCK)
    return np.resize(one, pulses)


def reference(x, pulses):
    """Return the states after all pulses; equal pulses in a row are one long pulse."""
    edges = np.arange(0, pulses, BLOCK)
    for first in edges:
        count = min(BLOCK, pulses - first)
        v = voltages(pulses)[first] * volt
        x = flow(DEVICE, v, count * WIDTH, np.atleast_2d(x), tolerance=1e-12)[0][0]
    return x


def law():
    """Return the constants of the equation for the contenders that are written by hand."""
    p = {k: float(v) for k, v in DEVICE.parameters.items()}
    return p["mobility"] * p["R_on"] / p["D"]**2, p["R_on"], p["R_off"], int(p["p"])


def by_numpy(x, pulses, steps):
    gain, R_on, R_off, p = law()
    x, h = x.copy(), float(WIDTH) / steps
    for v in voltages(pulses):
        for _ in range(steps):
            x += h * gain * v / (R_on * x + R_off * (1 - x)) * (1 - (2 * x - 1)**(2 * p))
            np.clip(x, 0, 1, out=x)
    return x


def by_python(x, pulses, steps):
    gain, R_on, R_off, p = law()
    h = float(WIDTH) / steps
    for v in voltages(pulses).tolist():
        for _ in range(steps):
            current = v / (R_on * x + R_off * (1 - x))
            x += h * gain * current * (1 - (2 * x - 1)**(2 * p))
            x = min(max(x, 0.0), 1.0)
    return x


class Compiled:
    """The group is built and compiled once; each run continues its clock."""

    def __init__(self, copies, pulses, steps, runs):
        drive = TimedArray(np.tile(voltages(pulses), runs) * volt, dt=WIDTH)
        self.made = ode_group(DEVICE, copies, "level", dt=WIDTH / steps, target="cython",
                              energy=False, namespace={"level": np.zeros(copies) * volt,
                                                       "drive": drive})
        code = self.made.group.run_regularly("level = drive(t + 0.5*dt)", dt=WIDTH, when="start",
                                             codeobj_class=self.made.codeobj_class)
        self.network, self.pulses = Network(*self.made.objects, code), pulses

    def run(self, x):
        self.made.group.x = x
        self.network.run(self.pulses * WIDTH, namespace={})
        return np.array(self.made.group.x)


def by_map(x, pulses, points):
    maps = {float(v): PulseMap.from_device(DEVICE, v, WIDTH, points=points).table[0]
            for v in (V_SET, V_RESET)}
    for v in voltages(pulses):
        x = np.clip(interpolate(maps[v], x), 0, 1)
    return x


def fewest(solve, expected, error, counts):
    """Return the first of `counts` with which `solve` meets `error`, and what it reached."""
    for count in counts:
        reached = float(np.max(np.abs(solve(count) - expected)))
        if reached <= error:
            return count, reached
    raise SystemExit(f"{solve} does not reach {error:g}: {reached:.2g} with {count}.")


def calibrate(args):
    """Return steps (or points of the table) and the error reached, by contender."""
    x, powers = starts(200), [2**k for k in range(16)]
    expected = reference(x, args.pulses)
    return {
        "compiled": fewest(lambda s: Compiled(len(x), args.pulses, s, 1).run(x), expected,
                           args.error, powers),
        "pulse_map": fewest(lambda p: by_map(x, args.pulses, p), expected, args.error,
                            [64, 128, 256, 512, 1024, 2048, 4096]),
        "numpy": fewest(lambda s: by_numpy(x, args.pulses, s), expected, args.error, powers)}


def contenders(args, found):
    x = starts(args.copies)
    compiled = Compiled(args.copies, args.pulses, found["compiled"][0], args.rounds + 1)
    compiled.run(x)  # compiles
    steps = found["numpy"][0]
    pulses = min(args.pulses, max(1, SCALAR_STEPS // steps))

    def scalar():
        start = time.process_time()
        by_python(float(x[0]), pulses, steps)
        return (time.process_time() - start) * args.copies * args.pulses / pulses

    return {"compiled": timed(lambda: compiled.run(x)),
            "pulse_map": timed(lambda: by_map(x, args.pulses, found["pulse_map"][0])),
            "numpy": timed(lambda: by_numpy(x, args.pulses, steps)), "python": scalar}


def timed(work):
    def seconds():
        start = time.process_time()
        work()
        return time.process_time() - start

    return seconds


def summarise(args, found, rounds):
    found = found | {"python": found["numpy"]}
    rows = {}
    for name in rounds[0]:
        rows[name] = {"steps": found[name][0], "error": found[name][1],
                      "seconds": spread([r[name] for r in rounds]),
                      **{f"over_{own}": spread([r[name] / r[own] for r in rounds])
                         for own in ("compiled", "pulse_map")}}
    return {**vars(args), "device": DEVICE.name, "python_extrapolated": True, "contenders": rows}


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(report):
    lines = [f"{'contender':10} {'steps':>6} {'error':>8} {'seconds':>26} {'over compiled':>26} "
             f"{'over pulse_map':>26}"]
    for name, row in report["contenders"].items():
        shown = [f"{s['median']:.4g} ({s['min']:.4g}-{s['max']:.4g})"
                 for s in (row["seconds"], row["over_compiled"], row["over_pulse_map"])]
        lines.append(f"{name:10} {row['steps']:6} {row['error']:8.1e} "
                     + " ".join(f"{s:>26}" for s in shown))
    return "\n".join([*lines, "steps: per pulse; points of the table for pulse_map. python: "
                      "extrapolated from one copy."])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=10_000)
    parser.add_argument("--pulses", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--error", type=float, default=1e-4)
    parser.add_argument("--json", help="write every figure to this file")
    args = parser.parse_args()
    found = calibrate(args)
    print(f"steps, error: {found}", file=sys.stderr, flush=True)
    runs, rounds = contenders(args, found), []
    for k in range(args.rounds):
        names = list(runs)
        order = names[k % len(names):] + names[:k % len(names)]
        seconds = {}
        for name in order:
            seconds[name] = runs[name]()
            print(f"round {k + 1} {name}: {seconds[name]:.4g} s", file=sys.stderr, flush=True)
        rounds.append({name: seconds[name] for name in names})
    report = summarise(args, found, rounds)
    print(table(report))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
