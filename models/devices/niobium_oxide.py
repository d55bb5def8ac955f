"""Volatile niobium oxide (Pt/NbOx/TiN) that forgets the more slowly, the more it conducts.

Positive voltage SETs, and so does negative; without voltage it relaxes.
"""

from brian2 import msecond, mvolt, uS, usecond, volt

from brianmem import Device, Evidence

niobium_oxide = Device(
    name="niobium_oxide",
    # The rate of SET is even in v and 0 at v = 0: a read does not write.
    equations="""
    dg/dt = (1 - g)*(exp((v/V_s)**2) - 1)/tau_s - g/tau_v : 1
    tau_v = tau_0*exp(m*g)                          : second   # volatile speed
    G = G_off + (G_on - G_off)*g                    : siemens
    I = G*v                                         : amp
    """,
    parameters={"V_s": 0.8*volt, "tau_s": 4*msecond, "tau_0": 0.1*msecond, "m": 3,
                "G_on": 100*uS, "G_off": 1*uS},
    initial={"g": 0}, bounds={"g": (0, 1)},
    references=("PengGanGuo2024",),
    evidence={
        "parameters": Evidence("proposed", "Round numbers; the source's abstract says only that "
                               "changing the volatile speed moves the threshold of the neuron."),
        "operation": Evidence("proposed", "One SET takes g from 0 to more than 0.9.")},
    operation={"set": (2*volt, 50*usecond), "relax": (0*volt, 5*msecond),
               "read": (50*mvolt, 1*usecond), "sweep": (1.5*volt, 2*msecond)},
    suggested_dt=1*usecond,
    description="Positive voltage SETs (either polarity does), without voltage it relaxes. A "
                "volatile conductance for a neuron whose threshold is raised by it: a spike writes "
                "strongly into the device of the neuron and weakly into those of its neighbours. "
                "Because tau_v grows with g, the neuron's own refractory period outlasts the "
                "inhibition of its neighbours by more than the depth of writing. g is "
                "bounded and needs no other coordinate; after a pulse t = tau_0*(Ei(m*g_0) - "
                "Ei(m*g)). The law and every number are proposed. The review names the "
                "material NbOx; the source's device is Pt/NbOx/TiN, not NbO2, and no Mott "
                "transition is meant. Limits: no threshold of its own, deterministic.")
