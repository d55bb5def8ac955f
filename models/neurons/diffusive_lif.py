"""A diffusive memristor across a capacitor: it integrates pulses, fires, and resets itself."""

from brian2 import msecond, usecond, volt

from brianmem import Evidence, Neuron
from brianmem.circuits import Circuit
from brianmem.models.devices.diffusive import diffusive

_CIRCUIT = Circuit("""
    V1 src 0 {V_in}
    R_in src mem 47k
    C1 mem 0 4.7n
    X1 mem 0 silver
    """, devices={"silver": diffusive.with_parameters("LIF")}, inputs={"V_in": 0*volt},
    name="diffusive_lif")

diffusive_lif = Neuron.from_circuit(
    _CIRCUIT, name="diffusive_lif", drive="V_in", threshold="X1_tot >= 1", voltage="v_mem",
    references=("Yang_DiffusiveMemristor", "Wang2018", "PengGanGuo2024"),
    evidence={"parameters": Evidence(
        "published", "Circuit, device and initial residue of LIFNeuron.py. The noise of its rates is "
        "left out.", ("Yang_DiffusiveMemristor",))},
    operation={"silent": 0.1*volt, "fires": 0.3*volt, "duration": 3*msecond, "lift": 0.414*volt},
    suggested_dt=1*usecond,
    description="Pulses charge C1 through R_in; under its voltage silver drifts into the gap until it "
                "is bridged, and C1 discharges: a spike. As the voltage is gone the bridge dissolves "
                "and the neuron integrates again. With the source's pulses of 2.5 V, 5 us in every "
                "40 us, it fires in the pulse after the first ten, and after a pause of a millisecond "
                "again so; without a pause the bridge is all but closed, and the next spikes come "
                "with every pulse. Under a constant drive it fires for a while only: "
                "after 0.4 ms at 0.3 V or 18 ms at 0.1 V for the first time, which discharges C1, then "
                "each time the bridge closes, which opens ever less, so that C1 ripples by some mV "
                "only, until it stays closed, after 8 ms at 0.3 V; from 0.36 V on there is but the "
                "first spike. An f-I curve counts all of these over the 3 ms of `operation`. Two "
                "things are integrated, charge on C1 and silver in the gap. Limits: deterministic, "
                "while the device fires at random.")
