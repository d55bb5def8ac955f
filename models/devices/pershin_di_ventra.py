"""Pershin and Di Ventra: a resistance that moves in proportion to the voltage over a threshold.

Positive voltage RESETs (the resistance grows), negative voltage SETs.
"""

from brian2 import kohm, mvolt, nsecond, ohm, psecond, second, volt

from brianmem import Device, Evidence

pershin_di_ventra = Device(
    name="pershin_di_ventra",
    equations="""
    dR/dt = beta*v + 0.5*(alpha - beta)*(abs(v + V_t) - abs(v - V_t)) : ohm
    I = v/R                                 : amp
    """,
    parameters={"beta": 2e12*ohm/volt/second, "alpha": 0*ohm/volt/second, "V_t": 1.6*volt},
    initial={"R": 7*kohm}, bounds={"R": (1*kohm, 10*kohm)},
    references=("Pershin2013", "Ngspice", "Knowm_models"),
    evidence={
        "parameters": Evidence("published", "Example of ngspice and of Knowm's collection at a "
                               "period of 10 ns, called artificial there.",
                               ("Ngspice", "Knowm_models")),
        "operation": Evidence("proposed", "A pulse moves R by 3 % of its range.")},
    operation={"set": (-3*volt, 100*psecond), "reset": (3*volt, 100*psecond),
               "read": (100*mvolt, 1*nsecond), "sweep": (3*volt, 10*nsecond)},
    suggested_dt=5*psecond,
    description="Positive voltage RESETs, negative voltage SETs. The state is the resistance "
                "itself: it moves at alpha*v below the threshold and at beta*(|v| - V_t) more "
                "above it, wherever it is, and is cut off at its bounds. Nothing was fitted here; "
                "the parameters describe no measured device. The absolute values are not rounded: a "
                "rounding narrow enough to keep the threshold is not resolved by a step that "
                "resolves the pulse. In the conductance the steps grow towards low resistance.")
