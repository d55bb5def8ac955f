"""Dynamic memdiode: one filament fraction between two diode-like currents (Miranda 2020).

Positive voltage SETs, negative voltage RESETs; both time constants are exponential
in the voltage and the state equation is linear in H at constant voltage.
"""

from brian2 import amp, msecond, mvolt, second, volt

from brianmem import Device, Evidence

memdiode = Device(
    name="memdiode",
    equations="""
    dH/dt = int(v >= 0*volt)*(1 - H)/T_S - int(v < 0*volt)*H/T_R : 1   # hysteron
    T_S = tau_1*exp(-eta_set*(v - V_set))   : second
    T_R = tau_1*exp(eta_res*(v - V_res))    : second
    I_0 = I_min + (I_max - I_min)*H         : amp
    alpha = alpha_min + (alpha_max - alpha_min)*H : 1/volt
    I = I_0*(exp(b*alpha*v) - exp(-(1 - b)*alpha*v)) : amp
    """,
    # The regressions over the oxidation fraction x0, evaluated at x0 = 0.1.
    parameters={"I_min": 3.8942e-5*amp, "I_max": 4.7370e-3*amp, "alpha_min": 2.94744/volt,
                "alpha_max": 2.54408/volt, "b": 0.5, "eta_set": 18.8897/volt, "V_set": 0.897561*volt,
                "eta_res": 2.12766/volt, "V_res": -1.57*volt, "tau_1": 1*second},
    initial={"H": 0}, bounds={"H": (0, 1)},
    references=("Miranda2020", "Aguirre2021"),
    evidence={
        "parameters": Evidence("published", "HfO2 fit shipped with memristive_ANN_sim at "
                               "oxidation fraction 0.1; its 1 ohm series resistance and 0.1 nA "
                               "offset are left out.", ("Aguirre2021",)),
        "operation": Evidence("proposed", "One SET moves 1 - H by 4 %, one RESET H by 2 %: chosen "
                              "for learning on held-out MNIST training digits. The fit was "
                              "made on sweeps within -2..1.5 V, not on pulses.")},
    operation={"set": (1.1*volt, 0.9*msecond), "reset": (-2*volt, 8.4*msecond),
               "read": (100*mvolt, 1*msecond), "sweep": (1.2*volt, 48*second)},
    suggested_dt=0.1*msecond,
    description="Positive voltage SETs. Closed form under a constant voltage: 1 - H decays with "
                "T_S, H with T_R. The SET voltage grows by ln(10)/eta_set = 122 mV per decade of "
                "sweep rate. No retention: the fit forgets under the smallest negative bias "
                "(T_R = 28 s at 0-), so it must rest at 0 V or above.")
