"""Tantalum oxide: a metallic fraction that grows by power and shrinks by field (Strachan 2013).

Positive voltage SETs, negative voltage RESETs. There is no threshold: every decade of
switching time costs a fixed voltage.
"""

from brian2 import msecond, mvolt, ohm, second, siemens, usecond, volt, watt

from brianmem import Device, Evidence

tantalum_oxide = Device(
    name="tantalum_oxide",
    equations="""
    dx/dt = on/(1 + on/r_max) - off/(1 + off/r_max) : 1    # volume fraction in the metallic phase
    P = v*I                                 : watt
    heat_on = clip(P/s_p - (x/x_on)**2, -700, 300) : 1     # one exponent: each alone overflows
    on = B*sinh(clip(v/s_on, 0, 300))*exp(heat_on) : Hz
    heat_off = 1/(1 + beta*P) - (x_off/clip(x, 0.001, 1))**2 : 1
    off = A*sinh(clip(-v/s_off, 0, 600))*exp(heat_off) : Hz
    leak = a*exp(b*sqrt(abs(v)))            : siemens      # Frenkel-Poole, insulating part
    I = v*(G_m*x + leak*(1 - x))            : amp
    """,
    parameters={"G_m": 0.025*siemens, "a": 2.3e-6*siemens, "b": 1.6/volt**0.5,
                "A": 1e-10/second, "B": 1e-4/second, "s_on": 0.45*volt, "s_off": 0.013*volt,
                "s_p": 4e-5*watt, "x_on": 0.06, "x_off": 0.4, "beta": 500/watt,
                "r_max": 1e11/second},
    initial={"x": 0.3}, bounds={"x": (0, 1)},
    references=("Strachan2013", "Ascoli2015", "Mladenov_models"),
    evidence={
        "parameters": Evidence("published", "The set called K8 in the LTspice collection of "
                               "Mladenov, except r_max, which is proposed.", ("Mladenov_models",)),
        "Ascoli2015": Evidence("published", "Insulating branch of the set called K9 there, after "
                               "Ascoli 2015.", ("Mladenov_models",)),
        "Strachan2013": Evidence("proposed", "Insulating branch of the original model as reported, "
                                 "not confirmed in the source."),
        "operation": Evidence("proposed", "SET behind 100 ohm, which ends the runaway; pulses of both "
                              "kinds move x by 0.1 to 5 % of its range while x is 0.13 to 0.22.")},
    parameter_sets={"Ascoli2015": {"a": 3.5e-6*siemens, "b": 3.1/volt**0.5},
                    "Strachan2013": {"a": 7.2e-6*siemens, "b": 4.7/volt**0.5}},
    operation={"set": (0.7*volt, 5*usecond, 100*ohm), "reset": (-0.42*volt, 100*usecond),
               "read": (100*mvolt, 1*usecond), "sweep": (0.7*volt, 400*msecond)},
    suggested_dt=0.1*usecond, stiff=True,
    description="Positive voltage SETs. A metallic filament of fraction x in parallel with a "
                "Frenkel-Poole insulator; x grows with the dissipated power and shrinks with the "
                "field. Nothing was fitted here. The rates span more than a hundred decades, and "
                "SET at a fixed voltage is a runaway that ends at x = 1: use a series resistance. "
                "r_max, not part of the published law, limits each rate to one range in 10 ps, "
                "which adds 10 ps or less to any switching. The state stays x: SET is a runaway in "
                "any coordinate, and RESET decelerates by itself. The smooth step between the "
                "polarities of the LTspice files is left out: each branch is zero at the other "
                "polarity. RESET costs 30 mV per decade of time.")
