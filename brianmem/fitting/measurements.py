"""What the columns of a table mean in each protocol, and what its options say of the rest."""

from dataclasses import dataclass

import numpy as np
from brian2 import amp, ohm, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import DatasetError, FitError
from brianmem.fitting.closed_forms import Retention, form_for
from brianmem.fitting.tasks import Decay, Pulses, Sweep, Switching
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.measure import read_voltage

_FLOOR = 1e-4  # of the largest value
_MOST_PULSES = 100_000


@dataclass(frozen=True, repr=False)
class IVSweepData(Protocol):
    """Columns voltage and current, and time; without time, the period or rate of the sweep."""

    period: Quantity = option(unit=second, help="time of one cycle, where there is no time column")
    rate: Quantity = option(unit=volt/second, help="sweep rate, where there is no time column")
    cycles: int = option(1, type=int, help="number of cycles in the data, for the period")
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    floor: Quantity = option(unit=amp, help="current below which residuals are absolute, not "
                             "relative; default: 1e-4 of the largest")
    points: int = option(1000, type=int, help="compare about this many points of longer data")

    def task(self, device, table):
        """Return the `Sweep` of the data."""
        v, current = table.values("voltage"), table.values("current")
        _enough(table, 10)
        t = self._time(table, v)
        if np.ptp(v) == 0:
            raise DatasetError(f"{table.source}: the voltage is {v[0]:g} V throughout, which is no "
                               "sweep. Use --protocol relaxation.")
        if not np.any(current):
            raise DatasetError(f"{table.source}: the current is 0 throughout.")
        floor = _FLOOR * np.max(np.abs(current)) if self.floor is None else float(self.floor)
        # The waveform keeps four points for each one that is compared.
        thinned = slice(None, None, max(1, len(v) // (4 * self.points)))
        t, v, current = t[thinned], v[thinned], current[thinned]
        keep = slice(None, None, max(1, len(v) // self.points))
        return Sweep(device, t, v, current, floor, self.series_resistance, self.compliance, keep)

    def _time(self, table, v):
        if "time" in table:
            return _increasing(table)
        if (self.period is None) == (self.rate is None):
            raise DatasetError(f"{table.source}: no column 'time'. Say --period (of one cycle) or "
                               "--rate of the sweep, one of them.")
        way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(v)))])
        if np.any(np.diff(way) == 0):
            row = int(np.argmax(np.diff(way) == 0)) + 1
            raise DatasetError(f"{table.where(row)}: the voltage stays as it was, so that its time "
                               "is unknown. Delete the line or add a time column.")
        if self.rate is not None:
            return way / float(self.rate)
        return way / way[-1] * float(self.period) * self.cycles


@dataclass(frozen=True, repr=False)
class PulseTrainData(Protocol):
    """One row per pulse: conductance, resistance, or current at the read voltage.

    The column pulse counts them, 0 being before the first; without it the first row is
    that. Amplitudes and widths stand in columns or in options: then the first half of
    the pulses SET and the others RESET unless set_pulses says otherwise.
    """

    set_amplitude: Quantity = option(unit=volt, help="of a SET pulse", positive=False)
    set_width: Quantity = option(unit=second, help="of a SET pulse")
    reset_amplitude: Quantity = option(unit=volt, help="of a RESET pulse", positive=False)
    reset_width: Quantity = option(unit=second, help="of a RESET pulse")
    set_pulses: int = option(type=int, help="how many of the pulses SET; default: half")
    read_voltage: Quantity = option(unit=volt, help="of the reads", positive=False)
    rest: Quantity = option(unit=second, help="time at 0 V after each pulse; default: none")

    def task(self, device, table):
        """Return the `Pulses` of the data."""
        conductance, read = _conductance(self, device, table)
        _enough(table, 6)
        rows = _whole_numbers(table, "pulse") if "pulse" in table else np.arange(len(table))
        count = int(rows[-1])
        if count > _MOST_PULSES:
            raise DatasetError(f"{table.where(len(table) - 1)}, column 'pulse': {count:.6g} pulses "
                               f"are more than the {_MOST_PULSES:,} that a fit can apply again and "
                               "again. Correct the number, or fit a part of the data.")
        pulses = self._columns(device, table, rows) if "amplitude" in table \
            else self._trains(device, count, table, rows[np.argmax(conductance)])
        return Pulses(device, pulses, rows, conductance, read, _FLOOR * np.max(conductance),
                      0.0 if self.rest is None else float(self.rest))

    def _usual(self, device, kind):
        voltage, width, *series = device.operation.get(kind, (None, None))
        found = [usual if own is None else own for own, usual in (
            (getattr(self, f"{kind}_amplitude"), voltage), (getattr(self, f"{kind}_width"), width))]
        for name, value in zip(("amplitude", "width"), found, strict=True):
            if value is None:
                raise FitError(f"{device} states no usual {kind} pulse. Say --{kind}-{name}.")
        return float(found[0]), float(found[1]), series[0] if series else None

    def _trains(self, device, count, table, peak):
        number = self.set_pulses
        if number is None:
            if count % 2:
                raise DatasetError(f"{table.source}: {count} pulses cannot be half SET and half "
                                   "RESET. Say --set-pulses NUMBER, or give a column 'amplitude'.")
            number = count // 2
            if abs(peak - number) > count / 4:
                raise DatasetError(f"{table.source}: the conductance is largest after pulse "
                                   f"{peak:g} of {count}, so it is not half SET and half RESET. "
                                   "Say --set-pulses NUMBER, or give a column 'amplitude'.")
        if number > count:
            raise DatasetError(f"{table.source}: {count} pulses, of which --set-pulses {number} "
                               "cannot SET.")
        trains = [self._usual(device, "set")] * number
        return trains + ([self._usual(device, "reset")] * (count - number) if number < count else [])

    def _columns(self, device, table, rows):
        """One pulse leads to each row after row 0."""
        expected = np.arange(rows[0], rows[0] + len(rows))
        if rows[0] > 1 or not np.array_equal(rows, expected):
            raise DatasetError(f"{table.source}: with a column 'amplitude' each pulse needs its row, "
                               "counted from 0 or 1.")
        amplitude = table.values("amplitude")
        width = table.values("width") if "width" in table else None
        side = np.sign(float(device.operation["set"][0])) if "set" in device.operation else 1
        pulses = []
        for k in range(1 - rows[0], len(rows)):
            kind = "set" if amplitude[k] * side > 0 else "reset"
            duration = width[k] if width is not None else self._usual(device, kind)[1]
            if not duration > 0:
                raise DatasetError(f"{table.where(k)}: a pulse of width {duration:g} s. Widths must "
                                   "be positive.")
            series = device.operation.get(kind, ())[2:]
            pulses.append((float(amplitude[k]), float(duration), series[0] if series else None))
        return pulses


