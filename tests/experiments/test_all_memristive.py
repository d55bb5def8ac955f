"""Digits learned by memristive synapses and memristive neurons: claim, energies, refusals, figures."""

import shutil

import numpy as np
import pytest
from brian2 import Network, SpikeMonitor, second, volt

from brianmem import Result, find
from brianmem.errors import InputError
from brianmem.experiments import all_memristive
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.networks import circuit_layer
from brianmem.models.networks.memristive_digits import MemristiveDigits

compiler = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
CIRCUITS = ("diffusive_lif", "vanadium_lif", "vanadium_alif", "vanadium_oscillator",
            "gallium_selenide_lif", "habituating_neuron")


@compiler
@pytest.mark.standalone
def test_it_learns_and_counts_what_it_costs(tmp_path):
    result = all_memristive.main(quick=True)
    metrics = result.metrics
    assert metrics["claim_holds"] is True
    # A lift of some millivolt on nanofarads costs picojoules; a digit takes about thousand.
    assert 1e-12 < metrics["neuron_energy_per_image_J"] < 1e-6
    assert metrics["read_energy_per_image_J"] > 0
    assert metrics["time_scale"] * metrics["membrane_time_s"] == pytest.approx(60e-3)
    assert "X1_tot" in result.attrs["equations"]
    loaded = Result.load(result.save(tmp_path/"result.h5"))
    assert set(all_memristive.plot(loaded)) == {"energy", "confusion_matrix", "receptive_fields"}


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits_fit_into_the_layer_at_a_stated_scale_of_time(name):
    neuron = find(name)
    network = MemristiveDigits(memdiode, neurons=20, neuron=neuron)
    assert network.slowdown == pytest.approx(float(network.tau / circuit_layer.membrane_time(neuron)))
    state = network.initial_state(0)
    lift = float(neuron.operation["lift"])
    assert state["neurons.theta"] == pytest.approx(np.full(20, 40/13*lift))
    assert "neurons.neuron_energy" in network.output_names


@pytest.mark.long
@pytest.mark.parametrize("name", CIRCUITS)
def test_the_stated_lift_is_the_least_that_fires(name):
    neuron = find(name)
    lift = float(neuron.operation["lift"])
    group = neuron.group(2, initial={neuron.voltage: [0.98*lift, 1.02*lift]*volt})
    spikes = SpikeMonitor(group)
    Network(group, spikes).run(5*circuit_layer.membrane_time(neuron))
    assert list(spikes.count) == [0, 1]


@pytest.mark.parametrize(("name", "fault"), [
    ("nickelate_lif", "does not say which sudden rise"), ("niobium_neuristor", "which sudden rise")])
def test_circuits_that_do_not_fit_are_refused(name, fault):
    with pytest.raises(InputError, match=f"Neuron '{name}': it {fault}|{fault}"):
        MemristiveDigits(memdiode, neurons=20, neuron=find(name))


def test_a_point_neuron_is_not_memristive():
    with pytest.raises(InputError, match="--neuron lif is no circuit"):
        all_memristive.main(neuron="lif", quick=True)


def test_what_a_circuit_neuron_may_not_be_is_named():
    neuron = find("diffusive_lif").with_parameters(V_in=0.1*volt)
    with pytest.raises(InputError, match="not at rest at 0 V"):
        circuit_layer.check_suitable(neuron)
    assert circuit_layer.membrane_time(find("vanadium_lif")) < 2e-6*second
