"""A LIF circuit with a gallium selenide switch: the device itself adapts, the circuit does not."""

from brian2 import msecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.gallium_selenide import gallium_selenide

_CIRCUIT = Circuit("""
    V1 src 0 {V_in}
    R_L src mem 50k
    C1 mem 0 1n
    X1 mem 0 gase
    """, devices={"gase": gallium_selenide}, inputs={"V_in": 0*volt}, name="gallium_selenide_lif")

gallium_selenide_lif = Neuron.from_circuit(
    _CIRCUIT, name="gallium_selenide_lif", drive="V_in", threshold="X1_x > 0.5", voltage="v_mem",
    references=("PengGanGuo2024",),
    evidence={"parameters": Evidence(
        "proposed", "Round numbers. Of the Ag/Ti/GaSe/Pt/Ti neuron only could be read that its rate "
        "falls to a plateau in an unchanged LIF circuit.")},
    operation={"silent": 0.9*volt, "fires": 3*volt, "duration": 1*msecond, "lift": 1*volt},
    suggested_dt=0.5*usecond,
    description="The plain circuit of a threshold switch: R_L charges C1, the switch discharges it. "
                "What each spike leaves in the device raises its threshold, so that the rate falls, "
                "spike by spike, as f8 + (f0 - f8) exp(-n/n0) to a plateau that is higher for a "
                "higher drive. No element of the circuit is there for the adaptation; vanadium_alif "
                "needs seven for it.")
