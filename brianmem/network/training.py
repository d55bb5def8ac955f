"""Drive a network through images in chunks: progress, checkpoints, exact resume.

Every chunk's random seed derives from (seed, phase, chunk), and times start at 0
in each chunk, so a run that was killed and resumed ends bit-identical to one
that was not.
"""

import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from brianmem.errors import InputError
from brianmem.network import readout

TRAIN, RESPOND = 0, 1
# Chunks whose responses label the neurons for the accuracy during training.
_LABEL_CHUNKS = 5


@dataclass
class Progress:
    """What a training run has reached; the content of a checkpoint.

    state : name to array, the persistent variables of the network;
    history : rows (images seen, accuracy so far by labels of earlier chunks).
    """

    state: dict
    chunk: int = 0
    history: list = field(default_factory=list)
    responses: list = field(default_factory=list)
    totals: dict = field(default_factory=dict)
    seconds: float = 0.0


def chunk_seed(seed, phase, chunk):
    """Derive a 32-bit seed from the run's seed, the phase and the chunk's index."""
    return int(np.random.SeedSequence([abs(int(seed)), phase, chunk]).generate_state(1)[0])


def schedule(n_images, epochs, block, seed):
    """List the chunks of a training: (index of first image, image indices)."""
    chunks, first = [], 0
    for epoch in range(epochs):
        order = np.random.default_rng([abs(int(seed)), 7, epoch]).permutation(n_images)
        for start in range(0, n_images, block):
            chunks.append((first + start, order[start:start + block]))
        first += n_images
    return chunks


def train(engine, network, images, labels, *, epochs=1, seed=0, checkpoint=None, resume=False,
          report=None):
    """Train `network` on images (n, pixels) and return its `Progress`.

    Labels (n,) serve the accuracy curve only, never the learning. `checkpoint`
    names a file written after each chunk; with `resume` an existing one is
    continued, and settings that differ raise `InputError`. `report(images done,
    images in all, accuracy)` is called after each chunk.
    """
    chunks = schedule(len(images), epochs, network.block, seed)
    settings = {**network.settings, "seed": seed, "epochs": epochs, "images": len(images)}
    progress = load_checkpoint(checkpoint, settings) if resume else None
    progress = progress or Progress(network.initial_state(seed))
    total = len(images) * epochs
    for index in range(progress.chunk, len(chunks)):
        first, chosen = chunks[index]
        started = time.perf_counter()
        inputs = network.inputs(progress.state, images[chosen], learning=True, seed=chunk_seed(
            seed, TRAIN, index), first_image=first, total_images=total)
        outputs = engine.run(inputs, [*network.state_names, *network.output_names])
        progress.state = {name: outputs[name] for name in network.state_names}
        _account(progress, network, outputs, labels[chosen], first + len(chosen))
        progress.chunk = index + 1
        progress.seconds += time.perf_counter() - started
        if checkpoint:
            save_checkpoint(checkpoint, progress, settings)
        if report:
            report(first + len(chosen), total, progress.history[-1][1] if progress.history else None)
    return progress


def _account(progress, network, outputs, labels, seen):
    for name, value in network.totals(progress.state, outputs).items():
        progress.totals[name] = progress.totals.get(name, 0.0) + float(value)
    counts = network.counts(outputs, len(labels))
    if progress.responses:
        sums, images = (sum(part) for part in zip(*progress.responses, strict=True))
        guess = readout.Readout.from_responses(sums, images).predict(counts)
        progress.history.append((seen, readout.accuracy(guess, labels)))
    progress.responses.append(readout.class_responses(counts, labels, network.n_classes))
    del progress.responses[:-_LABEL_CHUNKS]


def respond(engine, network, state, images, *, seed=0, offset=0, workers=None, report=None):
    """Show images with learning off; return counts (n, neurons) and summed totals.

    Chunks are independent and run side by side, one process per core.
    """
    starts = range(0, len(images), network.block)

    def one(start):
        part = images[start:start + network.block]
        inputs = network.inputs(state, part, learning=False, first_image=0, total_images=1,
                                seed=chunk_seed(seed, RESPOND, offset + start // network.block))
        outputs = engine.run(inputs, network.output_names)
        if report:
            report(len(part))
        return network.counts(outputs, len(part)), network.totals(state, outputs)

    # Only compiled programs run outside this process and may overlap.
    threads = (workers or os.cpu_count() or 1) if getattr(engine, "parallel", False) else 1
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(one, starts))
    totals = {name: sum(float(t[name]) for _, t in results) for name in results[0][1]}
    return np.concatenate([counts for counts, _ in results]), totals


def save_checkpoint(path, progress, settings):
    """Write a checkpoint in one step: never half a file, never the old one lost."""
    path = Path(path)
    meta = {"chunk": progress.chunk, "history": progress.history, "totals": progress.totals,
            "seconds": progress.seconds, "settings": settings}
    arrays = {f"state:{name}": value for name, value in progress.state.items()}
    for k, (sums, images) in enumerate(progress.responses):
        arrays[f"response:{k}"], arrays[f"images:{k}"] = sums, images
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with open(scratch, "wb") as file:
            np.savez(file, meta=np.array(json.dumps(meta)), **arrays)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def load_checkpoint(path, settings):
    """Return the `Progress` in `path`, None if there is none.

    Raises `InputError` if it belongs to other settings or cannot be read.
    """
    if path is None or not Path(path).exists():
        return None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
        meta = json.loads(str(content["meta"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise InputError(f"checkpoint '{path}' cannot be read ({error}); delete it to start "
                         "again.") from None
    _compare(path, meta["settings"], json.loads(json.dumps(settings)))
    count = sum(name.startswith("response:") for name in content)
    return Progress(
        state={n.removeprefix("state:"): v for n, v in content.items() if n.startswith("state:")},
        chunk=meta["chunk"], history=[tuple(row) for row in meta["history"]],
        responses=[(content[f"response:{k}"], content[f"images:{k}"]) for k in range(count)],
        totals=meta["totals"], seconds=meta["seconds"])


def _compare(path, before, now):
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            raise InputError(f"--resume: '{path}' was made with {name} = {before.get(name)}, not "
                             f"{now.get(name)}; use the same options or another --out.")
