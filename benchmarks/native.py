"""Time learning by overlapping spikes against the pulse rule, in the same engine.

Both networks have the same device, size, images and kind of compiled program, and take turns
round by round. A round trains on the same images from the start; its time is the CPU time of
this process and of the program it starts, which a busy machine disturbs less than wall time,
without building the program and deriving the tables. Ratios are those of one round each; spikes
per image are shown, since the work grows with them.

    python benchmarks/native.py --neurons 400 --images 500 --rounds 3 --json native.json
"""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

from brianmem import datasets
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.models.networks.native_digits import SPIKES, NativeDigits
from brianmem.network.classifier import Classifier


def networks(device, neurons):
    """Return name: network of the same device under both rules."""
    return {"pulse_rule": MemristiveDigits(SPIKES[device][0], neurons=neurons),
            "native": NativeDigits.of(device, neurons=neurons)}


def train(network, images, labels):
    """Return milliseconds of CPU and output spikes per image of one training from the start."""
    classifier, count = Classifier(network, engine="compiled"), len(images)
    before = sum(os.times()[:4])
    classifier.train(images, labels)
    return {"ms_per_image": 1e3*(sum(os.times()[:4]) - before)/count,
            "spikes_per_image": classifier.progress.totals["output_spikes"]/count}


def measure(device, args, data):
    """Return name: rows of one device, the two rules by turns; the first turn is not counted."""
    found = {}
    pair = networks(device, args.neurons)
    for k in range(args.rounds + 1):
        # The order changes too, so that neither always follows the other.
        for name in list(pair)[::1 if k % 2 else -1]:
            row = train(pair[name], data.train_images, data.train_labels)
            if k:
                found.setdefault(name, []).append(row)
        print(f"{device} round {k}", file=sys.stderr, flush=True)
    return found


def summarise(rounds):
    """Return medians of both rules, and the ratio native over pulse rule with its spread."""
    ratios = [n["ms_per_image"]/p["ms_per_image"]
              for n, p in zip(rounds["native"], rounds["pulse_rule"], strict=True)]
    rows = {name: {key: statistics.median(row[key] for row in of) for key in of[0]}
            for name, of in rounds.items()}
    return {**rows, "ratio": {"median": statistics.median(ratios), "min": min(ratios),
                              "max": max(ratios)}}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", nargs="+", default=sorted(SPIKES), choices=sorted(SPIKES))
    parser.add_argument("--neurons", type=int, default=400)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="write every figure to this file")
    return parser


def main():
    args = options().parse_args()
    data = datasets.load("sample", args.images, 1)
    report = {"neurons": args.neurons, "images": len(data.train_images), "rounds": args.rounds,
              "devices": {}}
    for device in args.devices:
        rows = report["devices"][device] = summarise(measure(device, args, data))
        ratio = rows["ratio"]
        print(f"{device}: " + "; ".join(
            f"{name} {rows[name]['ms_per_image']:.3f} ms and {rows[name]['spikes_per_image']:.2f} "
            "spikes per image" for name in ("pulse_rule", "native"))
            + f"; ratio {ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})")
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
