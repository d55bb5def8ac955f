"""Measurements of a device: data until ``.run(device)`` returns a `Result`."""

from brianmem.protocols.endurance import Endurance
from brianmem.protocols.iv_sweep import IVSweep
from brianmem.protocols.pulse_train import PulseTrain
from brianmem.protocols.retention import Retention
from brianmem.protocols.transient import Transient

#: Protocols by the name that the command line uses.
PROTOCOLS = {"transient": Transient, "iv_sweep": IVSweep, "pulse_train": PulseTrain}
PROTOCOLS |= {"retention": Retention, "endurance": Endurance}

__all__ = ["PROTOCOLS", "Endurance", "IVSweep", "PulseTrain", "Retention", "Transient"]
