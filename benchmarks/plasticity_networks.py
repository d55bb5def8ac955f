"""The part of plasticity.py that times whole networks: overlapping spikes against the pulse rule.

Both networks have the same device, size, images and kind of compiled program, and take turns
round by round. A round trains on the same images from the start; its time is the CPU time of
this process and of the program it starts, which a busy machine disturbs less than wall time,
without building the program and deriving the tables. Ratios are those of one round each; spikes
per image are shown, since the work grows with them.
"""

import os
import statistics
import sys

from brianmem import datasets
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.models.networks.native_digits import SPIKES, NativeDigits
from brianmem.network.classifier import Classifier


def compare(devices, *, neurons, images, rounds):
    """Return {device: row of both rules and their ratio}."""
    data, found = datasets.load("sample", images, 1), {}
    for device in devices:
        pair = {"pulse_rule": MemristiveDigits(SPIKES[device][0], neurons=neurons),
                "native": NativeDigits.of(device, neurons=neurons)}
        found[device] = summarise(measure(device, pair, rounds, data))
    return found


def train(network, images, labels):
    """Return milliseconds of CPU and output spikes per image of one training from the start."""
    classifier, count = Classifier(network, engine="compiled"), len(images)
    before = sum(os.times()[:4])
    classifier.train(images, labels)
    return {"ms_per_image": 1e3*(sum(os.times()[:4]) - before)/count,
            "spikes_per_image": classifier.progress.totals["output_spikes"]/count}


def measure(device, pair, rounds, data):
    """Return name: rows of the two networks by turns; the first turn is not counted."""
    found = {}
    for k in range(rounds + 1):
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


def table(found):
    """Return the lines of `compare`."""
    lines = ["", "networks: ms of CPU and spikes per image; ratio of overlapping spikes to pulse rule",
             f"{'device':26} {'pulse rule':>20} {'overlapping spikes':>20} {'ratio (min-max)':>20}"]
    for device, row in found.items():
        cells = [f"{row[name]['ms_per_image']:.3f}, {row[name]['spikes_per_image']:.2f}"
                 for name in ("pulse_rule", "native")]
        ratio = "{median:.2f} ({min:.2f}-{max:.2f})".format(**row["ratio"])
        lines.append(f"{device:26} {cells[0]:>20} {cells[1]:>20} {ratio:>20}")
    return "\n".join(lines)
