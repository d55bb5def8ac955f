"""Stanford-PKU RRAM: a tunnelling gap that grows and shrinks with field and heat.

Positive voltage closes the gap (SET), negative voltage opens it (RESET).
"""

from brian2 import (
    amp,
    coulomb,
    joule,
    kelvin,
    metre,
    mvolt,
    nmetre,
    nsecond,
    ohm,
    second,
    usecond,
    volt,
    watt,
)

from brianmem import Device, Evidence

stanford_pku = Device(
    name="stanford_pku",
    equations="""
    dg/dt = -vel_0*exp(-E_a/V_T)*sinh(gamma*a_0/t_ox*v/V_T) : metre    # tunnelling gap
    gamma_g = gamma_0 - beta*(g/g_1)**3     : 1        # local field enhancement
    gamma = gamma_g*int(gamma_g*abs(v)/t_ox >= F_min) : 1
    T = T_amb + R_th*v*I                    : kelvin
    V_T = k_B*T/q                           : volt
    I = I_0*exp(-g/g_0)*sinh(v/V_0)         : amp
    """,
    parameters={"I_0": 1e-3*amp, "g_0": 0.25*nmetre, "V_0": 0.25*volt, "vel_0": 10*metre/second,
                "gamma_0": 16, "beta": 0.8, "g_1": 1*nmetre, "t_ox": 12*nmetre,
                "F_min": 1.4e9*volt/metre, "E_a": 0.6*volt, "a_0": 0.25*nmetre,
                "R_th": 2.1e3*kelvin/watt, "T_amb": 298*kelvin,
                "q": 1.602176634e-19*coulomb, "k_B": 1.380649e-23*joule/kelvin},
    initial={"g": 1.7*nmetre}, bounds={"g": (0.2*nmetre, 1.7*nmetre)},
    references=("Jiang2016", "Jiang2014", "Lammie2022"),
    evidence={
        "parameters": Evidence("published", "Defaults of the Stanford-PKU model in MemTorch, after "
                               "the model of Jiang 2014.", ("Jiang2014", "Lammie2022")),
        "AlON": Evidence("fitted", "Fit to N-doped AlOx in pyxbar (test_1R_AlON.sp), which has "
                         "neither self-heating nor a minimum field; its bounds are 0 to 1.7 nm.",
                         ("Levy_pyxbar",)),
        "operation": Evidence("proposed", "SET behind 500 ohm, which makes the conductance grow by "
                              "about the same step each time up to a gap of 0.82 nm; RESET without "
                              "it, down to 1.36 nm. Chosen for learning on held-out MNIST training "
                              "digits.")},
    parameter_sets={"AlON": {
        "I_0": 3e-6*amp, "g_0": 0.175*nmetre, "V_0": 0.4*volt, "vel_0": 18*metre/second,
        "gamma_0": 14.5, "beta": 2.35, "t_ox": 15*nmetre, "a_0": 0.4*nmetre,
        "F_min": 0*volt/metre, "R_th": 0*kelvin/watt}},
    operation={"set": (1.8*volt, 8*nsecond, 500*ohm), "reset": (-1.2*volt, 4*nsecond),
               "read": (100*mvolt, 100*nsecond), "sweep": (1.8*volt, 7.2*usecond)},
    suggested_dt=0.02*nsecond,
    description="Positive voltage SETs. Deterministic: the model's random gap velocity is left "
                "out, because it is published per time step without naming the step and would "
                "move the state at rest. The temperature follows the power without delay. E_a is "
                "the activation energy over the elementary charge. Below F_min the gap is frozen, "
                "so SET from 1.7 nm needs 1.39 V however long it lasts. Limits: the bare gap "
                "draws 0.1 to 0.7 A when closed; use a series resistance or a compliance.")
