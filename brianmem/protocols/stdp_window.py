"""The change that a pair of overlapping spikes makes, against their delay."""

import logging
from dataclasses import dataclass

import numpy as np
from brian2 import amp, joule, msecond, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols import spikes
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.copies import widen, widen_states
from brianmem.protocols.measure import conductance, read_voltage, scan_result
from brianmem.protocols.paced import Timeline, simulate_paced
from brianmem.units import format_quantity

logger = logging.getLogger(__name__)

_DELAYS = tuple(k * msecond for k in (*range(-60, -10, 10), -10, -7, -5, -3, -2, -1, -0.5, 0, 0.5,
                                      1, 2, 3, 5, 7, 10, *range(20, 70, 10)))


#: A device that forgets within this share of what follows a spike's time keeps no change.
_KEPT = 1 / 3
#: Share of a pair's change above which a lone spike's is warned of.
_LONE = 0.9


@dataclass(frozen=True, repr=False)
class STDPWindow(Protocol):
    """Let one spike at each terminal overlap on the device and measure what it changes.

    The cell sees ``post_scale*spike(t - t_post) - pre_scale*spike(t - t_pre)``, where
    ``delays`` are t_post - t_pre. A spike is `positive_amplitude` for `positive_time` before
    its time 0 and -`negative_amplitude` for `negative_time` after it:

    - exponential: growing with `positive_tau` from 0, decaying with `negative_tau` to 0
      (ZamarrenoRamos2011);
    - triangular: the same with straight lines; rectangular: constant;
    - sampled: `samples`, `sample_step` apart, starting `positive_time` before time 0.

    Nothing of the window is an input: it follows from waveform and device. All delays,
    a lone presynaptic and a lone postsynaptic spike are copies of one group, and the
    edges of each copy lie on its own time steps. A volatile device that forgets long before
    a spike ends is refused.

    The result holds ``change_<state>``, ``change_conductance`` (at the read voltage)
    and ``energy``, (n, delays), and the same of the lone spikes as ``lone_...``, (n, 2): pre,
    post. Metrics of an increase (a decrease) are 0, without a delay, where there is none;
    ``lone_share`` is the largest change of the first state by a lone spike over the
    largest by a pair.
    """

    delays: Quantity = option(_DELAYS, unit=second, many=True, positive=False,
                              help="t_post - t_pre of each pair")
    shape: str = option("exponential", type=str, help="shape of the spikes",
                        choices=("exponential", "triangular", "rectangular", "sampled"))
    positive_amplitude: Quantity = option(1*volt, unit=volt, help="voltage before the spike's time")
    negative_amplitude: Quantity = option(0.25*volt, unit=volt, help="and below 0 after it")
    positive_time: Quantity = option(5*msecond, unit=second, help="how long before")
    negative_time: Quantity = option(75*msecond, unit=second, help="how long after")
    positive_tau: Quantity = option(3*msecond, unit=second, help="time constant before")
    negative_tau: Quantity = option(40*msecond, unit=second, help="time constant after")
    samples: Quantity = option(unit=volt, many=True, positive=False, distinct=False,
                               help="voltages of a sampled spike")
    sample_step: Quantity = option(unit=second, help="time between samples")
    pre_scale: float = option(1.0, unit=1, type=float, help="factor of the presynaptic spike")
    post_scale: float = option(0.9, unit=1, type=float, help="factor of the postsynaptic spike")
    read_voltage: Quantity = option(unit=volt, help="where conductance is read", positive=False)
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")

    kind = "stdp_window"
    redraws = False

    def __post_init__(self):
        super().__post_init__()
        if self.shape == "sampled":
            if self.samples is None or self.sample_step is None:
                raise ProtocolError(f"{self}: a sampled spike needs samples= and sample_step=.")
            if not 2 <= len(self.samples) <= spikes.MOST_SAMPLES:
                raise ProtocolError(f"{self}: samples must be an array of 2 to "
                                    f"{spikes.MOST_SAMPLES} values, got {len(self.samples)}.")
        elif self.samples is not None or self.sample_step is not None:
            raise ProtocolError(f"{self}: samples belong to shape='sampled', not '{self.shape}'.")

    def spike(self):
        """Return the `Spike` of the chosen shape, without the scales."""
        up, down, before, after = (float(x) for x in (
            self.positive_amplitude, self.negative_amplitude, self.positive_time,
            self.negative_time))
        if self.shape == "sampled":
            return spikes.sampled(np.array([float(v) for v in self.samples]), float(self.sample_step),
                                  before)
        if self.shape == "exponential":
            return spikes.exponential(up, down, before, after, float(self.positive_tau),
                                      float(self.negative_tau))
        return getattr(spikes, self.shape)(up, down, before, after)

    def voltage(self, delay, times):
        """Return the source voltage (V) of a pair `delay` apart at `times` (s) since t_pre."""
        spike, times = self.spike(), np.asarray(times, dtype=float)
        return float(self.post_scale) * spike.between(times - delay, times - delay, times - delay) \
            - float(self.pre_scale) * spike.between(times, times, times)

    def _refuse_forgetful(self, device):
        forgets = float(device.operation["relax"][1]) if device.is_volatile else np.inf
        tail = self.spike().corners[-1]
        if forgets < _KEPT * tail:
            raise ProtocolError(
                f"{self}: {device} forgets within {format_quantity(forgets * second, 3)}, long before "
                f"a spike ends ({format_quantity(tail * second, 3)} after its time), and nothing of a "
                "pair is left. Shorten the spikes (positive_time=, negative_time=, their taus) and "
                "delays=, or take a device that keeps its state.")

    def _measure(self, setup, states, seed):
        self._refuse_forgetful(setup.device)
        delays = np.array([float(d) for d in self.delays])
        count = len(delays) + 2
        wide, start = widen(setup, count), widen_states(states, count)
        timeline = self._timeline(delays, setup.n)
        units = 64 if self.shape != "sampled" else max(64, len(self.samples))
        marks = simulate_paced(wide, timeline, start, None if self.dt is None else float(self.dt),
                               units)
        data, axes = self._changes(wide, marks, count)
        data["delay"], axes["delay"] = delays * second, ("delay",)
        data |= self._shown()
        axes |= dict.fromkeys(("spike_t", "spike_pre", "spike_post"), ("spike_t",))
        metrics = _metrics(data, delays, setup.device)
        if "lone_share" not in metrics:
            logger.warning("%s: no pair changes '%s' of %s. Raise the amplitudes, or give times and "
                           "delays that suit the device.", self, setup.device.states[0], setup.device)
        elif metrics["lone_share"] > _LONE:
            logger.warning("%s: a lone spike changes '%s' of %s %.2g times as much as any pair, so the "
                           "window is not one of pairs. Lower the amplitudes or shorten the spikes.",
                           self, setup.device.states[0], setup.device, metrics["lone_share"])
        return scan_result(self, setup, seed, data, axes, metrics, [marks.trace])

    def _shown(self):
        """Return both spikes as sampled curves, twice at each corner."""
        spike = self.spike()
        borders = np.array([spike.corners[0], *spike.corners, spike.corners[-1]])
        borders[[0, -1]] += np.array([-0.05, 0.05]) * (borders[-1] - borders[0])
        start, end = borders[:-1, None], borders[1:, None]
        t = start + (end - start) * np.linspace(0, 1, 60)
        v = spike.between(start, end, t).ravel()
        return {"spike_t": t.ravel() * second, "spike_pre": float(self.pre_scale) * v * volt,
                "spike_post": float(self.post_scale) * v * volt}

    def _timeline(self, delays, n):
        """Return the pieces between the corners of both spikes, for pairs and lone spikes."""
        spike = self.spike()
        corners = np.array(spike.corners)
        # Lone spikes are pairs of which one has no amplitude.
        shifts = np.concatenate([delays, [0.0, 0.0]])
        post = np.append(np.ones(len(delays)), [0.0, 1.0]) * float(self.post_scale)
        pre = np.append(np.ones(len(delays)), [1.0, 0.0]) * float(self.pre_scale)
        times = np.sort(np.concatenate([np.broadcast_to(corners, (len(shifts), len(corners))),
                                        corners + shifts[:, None]], axis=1), axis=1)
        start, end = times[:, :-1, None], times[:, 1:, None]
        late = shifts[:, None, None]

        def voltage(share):
            at = start + (end - start) * share
            v = post[:, None, None] * spike.between(start - late, end - late, at - late) \
                - pre[:, None, None] * spike.between(start, end, at)
            return np.tile(v, (n, 1, 1))

        return Timeline(np.tile(np.diff(times, axis=1), (n, 1)), voltage,
                        straight=self.shape in ("triangular", "rectangular"))

    def _changes(self, wide, marks, count):
        device = wide.device
        read = float(read_voltage(device, self.read_voltage))
        found = {f"change_{k}": Quantity(a[:, -1] - a[:, 0], dim=device.dimension(k))
                 for k, a in marks.states.items()}
        ends = {k: a[:, [0, -1]] for k, a in marks.states.items()}
        found["change_conductance"] = np.diff(conductance(wide, read, ends))[:, 0] * siemens
        found["energy"] = marks.energy[:, -1] * joule
        data, axes = {}, {}
        for name, values in found.items():
            table = values.reshape(-1, count)
            data[name], axes[name] = table[:, :-2], ("instance", "delay")
            data[f"lone_{name}"], axes[f"lone_{name}"] = table[:, -2:], ("instance", "lone")
        return data, axes


def _metrics(data, delays, device):
    first = np.asarray(data[f"change_{device.states[0]}"])
    lone = np.abs(np.asarray(data[f"lone_change_{device.states[0]}"])).max()
    largest = np.abs(first).max()
    mean = first.mean(axis=0)
    metrics = {"largest_increase": max(float(mean.max()), 0.0),
               "largest_decrease": min(float(mean.min()), 0.0),
               "mean_energy_J": float(np.asarray(data["energy"]).mean())}
    if mean.max() > 0:
        metrics["delay_of_increase_s"] = float(delays[mean.argmax()])
    if mean.min() < 0:
        metrics["delay_of_decrease_s"] = float(delays[mean.argmin()])
    return metrics | ({"lone_share": float(lone / largest)} if largest > 0 else {})
