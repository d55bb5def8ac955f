"""Niobium dioxide threshold switches: a Mott transition, or heat and Poole-Frenkel conduction.

Positive voltage SETs, and so does negative: both forget at low voltage.
"""

from brian2 import (
    joule,
    kelvin,
    kohm,
    metre,
    mvolt,
    nmetre,
    nsecond,
    ohm,
    siemens,
    usecond,
    volt,
    watt,
)

from brianmem import Device, Evidence
from brianmem.models.devices._mott_channel import STATE_OF_Z, mott_channel

niobium_dioxide = mott_channel(
    "niobium_dioxide",
    parameters={"rho_ins": 1e-2*ohm*metre, "rho_met": 1e-4*ohm*metre,
                "kappa": 1.5*watt/metre/kelvin, "c_p": 2.6e6*joule/metre**3/kelvin,
                "dh": 1.6e8*joule/metre**3, "dT": 784*kelvin, "r_ch": 50*nmetre,
                "L": 20*nmetre},
    parameter_sets={"radius_30nm": {"r_ch": 30*nmetre}},
    references=("PickettWilliams2012", "Pickett2013", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "Reported for the device of the neuristor (Pickett "
                               "2013), not confirmed in the source. The threshold and holding "
                               "voltages that follow are consistent with one another."),
        "radius_30nm": Evidence("proposed", "Reported for the crosspoint device (Pickett and "
                                "Williams 2012), not confirmed in the source."),
        "operation": Evidence("proposed", "SET well above the threshold of 1.005 V (50 nm), read "
                              "far below the holding voltage.")},
    operation={"set": (1.5*volt, 5*nsecond, 1*kohm), "relax": (0*volt, 5*nsecond),
               "read": (50*mvolt, 0.1*nsecond), "sweep": (1.2*volt, 4*usecond)},
    suggested_dt=1*nsecond,
    description="Positive voltage SETs (either polarity does), any voltage below the holding "
                "voltage relaxes. Joule heat takes the material in the middle of a cylindrical "
                "channel across its Mott transition, dT above ambient; the radius of that metallic "
                "core follows from the balance of heat, with the latent heat dh. The law is smooth "
                "and has no threshold written into it: threshold and holding voltage are the folds "
                "of its static curve. " + STATE_OF_Z + " Switching takes tens of ps to ns: "
                "suggested_dt is a clock for the error-controlled method; explicit methods need "
                "1 ps. Limits: no current limit of its own (a metallic core draws 4 mA per V), one "
                "ambient temperature. The third-order device of Kumar 2020 is not included: its "
                "equations could not be confirmed.")

niobium_dioxide_poole_frenkel = Device(
    name="niobium_dioxide_poole_frenkel",
    # y has a floor at 100 V/m, below which its difference quotient would round to noise.
    equations="""
    dT/dt = (v*I - (T - T_amb)/R_th)/C_th                : kelvin
    V_T = k_B*T                                          : volt
    y = omega*((v/d)**2/(volt/metre)**2 + 1e4)**0.25/V_T : 1       # barrier lowering over kT
    frenkel = (1 + (y - 1)*exp(y))/y**2                  : 1       # 1/2 at low field
    I = sigma_0*A*exp(-E_a/V_T)*v/d*(frenkel + 0.5)      : amp
    """,
    parameters={"sigma_0": 3e4*siemens/metre, "A": (60*nmetre)**2, "d": 8*nmetre,
                "E_a": 0.301*volt, "omega": 1.8e-5*volt, "R_th": 1.4e6*kelvin/watt,
                "C_th": 5e-16*joule/kelvin, "T_amb": 300*kelvin, "k_B": 8.617333e-5*volt/kelvin},
    initial={"T": 300*kelvin}, bounds={"T": (250*kelvin, 1500*kelvin)},
    references=("Slesazeck2015", "Gibson2016", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "Chosen so that switching needs about 100 to 150 K of "
                               "heating, as the abstract of Slesazeck 2015 states. The form is "
                               "that reported for Gibson 2016, not confirmed in the source.",
                               ("Slesazeck2015",)),
        "operation": Evidence("proposed", "SET behind 5 kohm, which stops the runaway.")},
    operation={"set": (1.5*volt, 10*nsecond, 5*kohm), "relax": (0*volt, 10*nsecond),
               "read": (50*mvolt, 0.1*nsecond), "sweep": (0.9*volt, 4*usecond)},
    suggested_dt=0.5*nsecond, stiff=True,
    description="Positive voltage SETs (either polarity does), at low voltage it cools and "
                "relaxes. Three-dimensional Poole-Frenkel conduction, thermally activated and "
                "helped by the field, heats the film, and that alone makes a threshold: no Mott "
                "transition is in it. E_a and omega are energies over the elementary charge; omega "
                "is per (V/m)**0.5. The state T needs no other coordinate, but above the threshold "
                "voltage it runs away until something in series limits it: the usual sweep stays "
                "just below; use a series resistance for more. Limits: the metallic phase above "
                "1070 K is not included, T is stopped at 1500 K.")
