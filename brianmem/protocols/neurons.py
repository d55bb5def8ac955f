"""Measurements of a neuron: its rate against the drive, and its response to one."""

from dataclasses import dataclass

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor, hertz, joule, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import provenance
from brianmem.errors import DivergenceError, ProtocolError, UnitError
from brianmem.neuron import Neuron
from brianmem.neuron_group import drawn
from brianmem.protocols.base import POINTS, Protocol, fresh_seed, option
from brianmem.protocols.surroundings import (
    short_collections,
    silent_divergence,
    untouched_random_state,
)
from brianmem.result import Result
from brianmem.units import check_unit, format_quantity, is_number, parse_quantity, si_unit_name

#: Drives of an f-I curve that names none.
_DRIVES = 21


class NeuronProtocol(Protocol):
    """A stimulus for a `Neuron` and what is measured; data until `run`."""

    def run(self, neuron, n=1, variation=None, seed=None, initial=None):
        """Measure `n` copies of `neuron` and return a `Result`.

        `variation` spreads parameters between copies; `initial` maps states to start
        values, scalar or (n,). The same seed gives the same result.
        """
        if not isinstance(neuron, Neuron):
            raise ProtocolError(f"{self} measures a Neuron, got {neuron}. Devices are measured by "
                                "IVSweep, PulseTrain and others, see 'brianmem measure --help'.")
        self.check_run(n, seed)
        if seed is None and (neuron.is_stochastic or variation is not None):
            seed = fresh_seed()
        spread = drawn(neuron, int(n), variation, seed)
        return self._measure(neuron, int(n), spread, seed, initial or {})

    def _step(self, neuron):
        dt = neuron.suggested_dt if self.dt is None else self.dt
        if dt is None:
            raise ProtocolError(f"{self}: say dt=; {neuron} suggests none.")
        return dt

    def _time(self, neuron, name):
        if getattr(self, name) is not None:
            return getattr(self, name)
        if name not in neuron.operation:
            raise ProtocolError(f"{self}: say {name}=; {neuron} states no operation '{name}'.")
        return neuron.operation[name]

    def _attrs(self, neuron, n, seed, dt, drive):
        return provenance.collect(
            equations="\n".join([neuron.equations, f"threshold: {neuron.threshold}",
                                 f"reset: {neuron.reset}", f"refractory: {neuron.refractory}"]),
            seed=seed, references=neuron.references, kind=self.kind, neuron=neuron.name,
            neuron_repr=repr(neuron), protocol=repr(self), drive=drive,
            evidence={k: e.kind for k, e in neuron.evidence.items()}, instances=n, dt_s=float(dt))


def _checked_drive(protocol, neuron, value):
    dim = neuron.dimension(neuron.drive)
    if is_number(value) and value == 0:  # which has no unit in Brian2
        return Quantity(0.0, dim=dim)
    try:
        return check_unit(value, dim, f"{protocol}: the drive of {neuron}")
    except UnitError as error:
        raise ProtocolError(str(error)) from None


