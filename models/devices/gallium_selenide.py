"""Gallium selenide threshold switch whose threshold rises with use: an adapting neuron.

Positive voltage SETs, and so does negative; below V_hold it relaxes.
"""

from brian2 import Mohm, kohm, msecond, mvolt, nsecond, usecond, volt

from brianmem import Device, Evidence
from brianmem.models.devices._threshold import ABOUT_THRESHOLD, THRESHOLD

gallium_selenide = Device(
    name="gallium_selenide",
    equations=THRESHOLD + """
    V_th = V_th0 + k*a                              : volt
    da/dt = (1 - a)*x/tau_q - a/tau_a               : 1        # what conduction leaves behind
    """,
    parameters={"V_th0": 1*volt, "V_hold": 0.2*volt, "R_on": 1*kohm, "R_off": 1*Mohm, "k": 0.8*volt,
                "tau_q": 40*usecond, "tau_a": 2*msecond, "tau_x": 1*nsecond},
    initial={"x": 0, "a": 0}, bounds={"x": (0, 1), "a": (0, 1)},
    references=("PengGanGuo2024",),
    evidence={
        "parameters": Evidence("proposed", "Round numbers; nothing of the Ag/Ti/GaSe/Pt/Ti device "
                               "could be read but that the rate falls to a plateau."),
        "operation": Evidence("proposed", "SET above V_th0 + k, which the threshold never passes; "
                              "read below V_hold.")},
    operation={"set": (2*volt, 20*nsecond), "relax": (0*volt, 10*msecond),
               "read": (10*mvolt, 0.02*nsecond), "sweep": (2*volt, 100*usecond)},
    suggested_dt=5*nsecond, stiff=True,
    description="Positive voltage SETs (either polarity does), below V_hold it relaxes. "
                "Each spike leaves a residue a of metal that raises the threshold and decays with "
                "tau_a: the rate of an unchanged oscillator circuit falls from spike to spike to "
                "a plateau. " + ABOUT_THRESHOLD + " Both states are bounded and need no other "
                "coordinate. The mechanism and every number are proposed: the review reports "
                "only the falling rate. Limits: V_hold and the resistances do not adapt.")
