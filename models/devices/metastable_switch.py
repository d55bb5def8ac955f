"""Metastable switch: many two-state switches in the mean-field limit (Nugent 2014).

Positive voltage SETs, negative voltage RESETs. X is the fraction of switches that are on.
"""

from brian2 import amp, coulomb, joule, kelvin, msecond, mvolt, ohm, usecond, volt

from brianmem import Device, Evidence

metastable_switch = Device(
    name="metastable_switch",
    equations="""
    dX/dt = (p_on*(1 - X) - p_off*X)/tau    : 1     # fraction of switches that are on
    V_T = k_B*T/q                           : volt  # thermal voltage
    p_on = 1/(1 + exp(-(v - V_on)/V_T))     : 1     # per time tau
    p_off = 1/(1 + exp((v + V_off)/V_T))    : 1
    G = X/R_on + (1 - X)/R_off              : siemens
    I_S = S_FA*exp(S_FB*v) - S_RA*exp(-S_RB*v) : amp
    I = phi*G*v + (1 - phi)*I_S             : amp   # the Schottky part has no state
    """,
    parameters={"R_on": 500*ohm, "R_off": 1500*ohm, "V_on": 0.27*volt, "V_off": 0.27*volt,
                "tau": 100*usecond, "T": 298.5*kelvin, "phi": 1, "S_FA": 8e-4*amp,
                "S_RA": 8e-4*amp, "S_FB": 4/volt, "S_RB": 4/volt,
                "q": 1.602176634e-19*coulomb, "k_B": 1.380649e-23*joule/kelvin},
    initial={"X": 0}, bounds={"X": (0, 1)},
    references=("Nugent2014", "Knowm_models"),
    evidence={
        "parameters": Evidence("published", "SPICE example of Knowm's model collection, which has "
                               "no Schottky part (phi = 1).", ("Knowm_models",)),
        "schottky": Evidence("published", "Xyce example of the same collection, which starts at "
                             "R = R_on.", ("Knowm_models",)),
        "operation": Evidence("proposed", "A pulse moves X by 3 % of what is left.")},
    parameter_sets={"schottky": {"phi": 0.8, "X": 1}},
    operation={"set": (200*mvolt, 50*usecond), "reset": (-200*mvolt, 50*usecond),
               "read": (50*mvolt, 1*usecond), "sweep": (0.5*volt, 10*msecond)},
    suggested_dt=2*usecond,
    description="Positive voltage SETs. Each switch hops over a barrier that the voltage lowers; "
                "with very many switches only their mean is left, a smooth rate equation linear in "
                "X with a closed form at constant voltage. Nothing was fitted here. Deterministic: "
                "the binomial noise of a finite number of switches is left out. No retention: at "
                "0 V the mean relaxes to X = 1/2 within tau*(1 + exp(V_on/V_T))/2 = 1.8 s. The "
                "current of phi < 1 is passive only for S_FA = S_RA.")
