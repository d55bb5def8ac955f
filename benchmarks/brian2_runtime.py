"""The Diehl-Cook network (doi:10.3389/fncom.2015.00099) as a conventional Brian2 loop.

What users of Brian2 write: plain groups, event-driven triplet traces in each of the
784 x 400 synapses, one Network.run per image in Python, an image with fewer than five
spikes shown again and brighter, weights normalised in numpy after each image. Where
ports differ the faster choice was taken: spikes are only counted, image and rest are
one run instead of two, and nothing is plotted or stored.

A good part of the time is not simulation: each Network.run resolves its objects anew
and has Python collect garbage, which takes long in a process that has imported Brian2
and sympy. With ``freeze=True`` those objects are hidden from the collector; hardly
anyone does this, but it shows how much of a ratio is due to it.
"""

import gc
import time

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    __version__,
    defaultclock,
    ms,
    mV,
    prefs,
    seed,
)

SHOWN, PRESENTATION = 350 * ms, 500 * ms
COLUMN_SUM = 78.0
FEWEST_SPIKES, BRIGHTEST = 5, 10

EXCITATORY = """
dv/dt = ((-65*mV - v) - ge*v + gi*(-100*mV - v))/(100*ms) : volt (unless refractory)
dge/dt = -ge/(1*ms) : 1
dgi/dt = -gi/(2*ms) : 1
dtheta/dt = -theta/(1e7*ms) : volt
"""
INHIBITORY = """
dv/dt = ((-60*mV - v) - ge*v + gi*(-85*mV - v))/(10*ms) : volt (unless refractory)
dge/dt = -ge/(1*ms) : 1
dgi/dt = -gi/(2*ms) : 1
"""
PLASTIC = """
w : 1
post_before : 1
dpre/dt = -pre/(20*ms) : 1 (event-driven)
dpost1/dt = -post1/(20*ms) : 1 (event-driven)
dpost2/dt = -post2/(40*ms) : 1 (event-driven)
"""
ON_PRE = """
ge_post += w
pre = 1
w = clip(w - 0.0001*post1, 0, 1)
"""
ON_POST = """
post_before = post2
w = clip(w + 0.01*pre*post_before, 0, 1)
post1 = 1
post2 = 1
"""


def build(neurons, rng):
    """Return the network, its input, plastic synapses and spike counter."""
    image = PoissonGroup(784, np.zeros(784) * Hz)
    # Dark during the rest: every presentation begins at a multiple of 500 ms.
    dark = image.run_regularly("rates *= int(t % (500*ms) < 340*ms)", dt=50 * ms, when="start")
    # Plain Euler is unstable when many neurons fire together, and no faster.
    stable = {"method": "exponential_euler"}
    exc = NeuronGroup(neurons, EXCITATORY, threshold="v > theta - 72*mV", refractory=5 * ms,
                      reset="v = -65*mV; theta += 0.05*mV", name="exc", **stable)
    exc.v, exc.theta = -105 * mV, 20 * mV
    inh = NeuronGroup(neurons, INHIBITORY, threshold="v > -40*mV", refractory=2 * ms,
                      reset="v = -45*mV", name="inh", **stable)
    inh.v = -100 * mV
    plastic = Synapses(image, exc, PLASTIC, on_pre=ON_PRE, on_post=ON_POST)
    plastic.connect()
    plastic.w = 0.3 * rng.random(784 * neurons)
    plastic.pre.delay = 10 * ms * rng.random(784 * neurons)
    relay = Synapses(exc, inh, on_pre="ge_post += 10.4")
    relay.connect(j="i")
    compete = Synapses(inh, exc, on_pre="gi_post += 17.0")
    compete.connect("i != j")
    counter = SpikeMonitor(exc, record=False)
    network = Network(image, dark, exc, inh, plastic, relay, compete, counter)
    return network, image, plastic, counter


class Contender:
    share = 1.0
    steps = "1000 x 0.5 ms"
    version = f"brian2 {__version__}"

    def __init__(self, neurons, seed, freeze=False):
        self.neurons, self.seed, self.freeze = neurons, seed, freeze

    def prepare(self):
        prefs.codegen.target = "cython"
        defaultclock.dt = 0.5 * ms
        seed(self.seed)
        rng = np.random.default_rng(self.seed)
        self.network, self.image, self.plastic, self.counter = build(self.neurons, rng)
        self.normalise()
        self.present(np.zeros(784), 0)
        if self.freeze:
            gc.freeze()

    def normalise(self):
        w = np.asarray(self.plastic.w).reshape(784, self.neurons)
        self.plastic.w = (w * (COLUMN_SUM / w.sum(0))).ravel()

    def present(self, pixels, intensity):
        before = self.counter.num_spikes
        self.image.rates = pixels * (intensity / 8) * Hz
        self.network.run(PRESENTATION, namespace={})
        return self.counter.num_spikes - before

    def learn(self, pixels):
        """Show one image until it draws enough spikes; return their number."""
        for intensity in range(2, BRIGHTEST + 1):
            spikes = self.present(pixels, intensity)
            self.presentations += 1
            self.normalise()
            if spikes >= FEWEST_SPIKES:
                break
        return spikes

    def run(self, images):
        self.presentations = 0
        flat = images.reshape(len(images), -1).astype(float)
        start = time.perf_counter()
        self.spikes = [self.learn(pixels) for pixels in flat]
        return time.perf_counter() - start
