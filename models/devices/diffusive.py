"""Diffusive memristors: silver that bridges a dielectric under voltage and disperses without it.

Either polarity SETs, and the device forgets by itself. `diffusive` is the compact
two-pool model of Ag in SiOxNy; `diffusive_langevin` one silver cluster in a noisy
potential, heated by its own current.
"""

from brian2 import kohm, msecond, mvolt, ohm, second, usecond, volt

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
    dS/dt = is_full*(theta*push*exp(1 - S) - gamma_3*exp(S - 1)) : 1  # area of the bridge
    fil = clip(tot - res, 0, 1)                   : 1          # filament, the other part
    is_full = int(tot >= 1)                       : 1
    is_open = int(S <= 1)                         : 1          # a thick bridge holds its silver
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
