"""Diffusive memristors: silver that bridges a dielectric under voltage and disperses without it.

Either polarity SETs, and the device forgets by itself. `diffusive` is the compact
two-pool model of Ag in SiOxNy; `diffusive_langevin` one silver cluster in a noisy
potential, heated by its own current.
"""

from brian2 import kohm, msecond, mvolt, nsecond, ohm, second, usecond, volt

from brianmem import Device, Evidence

_SOURCE = ("Yang_DiffusiveMemristor",)
_published = {name: Evidence("published", f"{text} The noise of its rates is left out.", _SOURCE)
              for name, text in {
                  "asymmetric": "Asymmetric device of DCSweep.py, which forward voltage alone SETs.",
                  "pulse": "PulseStimulation.py, behind 22 kohm; its initial residue is drawn from "
                           "0.3 to 0.5.",
                  "LIF": "LIFNeuron.py, in a circuit of 47 kohm and 4.7 nF; initial residue 0.9.",
                  "oscillator": "OscillatoryNeuron.py, in a circuit of 150 kohm and 6 nF."}.items()}

diffusive = Device(
    name="diffusive",
    equations="""
    dtot/dt = is_open*(drift - gamma_1*fil - gamma_2*res) : 1  # share of the gap that silver fills
    dres/dt = is_open*(beta*fil - gamma_2*res)    : 1          # residue, part of tot
    dS/dt = is_full*theta*push*exp(1 - S) - gamma_3*exp(S - 1) : 1  # area of the bridge, 1 without
    fil = clip(tot - res, 0, 1)                   : 1          # filament, the other part
    is_full = int(tot >= 1)                       : 1
    is_open = 1 - is_full*int(S > 1)              : 1          # a thick bridge holds its silver
    push = clip(v, 0*volt, inf*volt) + reverse*clip(-v, 0*volt, inf*volt) : volt
    drift = push*mu/(alpha + 1 - tot)             : Hz
    R_bridge = R_on*tot/S**2                      : ohm
    R_gap = R_off*(exp((1 - tot)/lam) - 1)/(exp(1/lam) - 1) : ohm
    R = R_bridge + R_gap                          : ohm
    I = v/R                                       : amp
    """,
    parameters={"R_on": 1.7e5*ohm, "R_off": 1e11*ohm, "mu": 60/volt/second, "gamma_1": 60/second,
                "gamma_2": 40/second, "gamma_3": 10/second, "theta": 100/volt/second,
                "beta": 40/second, "lam": 0.8, "alpha": 0.01, "reverse": 1},
    initial={"tot": 0, "res": 0, "S": 1},
    bounds={"tot": (0, 1), "res": (0, 1), "S": (1, 5)},
    references=("Yang_DiffusiveMemristor", "PengGanGuo2024"),
    evidence={"parameters": Evidence("published", "Symmetric device of DCSweep.py. The noise of its "
                                     "rates is left out.", _SOURCE),
              **_published,
              "operation": Evidence("proposed", "The pulse SETs the default set in 18 ms.")},
    parameter_sets={
        "asymmetric": {"R_on": 80*kohm, "R_off": 1e9*ohm, "mu": 100/volt/second,
                       "gamma_1": 40/second, "gamma_3": 5/second, "reverse": 0},
        "pulse": {"R_on": 40*kohm, "R_off": 1e9*ohm, "mu": 100/volt/second, "gamma_1": 800/second,
                  "gamma_2": 10/second, "gamma_3": 4/second, "theta": 10/volt/second,
                  "beta": 80/second, "lam": 0.1},
        "LIF": {"R_on": 5*kohm, "R_off": 1e10*ohm, "mu": 150/volt/second, "gamma_1": 5000/second,
                "gamma_2": 0.1/second, "theta": 200/volt/second, "beta": 20/second, "lam": 0.1,
                "tot": 0.9, "res": 0.9},
        "oscillator": {"R_on": 5*kohm, "R_off": 1e8*ohm, "mu": 300/volt/second,
                       "gamma_1": 200/second, "gamma_2": 20/second, "theta": 200/volt/second,
                       "beta": 20/second, "lam": 1, "tot": 0.1, "res": 0.1}},
    operation={"set": (0.6*volt, 20*msecond, 1e6*ohm), "relax": (0*volt, 200*msecond),
               "read": (5*mvolt, 1*usecond), "sweep": (0.5*volt, 4*second)},
    suggested_dt=10*usecond,
    stiff=True,
    description="Either polarity SETs above a threshold (forward only in the asymmetric set), and "
                "without voltage the device forgets. Silver drifts into the gap the faster the "
                "narrower it is, diffuses out, and leaves a residue that makes the next SET easier; "
                "once the gap is bridged the area S of the bridge grows, and only when S is back "
                "at 1 does the bridge break. The states are the filled share tot = fil + res and "
                "res, because then the constraint fil + res <= 1 is a bound of one state and the "
                "silver that does not fit in is simply refused; fil is their difference. Without a "
                "series resistance or a compliance the area grows more than in the source, which "
                "limits the current to 1 uA. Limits: the source adds noise per time step to its "
                "rates, which is left out as its size depends on that step. Without it the "
                "oscillator set does not oscillate at 150 kohm: it stays bridged above the hold "
                "voltage of 3.7 mV.")

