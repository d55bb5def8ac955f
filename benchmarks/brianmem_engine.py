"""brianmem's compiled engine, training as `brianmem run diehl_cook` does.

``synapse="ideal"`` is the network, rule and time step of brian2_runtime.py; the ratio
of the two is the engine's alone. The memristive network also simulates less: 80 steps.

The engine works in chunks of many images, each one call of the compiled program.
A round of the benchmark is shorter: its images are repeated to fill one chunk, and
the time of the whole call, files and start included, counts in proportion.
"""

import functools
import time

import numpy as np

import brianmem
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks.ideal_digits import DiehlCook
from brianmem.models.networks.memristive_digits import MemristiveDigits
from brianmem.network.program import program
from brianmem.network.training import TRAIN, chunk_seed

# A chunk of ideal synapses takes long enough at 200 images.
NETWORKS = {"memristive": functools.partial(MemristiveDigits, device=memdiode),
            "ideal": functools.partial(DiehlCook, block=200)}


class Contender:
    version = f"brianmem {brianmem.__version__}"

    def __init__(self, neurons, seed, synapse="memristive"):
        self.network = NETWORKS[synapse](neurons=neurons, seed=seed)
        steps = round(float(self.network.presentation / self.network.dt))
        self.steps = f"{steps} x {1e3 * float(self.network.dt):g} ms"
        self.seed, self.chunk = seed, 0

    def prepare(self):
        self.engine = program(self.network.structure())
        start = self.network.initial_state(self.seed)
        self.state = start
        self.train(np.zeros((1, 784)))
        self.state, self.chunk = start, 0

    def train(self, images):
        """Train on one chunk of images (n, 784) and return the program's outputs."""
        network = self.network
        inputs = network.inputs(
            self.state, images, learning=True, seed=chunk_seed(self.seed, TRAIN, self.chunk),
            first_image=self.chunk * network.block, total_images=60 * network.block)
        outputs = self.engine.run(inputs, [*network.state_names, *network.output_names])
        self.state = {name: outputs[name] for name in network.state_names}
        self.chunk += 1
        return outputs

    def run(self, images):
        n, block = len(images), self.network.block
        chunk = np.resize(images.reshape(n, -1), (max(block // n, 1) * n, 784))
        start = time.perf_counter()
        outputs = self.train(chunk)
        counts = self.network.counts(outputs, len(chunk))
        seconds = time.perf_counter() - start
        self.spikes = counts.sum(axis=1)[:n]
        totals = self.network.totals(self.state, outputs)
        self.share = n / len(chunk)
        self.presentations = totals["presentations"] * self.share
        return seconds
