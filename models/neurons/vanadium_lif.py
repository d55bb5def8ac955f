"""A vanadium dioxide switch across a capacitor, charged by a current: a leaky integrator that fires.

The leak is the switch that is off, the reset is the switch that is on.
"""

from brian2 import amp, mamp, nsecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.vanadium_dioxide_threshold import vanadium_dioxide_threshold

_CIRCUIT = Circuit("""
    I1 0 mem {I_in}
    C1 mem 0 1.8n
    X1 mem 0 vo2
    """, devices={"vo2": vanadium_dioxide_threshold}, inputs={"I_in": 0*amp}, name="vanadium_lif")

vanadium_lif = Neuron.from_circuit(
    _CIRCUIT, name="vanadium_lif", drive="I_in", threshold="X1_x > 0.5", voltage="v_mem",
    references=("Yuan2023", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "fitted", "Switch and capacitance of vanadium_oscillator, fitted together to eight "
        "frequencies of another circuit of Yuan 2023, preprint. tau_x is proposed; the neuron "
        "circuit's own values could not be read.", ("Yuan2023",))},
    operation={"silent": 0.9*mamp, "fires": 2*mamp, "duration": 12*usecond, "lift": 0.665*volt},
    suggested_dt=20*nsecond,
    description="C1 integrates the current and leaks through the open switch with C1 R_off = 1.2 us; "
                "at V_th the switch closes and discharges C1 to V_hold. It fires if I_in R_off >= "
                "V_th and I_in R_on <= V_hold; beyond that the switch stays closed and the neuron "
                "is blocked. At constant current the period is C1 R_off ln((I R_off - V_hold)/"
                "(I R_off - V_th)) + C1 R_on ln((V_th - I R_on)/(V_hold - I R_on)). Integration, "
                "threshold and reset are the circuit's.")
