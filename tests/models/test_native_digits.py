"""The network of spike pairs: what its presynaptic waveforms cost, and its own text."""

from dataclasses import dataclass

import numpy as np
import pytest
from brian2 import SpikeMonitor

from brianmem import datasets, find
from brianmem.models.networks.native_digits import NativeDigits
from brianmem.network.runtime import RuntimeEngine
from brianmem.network.structure import Structure
from brianmem.pairing import waveform_energy


@dataclass(frozen=True)
class Watched:
    """A structure with a monitor of its inputs."""

    structure: Structure

    def create(self):
        objects = self.structure.create()
        (inputs,) = (o for o in objects if o.name == "inputs")
        return [*objects, SpikeMonitor(inputs, name="arrivals")]


@pytest.fixture(scope="module")
def network():
    return NativeDigits.of("yakopcic", neurons=3, block=5)


def run(network, learning):
    images = datasets.load("sample", 3, 1).train_images
    inputs = network.inputs(network.initial_state(0), images, learning=learning, seed=1,
                            first_image=0, total_images=3)
    engine = RuntimeEngine(Watched(network.structure(dense_read=False)))
    return engine.run(inputs, [*network.output_names, "arrivals.i", "arrivals.t", "synapses.x"])


def test_each_waveform_ends_where_the_next_spike_of_its_input_restarts_it(network):
    found = run(network, learning=True)
    totals = network.totals({**network.initial_state(0), "synapses.x": found["synapses.x"]}, found)
    expected = 0.0
    states = found["synapses.x"].reshape(784, 3)
    for i in np.unique(found["arrivals.i"]):
        gaps = np.diff(np.sort(found["arrivals.t"][found["arrivals.i"] == i]))
        shares = np.append(np.minimum(gaps/0.84, 1), 1.0)  # the last one in full
        expected += waveform_energy(network.device, network.spikes, shares, states[i]).sum()
    assert totals["presynaptic_energy"] == pytest.approx(expected, rel=5e-3)
    assert totals["write_energy"] == totals["presynaptic_energy"] + totals["postsynaptic_energy"]
    # Nothing drives the devices between reads where nothing is to be learned.
    assert run(network, learning=False)["inputs.waves"].sum() == 0


def test_text_is_that_of_spike_pairs(network):
    assert "pair(near, x, 0)" in network.equations
    assert "wave((t - last_spike)/wave_time, 0)" in network.equations
    assert "pulse(x, idle)" not in network.equations
    assert "last_spike = t - 1e6*second" not in network.equations
    with_neuron = NativeDigits.of("yakopcic", neurons=3, block=5, neuron=find("adaptive_lif"))
    assert "In the place of the layer's own neurons" in with_neuron.equations
