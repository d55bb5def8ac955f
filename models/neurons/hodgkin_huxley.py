"""Hodgkin and Huxley's squid axon at 6.3 degrees, in the modern sign convention."""

from brian2 import amp, farad, metre, msecond, mvolt, siemens, usecond, volt

from brianmem import Evidence, Neuron

hodgkin_huxley = Neuron(
    name="hodgkin_huxley",
    # x/(exp(x) - 1) is 1 at x = 0, where it divides 0 by 0. Not exprel, which is slow in numpy.
    equations="""
    dv/dt = (I_in - I_Na - I_K - I_L)/C                  : volt
    I_Na = g_Na*m**3*h*(v - E_Na)                        : amp/metre**2
    I_K = g_K*n**4*(v - E_K)                             : amp/metre**2
    I_L = g_L*(v - E_L)                                  : amp/metre**2
    dm/dt = alpha_m*(1 - m) - beta_m*m                   : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h                   : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n                   : 1
    x_m = -(v + 40*mV)/(10*mV)                           : 1
    y_m = x_m + 1e-5*int(abs(x_m) < 1e-5)                : 1
    alpha_m = y_m/(exp(y_m) - 1)/ms                      : Hz
    beta_m = 4*exp(-(v + 65*mV)/(18*mV))/ms              : Hz
    alpha_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms          : Hz
    beta_h = 1/(1 + exp(-(v + 35*mV)/(10*mV)))/ms        : Hz
    x_n = -(v + 55*mV)/(10*mV)                           : 1
    y_n = x_n + 1e-5*int(abs(x_n) < 1e-5)                : 1
    alpha_n = 0.1*y_n/(exp(y_n) - 1)/ms                  : Hz
    beta_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms          : Hz
    """,
    threshold="v > v_spike", reset=None, refractory="v > v_spike",
    parameters={"C": 0.01*farad/metre**2, "g_Na": 1200*siemens/metre**2,
                "g_K": 360*siemens/metre**2, "g_L": 3*siemens/metre**2, "E_Na": 50*mvolt,
                "E_K": -77*mvolt, "E_L": -54.4*mvolt, "v_spike": 0*volt},
    initial={"v": -65*mvolt, "m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141},
    inputs={"I_in": 0*amp/metre**2},
    references=("HodgkinHuxley1952",),
    evidence={"parameters": Evidence("proposed", "Reported for this model in the convention in "
                                     "which rest is -65 mV, not confirmed in the source. v_spike is "
                                     "only where a spike is counted.")},
    operation={"silent": 0.02*amp/metre**2, "fires": 0.1*amp/metre**2, "duration": 100*msecond},
    suggested_dt=20*usecond, method="rk4",
    description="Sodium (m, h) and potassium (n) gates and a leak per area of membrane; the drive is "
                "a current density, 1 uA/cm2 = 0.01 A/m2. Nothing is reset: a spike is v rising "
                "through v_spike. Firing sets in at a rate above zero (class 2), and between "
                "the onset and some 10 uA/cm2 rest is stable beside the firing, so that the onset "
                "depends on how the drive is switched on. The gates start at their rest at -65 mV.")
