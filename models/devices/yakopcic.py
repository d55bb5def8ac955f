"""Yakopcic: thresholded exponential motion between soft bounds (Yakopcic 2011).

Positive voltage SETs for eta = 1 and RESETs for eta = -1. Between -V_n and V_p the
state does not move at all.
"""

from brian2 import amp, msecond, mvolt, second, usecond, volt

from brianmem import Device, Evidence

yakopcic = Device(
    name="yakopcic",
    equations="""
    dx/dt = eta*(g_p - g_n)*f               : 1     # extent of the filament
    g_p = A_p*clip(exp(v/V_1) - exp(V_p/V_1), 0, inf) : Hz
    g_n = A_n*clip(exp(-v/V_1) - exp(V_n/V_1), 0, inf) : Hz
    up = int(eta*v >= 0*volt)               : 1
    f = up*f_p + (1 - up)*f_n               : 1     # 1 inside, 0 at the bound ahead
    beyond_p = clip(x - x_p, 0, 1 - x_p)    : 1
    f_p = exp(-alpha_p*beyond_p)*(1 - beyond_p/(1 - x_p)) : 1
    beyond_n = clip(1 - x_n - x, 0, 1 - x_n) : 1
    f_n = exp(-alpha_n*beyond_n)*(1 - beyond_n/(1 - x_n)) : 1
    a = int(v >= 0*volt)*a_1 + int(v < 0*volt)*a_2 : amp
    I = a*x*sinh(b*v)                       : amp
    """,
    # V_1 is the unit volt of the exponents, which the source leaves unwritten.
    parameters={"a_1": 0.17*amp, "a_2": 0.17*amp, "b": 0.05/volt, "V_1": 1*volt,
                "V_p": 0.65*volt, "V_n": 0.56*volt, "A_p": 4000/second, "A_n": 4000/second,
                "x_p": 0.3, "x_n": 0.5, "alpha_p": 1, "alpha_n": 5, "eta": 1},
    initial={"x": 0.11}, bounds={"x": (0, 1)},
    references=("Yakopcic2011", "Yakopcic2013", "Knowm_models", "Aguirre_ANN"),
    evidence={
        "parameters": Evidence("published", "SPICE example of Knowm's model collection.",
                               ("Knowm_models",)),
        "low_threshold": Evidence("published", "The set that the same file keeps as a comment and "
                                  "the collection's Xyce example uses.", ("Knowm_models",)),
        "slow": Evidence("published", "HSPICE example shipped with memristive_ANN_sim; the start "
                         "x = 1e-6 is its H0.", ("Aguirre_ANN",)),
        "operation": Evidence("proposed", "A pulse moves x by about 3 % of its range where the "
                              "window is 1; the read lies between the thresholds of all sets.")},
    parameter_sets={
        "low_threshold": {"V_p": 0.16*volt, "V_n": 0.15*volt},
        "slow": {"a_1": 7e-5*amp, "a_2": 7e-5*amp, "b": 1.9/volt, "V_p": 0.4*volt,
                 "V_n": 0.3*volt, "A_p": 1/second, "A_n": 1/second, "x_p": 0.9, "x_n": 0.7,
                 "alpha_p": 3, "alpha_n": 8, "x": 1e-6}},
    operation={"set": (1*volt, 10*usecond), "reset": (-1*volt, 8*usecond),
               "read": (100*mvolt, 1*usecond), "sweep": (1*volt, 10*msecond)},
    suggested_dt=2*usecond,
    description="Positive voltage SETs (eta = 1). Above a threshold of each polarity the state "
                "moves at a rate exponential in the voltage, and a window stops it smoothly at the "
                "bound ahead; the current is a sinh of the voltage times x. Nothing was fitted "
                "here. Limits: x is dimensionless and stands for no measured length; at x = 0 the "
                "device carries no current at all; the rate is continuous but has a corner at the "
                "thresholds and where the windows set in.")
