"""Ag/SiO2:Ag/Au threshold switch, the spiking element of a habituating neuron.

Either polarity SETs, and the switch resets itself.
"""

from brian2 import kohm, mvolt, second, siemens, usecond, volt

from brianmem import Device, Evidence

silver_silica = Device(
    name="silver_silica",
    equations="""
    dx/dt = (1 - x)/tau_on - x/tau_off          : 1   # progress of the silver bridge
    bridged = 0.5 + 0.5*tanh((x - x_c)/(2*w))   : 1
    v_eff = abs(v)*(1 + (V_th/V_hold - 1)*bridged) : volt  # a bridge keeps itself at V_hold
    V_th = V_0*log(tau_0/tau_off)               : volt
    tau_on = tau_min + tau_0*exp(-v_eff/V_0)    : second
    G = G_off + (1/R_on - G_off)*bridged        : siemens
    I = G*v                                     : amp
    """,
    parameters={"tau_0": 78.6e-3*second, "V_0": 60*mvolt, "tau_off": 100*usecond,
                "tau_min": 1e-9*second, "V_hold": 50*mvolt, "x_c": 0.5, "w": 0.001,
                "R_on": 10*kohm, "G_off": 1e-10*siemens},
    initial={"x": 0}, bounds={"x": (0, 1)},
    references=("PengGanGuo2024",),
    evidence={
        "parameters": Evidence("proposed", "No numbers of this device could be read. The law is the "
                               "generic one of diffusive switches, with a delay exponential in "
                               "the voltage; all numbers are plausible for silver in silica."),
        "operation": Evidence("proposed", "The pulse is twice the threshold.")},
    operation={"set": (0.8*volt, 5*usecond), "relax": (0*volt, 1000*usecond),
               "read": (10*mvolt, 0.1*usecond), "sweep": (0.6*volt, 0.1*second)},
    suggested_dt=0.02*usecond,
    stiff=True,
    description="Either polarity SETs. The review calls this switch a Mott device; it is a diffusive "
                "one, silver that bridges silica. x follows the voltage with a rise time "
                "tau_0 exp(-V/V_0) and falls with tau_off, so that it reaches the middle only above "
                "V_th = V_0 ln(tau_0/tau_off) = 0.4 V and after a delay of about ln 2 tau_0 "
                "exp(-V/V_0). A complete bridge feels its voltage V_th/V_hold times enlarged, "
                "which makes the spike all or nothing and holds it down to V_hold; below, it resets "
                "itself, and it cannot fire again before. Limits: deterministic, and at V_th itself "
                "the delay diverges.")
