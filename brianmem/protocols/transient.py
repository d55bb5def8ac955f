"""An arbitrary voltage over time."""

from dataclasses import MISSING, dataclass

import numpy as np
from brian2 import amp, ohm, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols.base import POINTS, Protocol, option
from brianmem.protocols.measure import make_result
from brianmem.protocols.segments import Segment
from brianmem.protocols.waveform import ExpressionWaveform, PiecewiseLinear
from brianmem.units import check_unit


@dataclass(frozen=True, repr=False)
class Transient(Protocol):
    """Apply a voltage that is an expression of ``t`` or a sampled array.

    An array is linear between its samples, which are `dt` apart (or spread evenly
    over `duration`); the integration step divides that.
    """

    voltage: object = option(MISSING, type=str, help="Brian2 expression of t in volt")
    duration: Quantity = option(unit=second, help="how long; default: the samples times dt")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")

    kind = "transient"

    def __post_init__(self):
        super().__post_init__()
        if isinstance(self.voltage, str):
            ExpressionWaveform(self.voltage)
            if self.duration is None:
                raise ProtocolError(f"{self}: an expression needs duration=, such as 1*second.")
            return
        check_unit(self.voltage, volt, f"{self}: voltage")
        if np.ndim(self.voltage) != 1 or len(self.voltage) < 2:
            raise ProtocolError(f"{self}: a sampled voltage must be an array of at least 2 values.")
        if self.duration is None and self.dt is None:
            raise ProtocolError(f"{self}: a sampled voltage needs dt= (between samples) or "
                                "duration=.")

    def _segment(self):
        if isinstance(self.voltage, str):
            return Segment(ExpressionWaveform(self.voltage), float(self.duration), POINTS)
        units = len(self.voltage) - 1
        duration = units * float(self.dt) if self.duration is None else float(self.duration)
        times = np.arange(units + 1) * (duration / units)
        waveform = PiecewiseLinear(times, np.asarray(self.voltage, dtype=float))
        return Segment(waveform, duration, units, stride=-(-units // POINTS))

    def _measure(self, setup, states, seed):
        trace = self._simulate(setup, self._segment(), states)
        metrics = {"energy_J": float(np.mean(trace.energy[:, -1]))}
        return make_result(self, setup, seed, [trace], metrics=metrics)
