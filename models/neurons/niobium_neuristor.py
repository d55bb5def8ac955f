"""The neuristor: two niobium dioxide channels with opposite supplies make an all-or-none spike.

The circuit of Pickett 2013, whose channels play the sodium and the potassium channel.
"""

from brian2 import nsecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.niobium_dioxide import niobium_dioxide

# The capacitors start at rest, where the channels leak.
_CIRCUIT = Circuit("""
    V1 in 0 {V_in}
    RL1 in a 2.2k
    C1 a 0 5.1n ic=-5.85m
    X1 a m1 mott
    VD1 m1 0 -0.9
    RL2 a b 2.2k
    C2 b 0 0.75n ic=66.3m
    X2 b m2 mott
    VD2 m2 0 0.9
    """, devices={"mott": niobium_dioxide}, inputs={"V_in": 0*volt}, name="niobium_neuristor")

niobium_neuristor = Neuron.from_circuit(
    _CIRCUIT, name="niobium_neuristor", drive="V_in", threshold="v_b > 0.3*volt", voltage="v_b",
    references=("Pickett2013", "PickettWilliams2012", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "proposed", "Resistances, capacitances and supplies are reported for the neuristor of "
        "Pickett 2013, not confirmed in the source; those of the channel likewise. All of them "
        "together make the neuron that the source describes.")},
    operation={"silent": 0.05*volt, "fires": 0.3*volt, "duration": 40*usecond},
    suggested_dt=100*nsecond,
    description="C1 charges through RL1 until channel X1 has V_th across it, with the 0.9 V of "
                "VD1: it becomes metallic and pulls node a down, as sodium does with the signs "
                "exchanged; X2 on the other supply then switches and drives the output b up, and "
                "both let go below their holding voltage. The spike is all or none, and until C1 "
                "is charged again there is no second one. Nothing is written in but the law of "
                "the channels: no threshold, no reset. Under a constant drive it "
                "fires one by one, then in pairs, and evenly from 0.6 V on. The threshold of 0.3 V "
                "on the output only counts spikes. Limits: deterministic.")
