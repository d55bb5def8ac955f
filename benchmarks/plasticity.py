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
devices where a rule acts at input spikes. ``per step`` is what goes on between events, in all per
time step: a group of traces beside the neurons, which neurons that hold their own save in part;
of the ``rewarded`` rules also the dopamine, and on devices the programming phases of
the whole array every 50 ms; of ``bp_stdp`` what judges ten outputs, teaches them and sends their
errors back. The events of ``bp_stdp`` are errors of hidden neurons of its own, about as
frequent as the spikes of the others.

``--networks`` adds the ratio of whole networks: learning by overlapping spikes
(native_stdp_digits) to the pulse rule on the same device, see plasticity_networks.py.

    python benchmarks/plasticity.py --targets cpp_standalone cython --rounds 5 --networks \\
        --json plasticity.json
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import plasticity_networks
from brian2 import (
    EventMonitor,
    Network,
    NeuronGroup,
    SpikeMonitor,
    device,
    hertz,
    prefs,
    second,
    seed,
    set_device,
)
from plasticity_rules import DT, contenders

from brianmem.models.networks.native_digits import SPIKES

#: Ends of the names of code objects that act between events.
BETWEEN = ("_pre_traces", "_post_traces", "_dopamine", "_program", "_hidden_run", "_outputs_run",
           "_hidden_error", "_outputs_error", "_second_back", "_second_learn")


def groups(inputs, neurons, rates):
    """Return inputs and neurons that fire at random, and counters of their spikes."""
    made = [NeuronGroup(n, "v : volt\nrecent : 1\nfrequency : Hz (shared, constant)",
                        threshold="rand() < frequency*dt", reset="recent += 1", namespace={},
                        dt=DT, name=name)
            for n, name in ((inputs, "inputs"), (neurons, "neurons"))]
    made[1]._clock = made[0].clock  # one clock for all
    for group, rate in zip(made, rates, strict=True):
        group.frequency = rate * hertz
    return made, [SpikeMonitor(group, record=False) for group in made]


def measure(args):
    """Return one {name: {pre, post, step}} per round, in ns per event or us per step."""
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
    made = {name: make(name, source, target) for name, make in chosen.items()}
    objects = list(itertools.chain(*made.values()))
    network = Network(source, target, *counters, *objects)
    counters += [found for found in objects if isinstance(found, EventMonitor)]
    duration, rounds = args.duration * second, []
    network.run(duration if standalone else 2 * DT, profile=standalone, namespace={})
    if standalone:
        device.build(run=False, directory=folder)
    before = [0]*len(counters)
    for k in range(args.rounds):
        if standalone:
            device.run()
        else:
            before = [int(c.num_events) for c in counters]
            network.run(duration, profile=True, namespace={})
        spikes = [int(c.num_events) - b for c, b in zip(counters, before, strict=True)]
        rounds.append(costs(network, made, spikes, args))
        print(f"{args.target} round {k + 1}: {spikes} spikes", file=sys.stderr, flush=True)
    return rounds


def costs(network, names, spikes, args):
    """Return {name: {pre, post, step}} of a run; `spikes` of inputs, neurons, and errors if any."""
    took = {}
    for name, time in network.get_profiling_info():
        name = name.removesuffix("_codeobject")
        took[name] = took.get(name, 0.0) + float(time)
    steps = args.duration / float(DT)
    found = {}
    for name in names:
        taught = name.endswith("bp_stdp")
        events = {"pre": spikes[0] * args.neurons, "post": spikes[2 if taught else 1] * args.inputs}
        found[name] = {side: 1e9 * took[path] / events[side]
                       for side, path in _pathways(name, took).items() if path in took}
        found[name]["step"] = 1e6 * sum(t for n, t in took.items() if n.startswith(
            tuple(name + end for end in BETWEEN))) / steps
    return found


def _pathways(name, took):
    """Return the code objects that learn at spikes of either side."""
    if name.endswith("bp_stdp"):
        return {"post": f"{name}_first_learn"}
    if f"{name}_change" in took or name.startswith("device"):  # whose other pathway reads alone
        return {"pre": f"{name}_change", "post": f"{name}_post"}
    return {"pre": f"{name}_pre", "post": f"{name}_post"}


def summarise(rounds):
    """Return name: {"pre", "post": ns and ratio to plain, "step": us per step}, with spread."""
    rows = {}
    for name in rounds[0]:
        row = rows[name] = {"step": spread([r[name]["step"] for r in rounds])}
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
                  f"{'at neuron spike':>16} {'ratio (min-max)':>20} {'us per step':>15}"]
        lines += [f"{name:26} {_cells(row, 'pre', 15)} {_cells(row, 'post', 16)} "
                  f"{row['step']['median']:15.2f}" for name, row in rows.items()]
    return "\n".join(lines)


def _cells(row, side, width):
    if side not in row:
        return f"{'-':>{width}} {'':>20}"
    ratio = row[f"{side}_ratio"]
    text = f"{ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})"
    return f"{row[side]['median']:>{width}.2f} {text:>20}"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", nargs="*", default=["cpp_standalone", "cython"],
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
    parser.add_argument("--networks", nargs="*", choices=sorted(SPIKES), metavar="DEVICE",
                        help=f"compare networks too, on all or some of {', '.join(sorted(SPIKES))}")
    parser.add_argument("--images", type=int, default=500, help="of the networks, per round")
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
    if args.networks is not None:
        report["networks"] = plasticity_networks.compare(
            args.networks or sorted(SPIKES), neurons=args.neurons, images=args.images,
            rounds=args.rounds)
        print(plasticity_networks.table(report["networks"]))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
