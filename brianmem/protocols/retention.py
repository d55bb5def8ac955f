"""How long a programmed device keeps its conductance, and how heat shortens that."""

import logging
from dataclasses import dataclass

import numpy as np
from brian2 import joule, kelvin, second, siemens, volt
from brian2.units.constants import boltzmann_constant, elementary_charge
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.overlays import RETENTION
from brianmem.overlays.retention import ROOM
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.measure import read_voltage
from brianmem.protocols.storage import (
    conductance_of,
    make_result,
    programmed,
    settled,
    start_of,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, repr=False)
class Retention(Protocol):
    """Program a device, leave it at 0 V at several temperatures, and read it now and then.

    After `set_pulses` SET pulses the device's own equations run at 0 V; its temperature
    is the one parameter in kelvin that it has, that called T_amb, or `parameter`. With a `model` (a
    `PowerLawDrift`, a `StretchedRetention`, or the name of one with its default numbers)
    that changes the programmed conductance instead. Reads are evaluated, not applied, and
    0 V costs nothing: ``energy`` (instance) is that of the SET pulses.

    The result has ``retention_time``, ``temperature``, ``retention_conductance``
    (instance, temperature, time) and ``time_to_loss``, when `retained` of the conductance
    is left (infinite where more is left at the end; that of the first read, and
    ``lost_before_first`` True, where less is left there). Its logarithm over 1/(k T)
    gives the activation energy.
    """

    time: Quantity = option(unit=second, help="longest storage; default: 1e8 s, ten times the relaxing "
                             "time of a volatile device")
    first: Quantity = option(unit=second, help="first read after programming; default: 1 ms, a "
                              "millionth of the relaxing time of a volatile device")
    points: int = option(60, type=int, help="reads, spread over the logarithm of time")
    coldest: Quantity = option(unit=kelvin, help="lowest temperature; default: 25 degrees Celsius")
    hottest: Quantity = option(unit=kelvin, help="highest temperature; default: 125 degrees Celsius")
    temperatures: int = option(4, type=int, help="how many, evenly in 1/T")
    retained: float = option(0.9, type=float, help="share of the conductance that counts as kept")
    model: object = option(type=str, help="power_law or stretched, laid over the device; default: "
                           "the device's own equations")
    parameter: str = option(type=str, help="the device's ambient temperature")
    set_pulses: int = option(20, type=int, help="SET pulses before storage")
    read_voltage: Quantity = option(unit=volt, help="voltage of the read", positive=False)

    kind = "retention"

    def __post_init__(self):
        super().__post_init__()
        self._span()
        coldest, hottest = self._range()
        if coldest > hottest:
            raise ProtocolError(f"{self}: coldest must not be above hottest.")
        if not (isinstance(self.retained, (int, float)) and 0 < self.retained < 1):
            raise ProtocolError(f"{self}: retained must be a share between 0 and 1, got "
                                f"{self.retained!r}.")
        if isinstance(self.model, str) and self.model not in RETENTION:
            raise ProtocolError(f"{self}: model must be one of {', '.join(RETENTION)}, got "
                                f"'{self.model}'.")
        if not (self.model is None or isinstance(self.model, str)
                or hasattr(self.model, "conductance")):
            raise ProtocolError(f"{self}: model must be a PowerLawDrift or a StretchedRetention, "
                                f"got {self.model!r}.")

    def _span(self, device=None):
        usual = (1e-3, 1e8)
        if device is not None and device.is_volatile and self.model is None:
            relaxing = float(device.operation["relax"][1])
            usual = (1e-6 * relaxing, 10 * relaxing)
        first, last = (u if given is None else float(given)
                       for given, u in zip((self.first, self.time), usual, strict=True))
        if not first < last:
            raise ProtocolError(f"{self}: first must be earlier than time.")
        return first, last

    def _range(self):
        return (float(ROOM) if self.coldest is None else float(self.coldest),
                float(ROOM) + 100 if self.hottest is None else float(self.hottest))

    def resolved(self, device):
        """Return the temperatures (K), the overlay or None, and the parameter that is heated."""
        overlay = RETENTION[self.model]() if isinstance(self.model, str) else self.model
        coldest, hottest = self._range()
        inverse = np.linspace(1 / coldest, 1 / hottest, self.temperatures)
        parameter = self._heated(device) if overlay is None else None
        single = overlay is None and parameter is None
        return (1 / inverse)[:1 if single else None], overlay, parameter

    def _heated(self, device):
        if self.parameter is not None:
            if self.parameter not in device.namespace:
                raise ProtocolError(f"{self}: {device} has no parameter '{self.parameter}'.")
            if device.dimension(self.parameter) is not kelvin.dim:
                raise ProtocolError(f"{self}: '{self.parameter}' of {device} is no temperature.")
            return self.parameter
        found = [n for n in device.namespace if device.dimension(n) is kelvin.dim]
        if "T_amb" in found:
            return "T_amb"
        if len(found) > 1:
            raise ProtocolError(f"{self}: {device} has several temperatures ({', '.join(found)}). "
                                "Say which is the ambient one with parameter=.")
        return found[0] if found else None

    def _measure(self, setup, states, seed):
        device, seed = setup.device, settled(seed)
        kelvins, overlay, parameter = self.resolved(device)
        times = np.geomspace(*self._span(device), self.points)
        read = float(read_voltage(device, self.read_voltage))
        start, energy = programmed(setup, start_of(setup, states), self.set_pulses)
        fresh = conductance_of(setup, start, read)
        if overlay is not None:
            kept = [np.asarray(overlay.conductance(fresh * siemens, times * second, T * kelvin, seed))
                    for T in kelvins]
        else:
            kept = [_alone(setup, start, times, read, T, parameter) for T in kelvins]
        G = np.stack(kept, axis=1)
        share = G / fresh[:, None, None]
        lost, early = _time_to_loss(times, share, self.retained), share[..., 0] < self.retained
        if early.any():
            logger.warning("%s: lost before the first read at some temperature; it is left out of "
                           "the Arrhenius fit. Give a shorter first=.", setup.device)
        data = {"retention_time": times * second, "temperature": kelvins * kelvin,
                "retention_conductance": G * siemens, "fresh_conductance": fresh * siemens,
                "time_to_loss": lost * second, "lost_before_first": early, "energy": energy * joule}
        axes = {"retention_time": ("retention_time",), "temperature": ("temperature",),
                "retention_conductance": ("instance", "temperature", "retention_time"),
                "fresh_conductance": ("instance",), "time_to_loss": ("instance", "temperature"),
                "lost_before_first": ("instance", "temperature"), "energy": ("instance",)}
        metrics = {**_metrics(times, G, kelvins, lost, early), "energy_J": float(energy.mean())}
        return make_result(self, setup, seed, overlay, data, axes, metrics, retained=self.retained,
                           heated=parameter or "", read_voltage_V=read)


