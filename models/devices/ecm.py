"""Electrochemical metallisation: a silver filament that grows across a gap (Menzel 2013).

Positive voltage SETs, negative voltage RESETs. `ecm` holds the gap alone,
`ecm_nucleation` also the nucleus that must form before a filament can grow.
"""

from brian2 import (
    amp,
    coulomb,
    joule,
    kelvin,
    kilogram,
    metre,
    msecond,
    mvolt,
    nmetre,
    nsecond,
    ohm,
    second,
    usecond,
    volt,
)

from brianmem import Device, Evidence

# ln 0.05 and ln 20: the gap in nanometres at contact and without a filament.
_Y_MIN, _Y_MAX = -2.995732273553991, 2.995732273553991
_ITERATIONS = 4

_GAP = """
    x = x_1*exp(y)                          : metre       # gap
    A = pi*r_fil**2                         : metre**2
    p_tu = sqrt(2*m_eff*q*dW)               : kilogram*metre/second
    G_tu = 2.7*3*p_tu/(2*x)*(q/h)**2*exp(-4*pi*x*p_tu/h)*A : siemens
    R = rho_fil*(L - x)/A + R_s             : ohm
    V_z = k_B*T/(z*q)                       : volt
    """
# At one current density J = j_0*U: p and q_a are the overpotentials at filament and
# active electrode over V_z, one reduced and one oxidised. The gap carries J and the
# tunnelling current side by side.
_START = """
    s = sign(v)                             : 1
    B = abs(v)/(V_z*(1 + G_tu*R))           : 1
    r = clip(j_0*A*R/(V_z*(1 + G_tu*R)), 1e-100, 1e100) : 1
    kappa = j_0/(2*j_hop)                   : 1
    hops = 2*x/a                            : 1
    z_h = sinh(clip(B/hops, 0, 300))/(2*kappa) : 1
    w_h = {asinh_z_h}                       : 1
    z_r = B/(2*r)                           : 1
    w_r = {asinh_z_r}                       : 1
    w_j = alpha*(1 - alpha)*B               : 1
    w_m = w_h + clip(w_r - w_h, -1e3, 0)    : 1
    z_m = sinh(w_m + clip(w_j - w_m, -1e3, 0)) : 1
    z_p = 2*alpha*z_m                       : 1
    z_a = 2*(1 - alpha)*z_m                 : 1
    p_0 = {asinh_z_p}/alpha                 : 1
    a_0 = {asinh_z_a}/(1 - alpha)           : 1
    """
# A step of Newton's method for p and a, in terms of asinh(U/2), which is nearly linear
# in both: f is the difference of the two current densities, g the voltage missing.
_NEWTON = """
    U_{k} = exp(alpha*p_{k}) - exp((alpha - 1)*p_{k}) : 1
    D_{k} = alpha*exp(alpha*p_{k}) + (1 - alpha)*exp((alpha - 1)*p_{k}) : 1
    Y_{k} = exp((1 - alpha)*a_{k}) - exp(-alpha*a_{k}) : 1
    E_{k} = (1 - alpha)*exp((1 - alpha)*a_{k}) + alpha*exp(-alpha*a_{k}) : 1
    z_{k} = U_{k}/2                         : 1
    c_{k} = Y_{k}/2                         : 1
    f_{k} = {asinh_z} - {asinh_c}           : 1
    e_{k} = E_{k}/sqrt(Y_{k}**2 + 4)        : 1
    m_{k} = kappa*U_{k}                     : 1
    g_{k} = p_{k} + a_{k} + hops*{asinh_m} + r*U_{k} - B : 1
    s_{k} = 1 + D_{k}*(hops*kappa/sqrt(1 + m_{k}**2) + r) : 1
    d_{k} = (f_{k} + e_{k}*g_{k})/(D_{k}/sqrt(U_{k}**2 + 4) + e_{k}*s_{k}) : 1
    p_{m} = clip(p_{k} - d_{k}, 0, 700)     : 1
    a_{m} = clip(a_{k} - g_{k} + s_{k}*d_{k}, 0, 700) : 1
    """
_MOTION = """
    U = exp(alpha*p_{k}) - exp((alpha - 1)*p_{k}) : 1
    J = s*j_0*U*grows                       : amp/metre**2
    m = kappa*U                             : 1
    residual = V_z*(p_{k} + a_{k} + hops*{asinh_m} + r*U - B) : volt
    V_gap = (v - A*J*R)/(1 + G_tu*R)        : volt
    I = A*J + G_tu*V_gap                    : amp
    dy/dt = -M_ion/(z*q*rho_m)*J/x          : 1           # ln x
    """
# Logarithm of the time that a nucleus takes, in t_0; no faster than an atom vibrates.
_NUCLEUS = """
    barrier = clip((dG - (N_c + alpha_n)*abs(v))/V_z, -12, 100) : 1
    grows = 1 - int(v > 0*volt)*int(c < 1)  : 1           # dissolution needs no nucleus
    dc/dt = (int(v > 0*volt) - int(v < 0*volt)*int(x > 0.999*L))*exp(-barrier)/t_0 : 1
    """


