"""DEXAT: a threshold that adapts on a short and a long time scale."""

from brian2 import msecond

from brianmem import Evidence, Neuron

dexat = Neuron(
    name="dexat",
    equations="""
    dv/dt = (I_in - v)/tau            : 1
    db_1/dt = -b_1/tau_1              : 1
    db_2/dt = -b_2/tau_2              : 1
    B = b_0 + beta_1*b_1 + beta_2*b_2 : 1  # threshold
    """,
    threshold="v > B",
    reset="""
    b_1 += expm1(T/tau_1)
    b_2 += expm1(T/tau_2)
    v -= (b_0 + beta_1*b_1*exp(-T/tau_1) + beta_2*b_2*exp(-T/tau_2))*exp(T/tau)
    """,
    refractory="t_ref + T",
    parameters={"tau": 20*msecond, "tau_1": 30*msecond, "tau_2": 500*msecond, "b_0": 0.01,
                "beta_1": 0.3, "beta_2": 1.8, "t_ref": 5*msecond, "T": 1*msecond},
    initial={"v": 0.0, "b_1": 0.0, "b_2": 0.0}, inputs={"I_in": 0.0},
    references=("Shaban2021", "Bellec2018", "PengGanGuo2024"),
    evidence={"parameters": Evidence("proposed", "tau_1 is about 30 ms and tau_2 300 to 600 ms as "
                                     "reported, not confirmed in the source; beta_1 and beta_2 are "
                                     "chosen, the rest is that of adaptive_lif.")},
    operation={"silent": 0.009, "fires": 0.05, "duration": 2000*msecond},
    suggested_dt=1*msecond, method="exact",
    description="adaptive_lif with two adaptive parts, B = b_0 + beta_1 b_1 + beta_2 b_2: after a "
                "spike each b_k grows by 1 - exp(-T/tau_k) and decays with its own tau_k, so that "
                "the threshold after a burst is b_0 and a sum of two exponentials. The form of the "
                "equations is reported, not confirmed in the source. In the paper a resistive "
                "switch makes the decay; here it is the ideal law.")
