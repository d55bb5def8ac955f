"""A vanadium dioxide LIF neuron that an RC circuit makes adapt: each spike lowers its drive."""

from brian2 import amp, mamp, nsecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.vanadium_dioxide_threshold import vanadium_dioxide_threshold

_CIRCUIT = Circuit("""
    I1 0 mem {I_in}
    C1 mem 0 1.8n
    X1 mem sense vo2
    R_s sense 0 5
    * while a spike flows, a transistor as a switch charges C_a, which R_a discharges
    V_dd vdd 0 1
    S_a vdd q sense 0 ron=100 roff=1g vt=30m width=2m
    R_q q a 10k
    C_a a 0 1n
    R_a a 0 20k
    * a transconductor takes current from the membrane
    G_a mem 0 a 0 6m
    """, devices={"vo2": vanadium_dioxide_threshold}, inputs={"I_in": 0*amp}, name="vanadium_alif")

vanadium_alif = Neuron.from_circuit(
    _CIRCUIT, name="vanadium_alif", drive="I_in", threshold="X1_x > 0.5", voltage="v_mem",
    references=("Yuan2023", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "proposed", "Switch and capacitance are those of vanadium_lif, fitted to frequencies of "
        "Yuan 2023, preprint. That an RC circuit in CMOS makes the neuron adapt is in the source; "
        "its elements and values could not be read and are proposed.", ("Yuan2023",))},
    operation={"silent": 0.9*mamp, "fires": 1.5*mamp, "duration": 40*usecond, "lift": 0.67*volt},
    suggested_dt=20*nsecond,
    description="vanadium_lif with a feedback: the current of a spike through R_s closes S_a, which "
                "charges C_a by some millivolt through R_q; G_a takes g v_a from the drive, and v_a "
                "decays with R_a C_a = 20 us, 10 to 20 intervals between spikes. So dA/dt = -A/tau_a "
                "+ q at each spike, and the rate falls from that of vanadium_lif to a lower plateau. "
                "The adaptation is the circuit's; in gallium_selenide_lif it is the device's.")
