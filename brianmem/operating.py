"""From a device to the pulses that a network programs it with, by one stated procedure.

Equal rectangular pulses at a fixed voltage compose: k pulses of width w move a device
that rests at 0 V as one pulse of width k*w does. So one trajectory for each amplitude
(and series resistance) holds every width and every number of pulses. The candidates
are ranked by the curve of the read current along `levels` pulses:

1. RESET from the state that conducts most, then SET from where RESET leads to, then
   RESET again from where SET leads to.
2. A candidate's score is the product of four shares, each 1 at best: distinct levels
   (participation number of the steps over the number of pulses), saturation (the part
   of what ten times as many pulses reach), the first step against the wanted one, and
   contrast (1 - low/high current).
3. Among candidates within 5 % of the best score, that of least energy times width wins.
4. SET is tried behind a series resistance where the bare device scores below one half:
   a feedback that runs away then slows itself down.
"""

import logging
from dataclasses import dataclass, field

import numpy as np
from brian2 import ohm, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.device import Device, Evidence
from brianmem.errors import InputError, StepError
from brianmem.flow import check_mappable, flow
from brianmem.protocols import PulseTrain
from brianmem.reduction import PulseMap, read_table, stack_tables
from brianmem.units import format_quantity
from brianmem.window import PulseWindow, check_programmable

logger = logging.getLogger(__name__)

_AMPLITUDES = np.geomspace(0.5, 1.7, 11)
_RESISTANCES = (0.3, 1.0, 3.0, 30.0)
# Of a trajectory, in widths of the device's own pulse; and the shortest pulse of them.
_TIMES = np.geomspace(1e-2, 1e5, 85)
_SHORTEST = 0.1
_SATURATED = 10
# Below this score a start at a bound is suspected; how far inside the next one lies.
_STUCK, _NUDGE = 0.1, 0.05
_CLOSE = 0.95
_POINTS = {1: 256, 2: 32}


@dataclass(frozen=True)
class OperatingPoint:
    """Pulses for a device, what they do, and why they were chosen.

    `operation` has "set", "reset" and "read"; `figures` holds numbers by name (steps
    relative to the window, energies in joule, currents in ampere), `curve` the read
    currents along SET and then RESET pulses, as the tables of a network give them.
    """

    base: Device
    operation: dict
    figures: dict
    curve: dict = field(repr=False)
    reason: str = ""

    @property
    def device(self):
        """The device with these pulses as its ``operation``."""
        return self.base.with_operation(Evidence("proposed", self.reason), **self.operation)

    def measure(self, count=50, **options):
        """Return the `Result` of a `PulseTrain` of these pulses from the low end of the window."""
        low = PulseWindow(self.device, _tables(self.device)).window_states[0]
        start = {s: _quantity(self.device, s, x)
                 for s, x in zip(self.device.states, low, strict=True)}
        return PulseTrain(count=count, **options).run(self.device, initial=start)


@dataclass(frozen=True)
class _Candidate:
    """One kind of pulse, and the curve that it draws."""

    voltage: float
    width: float
    resistance: float
    score: float
    shares: dict
    energy: float
    last: np.ndarray

    def pulse(self):
        """Return the entry of ``operation``."""
        given = (self.voltage * volt, self.width * second)
        return given if self.resistance is None else (*given, self.resistance * ohm)


