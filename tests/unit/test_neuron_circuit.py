"""A circuit becomes a neuron: what is taken over, what is refused."""

import numpy as np
import pytest
from brian2 import Network, SpikeMonitor, amp, kelvin, msecond, nfarad, usecond, volt

from brianmem import Device, Neuron
from brianmem.circuits import Circuit
from brianmem.errors import NeuronError

RC = "I1 0 a {I_in}\nR1 a 0 10k\nC1 a 0 1n ic=0.1"


def neuron(netlist=RC, drive="I_in", threshold="v_a > 0.5*volt", inputs=None, **fields):
    circuit = Circuit(netlist, inputs={"I_in": 0*amp} if inputs is None else inputs)
    return Neuron.from_circuit(circuit, name="rc", drive=drive, threshold=threshold, **fields)


def test_equations_values_and_start_are_those_of_the_circuit():
    made = neuron()
    assert made.states == ("v_a",)
    assert made.initial["v_a"] == 0.1*volt
    assert made.parameters["C1"] == 1*nfarad
    assert made.method == "adaptive"
    assert made.voltage == "v_a"
    assert {"power", "i_R1"} <= set(made.observables)


def test_without_a_reset_a_crossing_is_one_spike():
    group = neuron().group(1, 0.1e-3*amp, dt=1*usecond, target="numpy")
    spikes = SpikeMonitor(group)
    Network(group, spikes).run(200*usecond, namespace={})
    assert spikes.count[0] == 1
    # v = RI + (v0 - RI) exp(-t/RC), with RI = 1 V and v0 = 0.1 V.
    assert float(spikes.t[0]) == pytest.approx(1e-5*np.log(0.9/0.5), abs=1e-6)


def test_with_a_reset_it_fires_again_and_counts_energy():
    group = neuron(reset="v_a = 0*volt").group(1, 0.1e-3*amp, dt=0.01*usecond, target="numpy")
    spikes = SpikeMonitor(group)
    Network(group, spikes).run(100*usecond, namespace={})
    assert spikes.count[0] == 1 + int((100e-6 - 1e-5*np.log(0.9/0.5))/(1e-5*np.log(2)))
    period = 1e-5*np.log(2)
    # Over a period the source delivers I times the integral of v.
    per_spike = 0.1e-3*(period - 1e-5*0.5)
    assert float(group.energy[0])/spikes.count[0] == pytest.approx(per_spike, rel=0.1)


def test_references_and_events_of_devices_come_along():
    device = Device(name="latch", equations="dx/dt = 0/second : 1\nI = v*(1e-6 + 1e-3*x)*siemens : amp",
                    parameters={}, initial={"x": 0}, bounds={"x": (0, 1)}, references=("Yuan2023",),
                    events=(("v > 0.7*volt", "x = 1"),))
    circuit = Circuit("I1 0 a {I_in}\nC1 a 0 1n\nX1 a 0 latch", devices={"latch": device},
                      inputs={"I_in": 0*amp})
    made = Neuron.from_circuit(circuit, name="held", drive="I_in", threshold="X1_x > 0.5",
                               references=("PengGanGuo2024",))
    assert made.references == ("PengGanGuo2024", "Yuan2023")
    assert made.bounds["X1_x"] == (0, 1)
    assert made.events == (("X1_v > 0.7*volt", "X1_x = 1"),)
    group = made.group(1, 1e-6*amp, dt=0.1*msecond, target="numpy")
    spikes = SpikeMonitor(group)
    Network(group, spikes).run(2*msecond, namespace={})
    assert spikes.count[0] == 1


@pytest.mark.parametrize(("options", "fault"), [
    ({"drive": "I_on"}, r"the drive 'I_on' is no input of Circuit .* Write \{I_on\} in the netlist"),
    ({"inputs": {"I_in": 0*amp}, "drive": "v_a"}, "the drive 'v_a' is no input"),
    ({"parameters": {}}, "parameters follow from the circuit"),
    ({"threshold": "v_b > 0.5*volt"}, "v_b"),
    ({"threshold": "v_a > 0.5*kelvin"}, "units must"),
    ({"drive": "light", "inputs": {"I_in": 0*amp, "light": 0*kelvin}}, "light")])
def test_what_does_not_fit_is_refused_in_one_line(options, fault):
    with pytest.raises(NeuronError, match=fault) as caught:
        neuron(**options)
    assert "\n" not in str(caught.value)


def test_a_function_cannot_be_stored():
    from brian2 import TimedArray

    table = TimedArray([0, 1]*volt, dt=1*msecond)
    circuit = Circuit("V1 s 0 {table(t)}\nR1 s a 1k\nC1 a 0 1n\nI1 0 a {I_in}",
                      parameters={"table": table}, inputs={"I_in": 0*amp})
    with pytest.raises(NeuronError, match="'table' is a function"):
        Neuron.from_circuit(circuit, name="driven", drive="I_in", threshold="v_a > 1*volt")
