"""Habituation synapse TiN/LixSiOy/Pt: a filament that a large current dissolves (Wu 2020).

Positive voltage SETs, negative voltage RESETs the filament; heat ruptures it for a while, and a
strong field closes the rupture.
"""

from brian2 import kelvin, kohm, msecond, msiemens, mvolt, second, uamp, usecond, usiemens, volt, watt

from brianmem import Device, Evidence

lithium_silicate = Device(
    name="lithium_silicate",
    equations="""
    dc/dt = int(v > 0*volt)*k_f*drive*(1 - c) - int(v < 0*volt)*k_f*drive*c : 1   # filament
    dd/dt = k_d*(1 - d)/(1 + exp(-(T - T_m)/dT_m)) - (k_r + closing)*d : 1   # its ruptured share
    drive = (exp(abs(v)/V_0) - 1)/(exp(1*volt/V_0) - 1) : 1
    closing = int(v > 0*volt)*k_s*(exp(abs(v)/V_s) - 1)/(exp(1*volt/V_s) - 1) : hertz
    T = T_amb + R_th*R_c*I**2               : kelvin
    G = G_min + G_max*c*(1 - d)             : siemens
    I = clip(v*G, -I_cc, I_cc)              : amp
    """,
    parameters={"G_min": 2*usiemens, "G_max": 2*msiemens, "k_f": 400/second, "V_0": 0.3*volt,
                "R_c": 1*kohm, "R_th": 2e6*kelvin/watt, "T_amb": 300*kelvin, "T_m": 600*kelvin,
                "dT_m": 30*kelvin, "k_d": 40/second, "k_r": 1/second, "k_s": 0.1/second,
                "V_s": 0.15*volt, "I_cc": 100*uamp},
    initial={"c": 0, "d": 0}, bounds={"c": (0, 1), "d": (0, 1)},
    parameter_sets={"Habituating": {"I_cc": 500*uamp}},
    references=("WuLu2020", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "No number of the device was found: the two compliances "
                               "are those of the review, everything else is chosen such that one of "
                               "them keeps the filament and the other habituates, and that "
                               "2 V restore what 1 V wore away; V_s is half of V_0, as if the gap "
                               "were half as long as the film. Whether the device of the source "
                               "does this is not confirmed."),
        "Habituating": Evidence("proposed", "500 uA ruptures the filament, by the review; the "
                                "magnitude of the habituation is not confirmed.",
                                ("PengGanGuo2024",)),
        "operation": Evidence("proposed", "One SET moves 1 - c by 4 %, one RESET c by 2 %.")},
    operation={"set": (0.4*volt, 1*msecond), "reset": (-0.26*volt, 1*msecond),
               "read": (50*mvolt, 10*usecond), "sweep": (1*volt, 40*msecond)},
    suggested_dt=20*usecond,
    description="Positive voltage SETs. A proposed model, no fit: c is the lithium-silicate "
                "filament, which only a negative voltage erases, and d the share of it that Joule "
                "heat at the constriction R_c has ruptured; it heals at the rate k_r, and a SET "
                "closes it. The compliance I_cc is part of the cell and decides: at 100 uA the "
                "filament stays cool and the device is non-volatile; with the set Habituating "
                "(500 uA) the response to equal pulses falls, faster for shorter pauses, and "
                "recovers at rest. The compliance limits current and heat; the field still sees "
                "the whole voltage: a strong pulse closes more than its heat ruptures. "
                "A table of one pulse does not hold the healing between pulses. The review calls "
                "the neuron of the same work a Mott device; the source says Ag/SiO2:Ag/Au, which "
                "is a diffusive one.")
