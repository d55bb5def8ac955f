"""BindsNET's DiehlAndCook2015, trained as its own example eth_mnist.py trains it.

Settings of that example: Poisson input of up to 128 Hz, exc 22.5, inh 120, norm 78.4,
theta_plus 0.05, state reset after each image. BindsNET shows no image twice.

``import bindsnet`` pulls in plotting, computer vision and game environments. Only
`bindsnet.network`, `bindsnet.models` and `bindsnet.encoding` are used here, and they
need torch, numpy and scipy alone; so the package is entered without running its
``__init__``. No code of the simulation is replaced.
"""

import importlib
import importlib.metadata
import importlib.util
import sys
import time
import types

import torch


def _enter_package(name):
    spec = importlib.util.find_spec(name)
    package = types.ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = package


class Contender:
    share = 1.0

    def __init__(self, neurons, seed, time):
        self.neurons, self.seed, self.time = neurons, seed, time
        self.steps = f"{time} x 1 ms"
        versions = (f"{p} {importlib.metadata.version(p)}" for p in ("bindsnet", "torch"))
        self.version = ", ".join(versions)

    def prepare(self):
        torch.set_num_threads(1)
        torch.manual_seed(self.seed)
        _enter_package("bindsnet")
        # In this order: the learning rules and the topology import each other.
        importlib.import_module("bindsnet.network")
        from bindsnet.encoding import PoissonEncoder
        from bindsnet.models import DiehlAndCook2015
        from bindsnet.network.monitors import Monitor

        self.encode = PoissonEncoder(time=self.time, dt=1.0)
        self.network = DiehlAndCook2015(
            n_inpt=784, n_neurons=self.neurons, exc=22.5, inh=120, dt=1.0, norm=78.4,
            theta_plus=0.05, inpt_shape=(1, 28, 28))
        self.monitor = Monitor(self.network.layers["Ae"], state_vars=["s"], time=self.time)
        self.network.add_monitor(self.monitor, name="spikes")
        self.show(torch.zeros(1, 28, 28))

    def show(self, rates):
        """Train on one image of input rates in Hz; return its excitatory spikes."""
        spikes = self.encode(rates).view(self.time, 1, 1, 28, 28)
        self.network.run(inputs={"X": spikes}, time=self.time)
        count = int(self.monitor.get("s").sum())
        self.network.reset_state_variables()
        return count

    def run(self, images):
        rates = torch.tensor(images[:, None], dtype=torch.float32) / 255 * 128
        self.presentations = len(images)
        start = time.perf_counter()
        self.spikes = [self.show(image) for image in rates]
        return time.perf_counter() - start
