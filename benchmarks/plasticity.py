"""Time every plasticity rule per synaptic event against the plain clipped update.

All contenders learn in one network from the same spikes: each has its own synapses,
all-to-all between inputs and neurons that fire at random. Brian2's profiler times each
pathway in every time step, so that contenders alternate within the run; rounds repeat it.
The plain update is ``w = clip(w - A, 0, 1)`` at spikes of inputs and ``w = clip(w + A, 0, 1)``
at spikes of neurons. Both sides are reported apart: synapses of one input lie side by side
in memory, those of one neuron do not.

Rows: ``ideal`` weights, and the same rules on a ``device`` (whole pulses by chance, with its
table, energy and noise of each change). Times are wall time of code objects, without
the reading of the weight, which is none here for ideal weights and a pathway of its own for
devices where a rule acts at input spikes; ``traces`` is what a group of traces beside the
neurons takes per time step in all, which neurons that hold their own save in part.

    python benchmarks/plasticity.py --targets cpp_standalone cython --rounds 5 --json plasticity.json
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from brian2 import (
    Network,
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    amp,
    device,
    hertz,
    ms,
    mvolt,
    prefs,
    second,
    seed,
    set_device,
)

from brianmem import PulseRule, Synapse, find
from brianmem.plasticity import (
    DiehlCookSTDP,
    Dopamine,
    ExponentialSTDP,
    IdealSynapse,
    PairSTDP,
    PowerLawSTDP,
    RewardSTDP,
    RewardSynapse,
    SymmetricSTDP,
    TripletSTDP,
    WeightDependentSTDP,
    WindowRule,
)

RULES = {
    "pair": PairSTDP(), "pair_nearest": PairSTDP(pairing="nearest"), "soft": WeightDependentSTDP(),
    "triplet_minimal": TripletSTDP(), "triplet_full": TripletSTDP.published("hippocampus", "full"),
    "diehl_cook": DiehlCookSTDP(), "power_law": PowerLawSTDP(), "exponential": ExponentialSTDP(),
    "symmetric": SymmetricSTDP(), "window": WindowRule(),
}
DT = 0.5 * ms


def plain(source, target):
    made = Synapses(source, target, "w : 1\nA : 1 (shared, constant)", on_pre="w = clip(w - A, 0, 1)",
                    on_post="w = clip(w + A, 0, 1)", name="plain", namespace={}, clock=source.clock)
    made.connect()
    made.w, made.A = 0.5, 0.01
    return made


def ideal(name):
    return lambda source, target: IdealSynapse(write=RULES[name]).connect(
        source, target, name=f"ideal_{name}")


def rewarded(source, target):
    """Pairs that leave eligibility: each event also brings the weight up to date."""
    group = Dopamine().group(dt=DT)
    made = RewardSynapse(write=RewardSTDP(PairSTDP(), group)).connect(
        source, target, name="ideal_rewarded_pair")
    made.contained_objects.append(group)  # so that the network runs it
    return made


def on_device(name, rule):
    return lambda source, target: Synapse(find("memdiode"), write=rule, read=1 * mvolt / amp).connect(
        source, target, x=0.5, seed=0, name=f"device_{name}")


def contenders():
    """Return name: function(source, target) that makes synapses of that name."""
    return {"plain": plain, **{f"ideal_{name}": ideal(name) for name in RULES},
            "ideal_rewarded_pair": rewarded,
            "device_pulse_rule": on_device("pulse_rule", PulseRule(window=20 * ms)),
            **{f"device_{name}": on_device(name, rule) for name, rule in RULES.items()}}


def groups(inputs, neurons, rates):
    """Return inputs and neurons that fire at random, and counters of their spikes."""
    made = [NeuronGroup(n, "v : volt\nrate : Hz (shared, constant)", threshold="rand() < rate*dt",
                        reset="", namespace={}, dt=DT, name=name)
            for n, name in ((inputs, "inputs"), (neurons, "neurons"))]
    made[1]._clock = made[0].clock  # one clock for all
    for group, rate in zip(made, rates, strict=True):
        group.rate = rate * hertz
    return made, [SpikeMonitor(group, record=False) for group in made]


def measure(args):
    """Return one {name: {pre, post, traces}} per round, in ns per event or us per step."""
    standalone = args.target == "cpp_standalone"
    folder = str(Path(args.folder) / "program") if standalone else None
    if standalone:
        set_device("cpp_standalone", directory=folder, build_on_run=False)
        prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]  # not one per file
    else:
        prefs.codegen.target = args.target
    seed(1)
    (source, target), counters = groups(args.inputs, args.neurons, args.rates)
    chosen = {k: v for k, v in contenders().items() if k in args.contenders}
    made = {name: make(source, target) for name, make in chosen.items()}
    network = Network(source, target, *counters, *made.values())
    duration, rounds = args.duration * second, []
    network.run(duration if standalone else 2 * DT, profile=standalone, namespace={})
    if standalone:
        device.build(run=False, directory=folder)
    before = [0, 0]
    for k in range(args.rounds):
        if standalone:
            device.run()
        else:
            before = [int(c.num_spikes) for c in counters]
            network.run(duration, profile=True, namespace={})
        spikes = [int(c.num_spikes) - b for c, b in zip(counters, before, strict=True)]
        rounds.append(costs(network, made, spikes, args))
        print(f"{args.target} round {k + 1}: {spikes} spikes", file=sys.stderr, flush=True)
    return rounds


def costs(network, made, spikes, args):
    took = {}
    for name, time in network.get_profiling_info():
        name = name.removesuffix("_codeobject")
        took[name] = took.get(name, 0.0) + float(time)
    events = {"pre": spikes[0] * args.neurons, "post": spikes[1] * args.inputs}
    steps = args.duration / float(DT)
    found = {}
    for name in made:
        change = f"{name}_change" if f"{name}_change" in took else f"{name}_pre"
        if name.startswith("device") and change.endswith("_pre"):
            change = None  # the read alone
        pathways = {"pre": change, "post": f"{name}_post"}
        found[name] = {side: 1e9 * took[path] / events[side]
                       for side, path in pathways.items() if path in took}
        found[name]["traces"] = 1e6 * sum(t for n, t in took.items()
                                          if n.startswith((f"{name}_pre_traces",
                                                           f"{name}_post_traces"))) / steps
    return found


def summarise(rounds):
    """Return name: {"pre", "post": ns and ratio to plain, "traces": us per step}, with spread."""
    rows = {}
    for name in rounds[0]:
        row = rows[name] = {"traces": spread([r[name]["traces"] for r in rounds])}
        for side in ("pre", "post"):
            if side in rounds[0][name]:
                row[side] = spread([r[name][side] for r in rounds])
                row[f"{side}_ratio"] = spread([r[name][side] / r["plain"][side] for r in rounds])
    return rows


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(report):
    lines = []
    for target, rows in report["targets"].items():
        lines += ["", f"{target}: ns per synaptic event, and ratio to the plain update of that side",
                  f"{'rule':26} {'at input spike':>15} {'ratio (min-max)':>20} "
                  f"{'at neuron spike':>16} {'ratio (min-max)':>20} {'traces us/step':>15}"]
        lines += [f"{name:26} {_cells(row, 'pre', 15)} {_cells(row, 'post', 16)} "
                  f"{row['traces']['median']:15.2f}" for name, row in rows.items()]
    return "\n".join(lines)


def _cells(row, side, width):
    if side not in row:
        return f"{'-':>{width}} {'':>20}"
    ratio = row[f"{side}_ratio"]
    text = f"{ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})"
    return f"{row[side]['median']:>{width}.2f} {text:>20}"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", nargs="+", default=["cpp_standalone", "cython"],
                        choices=["cpp_standalone", "cython", "numpy"])
    parser.add_argument("--contenders", nargs="+", default=list(contenders()),
                        choices=list(contenders()), metavar="NAME",
                        help=f"of {', '.join(contenders())}; plain always runs")
    parser.add_argument("--inputs", type=int, default=784)
    parser.add_argument("--neurons", type=int, default=400)
    parser.add_argument("--rates", type=float, nargs=2, default=[20.0, 20.0],
                        help="of inputs and neurons, in hertz")
    parser.add_argument("--duration", type=float, default=1.0, help="seconds simulated per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write every figure to this file")
    # One target per process: Brian2's device cannot be undone. Used by the script itself.
    parser.add_argument("--target", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser


def child(target):
    """Run this script for one target and return its rounds."""
    with tempfile.TemporaryDirectory(prefix="plasticity_") as folder:
        done = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--target", target,
                               "--folder", folder], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    args = options().parse_args()
    args.contenders = list(dict.fromkeys(["plain", *args.contenders]))
    if args.target:
        print(json.dumps(measure(args)))
        return
    report = {**{k: v for k, v in vars(args).items() if k not in ("target", "targets", "folder")},
              "targets": {target: summarise(child(target)) for target in args.targets}}
    print(table(report))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
