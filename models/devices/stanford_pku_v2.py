"""Stanford-PKU RRAM, version 2: a filament with a gap and a width (Li 2014).

Positive voltage first closes the gap and then widens the filament (SET); negative
voltage opens the gap (RESET) and leaves the width.
"""

from brian2 import (
    amp,
    hertz,
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

# The gap's voltage u (over V_T) solves u + k*sinh(u) = |v|/V_T. It starts at an upper
# bound of the root; two of Halley's steps reach it to 3e-6 up to 4 V.
_HALLEY = """
    s_{n} = k*sinh(u_{m})                   : 1
    c_{n} = 1 + k*cosh(u_{m})               : 1
    f_{n} = u_{m} + s_{n} - u_s             : 1
    u_{n} = u_{m} - 2*f_{n}*c_{n}/(2*c_{n}*c_{n} - f_{n}*s_{n}) : 1
"""

stanford_pku_v2 = Device(
    name="stanford_pku_v2",
    equations=f"""
    dx/dt = int(v > 0*volt)*int(x > 0*metre)*closing + int(v < 0*volt)*opening : metre  # gap
    dw/dt = int(v > 0*volt)*int(x <= 0*metre)*widening : metre          # filament width
    closing = -a*f*exp(clip((V_g*alpha*Z/x_s - E_a)/V_th, -700, cap)) : metre/second
    opening = a*f*exp(clip(escape + int(hop < escape)*(hop - escape), -700, cap)) : metre/second
    escape = -(E_i + r*Z*V_g)/V_th          : 1     # oxygen leaves the electrode
    z = clip(-alpha_h*Z*V_g/(x_s*V_th), 1e-9, 600) : 1
    hop = log(sinh(z)) - E_h/V_th           : 1     # and drifts through the gap
    widening = W_e*f*exp(clip((v*alpha*Z/L_0 - E_a)/V_th, -700, log(rate_max/(W_e*f)))) : metre/second
    W_e = w_eff + w_eff**2/(2*w)            : metre
    cap = log(rate_max/(a*f))               : 1
    x_s = clip(x, 1*pmetre, 1*metre)        : metre # no division by a closed gap
    V_th = k_B*(T_amb + R_th*v*I)           : volt  # k*T/e
    I = leak + met*v/R_CF + (1 - met)*gap_current : amp
    met = int(v > 0*volt)*int(x <= 0*metre) : 1     # the filament reaches across
    leak = I_0*pi/4*(W_CF**2 - w**2)*exp(-L_0/X_T)*sinh(v/V_T) : amp
    gap_current = I_0*pi/4*w**2*exp(-x/X_T)*sinh(V_g/V_T) : amp
    R_CF = rho*L_0/(pi/4*w**2)              : ohm   # of the whole length
    V_g = sign(v)*V_T*u_2                   : volt  # across the gap, behind R_CF
    k = rho*(L_0 - x)*I_0/V_T*exp(-x/X_T)   : 1
    u_s = abs(v)/V_T                        : 1
    u_a = log(u_s/(k + 1e-30) + sqrt((u_s/(k + 1e-30))**2 + 1)) : 1
    u_0 = int(u_s < u_a*(1 + k))*u_s/(1 + k) + int(u_s >= u_a*(1 + k))*u_a : 1
    {_HALLEY.format(m=0, n=1)}{_HALLEY.format(m=1, n=2)}""",
    parameters={"a": 0.25*nmetre, "f": 1e13*hertz, "E_a": 0.7*volt, "E_h": 1.12*volt,
                "E_i": 0.82*volt, "r": 1.5, "alpha": 0.75*nmetre, "alpha_h": 0.75*nmetre, "Z": 1,
                "X_T": 0.4*nmetre, "V_T": 0.4*volt, "L_0": 3*nmetre, "W_CF": 5*nmetre,
                "w_eff": 0.5*nmetre, "I_0": 1e13*amp/metre**2, "rho": 1.9635e-5*ohm*metre,
                "R_th": 5e5*kelvin/watt, "T_amb": 300*kelvin, "k_B": 8.61733e-5*volt/kelvin,
                "rate_max": 100*metre/second},
    initial={"x": 3*nmetre, "w": 0.5*nmetre},
    bounds={"x": (0*nmetre, 3*nmetre), "w": (0.5*nmetre, 5*nmetre)},
    references=("Li2014", "LiKang2014"),
    evidence={
        "parameters": Evidence("published", "Defaults of the Verilog-A file of version 2.0 Beta, "
                               "read in the repository bcrafton/rram.", ("LiKang2014",)),
        "operation": Evidence("proposed", "Pulses that move a gap of 0.1 to 0.5 nm in steps at the "
                              "width at hand. The authors' benchmarks apply 2 V, which widens the "
                              "filament, and RESET to a wide gap.")},
    operation={"set": (0.35*volt, 5*nsecond), "reset": (-0.6*volt, 10*nsecond),
               "read": (-100*mvolt, 100*nsecond), "sweep": (1.5*volt, 40*usecond)},
    suggested_dt=0.01*nsecond,
    stiff=True,
    description="Positive voltage SETs: the gap x shrinks until the filament reaches across, only "
                "then its width w grows; negative voltage RESETs by opening the gap, and nothing "
                "narrows the filament. Equations, current and parameters are those of the "
                "Verilog-A file: tunnelling through the gap in series with the filament's "
                "resistance, and a leak beside the filament. Ours are: the gap's voltage is solved "
                "by two of Halley's steps (3e-6 up to 4 V) where the file leaves it to the circuit "
                "simulator; the limit of 100 m/s holds for the opening gap as well; w starts at "
                "0.5 nm, which is its lower bound; the random velocities, published per time step, "
                "are left out. Limits: the closing gap runs away within picoseconds, and below "
                "0.1 nm any positive voltage closes it, so it must be read at a negative one; at "
                "positive voltage the current jumps when the gap closes (5.0 to 3.0 kohm at 5 nm).")
