"""Stochastic threshold switch: memoryless switching at a rate exponential in the voltage.

Either polarity SETs, and the device forgets by itself below a hold voltage.
"""

from brian2 import msecond, msiemens, mvolt, nsiemens, second, usecond, volt

from brianmem import Device, Evidence

stochastic_switch = Device(
    name="stochastic_switch",
    equations="""
    dh/dt = (1 - on)*rate_on + on*rate_off  : 1   # hazard since the last switching
    dh_c/dt = 0*Hz                          : 1   # the hazard at which it switches next
    don/dt = 0*Hz                           : 1   # 1 while it conducts
    tau = tau_0*exp(-abs(v)/V_0)            : second
    rate_on = 1/tau                         : Hz
    rate_off = int(abs(v) < V_hold)/tau_off : Hz
    G = G_off + (G_on - G_off)*on           : siemens
    I = G*v                                 : amp
    """,
    parameters={"tau_0": 2.5e5*second, "V_0": 160*mvolt, "tau_off": 500*usecond,
                "V_hold": 0.5*volt, "G_on": 0.1*msiemens, "G_off": 0.1*nsiemens},
    initial={"h": 0, "h_c": 0, "on": 0},
    bounds={"h": (0, 50), "h_c": (0, 50), "on": (0, 1)},
    references=("PengGanGuo2024",),
    evidence={
        "parameters": Evidence("proposed", "V_0 is reported for silver in amorphous silicon, not "
                               "confirmed in the source; all else is proposed. The exponential "
                               "law is that of the review's reference 141.", ("PengGanGuo2024",)),
        "operation": Evidence("proposed", "The pulse lasts 2.8 mean waiting times.")},
    operation={"set": (3*volt, 5*msecond), "relax": (0*volt, 5*msecond),
               "read": (100*mvolt, 1*usecond), "sweep": (3.5*volt, 100*msecond)},
    suggested_dt=20*usecond,
    # A threshold of 0 stands for one that is not drawn yet; 1 - rand() is never 0.
    events=(("h_c == 0", "h_c = -log(1 - rand())"),
            ("h >= h_c and h_c > 0", "on = int(on < 0.5); h = 0; h_c = -log(1 - rand())")),
    description="Either polarity SETs, after a random time without memory: P = 1 - exp(-t/tau) with "
                "tau falling exponentially with the voltage. The hazard h = integral of dt/tau is "
                "the state, and the device switches when h exceeds a threshold of unit exponential "
                "distribution, which is drawn anew at each switching: exact for any waveform, and "
                "the switching time is rounded up to a step. Below V_hold it returns after a time "
                "of the same kind with mean tau_off. Against a pulse height the probability is a "
                "Gompertz sigmoid whose 10-90 % width is 3.08 V_0. Limit: a second switching within "
                "one step is lost.")
