"""Every Neuron in models/neurons passes the conformance suite, and the suite sees faults."""

import importlib
import pkgutil
from dataclasses import replace

import pytest
from brian2 import namp

import brianmem.models.neurons as folder
from brianmem import Neuron, check_neuron
from brianmem.errors import CheckError

MODULES = [importlib.import_module(f"{folder.__name__}.{m.name}")
           for m in pkgutil.iter_modules(folder.__path__)]
# Circuits take a build each; vanadium_oscillator and vanadium_lif stand for them.
BUILT = {"niobium_srm", "vanadium_encoder", "gallium_selenide_lif", "vanadium_alif",
         "habituating_neuron", "nickelate_lif", "vanadium_neuron", "diffusive_lif",
         "niobium_neuristor"}
NEURONS = {n.name: n for m in MODULES for n in vars(m).values() if isinstance(n, Neuron)}


def test_there_are_neurons():
    assert {"lif", "integrate_and_fire", "izhikevich", "hodgkin_huxley", "srm", "adaptive_lif",
            "dexat"} <= set(NEURONS)


@pytest.mark.parametrize("name", [
    pytest.param(n, marks=pytest.mark.long if n in BUILT else ()) for n in sorted(NEURONS)])
def test_neuron_conforms(name):
    report = check_neuron(NEURONS[name])
    assert set(report.passed) == {"repr", "evidence", "references", "operation", "convergence",
                                  "seed"}


@pytest.mark.parametrize(("change", "fault"), [
    ({"operation": {}}, "operation: it states no silent, fires, duration"),
    ({"evidence": {}}, "evidence: nothing is said"),
    ({"references": ("nowhere1900",)}, "references: 'nowhere1900'")])
def test_what_is_missing_is_named(change, fault):
    with pytest.raises(CheckError, match=fault):
        check_neuron(replace(NEURONS["lif"], **change))


def test_a_neuron_that_fires_when_it_should_not_fails():
    lif = NEURONS["lif"]
    loud = replace(lif, operation={**lif.operation, "silent": 0.9*namp})
    with pytest.raises(CheckError, match="at the silent drive it fires 27 times"):
        check_neuron(loud)


def test_another_object_is_refused():
    with pytest.raises(CheckError, match="needs a Neuron, got str"):
        check_neuron("lif")
