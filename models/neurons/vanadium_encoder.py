"""An asynchronous delta encoder: a spike for each step of the signal up (ON) or down (OFF).

A capacitor integrates the increments; two vanadium dioxide switches compare and fire.
"""

from brian2 import amp, msecond, uamp, usecond

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.vanadium_dioxide_threshold import vanadium_dioxide_threshold

_CIRCUIT = Circuit("""
    I1 0 mem {I_in}
    C1 mem 0 1n
    .subckt branch amp mem q vdd
    * the switch closes, its current charges C_q, and while C_q is charged S_r empties C1
    R_p amp p 100
    X1 p 0 vo2
    S_q vdd q amp p ron=1k roff=1g vt=0.17 width=10m
    C_q q 0 1n
    R_q q 0 2k
    S_r mem 0 q 0 ron=100 roff=100g vt=0.1 width=3m
    .ends
    V_dd vdd 0 1
    B_up up 0 V={gain*clip(v(mem), 0*volt, inf*volt)}
    B_down down 0 V={gain*clip(-v(mem), 0*volt, inf*volt)}
    XON up mem on vdd branch
    XOFF down mem off vdd branch
    """, devices={"vo2": vanadium_dioxide_threshold}, inputs={"I_in": 0*amp},
    parameters={"gain": 10}, name="vanadium_encoder")

vanadium_encoder = Neuron.from_circuit(
    _CIRCUIT, name="vanadium_encoder", drive="I_in", threshold="v_on + v_off > 5*mV",
    voltage="v_mem", references=("Yuan2023", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "proposed", "The switches are those of vanadium_oscillator, fitted to frequencies of Yuan "
        "2023, preprint. The principle is the encoder's of that source; its circuit could not be "
        "read, and everything around the switches is proposed.", ("Yuan2023",))},
    operation={"silent": 0*amp, "fires": 1*uamp, "duration": 1*msecond},
    suggested_dt=5*usecond,
    description="A signal V through the capacitor C1 is the current C1 dV/dt, which is the drive. Two "
                "rectifying amplifiers of `gain` drive one switch each: when the signal has moved by "
                "the quantum (V_th/gain)(1 + R_p/R_off) since the last spike, up or down, a switch "
                "closes, its current charges C_q, and while that is above 0.1 V the transistor S_r "
                "empties C1. The charge left on C_q is the output pulse: a spike is ON if v_on > v_off "
                "at its time, else OFF. The number of spikes is the total variation over the quantum, "
                "less up to two at each turn, and the sum of the signed spikes follows the signal "
                "within one quantum. Limits: what the signal does during a reset, about 1 us, is lost; "
                "two spikes are at least one pulse of 7 us apart; C1 leaks with 50 s through the "
                "transistors.")
