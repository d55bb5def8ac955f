"""How long a constant voltage takes to switch a device."""

import logging
from dataclasses import dataclass, replace

import numpy as np
from brian2 import amp, joule, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import ProtocolError, UnitError
from brianmem.protocols.arrival import Level, can_follow, first_arrival
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.copies import subset, widen, widen_states
from brianmem.protocols.drive import own_resistance
from brianmem.protocols.measure import conductance, read_voltage, scan_result
from brianmem.protocols.usual_level import half_way, middle_ahead
from brianmem.protocols.watched import watched_state
from brianmem.units import check_unit, parse_quantity

logger = logging.getLogger(__name__)

#: The time given to each voltage, in widths of the device's own SET pulse: more where
#: it costs nothing, because the device is followed and not integrated in segments.
_MOST_WIDTHS, _FEW_WIDTHS = 1e6, 1e3
#: What a noisy device is given at most: more would take minutes.
_MOST_USUAL_STEPS = 2**15


@dataclass(frozen=True, repr=False)
class SwitchingTime(Protocol):
    """Measure the delay until a state, or the conductance, first passes `level`.

    Each voltage is applied at once and held until then, for at most `max_time`, to
    all copies. `state` is a bounded state or "conductance", at the read voltage. By
    default a device that keeps its state is watched in the first one, and `level` is the
    middle between its bounds (half way to a bound, if it starts beyond the middle and is
    driven away). The coordinate of a volatile device often has no middle that means
    anything: there the conductance is watched, and `level` is half way between
    before and after the usual SET pulse (with noise, the median of 33 such pulses).

    A deterministic device is followed with a step of its own for each copy, to 1e-9
    of the range of each state (1e-7 with implicit steps, where it is stiff), so that
    delays may span any number of decades. With noise, events or `t`, segments of growing
    length are integrated, noise with the step `dt` (default: the suggested one), and a
    crossing is interpolated between two recorded points (steps, or 1/256 of the segment).

    The result holds ``delay`` and ``energy`` (until then), (n, voltages), with
    ``arrived`` False where the level was not passed: there they are those of
    `max_time`. The metric ``slope_decades_per_V`` is that of log10 of the median delay
    over the voltages at which all copies arrived.
    """

    voltages: Quantity = option(unit=volt, many=True, positive=False,
                                help="source voltages; default: 0.8 to 1.2 times the SET voltage")
    state: str = option(type=str, help="state to watch, or 'conductance'; default: the first, "
                        "conductance if volatile")
    level: object = option(type=str, help="its value to pass, with unit; default: the middle, of "
                           "what the SET pulse does if volatile")
    max_time: Quantity = option(unit=second, help="longest delay to wait for; default: a million "
                                "SET widths, a thousand with events, and with noise at most 32768 "
                                "steps")
    read_voltage: Quantity = option(unit=volt, help="where conductance is read", positive=False)
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: chosen")

    kind = "switching_time"
    redraws = False

    def _resolved(self, device):
        usual = device.operation.get("set")
        if usual is None and (self.voltages is None or self.max_time is None):
            raise ProtocolError(f"{self}: {device} states no usual SET pulse. Give voltages= and "
                                "max_time=.")
        voltages = np.linspace(0.8, 1.2, 9) * float(usual[0]) if self.voltages is None \
            else np.array([float(v) for v in self.voltages])
        if self.max_time is not None:
            return voltages, float(self.max_time)
        longest = (_MOST_WIDTHS if can_follow(device) else _FEW_WIDTHS) * float(usual[1])
        step = device.suggested_dt if self.dt is None else self.dt
        if device.is_stochastic and step is not None:
            longest = min(longest, _MOST_USUAL_STEPS * float(step))
        return voltages, longest

    def _measure(self, setup, states, seed):
        voltages, max_time = self._resolved(setup.device)
        usual = setup.device.operation.get("set")
        setup = replace(setup, series_resistance=own_resistance(self, usual))
        wide, start = widen(setup, len(voltages)), widen_states(states, len(voltages))
        voltage = np.tile(voltages, setup.n)
        level, name, unit = self._level(wide, voltage, start)
        _refuse_start_beyond(self, level, start, name)
        delay, energy, arrived = first_arrival(
            wide, voltage, start, level, max_time,
            None if self.dt is None else float(self.dt))
        if not arrived.any():
            logger.warning("%s: '%s' passed %.3g at no voltage within %.3g s. Start from the other "
                           "state (initial=, or --with STATE=VALUE), or change voltages, level or "
                           "max_time.",
                           setup.device, name, level.value, max_time)
        shape = (setup.n, len(voltages))
        delay, energy, arrived = (a.reshape(shape) for a in (delay, energy, arrived))
        data = {"voltage": voltages * volt, "delay": delay * second, "arrived": arrived,
                "energy": energy * joule}
        axes = dict.fromkeys(data, ("instance", "voltage")) | {"voltage": ("voltage",)}
        return scan_result(self, setup, seed, data, axes, _metrics(voltages, delay, arrived, energy),
                           state=name, level=level.value, level_unit=unit, max_time_s=max_time)

    def _level(self, setup, voltage, start):
        device = setup.device
        name = "conductance" if self._follows_set(device) and self.state is None \
            else watched_state(self, device, self.state)
        if name == "conductance":
            if self.level is None and not self._follows_set(device):
                raise ProtocolError(f"{self}: a conductance has no usual level. Give level=, such as "
                                    "10*usiemens.")
            read = float(read_voltage(device, self.read_voltage))

            def observe(states, copies):
                return conductance(subset(setup, copies), read, states)

            like = siemens
        else:
            def observe(states, _copies):
                return states[name]

            like = device.dimension(name)
        if self._follows_set(device):
            value = half_way(self, setup, start, name)
        elif self.level is None:
            value = middle_ahead(setup, voltage, start, name)
        else:
            value = self._value(device, name, like)
        return Level(observe, value), name, str(get_dimensions(like))

    def _follows_set(self, device):
        return self.level is None and device.is_volatile and "set" in device.operation

    def _value(self, device, name, like):
        try:
            value = parse_quantity(self.level, like, "level") if isinstance(self.level, str) \
                else check_unit(self.level, like, "level")
        except UnitError as error:
            raise ProtocolError(f"{self}: {error}") from None
        low, high = device.bounds.get(name, (-np.inf, np.inf))
        if np.ndim(value) or not float(low) <= float(value) <= float(high):
            raise ProtocolError(f"{self}: level = {value} is not one value within the bounds of "
                                f"'{name}', {float(low):g}..{float(high):g}.")
        return float(value)


def _refuse_start_beyond(protocol, level, start, name):
    copies = np.arange(len(next(iter(start.values()))))
    values = level.observe({k: v[:, None] for k, v in start.items()}, copies)
    if np.any(values == level.value):
        raise ProtocolError(f"{protocol}: '{name}' starts at the level itself. Give another level= or "
                            "initial=.")


def _metrics(voltages, delay, arrived, energy):
    metrics = {"arrived_fraction": float(arrived.mean())}
    if arrived.any():
        metrics["shortest_delay_s"] = float(delay[arrived].min())
        metrics["longest_delay_s"] = float(delay[arrived].max())
        metrics["mean_energy_J"] = float(energy[arrived].mean())
    slope = log_slope(voltages, delay, arrived)
    if slope is not None:
        metrics["slope_decades_per_V"] = slope
    return metrics


def log_slope(voltages, delay, arrived):
    """Return the slope of log10(median delay) over voltage; None without two points."""
    full = arrived.all(axis=0) & (delay > 0).all(axis=0)
    if np.sum(full) < 2:
        return None
    return float(np.polyfit(voltages[full], np.log10(np.median(delay[:, full], axis=0)), 1)[0])
