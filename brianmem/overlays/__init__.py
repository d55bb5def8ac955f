"""What time, cycling and measurement do to any device: laid over it, never in its equations."""

from brianmem.overlays.endurance import EnduranceModel
from brianmem.overlays.noise import ReadNoise, TelegraphNoise
from brianmem.overlays.retention import PowerLawDrift, RelaxationSpread, StretchedRetention

#: Retention models, with their default numbers, by the name of the command line.
RETENTION = {"power_law": PowerLawDrift, "stretched": StretchedRetention}

__all__ = ["RETENTION", "EnduranceModel", "PowerLawDrift", "ReadNoise", "RelaxationSpread",
           "StretchedRetention", "TelegraphNoise"]
