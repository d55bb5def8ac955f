"""Simulate memristive devices and memristor-based spiking networks with Brian2.

A memristor is written once, as Brian2 equations with units, parameters and
references. Measurements, energy, synapses and networks are derived from it.
"""

import importlib
import os as _os

__version__ = "0.1.0.dev0"

# In a checkout, models/ and experiments/ lie beside this package, not inside it.
_root = _os.path.dirname(_os.path.dirname(_os.path.abspath(__file__)))
__path__ += [_root] if _os.path.isfile(_os.path.join(_root, "models", "networks",
                                                     "competitive_layer.py")) else []

# Where each public name lives; imported on first use, so `brianmem --help` is quick.
_HOMES = {
    "Device": "device", "Neuron": "neuron", "Evidence": "evidence",
    "Variation": "variation", "Spread": "variation",
    "Result": "result", "PulseMap": "reduction", "Synapse": "synapse",
    "PulseRule": "synapse", "Classifier": "network.classifier",
    "Transient": "protocols", "IVSweep": "protocols", "PulseTrain": "protocols",
    "pulse_curvature": "nonlinearity", "pulse_nonlinearity": "nonlinearity",
    "SwitchingTime": "protocols", "STDPWindow": "protocols", "Relaxation": "protocols",
    "PairedPulse": "protocols", "ReadDisturb": "protocols", "PowerLawDrift": "overlays",
    "StretchedRetention": "overlays", "RelaxationSpread": "overlays", "Retention": "protocols",
    "Endurance": "protocols", "EnduranceModel": "overlays", "ReadNoise": "overlays",
    "TelegraphNoise": "overlays", "check_device": "checks",
    "check_neuron": "check_neurons", "FICurve": "protocols", "SpikeResponse": "protocols",
    "Target": "targets", "find": "catalog",
    "BrianmemError": "errors", "operating_point": "operating", "fit": "fitting",
    "FitResult": "fitting", "keep_lines_apart": "lines", "Circuit": "circuits", "Study": "study",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'brianmem' has no attribute '{name}'")
    return getattr(importlib.import_module(f"brianmem.{_HOMES[name]}"), name)


def __dir__():
    return sorted({*globals(), *_HOMES})
