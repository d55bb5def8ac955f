"""VTEAM: voltage-threshold switching with a power law above each threshold (Kvatinsky 2015).

Positive voltage RESETs (w grows towards w_off), negative voltage SETs. Between
v_on and v_off the state does not move at all.
"""

from brian2 import metre, mvolt, nmetre, nsecond, ohm, psecond, second, volt

from brianmem import Device, Evidence

vteam = Device(
    name="vteam",
    equations="""
    dw/dt = k_off*over_off**alpha_off + k_on*over_on**alpha_on : metre
    over_off = clip(v/v_off - 1, 0, 1e6)    : 1   # 0 below threshold: no power of a negative base
    over_on = clip(v/v_on - 1, 0, 1e6)      : 1
    R = R_on + (R_off - R_on)*(w - w_on)/(w_off - w_on) : ohm
    I = v/R                                 : amp
    """,
    parameters={"R_on": 50*ohm, "R_off": 1000*ohm, "k_on": -10*metre/second,
                "k_off": 5e-4*metre/second, "alpha_on": 3, "alpha_off": 1,
                "v_on": -0.2*volt, "v_off": 0.02*volt, "w_on": 0*nmetre, "w_off": 3*nmetre},
    initial={"w": 0*nmetre}, bounds={"w": (0*nmetre, 3*nmetre)},
    references=("Kvatinsky2015", "Lammie2022"),
    evidence={
        "parameters": Evidence("published", "Defaults of the VTEAM model in MemTorch.",
                               ("Lammie2022",)),
        "operation": Evidence("proposed", "About 50 pulses cross the range; the read lies between "
                              "the thresholds.")},
    operation={"set": (-0.3*volt, 50*psecond), "reset": (0.1*volt, 30*nsecond),
               "read": (10*mvolt, 10*nsecond), "sweep": (1*volt, 20*nsecond)},
    suggested_dt=1*psecond,
    description="Positive voltage RESETs, negative voltage SETs. Without a window: w is cut off "
                "at its bounds. The state is frozen for v_on < v < v_off; a read at +0.1 V would "
                "RESET it in 1.5 us. SET takes picoseconds (4.7 ps at -1 V), so the step must "
                "resolve it.")
