"""Train, label, evaluate, save and load a network from Python."""

import copy
import dataclasses
import logging
import os
from pathlib import Path

import numpy as np

from brianmem import budget
from brianmem.errors import CompilerError, EngineError, InputError
from brianmem.network import aging, readout, training
from brianmem.network.program import program
from brianmem.network.runtime import RuntimeEngine
from brianmem.network.structure import compiler_version
from brianmem.overlays.retention import ROOM

logger = logging.getLogger(__name__)

#: Numbers of 8 bytes that one synapse takes: states, factors, indices, and copies of them.
_PER_SYNAPSE = 15
ENGINES = ("auto", "compiled", "runtime")


def make_engine(network, engine="auto"):
    """Return what runs `network`: a compiled program or the runtime engine.

    "auto" compiles where there is a C++ compiler and says so where there is
    none; "compiled" raises `CompilerError` there.
    """
    if engine not in ENGINES:
        raise InputError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}.")
    if engine == "runtime":
        return RuntimeEngine(network.structure(dense_read=False))
    try:
        compiler_version()
    except CompilerError as error:
        if engine == "compiled":
            raise
        logger.warning("%s Falling back to numpy, for small networks: it is far slower.", error)
        return RuntimeEngine(network.structure(dense_read=False))
    return program(network.structure())


class Classifier:
    """Join a network description, an engine and what has been learned.

    Parameters
    ----------
    network : MemristiveDigits or DiehlCook
        What to simulate.
    engine : {"auto", "compiled", "runtime"} or an engine
    seed : int
        Decides initial state, order of images, inputs and noise.

    Images are (n, height, width) or (n, pixels), uint8; labels (n,).
    """

    def __init__(self, network, engine="auto", seed=0):
        if not (isinstance(seed, (int, np.integer)) and seed >= 0):
            raise InputError(f"seed must be a whole number >= 0, got {seed!r}.")
        self.network, self.seed = network, int(seed)
        synapses = network.n_inputs * network.neurons
        budget.check_memory("Network", _PER_SYNAPSE * synapses,
                            f"{network.neurons:.6g} neurons with {synapses:.6g} synapses",
                            "Ask for fewer neurons.")
        self.engine = make_engine(network, engine) if isinstance(engine, str) else engine
        self.initial_state = network.initial_state(seed)
        self.progress = training.Progress(dict(self.initial_state))
        self.readout, self.clipped = None, 0.0

    @property
    def state(self):
        """Persistent variables by name, e.g. ``synapses.x``."""
        return self.progress.state

    def train(self, images, labels, epochs=1, checkpoint=None, resume=False, report=None):
        """Learn without labels (they serve the accuracy curve); see `training.train`."""
        self.readout = None
        self.progress = training.train(
            self.engine, self.network, self._flat(images), np.asarray(labels), epochs=epochs,
            seed=self.seed, checkpoint=checkpoint, resume=resume, report=report)
        return self

    def respond(self, images, offset=0, report=None):
        """Return spike counts (n, neurons) and totals with learning off."""
        return training.respond(self.engine, self.network, self.state, self._flat(images),
                                seed=self.seed, offset=offset, report=report)

    def label(self, images, labels, report=None):
        """Label the neurons by their responses to training images, learning off."""
        counts, _ = self.respond(images, report=report)
        self.readout = readout.Readout.from_responses(
            *readout.class_responses(counts, labels, self.network.n_classes))
        return self

    def evaluate(self, images, labels, report=None):
        """Return predictions, both accuracies and totals on labelled images.

        Raises `EngineError` before `label` was called.
        """
        if self.readout is None:
            raise EngineError("the neurons have no labels yet; call label(images, labels) with "
                              "training images first.")
        # Other random numbers than those of labelling.
        counts, totals = self.respond(images, offset=1_000_000, report=report)
        predicted = self.readout.predict(counts)
        proportion = self.readout.predict_proportion(counts)
        return {"predicted": predicted, "predicted_proportion": proportion,
                "accuracy": readout.accuracy(predicted, labels),
                "accuracy_proportion": readout.accuracy(proportion, labels),
                "silent_fraction": float(np.mean(counts.sum(axis=1) == 0)),
                "spikes_per_image": float(counts.sum(axis=1).mean()), "totals": totals}

    def score(self, data, labelled=None):
        """Label by the last `labelled` training images of a data set (None: all), then evaluate.

        Returns what `evaluate` does, of the test images.
        """
        last = slice(-labelled if labelled else None, None)
        self.label(data.train_images[last], data.train_labels[last])
        return self.evaluate(data.test_images, data.test_labels)

    def aged(self, retention, time, temperature=ROOM, seed=None):
        """Return this classifier after storage, its neurons labelled as before.

        `seed` fixes the spread of `retention`; default: the classifier's own. The
        attribute ``clipped`` of the result is the share of devices that ended at a limit
        of their range. See `aging.aged`.
        """
        state, clipped = aging.aged(self.network, self.state, retention, time, temperature,
                                    self.seed if seed is None else seed)
        made = copy.copy(self)
        made.progress, made.clipped = dataclasses.replace(self.progress, state=state), clipped
        return made

    def save(self, path):
        """Write state and labels to `path` (.npz) in one step."""
        progress = self.progress
        if self.readout is not None:
            progress = training.Progress({**progress.state, "readout.assigned": self.readout.assigned,
                                          "readout.proportion": self.readout.proportion},
                                         progress.chunk, progress.history, progress.responses,
                                         progress.totals, progress.seconds)
        training.save_checkpoint(path, progress, {**self.network.settings, "seed": self.seed})

    @classmethod
    def load(cls, path, network, engine="auto", seed=0):
        """Return the saved classifier; `network` and `seed` must be those it was made with.

        Raises `InputError` for a missing or foreign file.
        """
        if not Path(os.fspath(path)).exists():
            raise InputError(f"'{path}' does not exist; save a trained Classifier there first.")
        made = cls(network, engine, seed)
        progress = training.load_checkpoint(path, {**network.settings, "seed": seed},
                                            made.initial_state)
        labels = {n: progress.state.pop(f"readout.{n}", None) for n in ("assigned", "proportion")}
        made.progress = progress
        if labels["assigned"] is not None:
            made.readout = readout.Readout(**labels)
        return made

    def _flat(self, images):
        images = np.asarray(images)
        images = images.reshape(len(images), -1)
        if images.shape[1] != self.network.n_inputs:
            raise InputError(f"the network takes images of {self.network.n_inputs} pixels, got "
                             f"{images.shape[1]}.")
        return images
