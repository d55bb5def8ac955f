"""Measurements of a device: data until ``.run(device)`` returns a `Result`."""

from brianmem.protocols.iv_sweep import IVSweep
from brianmem.protocols.pulse_train import PulseTrain
from brianmem.protocols.stdp_window import STDPWindow
from brianmem.protocols.switching_time import SwitchingTime
from brianmem.protocols.transient import Transient

#: Protocols by the name that the command line uses.
PROTOCOLS = {"transient": Transient, "iv_sweep": IVSweep, "pulse_train": PulseTrain,
             "switching_time": SwitchingTime, "stdp_window": STDPWindow}

__all__ = ["PROTOCOLS", "IVSweep", "PulseTrain", "STDPWindow", "SwitchingTime", "Transient"]