def _alone(setup, start, times, read, temperature, parameter):
    """Return the conductance (n, points) of the device's own equations at 0 V."""
    heat = {parameter: temperature * kelvin} if parameter else {}
    found, states = [], start
    for duration in np.diff(times, prepend=0.0):
        states, _ = programmed(setup, states, 1, pulse=(0 * volt, duration * second), parameters=heat)
        found.append(conductance_of(setup, states, read))
    return np.stack(found, axis=1)


def _time_to_loss(times, share, retained):
    """Return when `share` (..., points) first falls below `retained`, linear in log time."""
    below = share < retained
    k = np.argmax(below, axis=-1)
    before = np.take_along_axis(share, np.maximum(k - 1, 0)[..., None], -1)[..., 0]
    at = np.take_along_axis(share, k[..., None], -1)[..., 0]
    part = np.clip((before - retained) / np.where(before > at, before - at, 1.0), 0, 1)
    log = np.log(times)
    found = np.exp(log[np.maximum(k - 1, 0)] + part * (log[k] - log[np.maximum(k - 1, 0)]))
    return np.where(below.any(axis=-1), found, np.inf)


def _metrics(times, G, kelvins, lost, early):
    median = np.median(lost, axis=0)
    metrics = {"time_to_loss_hottest_s": _finite(median[-1]),
               "time_to_loss_coldest_s": _finite(median[0]),
               "drift_exponent": float(np.mean(-np.polyfit(
                   np.log(times), np.log(np.maximum(G[:, 0], 1e-300)).T, 1)[0]))}
    seen = np.isfinite(median) & ~early.any(axis=0)
    if seen.sum() >= 2:
        per_joule = 1 / (float(boltzmann_constant) * kelvins[seen])
        slope = np.polyfit(per_joule, np.log(median[seen]), 1)
        metrics["activation_energy_eV"] = float(slope[0] / float(elementary_charge))
        room = np.polyval(slope, 1 / (float(boltzmann_constant) * float(ROOM)))
        metrics["time_to_loss_25C_s"] = float(np.exp(np.clip(room, -600, 600)))
    return metrics


def _finite(value):
    return float(value) if np.isfinite(value) else None
