"""A vanadium dioxide switch across a capacitor, fed through a resistor: it fires at a rate.

The relaxation oscillator of Yuan 2023, whose frequency follows voltage and resistance.
"""

from brian2 import nsecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.vanadium_dioxide_threshold import vanadium_dioxide_threshold

_CIRCUIT = Circuit("""
    V1 src 0 {V_in}
    R_L src mem 3k
    C1 mem 0 1.8n
    X1 mem 0 vo2
    """, devices={"vo2": vanadium_dioxide_threshold}, inputs={"V_in": 0*volt},
    name="vanadium_oscillator")

vanadium_oscillator = Neuron.from_circuit(
    _CIRCUIT, name="vanadium_oscillator", drive="V_in", threshold="X1_x > 0.5", voltage="v_mem",
    references=("Yuan2023", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "fitted", "R_L and V_in are those of the preprint of Yuan 2023. Five parameters (V_th, "
        "V_hold, R_on, R_off and C1) are fitted to its eight frequencies, within 5 %; the fit is "
        "not unique. tau_x is proposed.", ("Yuan2023",))},
    operation={"silent": 3*volt, "fires": 6*volt, "duration": 12*usecond, "lift": 0.665*volt},
    suggested_dt=10*nsecond,
    description="C1 charges through R_L until the switch closes at V_th, and discharges through it "
                "until it opens at V_hold; the spike is the current of the discharge. It goes on "
                "if V_in R_off/(R_off + R_L) >= V_th and V_in R_on/(R_on + R_L) <= V_hold: too "
                "little drive leaves it off, too much holds it on. No threshold on a clock, no reset: "
                "the circuit does both. Circuit and conditions are the published ones; the source "
                "states neither thresholds nor capacitance.")
