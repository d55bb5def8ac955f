"""Time one network that learns digits, in three simulators, on the same images.

Contenders, all with 784 inputs and 400 excitatory neurons, learning on:

- ``brianmem``: brianmem's compiled engine with memristive synapses (brianmem_engine.py).
  ``brianmem_ideal`` is the same engine with the network and rule of ``brian2``.
- ``brian2``: the Diehl-Cook network as a conventional Brian2 runtime loop: Cython,
  one Network.run of 350 ms + 150 ms at dt 0.5 ms per image, per-synapse event-driven
  traces, weights normalised after each image (brian2_runtime.py). ``brian2frozen`` is
  the same without the cost of Python's garbage collector, which few know to avoid.
- ``bindsnet250`` and ``bindsnet500``: BindsNET's DiehlAndCook2015, one CPU thread,
  250 or 500 steps of 1 ms per image (bindsnet_network.py).

Each contender lives in its own single-threaded process and is prepared (built,
compiled, one blank image) before any clock starts; that time is shown apart. Then,
round by round, every contender trains on the same images while the others wait, in
an order that rotates; the ratio to the reference is formed within each round. ``wall``
counts what a user waits; ``cpu`` is less disturbed by other work on the machine.
Contenders may show an image again (too few spikes); that time counts. The ratio is
per image learned, as a user counts it: the schemes simulate different times and steps
per image, which the table shows.

    python benchmarks/diehl_cook.py --images 40 --rounds 5 --json speed.json
    python benchmarks/diehl_cook.py --contenders brianmem brian2 --images 100

BindsNET asks for gigabytes of torch and torchvision, of which the network needs
none: give it an environment of its own and name its interpreter:

    python -m venv ENV && ENV/bin/pip install torch numpy scipy
    ENV/bin/pip install --no-deps bindsnet==0.3.4
    python benchmarks/diehl_cook.py --bindsnet-python ENV/bin/python
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from brianmem import datasets

HERE = Path(__file__).parent
CONTENDERS = {  # name: (module in this folder, options of its Contender)
    "brianmem": ("brianmem_engine", {}),
    "brianmem_ideal": ("brianmem_engine", {"synapse": "ideal"}),
    "brian2": ("brian2_runtime", {}),
    "brian2frozen": ("brian2_runtime", {"freeze": True}),
    "bindsnet250": ("bindsnet_network", {"time": 250}),
    "bindsnet500": ("bindsnet_network", {"time": 500}),
}
SPREADS = ("ms_per_image", "cpu_ms_per_image", "ratio", "cpu_ratio")
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


class Worker:
    """Run one contender in a process of its own, see worker.py."""

    def __init__(self, name, python, settings):
        module, options = CONTENDERS[name]
        self.name = name
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py"), module, json.dumps(settings | options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | ONE_THREAD)

    def call(self, *request):
        """Send a request and wait for its answer, a dict."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"Contender '{self.name}' died in {request}; its message is above.")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def main():
    args = parse_arguments()
    data = datasets.load(args.dataset, train_images=args.images * args.rounds)
    settings = {"neurons": args.neurons, "seed": args.seed}
    with tempfile.TemporaryDirectory() as folder:
        settings["images"] = str(Path(folder) / "images.npy")
        np.save(settings["images"], data.train_images)
        workers = {name: Worker(name, interpreter(name, args), settings)
                   for name in args.contenders}
        try:
            prepared = {name: worker.call("prepare") for name, worker in workers.items()}
            rounds = [race(workers, k, args.images) for k in range(args.rounds)]
        finally:
            for worker in workers.values():
                worker.close()
    report = summarise(args, data, prepared, rounds)
    print(table(report))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contenders", nargs="+", default=["brianmem", "brian2"],
                        choices=CONTENDERS, help="the first is the reference of the ratios")
    parser.add_argument("--images", type=int, default=40, help="per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--neurons", type=int, default=400)
    parser.add_argument("--dataset", default="sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="write every figure to this file")
    parser.add_argument("--bindsnet-python", help="interpreter of BindsNET's environment; adds "
                        "bindsnet250 and bindsnet500 to the default contenders")
    args = parser.parse_args()
    if args.bindsnet_python and not any(n.startswith("bindsnet") for n in args.contenders):
        args.contenders += ["bindsnet250", "bindsnet500"]
    return args


def interpreter(name, args):
    own = name.startswith("bindsnet") and args.bindsnet_python
    return args.bindsnet_python if own else sys.executable


def race(workers, k, n):
    """Let every contender train on the images of round `k`; return its figures by name."""
    names = list(workers)
    figures = {}
    for name in names[k % len(names):] + names[:k % len(names)]:
        figures[name] = workers[name].call("run", k * n, (k + 1) * n)
        print(f"round {k + 1} {name}: {1e3 * figures[name]['seconds'] / n:.1f} ms per image, "
              f"{statistics.mean(figures[name]['spikes']):.1f} spikes", file=sys.stderr)
    return figures


def summarise(args, data, prepared, rounds):
    reference = args.contenders[0]
    contenders = {}
    for name in args.contenders:
        runs = [figures[name] for figures in rounds]
        spikes = [s for run in runs for s in run["spikes"]]
        contenders[name] = {
            "version": prepared[name]["version"],
            "steps": prepared[name]["steps"],
            "prepare_s": prepared[name]["seconds"],
            "ms_per_image": spread([1e3 * run["seconds"] / args.images for run in runs]),
            "cpu_ms_per_image": spread([1e3 * run["cpu_seconds"] / args.images for run in runs]),
            "ratio": spread([r[name]["seconds"] / r[reference]["seconds"] for r in rounds]),
            "cpu_ratio": spread([r[name]["cpu_seconds"] / r[reference]["cpu_seconds"]
                                 for r in rounds]),
            "presentations_per_image": statistics.mean(
                run["presentations"] / args.images for run in runs),
            "spikes_per_image": statistics.mean(spikes),
            "images_with_5_to_50_spikes": statistics.mean(5 <= s <= 50 for s in spikes),
            "runs": runs,
        }
    return {"images_per_round": args.images, "rounds": args.rounds, "neurons": args.neurons,
            "seed": args.seed, "dataset": data.name, "dataset_sha256": data.sha256,
            "reference": reference, "python": platform.python_version(),
            "machine": platform.platform(), "contenders": contenders}


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(report):
    rows = [("contender", "ms per image", "cpu ms", f"ratio to {report['reference']}",
             "cpu ratio", "spikes/image", "steps", "prepare s", "version")]
    for name, c in report["contenders"].items():
        rows.append((name, *(shown(c[key]) for key in SPREADS), f"{c['spikes_per_image']:.1f}",
                     c["steps"], f"{c['prepare_s']:.1f}", c["version"]))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
                     for row in rows)


def shown(s):
    return f"{s['median']:.2f} ({s['min']:.2f}-{s['max']:.2f})"


if __name__ == "__main__":
    main()
