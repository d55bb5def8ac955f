"""The spike response model SRM0, with refractoriness and lateral inhibition as kernels."""

from brian2 import msecond, mvolt, second, usecond, volt

from brianmem import Evidence, Neuron

srm = Neuron(
    name="srm",
    equations="""
    dp_m/dt = -p_m/tau_m + I_in           : volt    # slow half of the response to input
    dp_s/dt = -p_s/tau_s + I_in           : volt    # fast half
    deta/dt = -eta/tau_r                  : volt    # refractoriness since the last own spike
    dt_inh/dt = 0*second/second           : second  # end of the inhibition by a neighbour
    lateral = -b*int(t < t_inh)           : volt
    v = p_m - p_s + eta + lateral         : volt
    """,
    threshold="v > v_th", reset="eta = -eta_0",
    parameters={"tau_m": 10*msecond, "tau_s": 2.5*msecond, "tau_r": 20*msecond,
                "eta_0": 40*mvolt, "b": 30*mvolt, "v_th": 15*mvolt},
    initial={"p_m": 0*volt, "p_s": 0*volt, "eta": 0*volt, "t_inh": 0*second},
    inputs={"I_in": 0*volt/second},
    references=("Gerstner2014", "PengGanGuo2024"),
    evidence={"parameters": Evidence("proposed", "Chosen so that refractoriness outlasts the "
                                     "response to input; no measurement stands behind them.")},
    operation={"silent": 1*volt/second, "fires": 4*volt/second, "duration": 500*msecond},
    suggested_dt=100*usecond, method="rk4",
    description="v = sum of w eps(t - t_f) over input spikes + eta since the last own spike + "
                "lateral inhibition, with eps(s) = exp(-s/tau_m) - exp(-s/tau_s), "
                "eta(s) = -eta_0 exp(-s/tau_r) and the kernel of inhibition -b for a time after a "
                "neighbour's spike. Kernels are states: a synapse of weight w (volt) does "
                "'p_m_post += w; p_s_post += w', an inhibiting neighbour 't_inh_post = t + T' for "
                "the time T. The drive I_in is weight per time. An own spike replaces eta and "
                "leaves the response to earlier input, which is what SRM0 says.")
