"""Current against voltage while the voltage goes up and down."""

import logging
from dataclasses import dataclass

import numpy as np
from brian2 import amp, ohm, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.measure import make_result
from brianmem.protocols.rates import compare_rates
from brianmem.protocols.segments import Segment
from brianmem.protocols.waveform import ExpressionWaveform, triangle

logger = logging.getLogger(__name__)

#: Pieces of one period; corners of a triangle lie on their borders.
_PIECES = 1000


@dataclass(frozen=True, repr=False)
class IVSweep(Protocol):
    """Sweep 0, +amplitude, 0, -negative_amplitude, 0 and record the current.

    Amplitude, rate and series resistance default to the device's ``operation["sweep"]``;
    a sine takes the period that a triangle of that rate has, and is symmetric.

    With `rates` the triangle is swept at each of them, all in one group (each copy has
    a clock of its own, `brianmem.protocols.paced`), and the result holds per rate the
    ``switching_voltage``: the source voltage where `state` (default: the first with
    bounds) first crosses the middle of its range. ``return_voltage`` is where it next
    crosses it again; ``switched`` and ``returned`` are False, and the voltages 0, where it does
    not. The metric ``mV_per_decade`` is the slope of the mean switching voltage over
    log10(rate), at the rates at which all copies switched.
    """

    amplitude: Quantity = option(unit=volt, help="largest positive voltage")
    negative_amplitude: Quantity = option(unit=volt, help="size of the negative voltage; "
                                          "default: as the positive")
    period: Quantity = option(unit=second, help="time of one cycle")
    rate: Quantity = option(unit=volt/second, help="sweep rate, instead of a period")
    rates: Quantity = option(unit=volt/second, many=True, help="sweep rates to compare")
    state: str = option(type=str, help="state whose switching is looked for, with rates")
    cycles: int = option(1, type=int, help="number of cycles")
    waveform: str = option("triangle", type=str, choices=("triangle", "sine"),
                           help="shape of the sweep")
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")

    kind = "iv_sweep"

    def __post_init__(self):
        super().__post_init__()
        if self.period is not None and self.rate is not None:
            raise ProtocolError(f"{self}: give period or rate, not both.")
        if self.rates is not None and (self.period, self.rate) != (None, None):
            raise ProtocolError(f"{self}: give rates, rate or period, only one of them.")
        if self.rates is not None and self.waveform == "sine":
            raise ProtocolError(f"{self}: a sine has no rate to compare; use waveform='triangle'.")
        if self.state is not None and self.rates is None:
            raise ProtocolError(f"{self}: state belongs to rates. Give rates= too.")
        if self.waveform == "sine" and self.negative_amplitude is not None:
            raise ProtocolError(f"{self}: a sine is symmetric; leave negative_amplitude out or "
                                "use waveform='triangle'.")

    def resolved(self, device):
        """Return amplitude, negative amplitude (V) and period (s) for `device`."""
        usual = device.operation.get("sweep")
        timed = self.period is not None or self.rate is not None or self.rates is not None
        if usual is None and (self.amplitude is None or not timed):
            raise ProtocolError(f"{self}: {device} states no usual sweep. Give amplitude= and "
                                "period= (or rate=).")
        amplitude = float(usual[0] if self.amplitude is None else self.amplitude)
        negative = amplitude if self.negative_amplitude is None else float(self.negative_amplitude)
        if self.rates is not None:
            return amplitude, negative, None
        if self.period is not None:
            return amplitude, negative, float(self.period)
        rate = 4 * float(usual[0]) / float(usual[1]) if self.rate is None else float(self.rate)
        return amplitude, negative, 2 * (amplitude + negative) / rate

    def _segment(self, device):
        amplitude, negative, period = self.resolved(device)
        if self.waveform == "sine":
            shape = ExpressionWaveform(f"{amplitude!r}*volt*sin(2*pi*t/({period!r}*second))")
            units = _PIECES
        else:
            rate = 2 * (amplitude + negative) / period
            shape = triangle(amplitude, negative, rate, self.cycles)
            units = _aligned(amplitude, negative)
        return Segment(shape, period * self.cycles, units * self.cycles,
                       stride=-(-self.cycles // 4), cycle=units)

    @property
    def redraws(self):
        """Tell whether a cycle variation redraws; with rates, copies have no common cycle."""
        return self.rates is None

    def _measure(self, setup, states, seed):
        usual = setup.device.operation.get("sweep", ())
        if setup.series_resistance is None and len(usual) > 2:
            setup.series_resistance = usual[2]
        if self.rates is not None:
            return compare_rates(self, setup, states, seed)
        trace = self._simulate(setup, self._segment(setup.device), states)
        _warn_if_idle(setup.device, trace)
        return make_result(self, setup, seed, [trace], metrics=_metrics(trace, self.cycles))


def _aligned(amplitude, negative):
    """Return pieces per period such that the corners lie on borders."""
    for pieces in range(_PIECES, 2 * _PIECES):
        corner = pieces * amplitude / (2 * (amplitude + negative))
        if abs(corner - round(corner)) < 1e-9 * pieces:
            return pieces
    raise ProtocolError(f"IVSweep: {amplitude:g} V and {negative:g} V have no common step of a "
                        "thousandth of a cycle. Round one of them.")


def _warn_if_idle(device, trace):
    for key, (low, high) in device.bounds.items():
        if np.ptp(trace.states[key]) < 1e-6 * (float(high) - float(low)):
            logger.warning("%s: state '%s' did not move. The cell saw %.3g to %.3g V; raise the "
                           "amplitude or lower the series resistance.", device, key,
                           trace.v.min(), trace.v.max())


def _metrics(trace, cycles):
    v, current = trace.v, trace.current
    return {"maximum_current_A": float(np.mean(current.max(axis=1))),
            "minimum_current_A": float(np.mean(current.min(axis=1))),
            "loop_area_W": _lobe(v, current, 1, cycles) + _lobe(v, current, -1, cycles),
            "energy_per_cycle_J": float(np.mean(trace.energy[:, -1]) / cycles)}


def _lobe(v, current, sign, cycles):
    """Return the area between the branches at one polarity: a pinched loop turns both ways."""
    side = np.where(sign * v > 0, v, 0.0)
    area = np.sum((current[:, 1:] + current[:, :-1]) / 2 * np.diff(side, axis=1), axis=1)
    return float(np.mean(np.abs(area))) / cycles
