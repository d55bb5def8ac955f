"""Drive a network through images in chunks: progress, checkpoints, exact resume.

Every chunk's random seed derives from (seed, phase, chunk), and times start at 0
in each chunk, so a run that was killed and resumed ends bit-identical to one
that was not.
"""

import contextlib
import hashlib
import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from brianmem.errors import InputError, ResultError
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
    return int(np.random.SeedSequence([int(seed), phase, chunk]).generate_state(1)[0])


def schedule(n_images, epochs, block, seed):
    """List the chunks of a training: (index of first image, image indices)."""
    chunks, first = [], 0
    for epoch in range(epochs):
        order = np.random.default_rng([int(seed), 7, epoch]).permutation(n_images)
        for start in range(0, n_images, block):
            chunks.append((first + start, order[start:start + block]))
        first += n_images
    return chunks


def train(engine, network, images, labels, *, epochs=1, seed=0, checkpoint=None, resume=False,
          report=None):
    """Train `network` on images (n, pixels) and return its `Progress`.

    Labels (n,) serve the accuracy curve only, never the learning. `checkpoint`
    names a file written after each chunk; with `resume` an existing one is
    continued, and settings, data or an engine that differ raise `InputError`. `report(images done,
    images in all, accuracy)` is called after each chunk.
    """
    chunks = schedule(len(images), epochs, network.block, seed)
    settings = {**network.settings, "seed": seed, "epochs": epochs, "images": len(images),
                "data": _digest(images, labels), "engine": type(engine).__name__}
    start = network.initial_state(seed)
    progress = load_checkpoint(checkpoint, settings, start) if resume else None
    progress = progress or Progress(start)
    total = len(images) * epochs
    for index in range(progress.chunk, len(chunks)):
        first, chosen = chunks[index]
        started = time.perf_counter()
        progress.state, outputs = learn(engine, network, progress.state, images[chosen], index=index,
                                        first=first, total=total, seed=seed)
        _account(progress, network, outputs, labels[chosen], first + len(chosen))
        progress.chunk = index + 1
        progress.seconds += time.perf_counter() - started
        if checkpoint:
            save_checkpoint(checkpoint, progress, settings)
        if report:
            report(first + len(chosen), total, progress.history[-1][1] if progress.history else None)
    return progress


def learn(engine, network, state, images, *, index, first, total, seed):
    """Show chunk `index`, images (n, pixels) with learning on; return the new state and all outputs.

    `first` counts the images of earlier chunks, `total` those of the whole training.
    """
    inputs = network.inputs(state, images, learning=True, seed=chunk_seed(seed, TRAIN, index),
                            first_image=first, total_images=total)
    outputs = engine.run(inputs, [*network.state_names, *network.output_names])
    return {name: outputs[name] for name in network.state_names}, outputs


def _digest(*arrays):
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


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
    """Write a checkpoint in one step: never half a file, never the old one lost.

    Raises `ResultError` where it cannot be written.
    """
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
    except OSError as error:
        raise ResultError(f"cannot write {path}: {error.strerror or error}. Free some space and "
                          "resume, or choose another folder.") from None
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def load_checkpoint(path, settings, state):
    """Return the `Progress` in `path`, None if there is none.

    Raises `InputError` if it belongs to other settings, cannot be read, or does not
    hold arrays like those of `state`.
    """
    if path is None or not Path(path).exists():
        return None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
        meta = json.loads(str(content["meta"]))
        before, progress = meta["settings"], _progress(content, meta)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile,
            AttributeError) as error:
        raise _unreadable(path, error) from None
    _compare(path, before, json.loads(json.dumps(settings)))
    for name, value in state.items():
        if name not in progress.state or progress.state[name].shape != np.shape(value):
            raise _unreadable(path, f"'{name}' is missing or has another shape")
    return progress


def _progress(content, meta):
    count = sum(name.startswith("response:") for name in content)
    return Progress(
        state={n.removeprefix("state:"): v for n, v in content.items() if n.startswith("state:")},
        chunk=meta["chunk"], history=[tuple(row) for row in meta["history"]],
        responses=[(content[f"response:{k}"], content[f"images:{k}"]) for k in range(count)],
        totals=meta["totals"], seconds=meta["seconds"])


def _unreadable(path, reason):
    return InputError(f"checkpoint '{path}' cannot be read ({reason}); delete it to start again.")


def _compare(path, before, now):
    for name in (*now, *before):
        if before.get(name) != now.get(name):
            raise InputError(f"--resume: '{path}' was made with {_other(name, before, now)}; use "
                             "the same options or another --out.")


def _other(name, before, now):
    """Say what differs, long values by their difference only."""
    texts = [str(settings.get(name, "none")) for settings in (before, now)]
    same = next((k for k, (a, b) in enumerate(zip(*texts, strict=False)) if a != b),
                min(map(len, texts)))
    if max(map(len, texts)) <= 60:
        return f"{name} = {texts[0]}, not {texts[1]}"
    start = max(0, same - 20)
    return f"another {name}: '{texts[0][start:same + 20]}', not '{texts[1][start:same + 20]}'"
