"""Behavioural potentiation and depression: a law per pulse, written as a rate.

Positive voltage SETs, negative voltage RESETs. While the voltage lies beyond a threshold
the state moves at (step per pulse)/(nominal width): a nominal pulse then makes exactly
the step of the behavioural law, and parts of pulses add up. `w` is the share of the
conductance range. Four laws: `pulsed_neurosim`, `pulsed_soft_bounds`,
`pulsed_exponential_step` and `pulsed_constant_step`.
"""

from brian2 import msecond, nsiemens, usecond, usiemens, volt

from brianmem import Device, Evidence, pulse_curvature

_EQUATIONS = """
    dw/dt = int(v >= V_p)*up/t_p - int(v <= V_d)*down/t_d : 1    # share of the conductance range
    {steps}
    G = G_min + (G_max - G_min)*w           : siemens
    I = G*v                                 : amp
    """
_ENDS = ("Positive voltage SETs. The height of a pulse beyond its threshold (V_p, V_d) makes no "
         "difference, its width does. Each branch has its own ends: potentiation stops at w_p_max, "
         "depression at w_d_min, and neither need be where the other starts. ")
_PROPOSED = {"G_min": 1*usiemens, "G_max": 20*usiemens, "V_p": 1.5*volt, "V_d": -1.5*volt,
             "t_p": 1*usecond, "t_d": 1*usecond, "w_p_max": 1, "w_d_min": 0}


def _pulsed(name, steps, parameters, *, operation, parameter_evidence, description, dt,
            references, **fields):
    return Device(
        name=name, equations=_EQUATIONS.format(steps=steps.strip()), parameters=parameters,
        initial={"w": 0}, bounds={"w": (0, 1)}, references=references, operation=operation,
        evidence={"parameters": parameter_evidence,
                  "operation": Evidence("proposed", "Nominal pulses, a read far below the "
                                        "thresholds and a sweep across them."),
                  **fields.pop("evidence", {})},
        suggested_dt=dt, description=_ENDS + description, **fields)


pulsed_neurosim = _pulsed(
    "pulsed_neurosim", """
    gone_p = clip(w - w_p_min, 0, w_p_max - w_p_min) : 1
    gone_d = clip(w_d_max - w, 0, w_d_max - w_d_min) : 1
    up = int(w <= w_p_max)*((w_p_max - w_p_min)/exprel(-k_p) - k_p*gone_p)/n_p : 1
    down = int(w >= w_d_min)*((w_d_max - w_d_min)/exprel(-k_d) - k_d*gone_d)/n_d : 1
    """,
    {"G_min": 3.08*nsiemens, "G_max": 38.46*nsiemens, "V_p": 2.4*volt, "V_d": -2.1*volt,
     "t_p": 300*usecond, "t_d": 300*usecond, "n_p": 97, "n_d": 100,
     "k_p": pulse_curvature(2.4), "k_d": pulse_curvature(4.88),
     "w_p_min": 0, "w_p_max": 1, "w_d_min": 0, "w_d_max": 1},
    operation={"set": (3.2*volt, 300*usecond), "reset": (-2.8*volt, 300*usecond),
               "read": (0.5*volt, 10*usecond), "sweep": (3.2*volt, 40*msecond)},
    parameter_evidence=Evidence(
        "published", "Ag:a-Si device (Jo 2010) as given in NeuroSim: conductances, levels, pulses "
        "and nonlinearity 2.4 and -4.88; the thresholds, three quarters of the pulses, are "
        "proposed.", ("Chen2018",)),
    references=("Chen2018", "Jo2010", "PengGanGuo2024"), dt=10*usecond,
    description="NeuroSim's exponential: dw/dP = (B + w_min - w)/A over n_p (n_d) pulses, with the "
                "curvature k = P_max/A, which `pulse_curvature` gives for a label of nonlinearity; "
                "k = 0 is a straight line. Sign: positive where a branch saturates in the direction "
                "of its own pulses, for both branches; NeuroSim writes its saturating depression "
                "with a negative label. Outside its own range (w_p_min..w_p_max, "
                "w_d_min..w_d_max) a branch steps as at its start. The steps are 0.3 to 2.4 % "
                "(SET) and 0.03 to 5 % (RESET) of the range. Limits: no noise, no retention loss, "
                "no dependence on the height of a pulse.")

