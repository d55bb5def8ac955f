"""The SET pulse and the rest that a protocol takes from the device where none is given."""

from dataclasses import dataclass, replace

import numpy as np

from brianmem.errors import ProtocolError
from brianmem.protocols.paced import Timeline

#: How long a device is watched that states no "relax", in widths of its SET pulse.
_USUAL_WIDTHS = 100


@dataclass(frozen=True)
class Drive:
    """A pulse and what follows it, SI numbers; `rest_time` is how long forgetting takes."""

    amplitude: float
    width: float
    rest_voltage: float
    rest_time: float
    series_resistance: object

    def behind(self, setup):
        """Return `setup` with the series resistance of the drive."""
        return replace(setup, series_resistance=self.series_resistance)


def drive_of(protocol, device):
    """Return the `Drive` of a protocol with amplitude, width, rest_voltage, series_resistance."""
    usual = device.operation.get("set")
    if usual is None and (protocol.amplitude is None or protocol.width is None):
        raise ProtocolError(f"{protocol}: {device} states no usual SET pulse. Give amplitude= and "
                            "width=.")
    width = float(usual[1] if protocol.width is None else protocol.width)
    rest, time = device.operation.get("relax", (0.0, _USUAL_WIDTHS * width))[:2]
    return Drive(
        float(usual[0] if protocol.amplitude is None else protocol.amplitude), width,
        float(rest if protocol.rest_voltage is None else protocol.rest_voltage), float(time),
        own_resistance(protocol, usual))


def own_resistance(protocol, usual):
    """Return the series resistance that is given, or that of the usual pulse, if any."""
    if protocol.series_resistance is not None or usual is None or len(usual) < 3:
        return protocol.series_resistance
    return usual[2]


def steps(durations, voltages):
    """Return a `Timeline` of constant voltages, both (copies, pieces)."""
    held = np.asarray(voltages, dtype=float)[..., None]
    return Timeline(np.asarray(durations, dtype=float),
                    lambda share: np.broadcast_to(held, (*held.shape[:2], len(share))))


def ramps(durations, corners):
    """Return a `Timeline` straight between `corners`, the same for all copies."""
    first, last = np.asarray(corners[:-1])[:, None], np.asarray(corners[1:])[:, None]
    return Timeline(np.asarray(durations, dtype=float), lambda share: np.broadcast_to(
        first + (last - first) * share, (len(durations), len(first), len(share))))


def refuse_idle(protocol, device, change, scale):
    """Raise `ProtocolError` if a pulse left the conductance of some copy as it was."""
    if np.any(np.abs(change) <= 1e-12 * np.abs(scale)):
        raise ProtocolError(f"{protocol}: the pulse does not change the conductance of {device}. "
                            "Raise amplitude or width, or start from another state (initial=, or "
                            "--with STATE=VALUE).")