diffusive_langevin = Device(
    name="diffusive_langevin",
    equations="""
    dx/dt = (alpha*v/V_0 - slope - wall)/tau_0 + sqrt(2*T/tau_0)*xi : 1  # place of the cluster
    dT/dt = (beta*power - kappa*(T - T_0))/tau_0       : 1   # thermal energy
    slope = k_r*(x - x_0) + U_0*(x - x_0)/s**2*pinned  : 1
    pinned = exp(-(x - x_0)**2/(2*s**2))               : 1
    wall = k_w*sign(x)*clip(abs(x) - 1, 0, inf)        : 1
    power = (v/V_0)**2*R_0/R                           : 1
    R = R_0*cosh(x/lam)                                : ohm
    I = v/R                                            : amp
    """,
    parameters={"alpha": 1, "beta": 2, "kappa": 0.5, "T_0": 0.005, "U_0": 0.3, "k_r": 1, "x_0": -0.8,
                "s": 0.25, "k_w": 100, "lam": 0.1, "R_0": 1*kohm, "V_0": 0.3*volt,
                "tau_0": 1*usecond},
    initial={"x": -0.8, "T": 0.005}, bounds={"x": (-2, 2), "T": (0, 50)},
    references=("Wang2017", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "The form of the equations is reported for diffusive "
                               "memristors, not confirmed in the source; its dimensionless numbers "
                               "and the scales R_0, V_0, tau_0 are proposed.", ("Wang2017",)),
        "operation": Evidence("proposed", "The pulse lasts one unit of time at five units of "
                              "voltage.")},
    operation={"set": (1.5*volt, 1*usecond), "relax": (0*volt, 4*usecond),
               "read": (5*mvolt, 100*nsecond), "sweep": (0.6*volt, 40*usecond)},
    suggested_dt=2*nsecond,
    description="Positive voltage SETs: it pulls a silver cluster from its site at x_0 = -0.8 "
                "towards the middle of the gap, x = 0, where tunnelling to both electrodes is "
                "largest. The current heats the cluster, and the larger noise throws it out again; "
                "a spring towards x_0 restores it. With a capacitor in parallel and a resistor in "
                "series it fires at random, with a threshold near one unit of voltage (V_0 = 0.3 "
                "V). x is in half the gap, T in units of the potential. Time, voltage and "
                "resistance enter as scales tau_0, V_0 and R_0 alone. Noise is read as Ito and its "
                "size depends on T, not on x. Limits: one cluster; far above the threshold it is "
                "thrown beyond the middle, sticks, and the rate breaks down. Steps beyond "
                "0.02 tau_0 are unstable at the walls.")