def operating_point(device, levels=60, first_step=0.04, balance=2.0):
    """Choose SET and RESET of `device` by the procedure of this module.

    Parameters
    ----------
    levels : int
        SET pulses that cross the window; RESET takes `balance` times as many.
    first_step : float
        Step of the first SET over the window; the first RESET's is `balance` times smaller.
    balance : float
        SET step over RESET step.

    The device's own ``operation`` gives polarities, read, and where the search starts. Takes
    seconds; stiff devices take longer.
    Raises `InputError` for a device that pulses cannot program.
    """
    check_programmable(device)
    check_mappable(device)
    if levels < 2 or not 0 < first_step < 1 or not balance > 0:
        raise InputError(f"operating_point: levels must be 2 or more, first_step in 0..1 and "
                         f"balance positive, got {levels}, {first_step} and {balance}.")
    current = _Reader(device)
    wanted = {"set": (levels, first_step), "reset": (round(levels * balance), first_step / balance)}
    chosen = {"reset": _best(device, "reset", current.most, current, *wanted["reset"])}
    chosen["set"] = _best(device, "set", chosen["reset"].last, current, *wanted["set"])
    chosen["reset"] = _best(device, "reset", chosen["set"].last, current, *wanted["reset"])
    operation = {k: chosen[k].pulse() for k in ("set", "reset")}
    operation["read"] = device.operation["read"]
    for kind in ("set", "reset"):
        if chosen[kind].score < _STUCK:
            logger.warning("%s: no good %s pulse was found, the best scores %.2g of 1. It switches "
                           "abruptly or hardly at all over its whole range.", device, kind.upper(),
                           chosen[kind].score)
    made = device.with_operation(None, **operation)
    curve, figures = _figures(made, levels, wanted["reset"][0])
    figures |= {f"{k}_score": chosen[k].score for k in chosen}
    return OperatingPoint(device, operation, figures, curve, _reason(chosen, wanted))


class _Reader:
    """Magnitude of the read current of states in SI units."""

    def __init__(self, device):
        self.device = device
        table = np.sign(float(device.read_voltage)) * np.asarray(read_table(device, 65))
        bounds = [np.linspace(*(float(b) for b in device.bounds[s]), 65) for s in device.states]
        place = np.unravel_index(np.argmax(table), table.shape)
        self.most = np.array([axis[k] for axis, k in zip(bounds, place, strict=True)])

    def __call__(self, states):
        given = dict(zip(self.device.states, states, strict=True))
        given = {k: _si(self.device, k, v) for k, v in given.items()}
        found = self.device.evaluate("I", v=self.device.read_voltage, **given)
        return np.abs(np.broadcast_to(np.asarray(found), np.shape(states[0])))


def _best(device, kind, start, current, pulses, first):
    """Return the best candidate of `kind` from `start` (SI)."""
    usual = device.operation[kind]
    found = _candidates(device, kind, start, current, pulses, first, (None,))
    if max((c.score for c in found), default=0) < _STUCK:
        # A state that sticks at a bound is started a little inside of it.
        start = start + _NUDGE * (_middle(device) - start)
        found += _candidates(device, kind, start, current, pulses, first, (None,))
    if kind == "set" and max((c.score for c in found), default=0) < 0.5:
        most = float(current(current.most)) / abs(float(device.read_voltage))
        own = [float(r) for r in usual[2:]]
        found += _candidates(device, kind, start, current, pulses, first,
                             (*own, *(share / most for share in _RESISTANCES)))
    if not found:
        raise InputError(f"{device}: no {kind.upper()} pulse between {_AMPLITUDES[0]:g} and "
                         f"{_AMPLITUDES[-1]:g} times {format_quantity(usual[0])} moves it as it "
                         f"should. State another operation['{kind}'].")
    limit = _CLOSE * max(c.score for c in found)
    return min((c for c in found if c.score >= limit), key=lambda c: c.energy * c.width)


def _middle(device):
    return np.array([np.mean([float(b) for b in device.bounds[s]]) for s in device.states])


def _candidates(device, kind, start, current, pulses, first, resistances):
    voltage, width = (float(q) for q in device.operation[kind][:2])
    tried = [(factor * voltage, r) for factor in _AMPLITUDES for r in resistances]
    times = np.concatenate([[0.0], _TIMES * width])
    path, energy = _trajectories(device, tried, start, times)
    made = []
    for (v, resistance), states, spent in zip(tried, path, energy, strict=False):
        best = _rank(times, current(states), kind, pulses, first)
        if best is not None:
            score, w, shares = best
            last = np.array([np.interp(_SATURATED * pulses * w, times, x) for x in states])
            made.append(_Candidate(v, w, resistance, score, shares,
                                   float(np.interp(w, times, spent)), last))
    return made


