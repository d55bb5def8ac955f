"""Copies that live through the same pieces of a waveform, each at its own pace.

Delays and sweep rates differ from copy to copy, and so do the times of all edges:
no common time step has them on its borders. So time is counted in pieces. In each
piece a copy runs through its own duration while the clock advances by the same amount
for all: every rate of change is multiplied by the copy's pace, and the noise by its
square root, which changes nothing but the unit of time. Edges are exact for every
copy, and one group holds them all.
"""

import functools
from dataclasses import dataclass, replace

import numpy as np
from brian2 import TimedArray, second, volt
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq
from brianmem.errors import ProtocolError
from brianmem.protocols.segments import Segment
from brianmem.protocols.simulation import MAX_STEPS, simulate
from brianmem.units import si_unit_name

PACE = "timeline_pace"
#: A piece without duration moves nothing by more than this share of the clock.
_SLOWEST = 1e-30
#: Tables of a curved waveform hold at most this many values.
_MOST_VALUES = 30_000_000


@dataclass(frozen=True, eq=False)
class Timeline:
    """Durations (copies, pieces) in s, and the source voltage along each piece.

    `voltage` maps shares 0..1 of a piece (an array) to volts (copies, pieces, shares);
    where it is `straight`, its ends are all that is asked for.
    """

    durations: np.ndarray
    voltage: object
    straight: bool = True

    @property
    def clock(self):
        """The clock's time for each piece: not below the slowest, so that no pace exceeds 1."""
        # A power of two, so that steps divide a piece without rounding.
        return _power_of_two(float(self.durations.max()))

    def source(self, _n, dt, steps, midpoint):
        """Return expression text, namespace and per-step code for `ode_group`."""
        copies, pieces = self.durations.shape
        per = 1 if self.straight else steps // pieces
        if copies * steps > _MOST_VALUES and not self.straight:
            raise ProtocolError(f"The waveforms of {copies} copies in {steps} steps are too large a "
                                "table. Measure fewer delays or copies at once, or give a longer dt.")
        v = self.voltage(np.arange(per + 1) / per)
        length = self.clock / per
        start, slope = v[..., :-1], np.diff(v, axis=-1) / length
        pace = np.maximum(self.durations / self.clock, _SLOWEST)
        tables = {"source_values": TimedArray(_rows(start) * volt, dt=length * second),
                  "source_slopes": TimedArray(_rows(slope) * volt / second, dt=length * second),
                  "source_paces": TimedArray(pace.T, dt=self.clock * second)}
        namespace = {"source_hold": np.zeros(copies) * volt, "source_start": np.zeros(copies) * second,
                     "source_ramp": np.zeros(copies) * volt / second,
                     "source_length": length * second, **tables}
        shift = "" if midpoint is None else f" + {float(midpoint)!r}*second"
        # Half a step inside, because a table's edge is a matter of rounding.
        code = "\n".join(("source_hold = source_values(t + dt/2, i)",
                          "source_ramp = source_slopes(t + dt/2, i)",
                          "source_start = floor((t + dt/2)/source_length)*source_length",
                          f"{PACE} = source_paces(t + dt/2, i)"))
        return f"source_hold + source_ramp*(t - source_start{shift})", namespace, code


def _power_of_two(value):
    return 2.0**np.ceil(np.log2(value))


def _rows(values):
    """Order (copies, pieces, steps) as a table (time, copies)."""
    return values.reshape(len(values), -1).T


@dataclass(frozen=True, eq=False)
class Marks:
    """States, name to (copies, pieces + 1), and energy (J) at the borders of the pieces.

    `trace` is None where each copy was followed on its own.
    """

    states: dict
    energy: np.ndarray
    trace: object

    @property
    def traces(self):
        """The traces that this was made of."""
        return [] if self.trace is None else [self.trace]


def simulate_paced(setup, timeline, states, dt=None, units=16, points=1):
    """Integrate `timeline` from `states` and return its `Marks`.

    A piece is integrated in `units` or more steps, and `points` of them (powers of two)
    are in the trace, on a clock on which all pieces are equally long.
    Raises `ProtocolError` for a device whose equations contain `t`.
    """
    pieces, units = timeline.durations.shape[1], int(_power_of_two(units))
    unit = timeline.clock / units
    dt = None if dt is None else unit / _power_of_two(max(unit / dt, 1))
    if units * pieces > MAX_STEPS // 4:
        raise ProtocolError(f"{setup.device}: {pieces} pieces of a waveform are too many. Ask for "
                            "fewer values at once.")
    pace = Quantity(np.ones(setup.n))
    own = replace(setup, device=paced(setup.device), parameters={**setup.parameters, PACE: pace})
    segment = Segment(timeline, timeline.clock * pieces, units * pieces, stride=units // points,
                      mark=units)
    trace = simulate(own, segment, states, dt)
    spent = np.diff(trace.mark_energy, axis=1) * (timeline.durations / timeline.clock)
    energy = np.concatenate([np.zeros((setup.n, 1)), np.cumsum(spent, axis=1)], axis=1)
    return Marks(trace.marks, energy, trace)


@functools.lru_cache(maxsize=64)
def paced(device):
    """Return `device` with every rate of change multiplied by a parameter, 1 by default."""
    lines = []
    for name, line in device.model.items():
        if "t" in line.expr.identifiers:
            raise ProtocolError(f"{device}: its equations contain 't', and this protocol gives each "
                                "copy a time of its own. Replace 't' by a state.")
        code, unit = line.expr.code, si_unit_name(line.dim)
        if name in device.states:
            # dW of the real time is sqrt(pace) dW of the clock, and all is multiplied by pace.
            noises = {n: f"({n}/sqrt({PACE}))" for n in eq.noise(device.model)}
            code = f"{PACE}*({word_substitute(code, noises)})"
            lines.append(f"d{name}/dt = {code} : {unit}")
        else:
            lines.append(f"{name} = {code} : {unit}")
    if not device.states:
        raise ProtocolError(f"{device}: it has no state, so that nothing depends on time.")
    return replace(device, equations="\n".join(lines), parameters={**device.parameters, PACE: 1.0})
