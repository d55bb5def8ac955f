"""Vanadium dioxide: a thermal switch with hysteresis and minor loops (Almeida's law).

Positive voltage SETs, and so does negative: the device heats, and cools by itself.
"""

from brian2 import joule, kelvin, kohm, mvolt, nsecond, ohm, usecond, volt, watt

from brianmem import Device, Evidence

# Almeida's shift of a minor branch, at the temperature {T}. The quotient is written such
# that it is 0 on a major branch, where T_pr is 0.
_SHIFT = """
{y} = ({T} - T_r)*T_pr/(T_pr**2 + 1e-12*kelvin**2)   : 1
{T_p} = T_pr*0.5*(1 - sin(gamma*{y}))*(1 + tanh(pi**2 - 2*pi*{y})) : kelvin
"""

vanadium_dioxide = Device(
    name="vanadium_dioxide",
    # T_r, T_pr, T_last and delta change in events only.
    equations="""
    dT/dt = (v*I - S_th*(T - T_amb))/C_th                : kelvin
    dT_r/dt = 0*kelvin/second                            : kelvin  # where T reversed
    dT_pr/dt = 0*kelvin/second                           : kelvin  # distance of the branches there
    dT_last/dt = 0*kelvin/second                         : kelvin  # extreme since then
    ddelta/dt = 0/second                                 : 1       # 1 heating, -1 cooling
    """ + _SHIFT.format(y="y", T="T", T_p="T_p")
    + _SHIFT.format(y="y_last", T="T_last", T_p="T_p_last") + """
    T_R = clip(T, T_low, T_high)                         : kelvin
    g = 0.5 + 0.5*tanh(beta*(delta*width/2 + T_c - T_R - T_p)) : 1  # insulating fraction
    R = R_0*exp(E_a/T_R)*g + R_m                         : ohm
    I = v/R                                              : amp
    """,
    events=(("delta*(T - T_last) > 0*kelvin", "T_last = T"),
            # The new branch starts at the extreme, at the g that the old one had there.
            ("delta*(T - T_last) < -dead_band",
             "T_pr = T_p_last - delta*width; T_r = T_last; T_last = T; delta = -delta")),
    parameters={"R_0": 5.359e-3*ohm, "E_a": 5220*kelvin, "R_m": 1286*ohm,
                "width": 7.194*kelvin, "T_c": 332.81*kelvin, "beta": 0.2528/kelvin,
                "gamma": 0.9563, "C_th": 49.63e-12*joule/kelvin, "S_th": 0.2056e-3*watt/kelvin,
                "T_amb": 325*kelvin, "T_low": 305*kelvin, "T_high": 370*kelvin,
                "dead_band": 0.01*kelvin},
    initial={"T": 325*kelvin, "T_r": 325*kelvin, "T_pr": 0*kelvin, "T_last": 325*kelvin,
             "delta": 1},
    bounds={"T": (305*kelvin, 420*kelvin), "T_r": (305*kelvin, 420*kelvin),
            "T_pr": (-20*kelvin, 20*kelvin), "T_last": (305*kelvin, 420*kelvin),
            "delta": (-1, 1)},
    references=("Almeida2002", "Zhang2024", "Qiu2024", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("published", "Those of the neuristor array of Zhang, Qiu and Di "
                               "Ventra (their program VO2_thermal_neuristor_array), to the digits "
                               "given there or four. The base temperature is 325 K.",
                               ("Zhang2024",)),
        "operation": Evidence("proposed", "Behind 4 kohm, which keeps the metal below 360 K.")},
    operation={"set": (12*volt, 1*usecond, 4*kohm), "relax": (0*volt, 2*usecond),
               "read": (100*mvolt, 1*nsecond), "sweep": (12*volt, 400*usecond, 4*kohm)},
    suggested_dt=5*nsecond,
    description="Positive voltage SETs (either polarity does), at low voltage it cools and "
                "relaxes. Joule heat against a bath at T_amb; the insulating fraction g of the "
                "grains follows the temperature on a loop, with minor loops after Almeida: at each "
                "reversal of the temperature the new branch starts at the g of the old one, "
                "T_pr away from the major one, which it then joins. Reversals are events, seen once the "
                "temperature has come back from its extreme T_last by dead_band. The event stores "
                "the distance T_pr itself and not g at the reversal, from which the papers "
                "compute it by an arctanh that fails on a saturated branch: T_pr - T_p jumps by "
                "the distance of the major branches, width. Without the minor loops a neuristor "
                "fires erratically. The state is T, which is well behaved. Scaling C_th and the "
                "capacitance of a circuit by one factor scales its times exactly. Limits: no "
                "coupling to neighbours (add heat flow to dT/dt in a group of your own), R is "
                "frozen outside T_low to T_high as in the source, no noise.")
