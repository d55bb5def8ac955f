"""Measurements of a device or neuron: data until ``.run(device)`` returns a `Result`."""

from brianmem.protocols.endurance import Endurance
from brianmem.protocols.iv_sweep import IVSweep
from brianmem.protocols.neurons import FICurve, SpikeResponse
from brianmem.protocols.paired_pulse import PairedPulse
from brianmem.protocols.pulse_train import PulseTrain
from brianmem.protocols.read_disturb import ReadDisturb
from brianmem.protocols.relaxation import Relaxation
from brianmem.protocols.retention import Retention
from brianmem.protocols.stdp_window import STDPWindow
from brianmem.protocols.switching_time import SwitchingTime
from brianmem.protocols.transient import Transient

#: Protocols by the name that the command line uses.
PROTOCOLS = {"transient": Transient, "iv_sweep": IVSweep, "pulse_train": PulseTrain,
             "switching_time": SwitchingTime, "stdp_window": STDPWindow,
             "relaxation": Relaxation, "paired_pulse": PairedPulse, "read_disturb": ReadDisturb,
             "retention": Retention, "endurance": Endurance, "fi_curve": FICurve,
             "spike_response": SpikeResponse}

__all__ = ["PROTOCOLS", "Endurance", "FICurve", "IVSweep", "PairedPulse", "PulseTrain", "ReadDisturb",
           "Relaxation", "Retention", "STDPWindow", "SpikeResponse",
           "SwitchingTime", "Transient"]
