"""What two overlapping spikes do to a device, by their delay and its state.

The presynaptic waveform outlasts the postsynaptic one by far, and its driver starts anew
with each spike. So each postsynaptic spike meets one presynaptic waveform, at one
delay, and what the device does meanwhile is a map of (delay, state), derived from its
equations. In a network this map is data, read at postsynaptic spikes.
"""

from dataclasses import dataclass, field

import numpy as np
from brian2 import msecond, second, volt
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity

from brianmem.device import Device
from brianmem.errors import InputError
from brianmem.flow import check_mappable, flow
from brianmem.units import check_unit, format_quantity

#: Constant pieces that stand for each part of the postsynaptic waveform.
_SLICES = 4
#: A lone spike may move a device by this share of the largest change by a pair.
_INERT = 1e-3


@dataclass(frozen=True)
class SpikePair:
    """Voltages at the two terminals of a synapse by the time since their spikes.

    The cell sees post(t - t_post) - pre(t - t_pre). Half of each programming voltage
    comes from either side, so that neither alone reaches a device's threshold:

    - post: set_voltage/2 for `set_time`, then reset_voltage/2 for `reset_time`;
    - pre: -set_voltage/2 at the spike, falling straight to `sag` times that at `recent`,
      then -reset_voltage/2 falling straight to 0 during `past`.

    A postsynaptic spike that meets the first part SETs, one that meets the second
    RESETs. `set_time` and `reset_time` are the device's, `recent` and `past` the network's:
    a second of the device lasts `stretch` seconds of the network.
    """

    set_voltage: Quantity
    set_time: Quantity
    reset_voltage: Quantity
    reset_time: Quantity
    stretch: float
    recent: Quantity = field(default_factory=lambda: 40 * msecond)
    past: Quantity = field(default_factory=lambda: 800 * msecond)
    sag: float = 0.8

    def __post_init__(self):
        for name in ("set_voltage", "reset_voltage"):
            check_unit(getattr(self, name), volt, f"SpikePair: {name}")
        for name in ("set_time", "reset_time", "recent", "past"):
            check_unit(getattr(self, name), second, f"SpikePair: {name}")
        for name in ("stretch", "sag"):
            check_unit(getattr(self, name), DIMENSIONLESS, f"SpikePair: {name}")
        for name in ("set_time", "reset_time", "recent", "past", "stretch"):
            if not 0 < float(getattr(self, name)) < np.inf:
                raise InputError(f"SpikePair: {name} must be positive, got {getattr(self, name)!r}.")
        if float(self.set_voltage) * float(self.reset_voltage) >= 0:
            raise InputError("SpikePair: set_voltage and reset_voltage must be of opposite sign, got "
                             f"{self.set_voltage!r} and {self.reset_voltage!r}.")
        if not 0 <= float(self.sag) <= 1:
            raise InputError(f"SpikePair: sag must lie in 0..1, got {self.sag!r}.")

    @property
    def duration(self):
        """How long the postsynaptic waveform lasts, in the network's time."""
        return (self.set_time + self.reset_time) * float(self.stretch)

    def pre(self, times):
        """Return the presynaptic voltage (V) at `times` (s, of the network) since its spike."""
        t, near, far = np.asarray(times, dtype=float), float(self.recent), float(self.past)
        first = -float(self.set_voltage) / 2 * (1 - (1 - float(self.sag)) * t / near)
        second_part = -float(self.reset_voltage) / 2 * (1 - (t - near) / far)
        return np.where(t < 0, 0, np.where(t < near, first, np.where(t < near + far, second_part, 0)))

    def post(self, times):
        """Return the postsynaptic voltage (V) at `times` (s, of the network) since its spike."""
        t, edge = np.asarray(times, dtype=float), float(self.set_time) * float(self.stretch)
        return np.where((t >= 0) & (t < edge), float(self.set_voltage) / 2, np.where(
            (t >= edge) & (t < float(self.duration)), float(self.reset_voltage) / 2, 0))

    def operation(self):
        """Return "set" and "reset" as a device's ``operation`` has them: the full overlaps."""
        return {"set": (self.set_voltage, self.set_time),
                "reset": (self.reset_voltage, self.reset_time)}