def _asinh(name):
    # Brian2 has no asinh. Exact to rounding also for small arguments.
    return f"log1p({name} + {name}**2/(1 + sqrt({name}**2 + 1)))"


def _equations(nucleus):
    names = ("z_h", "z_r", "z_p", "z_a")
    text = _GAP + _START.format(**{f"asinh_{n}": _asinh(n) for n in names})
    for k in range(_ITERATIONS):
        text += _NEWTON.format(k=k, m=k + 1, **{f"asinh_{n}": _asinh(f"{n}_{k}") for n in "zcm"})
    return text + _MOTION.format(k=_ITERATIONS, asinh_m=_asinh("m")) + nucleus


_PARAMETERS = {
    "x_1": 1*nmetre, "L": 20*nmetre, "r_fil": 2*nmetre, "z": 1, "M_ion": 1.79e-25*kilogram,
    "rho_m": 10.49e3*kilogram/metre**3, "alpha": 0.3, "j_0": 3.2e5*amp/metre**2,
    "j_hop": 1.1e11*amp/metre**2, "a": 0.25*nmetre, "m_eff": 0.86*9.1093837015e-31*kilogram,
    "dW": 3.6*volt, "rho_fil": 1.6e-8*ohm*metre, "R_s": 10*ohm, "T": 298*kelvin,
    "q": 1.602176634e-19*coulomb, "k_B": 1.380649e-23*joule/kelvin, "h": 6.62607015e-34*joule*second}
_NUCLEATION = {"t_0": 2e-8*second, "dG": 0.7*volt, "N_c": 3, "alpha_n": 0.5}
_REPORTED = Evidence(
    "proposed", "Constants for silver as reported for Menzel 2012 and 2013, not confirmed in the "
    "source; resistivity of bulk silver, 10 ohm of leads and 298 K are ours.",
    ("Menzel2012", "Menzel2013"))
_TEXT = (
    "Positive voltage SETs: silver is oxidised at the active electrode, hops across the gap and is "
    "deposited on the filament; negative voltage reverses all three and RESETs. One ionic current "
    "passes two Butler-Volmer interfaces and the hopping zone, solved by four steps of Newton's "
    "method (`residual`: what is missing, below 1e-15 V up to 1 V and 1e-6 V up to 2 V); electrons "
    "tunnel beside it, linear in the voltage of the gap. The state is y = ln(x/nm) of the gap x: "
    "conduction lies between 0.2 and 0.6 nm of 20, and a table over x would not see it. The gap "
    "stops at 0.05 nm, 44 ohm, where tunnelling conducts 296 times the quantum. ")


def _ecm(name, nucleus, parameters, initial, operation, reason, description):
    return Device(
        name=name, equations=_equations(nucleus), parameters={**_PARAMETERS, **parameters},
        initial=initial, bounds={"y": (_Y_MIN, _Y_MAX), **({"c": (0, 1)} if "c" in initial else {})},
        references=("Menzel2012", "Menzel2013"),
        evidence={"parameters": _REPORTED, "operation": Evidence("proposed", reason)},
        operation=operation, suggested_dt=1*nsecond, stiff=True, description=_TEXT + description)


ecm = _ecm(
    "ecm", "    grows = 1 : 1", {}, {"y": -0.510825623765990},
    {"set": (100*mvolt, 100*nsecond), "reset": (-100*mvolt, 100*nsecond),
     "read": (10*mvolt, 10*nsecond), "sweep": (0.6*volt, 24*usecond)},
    "A pulse moves the gap by 6.7 pm, which changes the conductance by 14 %.",
    "No threshold: every voltage moves the gap, by 280 mV per decade of time at 0.3 to 0.6 V, so a "
    "read must be small and short. It starts at 0.6 nm, from where pulses are seen; a cell without "
    "filament is y = ln 20. Behind a current limit the resistance it reaches is about 7 mV over "
    "the limit after 10 us. Limits: at 298 K whatever the power, no filament shape; "
    "the two-state ecm_nucleation adds the delay at low voltage.")

ecm_nucleation = _ecm(
    "ecm_nucleation", _NUCLEUS, _NUCLEATION, {"y": _Y_MAX, "c": 0},
    {"set": (100*mvolt, 20*msecond), "reset": (-100*mvolt, 1*msecond),
     "read": (10*mvolt, 10*nsecond), "sweep": (0.6*volt, 240*usecond)},
    "One SET forms the nucleus (16.6 ms) and the filament (0.3 ms), one RESET dissolves both.",
    "c is the progress of the nucleus, from 0 to 1, at the rate 1/t_nuc with t_nuc = t_0 "
    "exp((dG - (N_c + alpha_n) q|V|)/kT); a filament grows once it is complete, and it dissolves at "
    "the same rate under negative voltage once the filament is gone. Below 0.13 V nucleation limits "
    "SET (17 mV per decade), above it growth. t_nuc is held above 0.12 ps, the time of a vibration.")
