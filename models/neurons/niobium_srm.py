"""A spiking neuron whose threshold a volatile Pt/NbOx/TiN device moves: refractory and inhibited.

One device gives both: a spike writes strongly into the neuron's own and weakly into its
neighbours'.
"""

from brian2 import kohm, mvolt, namp, second, uamp, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.niobium_oxide import niobium_oxide

_CIRCUIT = Circuit("""
    I1 0 mem {I_in}
    R_m mem 0 100k
    C_m mem 0 10n
    V1 w 0 {V_read + (V_own - V_read)*int(t < own_until) + (V_neighbour - V_read)*int(t >= own_until)*int(t < neighbour_until)}
    X1 w 0 nbox
    """, devices={"nbox": niobium_oxide},
    parameters={"V_read": 50*mvolt, "V_own": 2*volt, "V_neighbour": 1.5*volt, "width": 50*usecond,
                "v_0": 50*mvolt, "R_t": 20*kohm},
    inputs={"I_in": 0*uamp, "own_until": -1*second, "neighbour_until": -1*second},
    name="niobium_srm")

niobium_srm = Neuron.from_circuit(
    _CIRCUIT, name="niobium_srm", drive="I_in", threshold="v_mem > v_0 + R_t*X1_I",
    reset="v_mem = 0*volt; own_until = t + width", refractory=5*usecond, voltage="v_mem",
    references=("PengGanGuo2024",),
    evidence={"parameters": Evidence("proposed", "Round numbers, device and circuit. That the volatile "
                                     "speed moves the threshold, and that this gives refractoriness "
                                     "and lateral inhibition, is the source's; its circuit is not "
                                     "confirmed.", ("PengGanGuo2024",))},
    operation={"silent": 400*namp, "fires": 1500*namp, "duration": 20000*usecond},
    suggested_dt=5*usecond,
    description="C_m integrates the input against R_m. The threshold is v_0 and R_t times the current "
                "that V_read drives through the volatile device: it stands high while the device "
                "conducts. An own spike writes with V_own, for the time width, and the neuron is "
                "refractory until the device forgets; a neighbour's spike writes with V_neighbour, "
                "by a synapse that does 'neighbour_until_post = t + width', and inhibits for less "
                "time, as the device forgets the sooner the less it conducts. The spike response "
                "model SRM0 has two kernels for what is one device here. Limits: deterministic; the "
                "comparison with the threshold is ideal.")