@dataclass(frozen=True, eq=False)
class PairMap:
    """The change and the energy of a postsynaptic spike, on a grid of delay and state.

    Make it with `PairMap.from_device`. Delays d = t_post - t_pre >= 0 are written
    u = d/(d + half), 0..1; u = 1 is a postsynaptic spike alone. States are x = 0..1 between
    their bounds. `change` is that of x, `energy` the integral of v*I in joule during
    the postsynaptic waveform, in the device's time, both (points, points), delay first. What the
    presynaptic waveform takes outside of it is `waveform_energy`.
    """

    device: Device
    spikes: SpikePair
    half: Quantity
    change: np.ndarray = field(repr=False)
    energy: np.ndarray = field(repr=False)
    lone_pre: float = 0.0

    @classmethod
    def from_device(cls, device, spikes, points=96, tolerance=1e-9):
        """Derive the map from the equations of `device`, which must have one state.

        Raises `InputError` where a lone spike moves the device by more than a
        thousandth of what the strongest pair does.
        """
        check_mappable(device)
        if len(device.states) != 1:
            raise InputError(f"{device}: a map of spike pairs holds one state, and it has "
                             f"{len(device.states)}. Take a device of one state.")
        half, u = float(spikes.recent), np.linspace(0, 1, points)
        delays = half * u / np.maximum(1 - u, 1e-12)
        change, energy = pair_changes(device, spikes, delays, np.linspace(0, 1, points), tolerance)
        made = cls(device, spikes, half * second, change, energy, _lone_pre(device, spikes, points))
        lone, strongest = max(made.lone_pre, np.abs(change[-1]).max()), np.abs(change).max()
        if lone > _INERT * strongest:
            raise InputError(
                f"{device}: a spike alone moves the state by {lone:.2g} of its range, and the "
                f"strongest pair by {strongest:.2g}. Half a programming voltage must not program: "
                "lower the voltages, or take a device with a threshold.")
        return made

    def window(self, delays, x):
        """Return the change of x of a pair `delays` (a Quantity) apart."""
        from brianmem.lookup import interpolate

        d = np.asarray(delays, dtype=float)
        return interpolate(self.change, d / (d + float(self.half)), np.asarray(x, dtype=float))

    @property
    def table(self):
        """Change and energy as rows of the grid, (points*points, 2), the state running fastest."""
        return np.stack([self.change.ravel(), self.energy.ravel()], axis=1)


def pair_changes(device, spikes, delays, x, tolerance=1e-9, slices=_SLICES):
    """Integrate pairs `delays` (s) apart from states `x`; return change and energy, (delays, x)."""
    (state,) = device.states
    low, high = (float(b) for b in device.bounds[state])
    d, start = (a.ravel() for a in np.meshgrid(np.asarray(delays, dtype=float), x, indexing="ij"))
    y, total, begin = low + (high - low) * start[None], np.zeros(d.shape), 0.0
    for part in (spikes.set_time, spikes.reset_time):
        piece = float(part) / slices
        for _ in range(slices):
            middle = (begin + piece / 2) * float(spikes.stretch)
            v = spikes.post(middle) - spikes.pre(d + middle)
            y, spent = flow(device, v * volt, piece, y, tolerance=tolerance)
            total, begin = total + spent, begin + piece
    shape = (len(delays), len(x))
    return ((y[0] - low) / (high - low) - start).reshape(shape), total.reshape(shape)


def waveform_energy(device, spikes, shares, x):
    """Return the energy (J) of a presynaptic waveform alone, (shares, x).

    It is cut short at `shares` 0..1 of ``recent + past`` by the next spike of its input, and
    holds the state at x 0..1, which it does not move. A second of the network counts as
    ``1/stretch`` seconds of the device.
    """
    (state,) = device.states
    low, high = (float(b) for b in device.bounds[state])
    near, full = float(spikes.recent), float(spikes.recent + spikes.past)
    # The voltage jumps at `near`; a border belongs to the part after it.
    t = np.concatenate([np.linspace(0, near * (1 - 1e-12), 400), np.linspace(near, full, 800)])
    states = Quantity(low + (high - low) * np.asarray(x, dtype=float), dim=device.dimension(state))
    v = -spikes.pre(t)[:, None]
    current = np.asarray(device.evaluate("I", v=v * volt, **{state: states[None]}))
    power = np.broadcast_to(v * current, (len(t), len(states)))
    steps = np.diff(t)[:, None] * (power[1:] + power[:-1]) / 2
    spent = np.vstack([np.zeros(len(states)), np.cumsum(steps, axis=0)]) / float(spikes.stretch)
    cuts = np.asarray(shares, dtype=float) * full
    return np.stack([np.interp(cuts, t, column) for column in spent.T], axis=1)


def _lone_pre(device, spikes, points):
    """Return the largest change by the peaks of the presynaptic parts, held all their time."""
    (state,) = device.states
    low, high = (float(b) for b in device.bounds[state])
    start, largest = np.linspace(low, high, points)[None], 0.0
    for peak, part in ((spikes.set_voltage, spikes.recent), (spikes.reset_voltage, spikes.past)):
        held = float(part) / float(spikes.stretch)
        # Long beside any pulse: only whether it moves at all counts, not where it ends.
        held = min(held, 1e3 * float(max(spikes.set_time, spikes.reset_time)))
        moved, _ = flow(device, peak / 2, held, start, tolerance=1e-6)
        largest = max(largest, float(np.abs(moved - start).max() / (high - low)))
    return largest


def describe(spikes):
    """Return the waveforms in words, for figures and provenance."""
    return (f"SET overlap {format_quantity(spikes.set_voltage, 3)} for "
            f"{format_quantity(spikes.set_time, 3)}, RESET overlap "
            f"{format_quantity(spikes.reset_voltage, 3)} for {format_quantity(spikes.reset_time, 3)}, "
            f"stretched {spikes.stretch:.3g} times")