@dataclass(frozen=True, repr=False)
class RelaxationData(Protocol):
    """Columns time and conductance, resistance or current, after a set at the first time."""

    read_voltage: Quantity = option(unit=volt, help="of the reads", positive=False)
    held_voltage: Quantity = option(unit=volt, help="between the reads; default: 0 V",
                                    positive=False)

    def task(self, device, table):
        """Return the `Decay` of the data."""
        conductance, read = _conductance(self, device, table)
        _enough(table, 5)
        held = 0.0 if self.held_voltage is None else float(self.held_voltage)
        return Decay(device, _increasing(table), conductance, read, _FLOOR * np.max(conductance),
                     held)


@dataclass(frozen=True, repr=False)
class SwitchingTimeData(Protocol):
    """Columns voltage and delay: the state has gone a share of the way to its bound."""

    share: float = option(0.5, type=float, help="of the way from the initial state to the bound")

    def task(self, device, table):
        """Return the `Switching` of the data."""
        if not 0 < self.share < 1:
            raise FitError(f"share must lie between 0 and 1, got {self.share:g}.")
        v, delay = table.values("voltage"), table.values("delay")
        _enough(table, 3)
        _positive(table, "delay", delay)
        return Switching(device, v, delay, self.share)


@dataclass(frozen=True, repr=False)
class RetentionData(Protocol):
    """Columns time and conductance, and temperature for an activation energy."""

    law: str = option("stretched_exponential", type=str, help="of the conductance over time",
                      choices=("stretched_exponential", "power_law"))
    reference_time: Quantity = option(unit=second, help="t_0 of the power law; default: 1 s")
    read_voltage: Quantity = option(unit=volt, help="of the reads", positive=False)

    def task(self, device, table):
        """Return the `Retention` of the data."""
        conductance, _read = _conductance(self, device, table)
        _enough(table, 5)
        t = table.values("time")
        _positive(table, "time", t)
        temperature = table.values("temperature") if "temperature" in table else None
        if temperature is not None:
            _positive(table, "temperature", temperature)
        form = form_for(self.law, t, conductance, temperature,
                        1.0 if self.reference_time is None else float(self.reference_time))
        return Retention(form, t, conductance, temperature)


def _conductance(options, device, table):
    """Return the conductance in siemens and the read voltage in volt."""
    asked = options.read_voltage
    if asked is None and device is None and "current" in table:
        raise FitError("say the read voltage of the currents: --read-voltage.")
    read = float(asked) if device is None and asked is not None else \
        0.1 if device is None else float(read_voltage(device, asked))
    if read == 0:
        raise FitError("the read voltage must not be 0 V.")
    if "conductance" in table:
        found, name = table.values("conductance"), "conductance"
    elif "resistance" in table:
        _positive(table, "resistance", table.values("resistance"))
        found, name = 1 / table.values("resistance"), "resistance"
    else:
        if "current" not in table:
            table.values("conductance")  # says what is missing
        found, name = table.values("current") / read, "current"
    _positive(table, name, found)
    return found, read


def _positive(table, name, values):
    if not np.all(values > 0):
        row = int(np.argmin(values > 0))
        raise DatasetError(f"{table.where(row)}, column '{name}': {values[row]:g} is not positive. "
                           "Correct the sign or the read voltage, or delete the line.")


def _enough(table, least):
    if len(table) < least:
        raise DatasetError(f"{table.source}: {len(table)} points are too few; a fit needs at least "
                           f"{least}.")


def _increasing(table):
    t = table.values("time")
    if np.any(np.diff(t) <= 0):
        row = int(np.argmax(np.diff(t) <= 0)) + 1
        raise DatasetError(f"{table.where(row)}, column 'time': {t[row]:g} s does not follow "
                           f"{t[row - 1]:g} s. Time must increase; sort the lines, or fit one "
                           "sweep at a time.")
    return t


def _whole_numbers(table, name):
    values = table.values(name)
    if np.any(values != np.round(values)) or values[0] < 0 or np.any(np.diff(values) <= 0):
        bad = (values != np.round(values)) | (values < 0)
        row = int(np.argmax(bad)) if bad.any() else int(np.argmax(np.diff(values) <= 0)) + 1
        raise DatasetError(f"{table.where(row)}, column '{name}': {values[row]:g} is not the next "
                           "whole number. Count the pulses 0, 1, 2, ...")
    return values.astype(int)


#: Protocols by the name that the command line uses.
MEASUREMENTS = {"iv_sweep": IVSweepData, "pulse_train": PulseTrainData,
                "relaxation": RelaxationData, "switching_time": SwitchingTimeData,
                "retention": RetentionData}
