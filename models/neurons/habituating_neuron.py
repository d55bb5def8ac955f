"""A habituation synapse before a threshold-switching neuron: it answers ever less to the same.

The pair of Wu 2020: TiN/LixSiOy/Pt as the synapse, Ag/SiO2:Ag/Au as the switch.
"""

from brian2 import uamp, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.lithium_silicate import lithium_silicate
from brianmem.models.devices.silver_silica import silver_silica

# A mirror takes a share of the synapse's current to the membrane: what ruptures the filament
# would hold the switch on for ever.
_CIRCUIT = Circuit("""
    V1 in 0 {V_in}
    X1 in 0 synapse
    I1 0 mem {mirror*i(X1)}
    R_leak mem 0 210k
    C1 mem 0 0.2n
    X2 mem 0 switch
    """, devices={"synapse": lithium_silicate.with_parameters("Habituating"),
                  "switch": silver_silica},
    parameters={"mirror": 0.005}, inputs={"V_in": 0*volt}, name="habituating_neuron")

habituating_neuron = Neuron.from_circuit(
    _CIRCUIT, name="habituating_neuron", drive="V_in", threshold="X2_x > 0.5", voltage="v_mem",
    references=("WuLu2020", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "No number of circuit or devices could be read in the "
                               "source. The compliances are those of the review; the mirror brings "
                               "either to the same current at the membrane."),
        "non_habituating": Evidence("proposed", "The compliance of 100 uA, by the review, and the "
                                    "mirror for it.", ("PengGanGuo2024",))},
    parameter_sets={"non_habituating": {"X1_I_cc": 100*uamp, "mirror": 0.025}},
    operation={"silent": 0.01*volt, "fires": 1*volt, "duration": 4000*usecond,
               "lift": 0.5705*volt},
    suggested_dt=20*usecond,
    description="The stimulus V_in forms the filament of the synapse X1, and a fixed share of its "
                "current charges C1 against R_leak until the switch X2 bridges: a spike. With the "
                "compliance of 500 uA the current ruptures part of the filament, which heals in a "
                "second: an equal stimulus, repeated, fires ever less, the sooner the shorter the "
                "pauses; rest restores it, and so does one strong stimulus, whose field closes "
                "the filament. At 100 uA it stays. Limits: a proposed model; a long, strong "
                "stimulus leaves the synapse above where the first pulses had brought it.")
