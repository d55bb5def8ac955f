"""Vanadium dioxide as a switch between two resistances, for oscillators and spiking neurons.

Positive voltage SETs above V_th, and so does negative; below V_hold it relaxes.
"""

from brian2 import mvolt, nsecond, ohm, usecond, volt

from brianmem import Device, Evidence
from brianmem.models.devices._threshold import ABOUT_THRESHOLD, THRESHOLD

vanadium_dioxide_threshold = Device(
    name="vanadium_dioxide_threshold",
    equations=THRESHOLD,
    parameters={"V_th": 0.663*volt, "V_hold": 0.118*volt, "R_on": 49*ohm, "R_off": 642*ohm,
                "tau_x": 0.2*nsecond},
    initial={"x": 0}, bounds={"x": (0, 1)},
    references=("Yuan2023", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("fitted", "Five parameters (these four and a capacitance of "
                               "1.80 nF) to eight frequencies of the oscillator of Yuan 2023, "
                               "preprint, within 5 %. The fit is not unique and assumes 6 V and "
                               "3 kohm where they are not varied. tau_x is proposed.",
                               ("Yuan2023",)),
        "operation": Evidence("proposed", "SET above V_th, read below V_hold.")},
    operation={"set": (1*volt, 5*nsecond), "relax": (0*volt, 5*nsecond),
               "read": (50*mvolt, 1*nsecond), "sweep": (1*volt, 4*usecond)},
    suggested_dt=1*nsecond, stiff=True,
    description="Positive voltage SETs (either polarity does), below V_hold it relaxes. "
                + ABOUT_THRESHOLD + " With a capacitor C across it and fed through R_L it "
                "oscillates if V_in*R_off/(R_off + R_L) >= V_th and V_in*R_on/(R_on + R_L) <= "
                "V_hold. x is bounded and needs no other coordinate. Limits: no temperature, no "
                "noise; the source states neither the thresholds nor the capacitance.")