pulsed_soft_bounds = _pulsed(
    "pulsed_soft_bounds", """
    up = -log(clip(1 - s_p, 1e-12, 1))*clip(w_p_max - w, 0, 1) : 1
    down = -log(clip(1 - s_d, 1e-12, 1))*clip(w - w_d_min, 0, 1) : 1
    """,
    {**_PROPOSED, "s_p": 0.03, "s_d": 0.03},
    operation={"set": (2*volt, 1*usecond), "reset": (-2*volt, 1*usecond),
               "read": (0.1*volt, 1*usecond), "sweep": (2*volt, 200*usecond)},
    parameter_evidence=Evidence("proposed", "A step of 3 % of what is left."),
    evidence={"aihwkit": Evidence("published", "Bounds of 0.6 as by default in aihwkit, and steps "
                                  "of 0.01: s = 0.01/0.6.", ("Rasch2021",))},
    parameter_sets={"aihwkit": {"s_p": 0.01/0.6, "s_d": 0.01/0.6, "w": 0.5}},
    references=("Rasch2021",), dt=0.1*usecond,
    description="Soft bounds of aihwkit: a pulse moves w by s_p of what is left to w_p_max, or "
                "s_d of what is above w_d_min. The rate -ln(1 - s) makes a nominal pulse exact "
                "and pulses compose. aihwkit's weight is w_min + (w_max - w_min)*w, with "
                "s = step/w_max (step/|w_min|).")

pulsed_exponential_step = _pulsed(
    "pulsed_exponential_step", """
    z = 2*a_z*(w - w_zero) + b_z : 1
    up = int(w <= w_p_max)*s_p*clip(1 - A_p*exp(gamma_p*z), 0, inf) : 1
    down = int(w >= w_d_min)*s_d*clip(1 - A_d*exp(-gamma_d*z), 0, inf) : 1
    """,
    {**_PROPOSED, "s_p": 0.02, "s_d": 0.02, "A_p": 0.00081, "A_d": 0.36833, "gamma_p": 12.44625,
     "gamma_d": 12.78785, "a_z": 0.244, "b_z": 0.2425, "w_zero": 0.5},
    operation={"set": (2*volt, 1*usecond), "reset": (-2*volt, 1*usecond),
               "read": (0.1*volt, 1*usecond), "sweep": (2*volt, 200*usecond)},
    parameter_evidence=Evidence("proposed", "The shape is that of aihwkit's defaults; steps, "
                                "conductances and pulses are proposed."),
    evidence={"aihwkit": Evidence("published", "Bounds of 0.6 and steps of 0.01: s = 0.01/1.2.",
                                  ("Rasch2021",))},
    parameter_sets={"aihwkit": {"s_p": 0.01/1.2, "s_d": 0.01/1.2, "w": 0.5}},
    references=("Rasch2021",), dt=0.1*usecond,
    description="Exponential step of aihwkit: s*(1 - A exp(gamma z)), where z is linear in the "
                "weight and 0 weight lies at w_zero. Here this is the rate of w per pulse, an "
                "approximation of the pulse-by-pulse recursion: both agree for small steps, and "
                "the difference is a target of its own.")

pulsed_constant_step = _pulsed(
    "pulsed_constant_step", """
    up = int(w <= w_p_max)*s_p : 1
    down = int(w >= w_d_min)*s_d : 1
    """,
    {**_PROPOSED, "s_p": 0.02, "s_d": 0.02},
    operation={"set": (2*volt, 1*usecond), "reset": (-2*volt, 1*usecond),
               "read": (0.1*volt, 1*usecond), "sweep": (2*volt, 200*usecond)},
    parameter_evidence=Evidence("proposed", "Fifty steps from end to end."),
    evidence={"aihwkit": Evidence("published", "Bounds of 0.6 and steps of 0.01: s = 0.01/1.2.",
                                  ("Rasch2021",))},
    parameter_sets={"aihwkit": {"s_p": 0.01/1.2, "s_d": 0.01/1.2, "w": 0.5}},
    references=("Rasch2021",), dt=0.1*usecond,
    description="Constant step: a pulse moves w by s_p or -s_d wherever it is, up to the end of "
                "the branch.")
