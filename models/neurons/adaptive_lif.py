"""The adaptive LIF neuron of the LSNN: each spike raises the threshold for a long time."""

from brian2 import msecond

from brianmem import Evidence, Neuron

# The program works in steps of T and shifts v after the decay of the next step. Written so
# that a simulation with dt = T does exactly the same.
adaptive_lif = Neuron(
    name="adaptive_lif",
    equations="""
    dv/dt = (I_in - v)/tau : 1
    da/dt = -a/tau_a       : 1
    B = b_0 + beta*a       : 1  # threshold
    """,
    threshold="v > B",
    reset="a += expm1(T/tau_a); v -= (b_0 + beta*a*exp(-T/tau_a))*exp(T/tau)",
    refractory="t_ref + T",
    parameters={"tau": 20*msecond, "tau_a": 700*msecond, "b_0": 0.01, "beta": 1.8,
                "t_ref": 5*msecond, "T": 1*msecond},
    initial={"v": 0.0, "a": 0.0}, inputs={"I_in": 0.0},
    references=("Bellec2018", "LSNN_official"),
    evidence={"parameters": Evidence("published", "Those of sequential MNIST in the authors' "
                                     "program.", ("LSNN_official",))},
    operation={"silent": 0.009, "fires": 0.05, "duration": 3000*msecond},
    suggested_dt=1*msecond, method="exact",
    description="v is compared with B = b_0 + beta a; a spike takes the threshold off v and adds "
                "1 - exp(-T/tau_a) to a, which decays with tau_a. v goes on during the refractory "
                "period, in which no spike may come: t_ref of full steps, so that spikes are at "
                "least t_ref + T apart. Plain numbers as in the program; what the program does in "
                "the step after a spike stands in the reset, so that with dt = T the traces are the "
                "same. With a shorter dt the neuron is the same one in continuous time.")
