"""Izhikevich's simple model: two equations and four numbers for the firing patterns of cortex."""

from brian2 import msecond, usecond

from brianmem import Evidence, Neuron

_REPORTED = Evidence("proposed", "Reported for this model, not confirmed in the source.")

izhikevich = Neuron(
    name="izhikevich",
    equations="""
    dv/dt = (0.04*v**2 + 5*v + 140 - u + I_in)/T : 1  # millivolt
    du/dt = a*(b*v - u)/T                        : 1
    """,
    threshold="v >= v_peak", reset="v = c; u += d",
    parameters={"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "v_peak": 30.0, "T": 1*msecond},
    initial={"v": -65.0, "u": -13.0}, inputs={"I_in": 0.0},
    references=("Izhikevich2003",),
    evidence={"parameters": _REPORTED,
              **dict.fromkeys(("RS", "IB", "CH", "FS", "LTS"), _REPORTED)},
    parameter_sets={
        "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
        "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
        "CH": {"a": 0.02, "b": 0.2, "c": -50.0, "d": 2.0},
        "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
        "LTS": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 2.0}},
    operation={"silent": 0.0, "fires": 10.0, "duration": 300*msecond},
    suggested_dt=50*usecond, method="rk4",
    description="As in the paper the variables are plain numbers, v in millivolt and the time in "
                "units of T = 1 ms. v runs away quadratically and is reset at its peak, where u is "
                "raised. Sets: regular spiking (RS, the default), intrinsically bursting (IB), "
                "chattering (CH), fast spiking (FS), low-threshold spiking (LTS). Near the peak v "
                "climbs by over 100 in T: what u is at the reset, and with it every later interval, "
                "depends on the step with order 1. The paper itself takes steps of 0.5 to 1 ms, "
                "whose rates are not those of the equations.")
