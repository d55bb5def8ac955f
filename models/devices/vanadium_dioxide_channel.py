"""Vanadium dioxide as a Mott channel: heat moves a metallic core, for active neurons.

Positive voltage SETs, and so does negative: the core shrinks at low voltage.
"""

from brian2 import joule, kelvin, kohm, metre, mvolt, nmetre, nsecond, ohm, usecond, volt, watt

from brianmem import Evidence
from brianmem.models.devices._mott_channel import STATE_OF_Z, mott_channel

vanadium_dioxide_channel = mott_channel(
    "vanadium_dioxide_channel",
    parameters={"rho_ins": 1e-2*ohm*metre, "rho_met": 2e-5*ohm*metre,
                "kappa": 3.5*watt/metre/kelvin, "c_p": 3.3e6*joule/metre**3/kelvin,
                "dh": 2.35e8*joule/metre**3, "dT": 43*kelvin, "r_ch": 36*nmetre,
                "L": 50*nmetre},
    parameter_sets={"radius_28nm": {"r_ch": 28*nmetre}},
    references=("Yi2018", "PickettWilliams2012", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "Reported for the neurons of Yi 2018, not confirmed in "
                               "the source."),
        "radius_28nm": Evidence("proposed", "Reported as a second device of Yi 2018, not confirmed "
                                "in the source."),
        "operation": Evidence("proposed", "SET above the threshold of 1.116 V (36 nm), read below "
                              "the holding voltage of 0.251 V.")},
    operation={"set": (1.5*volt, 5*nsecond, 5*kohm), "relax": (0*volt, 5*nsecond),
               "read": (20*mvolt, 0.1*nsecond), "sweep": (1.3*volt, 4*usecond, 5*kohm)},
    suggested_dt=1*nsecond,
    description="Positive voltage SETs (either polarity does), any voltage below the holding "
                "voltage relaxes. The law of niobium_dioxide with the constants of vanadium "
                "dioxide: the transition lies only dT = 43 K above ambient and the resistivities "
                "are further apart, so the holding voltage is low. Two of them with a few "
                "resistors and capacitors make the neurons of Yi 2018. " + STATE_OF_Z + " Limits: "
                "deterministic, while those neurons are noisy; one ambient temperature, to which "
                "vanadium dioxide is sensitive.")
