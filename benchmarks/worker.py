"""Serve one contender to diehl_cook.py: requests as JSON lines on stdin, answers on stdout.

A module here offers a class ``Contender(neurons, seed, **options)`` with ``version``,
``steps`` (what it simulates per image, in words), ``prepare()`` (build, compile and
warm up, leaving the network untrained), and ``run(images)``, which trains on uint8
images (n, 28, 28) and returns the seconds that took. After each run it tells
``spikes`` (excitatory spikes per image), ``presentations`` (of images, repeats
included) and ``share`` (of its work that was for these images; 1 unless it had to
train on more of them).
"""

import importlib
import json
import os
import resource
import sys
import time

import numpy as np


def cpu_seconds():
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def prepare(contender):
    start = time.perf_counter()
    contender.prepare()
    return {"seconds": time.perf_counter() - start, "version": contender.version,
            "steps": contender.steps}


def run(contender, images):
    start = cpu_seconds()
    seconds = contender.run(images)
    return {"seconds": seconds * contender.share,
            "cpu_seconds": (cpu_seconds() - start) * contender.share,
            "spikes": [int(n) for n in contender.spikes],
            "presentations": contender.presentations}


def main():
    # Whatever a simulator prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = json.loads(sys.argv[2])
    images = np.load(settings.pop("images"))
    contender = importlib.import_module(sys.argv[1]).Contender(**settings)
    for line in sys.stdin:
        request, *bounds = json.loads(line)
        answer = prepare(contender) if request == "prepare" else (
            run(contender, images[slice(*bounds)]))
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