def _trajectories(device, tried, start, times):
    """Return states (tried, states, times) and energy (tried, times) under constant voltages.

    The strongest are left out where the equations cannot be followed any more.
    """
    while tried:
        x = np.repeat(start[:, None], len(tried), axis=1)
        path, energy = [x], [np.zeros(len(tried))]
        try:
            for duration in np.diff(times):
                x, spent = _held(device, tried, duration, x)
                path.append(x)
                energy.append(energy[-1] + spent)
        except StepError:
            tried = tried[:-1]
            continue
        return np.transpose(path, (2, 1, 0)), np.transpose(energy)
    return (), ()


def _held(device, tried, duration, x):
    """Hold each candidate's voltage for `duration`; return states and energies."""
    voltages, resistances = zip(*tried, strict=True)
    bare = resistances[0] is None
    return flow(device, np.array(voltages) * volt, duration, x, tolerance=1e-6,
                series_resistance=None if bare else np.array(resistances) * ohm)


def _rank(times, read, kind, pulses, first):
    """Return (score, width, shares) of the best width along one trajectory, or None."""
    best = None
    for width in times[times >= _SHORTEST / _TIMES[0] * times[1]]:
        if width * pulses * _SATURATED > times[-1]:
            break
        along = np.interp(np.arange(pulses + 1) * width, times, read)
        last = np.interp(_SATURATED * pulses * width, times, read)
        window = last - read[0]
        if window * (1 if kind == "set" else -1) <= 1e-3 * read[0]:
            continue
        steps = np.diff(along) / window
        total = steps.sum()
        shares = {
            "levels": min(1.0, total**2 / (np.sum(steps**2) * pulses + 1e-300)),
            "saturation": float(np.clip(total / 0.9, 0, 1)),
            "first step": float(np.exp(-abs(np.log(max(np.mean(steps[:3]), 1e-9) / first)) / 2)),
            "contrast": 1 - min(read[0], last) / max(read[0], last)}
        score = float(np.prod(list(shares.values())))
        if best is None or score > best[0]:
            best = score, float(width), shares
    return best


def _tables(device):
    points = _POINTS[len(device.states)]
    maps = []
    for kind in ("set", "reset"):
        voltage, width, *resistance = device.operation[kind]
        options = {"series_resistance": resistance[0]} if resistance else {}
        maps.append(PulseMap.from_device(device, voltage, width, points=points, **options))
    sign = np.sign(float(device.read_voltage))
    return stack_tables(*maps, sign * read_table(device, points))


def _figures(device, levels, resets):
    """Return the curve that the tables give, and its figures."""
    window = PulseWindow(device, _tables(device))
    low, high = window.currents
    x, curve = window.window_states[0], {}
    for kind, count in (("set", levels), ("reset", resets)):
        states = [x]
        for _ in range(count):
            states.append(window.next(kind, states[-1]))
        curve[kind] = np.array([float(window.current(*s)) for s in states])
        x = states[-1]
    steps = {k: np.abs(np.diff(c)) / (high - low) for k, c in curve.items()}
    energy = {k: window.table[:, -3 + n] for n, k in enumerate(("set", "reset"))}
    figures = {"low_current_A": low, "high_current_A": high,
               "crossed": float((curve["set"][-1] - low) / (high - low)),
               "first_set": float(steps["set"][0]), "first_reset": float(steps["reset"][0]),
               "largest_set": float(steps["set"].max()),
               "largest_reset": float(steps["reset"].max()),
               **{f"energy_per_{k}_J": float(np.mean(e)) for k, e in energy.items()}}
    return curve, figures


def _reason(chosen, wanted):
    words = []
    for kind in ("set", "reset"):
        found, (pulses, first) = chosen[kind], wanted[kind]
        shares = ", ".join(f"{k} {v:.2f}" for k, v in found.shares.items())
        pulse = " ".join(format_quantity(q, 3) for q in found.pulse())
        words.append(f"{kind.upper()} {pulse}: score {found.score:.2f} ({shares}) for {pulses} "
                     f"pulses with a first step of {100 * first:.3g} %")
    return "; ".join(words) + "."


def _si(device, state, value):
    return Quantity(value, dim=device.dimension(state))


def _quantity(device, state, x):
    low, high = (float(b) for b in device.bounds[state])
    return _si(device, state, low + (high - low) * float(x))
