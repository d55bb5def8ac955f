"""A LIF circuit with a neodymium nickelate switch: silent in the dark, faster the brighter.

The light acts on the device; there is no other sensor.
"""

from brian2 import metre, msecond, usecond, volt, watt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.neodymium_nickelate import neodymium_nickelate

_CIRCUIT = Circuit("""
    V1 src 0 {V_in}
    R_L src mem 20k
    C1 mem 0 1n
    X1 mem 0 nickelate light={light}
    """, devices={"nickelate": neodymium_nickelate},
    inputs={"light": 0*watt/metre**2, "V_in": 1.25*volt}, name="nickelate_lif")

nickelate_lif = Neuron.from_circuit(
    _CIRCUIT, name="nickelate_lif", drive="light", threshold="X1_x > 0.5", voltage="v_mem",
    references=("PengGanGuo2024",),
    evidence={"parameters": Evidence(
        "proposed", "Round numbers. Of the neuron only could be read that light sets its rate.")},
    operation={"silent": 0*watt/metre**2, "fires": 100*watt/metre**2, "duration": 0.4*msecond},
    suggested_dt=0.2*usecond,
    description="R_L charges C1, the switch discharges it. The drive is the irradiance, which lowers "
                "the threshold and the off resistance of the switch. The bias V_in, an input too, of "
                "1.25 V is too little for the threshold of 1.2 V in the dark, so that the neuron is "
                "silent; from some W/m2 on it fires, faster in brighter light. With 3 V it fires in "
                "the dark already. It follows light without delay.")
