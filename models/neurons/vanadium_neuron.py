"""Neurons of two vanadium dioxide channels: one netlist, whose values decide what it does.

The form of Yi 2018; the experiment neuron_gallery shows what it can do.
"""

from brian2 import Mohm, kohm, nfarad, nsecond, pfarad, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.vanadium_dioxide_channel import vanadium_dioxide_channel

# RS is that of the source: no voltage jumps on Cin. The capacitors start at rest.
_CIRCUIT = Circuit("""
    V1 in 0 {V_in}
    RL1 in a 5k
    RS in s 500
    Cin s a 0.1p ic=1.67m
    C1 a 0 2n ic=-1.67m
    X1 a m1 mott
    VD1 m1 0 -1
    RL2 a b 5k
    C2 b 0 1n ic=37.5m
    X2 b m2 mott
    VD2 m2 0 1
    """, devices={"mott": vanadium_dioxide_channel}, inputs={"V_in": 0*volt},
    name="vanadium_neuron")

_PROPOSED = "Chosen here, with the netlist; the source's values are not confirmed."

vanadium_neuron = Neuron.from_circuit(
    _CIRCUIT, name="vanadium_neuron", drive="V_in", threshold="v_b > 0.4*volt", voltage="v_b",
    references=("Yi2018", "PickettWilliams2012", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "Circuit values are chosen here. Those of the channel are "
                               "reported for Yi 2018, not confirmed in the source."),
        "phasic": Evidence("proposed", _PROPOSED), "bursting": Evidence("proposed", _PROPOSED),
        "mixed_mode": Evidence("proposed", _PROPOSED),
        "adapting": Evidence("proposed", _PROPOSED)},
    parameter_sets={
        "phasic": {"RL1": 100*Mohm, "Cin": 0.7*nfarad, "C2": 2*nfarad},
        "bursting": {"RL1": 8*kohm, "C1": 4*nfarad, "C2": 250*pfarad},
        "mixed_mode": {"RL1": 8*kohm, "Cin": 1*nfarad, "C1": 1*nfarad},
        "adapting": {"RL1": 15*kohm, "RS": 10*kohm, "Cin": 3*nfarad}},
    operation={"silent": 0.1*volt, "fires": 0.8*volt, "duration": 60*usecond},
    suggested_dt=100*nsecond,
    description="Two channels on supplies of opposite sign, each with a capacitor, joined by RL2: "
                "X1 starts the spike, X2 ends it. The input enters through RL1, which makes it tonic, "
                "or through Cin, which makes it phasic, or through both (mixed mode, from 1.0 to "
                "1.1 nF of Cin and 0.25 V to 0.30 V; its first two intervals move by up to 3 % with "
                "the clock, later ones do not). A small C2 makes bursts. Without Cin (0.1 pF) RL1, "
                "RL2, C1 and C2 are all there is; RS belongs to the source. The source states 23 "
                "behaviours of such circuits and gives each its "
                "values; those here are our own. The threshold of 0.4 V on the output only counts "
                "spikes. Limits: deterministic, while the source's neurons are noisy.")
