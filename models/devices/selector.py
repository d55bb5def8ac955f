"""Threshold selector: silver filaments of quantised conductance that form and break.

Either polarity SETs; below the hold voltage the filament breaks by itself.
"""

from brian2 import mvolt, nsecond, psiemens, siemens, usecond, volt

from brianmem import Device, Evidence

selector = Device(
    name="selector",
    equations="""
    ds/dt = forms*(1 - s)/tau_on - breaks*s/tau_off : 1   # share of the filaments that is formed
    forms = 0.5 + 0.5*tanh((abs(v) - V_th)/(2*w))   : 1
    breaks = 0.5 - 0.5*tanh((abs(v) - V_hold)/(2*w)) : 1
    G_on = n*G_0                                    : siemens
    G = G_off + (G_on - G_off)*s                    : siemens
    I = G*v                                         : amp
    """,
    # G_0 is 2 e^2/h; w is the slope of 0.65 mV per decade over ln 10.
    parameters={"G_0": 7.748091729e-5*siemens, "n": 100, "G_off": 2*psiemens, "V_th": 300*mvolt,
                "V_hold": 100*mvolt, "w": 0.2823*mvolt, "tau_on": 30*nsecond,
                "tau_off": 100*nsecond},
    initial={"s": 0}, bounds={"s": (0, 1)},
    references=("Hua2019", "Midya2017", "Song2023"),
    evidence={
        "parameters": Evidence("proposed", "Slope, leakage and on current are fitted to the "
                               "abstract of Hua 2019; thresholds and times are proposed.",
                               ("Hua2019",)),
        "Hua2019": Evidence("proposed", "As the default.", ("Hua2019",)),
        "Midya2017": Evidence("proposed", "Slope, off current, nonlinearity and times lie within "
                              "what the abstract states; thresholds are proposed.", ("Midya2017",)),
        "Song2023": Evidence("proposed", "One filament of one quantum, the only limit of the current; "
                             "the abstract states quantised conductance and self-compliance, no "
                             "number here.", ("Song2023",)),
        "operation": Evidence("proposed", "The pulse forms all filaments.")},
    parameter_sets={
        "Hua2019": {"n": 100},
        "Midya2017": {"n": 1, "G_off": 0.005*psiemens, "w": 0.4*mvolt},
        "Song2023": {"n": 1}},
    operation={"set": (0.5*volt, 500*nsecond), "relax": (0*volt, 2*usecond),
               "read": (50*mvolt, 10*nsecond), "sweep": (0.5*volt, 100*usecond)},
    suggested_dt=2*nsecond,
    description="Either polarity SETs above V_th; between V_hold and V_th the state stays, below "
                "V_hold it is lost. Both rates are sigmoids of the voltage instead of jumps, so that "
                "any method integrates them; w is their width, and in a sweep the current rises by a "
                "decade per w ln 10 below the threshold, which a rate r (V/s) shifts by "
                "w ln(r tau_on/w). The on conductance is n quanta 2e^2/h, which limits the "
                "current without a compliance. The state is the formed share of n filaments, not "
                "a number of filaments: while it moves, the conductance is not quantised. Limits: "
                "deterministic; thresholds do not drift with cycling or heat.")