def _firing(neuron, n, drive, duration, dt, seed, parameters, initial, record=()):
    """Run `n` copies; return spike times (s) and energies at them (J) by copy, the group, monitors.

    The energies are None where the neuron states no power; the monitor is that of `record`.
    """
    steps = round(float(duration) / float(dt))
    group = neuron.group(n, drive, dt=dt, parameters=parameters, initial=initial,
                         spike_times=True, target="auto", steps=steps)
    noted = [k for k in ("spike_time", "energy") if k in group.variables]
    spikes = SpikeMonitor(group, variables=noted, codeobj_class=group.codeobj_class)
    monitors = [StateMonitor(group, list(record), record=True, dt=dt * max(1, steps // POINTS),
                             codeobj_class=group.codeobj_class)] if record else []
    with untouched_random_state(seed), short_collections(), silent_divergence():
        Network(group, spikes, *monitors).run(duration, namespace={})
    _check_finite(neuron, group)
    clock, copy = np.asarray(spikes.t_), np.asarray(spikes.i)
    times = clock
    if "spike_time" in noted:
        within = np.asarray(spikes.spike_time_)
        # What was above the threshold before it might fire crosses nothing in this step.
        times = np.where(within >= clock - 1e-9 * float(dt), within, clock)
    spent = [np.asarray(spikes.energy_)[copy == k] for k in range(n)] if "energy" in noted else None
    return [times[copy == k] for k in range(n)], spent, group, monitors


def _check_finite(neuron, group):
    for state in neuron.states:
        values = np.asarray(getattr(group, f"{state}_"))
        if not np.all(np.isfinite(values)):
            bad = int(np.argmin(np.isfinite(values)))
            raise DivergenceError(f"{neuron}: state '{state}' of copy {bad} became {values[bad]}. "
                                  "Use a shorter dt, or check the drive.")


def _rate(times):
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def _per_spike(spent):
    """Return the mean energy (J) from spike to spike; NaN with fewer than two."""
    return (spent[-1] - spent[0]) / (len(spent) - 1) if len(spent) > 1 else np.nan


def _energy_metrics(neuron, per_spike):
    """Return what the headline says of energy, which is none where the neuron states no power."""
    if per_spike is None:
        return {"energy_per_spike_J": None, "energy": f"none: {neuron.name} states no power"}
    return {"energy_per_spike_J": None if np.isnan(per_spike) else float(per_spike)}


def _first_rate(times):
    return 1 / (times[1] - times[0]) if len(times) > 1 else 0.0


@dataclass(frozen=True, repr=False)
class FICurve(NeuronProtocol):
    """Apply constant drives, one copy each, and count spikes.

    ``rate`` is that of the intervals between the spikes after `settle`, 0 with fewer
    than two; ``first_rate`` is one over the first interval. Times are interpolated
    within the step, but a clock moves each reset by up to dt: the rate is off by up to
    the share ``dt*rate``, unless the reset subtracts. ``energy_per_spike`` is what is put
    in over the same intervals, NaN with fewer than two spikes; a neuron whose equations
    state no power has none.
    """

    currents: object = option(many=True, positive=False,
                              help="drives in the neuron's unit (default: 21 over its operation)")
    duration: Quantity = option(unit=second, help="how long (default: as the neuron states)")
    settle: Quantity = option(unit=second, positive=False, help="spikes before do not count")
    dt: Quantity = option(unit=second, help="step (default: as the neuron suggests)")

    kind = "fi_curve"

    def _drives(self, neuron):
        if self.currents is not None:
            return [_checked_drive(self, neuron, value) for value in self.currents]
        ends = [neuron.operation.get(k) for k in ("silent", "fires")]
        if None in ends:
            raise ProtocolError(f"{self}: say currents=; {neuron} states no operation 'silent' and "
                                "'fires'.")
        return np.linspace(*map(float, ends), _DRIVES)

    def _measure(self, neuron, n, spread, seed, initial):
        drives = np.array([float(x) for x in self._drives(neuron)])
        m, dim = len(drives), neuron.dimension(neuron.drive)
        duration, dt = self._time(neuron, "duration"), self._step(neuron)
        wide = {k: Quantity(np.repeat(np.asarray(v), m), dim=get_dimensions(v))
                for k, v in spread.items()}
        start = {k: Quantity(np.repeat(np.broadcast_to(np.asarray(v), (n,)), m),
                             dim=get_dimensions(v)) for k, v in initial.items()}
        times, spent, *_ = _firing(neuron, n * m, Quantity(np.tile(drives, n), dim=dim), duration,
                                   dt, seed, wide, start)
        after = float(self.settle or 0)
        settled = [t[t >= after] for t in times]
        data = {"rate": np.array([_rate(t) for t in settled]) * hertz,
                "first_rate": np.array([_first_rate(t) for t in times]) * hertz,
                "spikes": np.array([len(t) for t in settled])}
        if spent is not None:
            data["energy_per_spike"] = np.array([
                _per_spike(e[t >= after]) for e, t in zip(spent, times, strict=True)]) * joule
        data = {k: v.reshape(n, m) for k, v in data.items()}
        return self._result(neuron, n, seed, dt, data, Quantity(drives, dim=dim), spread)

    def _result(self, neuron, n, seed, dt, data, drives, spread):
        axes = dict.fromkeys(data, ("instance", "drive"))
        if n == 1:
            data, axes = {k: v[0] for k, v in data.items()}, dict.fromkeys(data, ("drive",))
        fires = np.atleast_2d(data["spikes"]).min(axis=0) > 0
        firing = np.asarray(drives)[fires]
        metrics = {"rate_max_Hz": float(np.max(np.asarray(data["rate"]))),
                   "onset": float(firing.min()) if fires.any() else None,
                   "drive_unit": si_unit_name(get_dimensions(drives)),
                   **_energy_metrics(neuron, self._at_fastest(data))}
        return Result({**data, "drive": drives}, {**axes, "drive": ("drive",)},
                      {**neuron.namespace, **spread},
                      self._attrs(neuron, n, seed, dt, neuron.drive), metrics)

    def _at_fastest(self, data):
        """Return the energy per spike (J) where the rate is highest, the mean of the copies."""
        if "energy_per_spike" not in data:
            return None
        rates, spent = (np.atleast_2d(np.asarray(data[k])) for k in ("rate", "energy_per_spike"))
        return spent[:, np.argmax(rates.mean(axis=0))].mean()


@dataclass(frozen=True, repr=False)
class SpikeResponse(NeuronProtocol):
    """Apply a drive, a value or a Brian2 expression of ``t``, and record traces and spikes."""

    drive: object = option(type=str, help="value or expression of t (default: where it fires)")
    duration: Quantity = option(unit=second, help="how long (default: as the neuron states)")
    dt: Quantity = option(unit=second, help="step (default: as the neuron suggests)")

    kind = "spike_response"

    def _resolved(self, neuron):
        drive = self.drive
        if drive is None:
            if "fires" not in neuron.operation:
                raise ProtocolError(f"{self}: say drive=; {neuron} states no operation 'fires'.")
            drive = neuron.operation["fires"]
        if isinstance(drive, str):
            try:
                drive = parse_quantity(drive)
            except UnitError:
                return drive
        return _checked_drive(self, neuron, drive)

    def _measure(self, neuron, n, spread, seed, initial):
        drive, duration = self._resolved(neuron), self._time(neuron, "duration")
        dt = self._step(neuron)
        names = list(dict.fromkeys([neuron.voltage, *neuron.states, neuron.drive]))
        times, spent, group, (monitor,) = _firing(neuron, n, drive, duration, dt, seed, spread,
                                                  initial, names)
        # Copies: Brian2 may free what a monitor hands out together with the monitor.
        data = {k: Quantity(np.array(getattr(monitor, f"{k}_")), dim=neuron.dimension(k))
                for k in names}
        axes = dict.fromkeys(data, ("instance", "t"))
        if n == 1:
            data, axes = {k: v[0] for k, v in data.items()}, dict.fromkeys(data, ("t",))
        data |= {"t": np.array(monitor.t_) * second, "spike_t": np.concatenate(times) * second,
                 "spike_instance": np.repeat(np.arange(n), [len(t) for t in times])}
        axes |= {"t": ("t",), "spike_t": ("spike",), "spike_instance": ("spike",)}
        metrics = {"spikes": sum(map(len, times)), "rate_Hz": float(np.mean([*map(_rate, times)]))}
        if spent is not None:
            metrics["energy_J"] = float(np.sum(group.energy_))
        metrics |= _energy_metrics(
            neuron, spent and np.mean([_per_spike(e) for e in spent]))
        shown = drive if isinstance(drive, str) else format_quantity(drive)
        return Result(data, axes, {**neuron.namespace, **spread},
                      {**self._attrs(neuron, n, seed, dt, neuron.drive), "voltage": neuron.voltage,
                       "stimulus": shown}, metrics)
