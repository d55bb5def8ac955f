"""Neodymium nickelate threshold switch that light eases: a neuron that sees.

Positive voltage SETs, and so does negative; below V_hold it relaxes.
"""

from brian2 import kohm, metre, mvolt, nsecond, usecond, volt, watt

from brianmem import Device, Evidence
from brianmem.models.devices._threshold import ABOUT_THRESHOLD, THRESHOLD

neodymium_nickelate = Device(
    name="neodymium_nickelate",
    equations=THRESHOLD + """
    decades = log10(1 + clip(light, 0*watt/metre**2, L_max)/L_0) : 1
    V_th = V_th0*(1 - s*decades)                    : volt
    R_off = R_off0*(1 - s_R*decades)                : ohm
    """,
    parameters={"V_th0": 1.2*volt, "V_hold": 0.3*volt, "R_on": 1*kohm, "R_off0": 200*kohm,
                "s": 0.15, "s_R": 0.2, "L_0": 1*watt/metre**2, "L_max": 1e3*watt/metre**2,
                "tau_x": 1*nsecond},
    inputs={"light": 0*watt/metre**2},
    initial={"x": 0}, bounds={"x": (0, 1)},
    references=("PengGanGuo2024",),
    evidence={
        "parameters": Evidence("proposed", "Round numbers; nothing of the device could be read but "
                               "that light changes its I-V curve and the rate of its neuron."),
        "operation": Evidence("proposed", "SET above the threshold in the dark; read below "
                              "V_hold.")},
    operation={"set": (1.5*volt, 20*nsecond), "relax": (0*volt, 20*nsecond),
               "read": (50*mvolt, 0.02*nsecond), "sweep": (1.5*volt, 100*usecond)},
    suggested_dt=5*nsecond, stiff=True,
    description="Positive voltage SETs (either polarity does), below V_hold it relaxes. The input "
                "light (irradiance) lowers the threshold and the off resistance by a fixed share "
                "per decade above L_0, so that an oscillator fires faster in light without a "
                "separate sensor. " + ABOUT_THRESHOLD + " x is bounded and needs no other "
                "coordinate. The logarithmic law and every number are proposed: the review "
                "reports only that the rate depends on light. Limits: follows light without "
                "delay or memory; no further effect above L_max, where V_th would come near "
                "V_hold; neither polarity nor wavelength matters.")
