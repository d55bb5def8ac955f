"""A spiking neuron whose threshold a volatile Pt/NbOx/TiN device moves: refractory and inhibited.

One device gives both: a spike writes strongly into the neuron's own and weakly into its
neighbours'.
"""

from brian2 import kohm, mvolt, namp, uamp, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.niobium_oxide import niobium_oxide

# The one-shots last R*C*ln(2) = 50 us from the 1 V at which a spike starts them.
_CIRCUIT = Circuit("""
    I1 0 mem {I_in}
    R_m mem 0 100k
    C_m mem 0 10n
    R_own own 0 72.13k
    C_own own 0 1n
    R_nb nb 0 72.13k
    C_nb nb 0 1n
    V1 w 0 {V_read + V_spike*int(v(own) > one) + V_inh*int(v(own) <= one)*int(v(nb) > one)}
    X1 w 0 nbox
    """, devices={"nbox": niobium_oxide},
    parameters={"V_read": 50*mvolt, "V_spike": 1.95*volt, "V_inh": 1.45*volt, "one": 0.5*volt,
                "v_0": 50*mvolt, "R_t": 20*kohm},
    inputs={"I_in": 0*uamp},
    name="niobium_srm")

niobium_srm = Neuron.from_circuit(
    _CIRCUIT, name="niobium_srm", drive="I_in", threshold="v_mem > v_0 + R_t*X1_I",
    reset="v_mem = 0*volt; v_own = 1*volt", refractory=5*usecond, voltage="v_mem",
    references=("PengGanGuo2024",),
    evidence={"parameters": Evidence("proposed", "Round numbers, device and circuit. That the volatile "
                                     "speed moves the threshold, and that this gives refractoriness "
                                     "and lateral inhibition, is the source's; its circuit is not "
                                     "confirmed.", ("PengGanGuo2024",))},
    operation={"silent": 400*namp, "fires": 1500*namp, "duration": 20000*usecond},
    suggested_dt=5*usecond,
    description="C_m integrates the input against R_m. The threshold is v_0 and R_t times the current "
                "that V_read drives through the volatile device: it stands high while the device "
                "conducts. A spike starts the one-shot R_own C_own, "
                "which writes 2 V for 50 us, and the neuron is refractory until the device forgets. "
                "A neighbour's spike, by a synapse that does 'v_nb_post = 1*volt', writes 1.5 V "
                "and inhibits for less time, as the device forgets the sooner the less it conducts. "
                "The spike response model SRM0 has two kernels for what is one device here. Limits: "
                "deterministic; the comparison with the threshold is ideal.")
