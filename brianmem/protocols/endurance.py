"""What many cycles of SET and RESET leave of the window between ON and OFF."""

from dataclasses import dataclass

import numpy as np
from brian2 import joule, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.overlays import EnduranceModel
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.measure import read_voltage
from brianmem.protocols.storage import (
    conductance_of,
    make_result,
    programmed,
    settled,
    start_of,
)

#: Cycles of the device's own equations before they must repeat, and how exactly.
_MOST_OWN, _REPEATS = 200, 1e-6


@dataclass(frozen=True, repr=False)
class Endurance(Protocol):
    """Cycle a device by SET and RESET pulses and read both levels at some cycles.

    The device's own equations run until one cycle is like the last; from then on
    that cycle repeats. `model` (an `EnduranceModel`) lowers the ON conductance with the
    number of cycles, not below OFF, and sticks devices.

    The result has ``cycle``, ``on_conductance``, ``off_conductance`` and ``window``
    (instance, cycle), ``failed`` (share, per cycle) and ``failure_cycle`` (instance), and
    ``set_energy`` and ``reset_energy`` (instance, cycle) of the device's own equations:
    what wear spares is not taken off.
    """

    cycles: int = option(1_000_000, type=int, most=10**15, help="cycles in all")
    points: int = option(60, type=int, help="cycles that are read, spread over their logarithm")
    pulses: int = option(20, type=int, help="pulses of each kind per cycle")
    model: object = option(EnduranceModel(), type=str, help="an EnduranceModel (from Python)")
    read_voltage: Quantity = option(unit=volt, help="voltage of the read", positive=False)

    kind = "endurance"

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.model, EnduranceModel):
            raise ProtocolError(f"{self}: model must be an EnduranceModel, got {self.model!r}.")

    def _measure(self, setup, states, seed):
        device, model, seed = setup.device, self.model, settled(seed)
        if device.is_volatile and "reset" not in device.operation:
            raise ProtocolError(f"{self}: {device} forgets by itself and is not RESET. Measure "
                                "Relaxation, or give it a reset pulse with with_operation(reset=...).")
        if setup.cycle_parameters is not None:
            raise ProtocolError(f"{self}: cycles that differ do not repeat. Use PulseTrain for "
                                "Variation(cycle=...).")
        read = float(read_voltage(device, self.read_voltage))
        on, off, *energy = self._own(setup, start_of(setup, states), read)
        n = np.unique(np.geomspace(1, self.cycles, self.points).astype(int))
        early = np.minimum(n, len(on)) - 1
        G_off = np.stack(off)[early].T
        G_on = _worn(np.stack(on)[early].T, G_off, model.left(n))
        fails = model.failure_cycles(setup.n, seed)
        ends = np.stack([off[-1], on[-1]])[..., None]
        G_on, G_off = (_stick(model, n >= fails[:, None], G, ends, seed) for G in (G_on, G_off))
        failed = np.mean(n >= fails[:, None], axis=0)
        data = {"cycle": n, "on_conductance": G_on * siemens, "off_conductance": G_off * siemens,
                "window": G_on / G_off, "failed": failed, "failure_cycle": fails}
        for name, spent in zip(("set_energy", "reset_energy"), energy, strict=True):
            data[name] = np.stack(spent)[early].T * joule
        each = ("instance", "cycle")
        axes = {"cycle": ("cycle",), "on_conductance": each, "off_conductance": each,
                "window": each, "failed": ("cycle",), "failure_cycle": ("instance",),
                "set_energy": each, "reset_energy": each}
        own = np.sum(energy, axis=0).mean(axis=1)  # joule of each of the device's own cycles
        metrics = {"window_settled": float(np.median(ends[1] / ends[0])),
                   "window_last": float(np.median(data["window"][:, -1])),
                   "failed_share": float(failed[-1]), "first_failure_cycle": float(fails.min()),
                   "own_cycles": len(on), "energy_per_cycle_J": float(own[-1]),
                   "energy_J": float(own.sum() + (self.cycles - len(own)) * own[-1])}
        return make_result(self, setup, seed, model, data, axes, metrics, read_voltage_V=read)

    def _own(self, setup, states, read):
        """Return ON and OFF conductances (n,) cycle by cycle, until they repeat, and energies."""
        on, off, spent = [], [], ([], [])
        for _ in range(min(_MOST_OWN, self.cycles)):
            for kind, found, joules in zip(("set", "reset"), (on, off), spent, strict=True):
                states, energy = programmed(setup, states, self.pulses, kind=kind)
                found.append(conductance_of(setup, states, read))
                joules.append(energy)
            if len(on) > 1 and all(np.allclose(g[-1], g[-2], rtol=_REPEATS, atol=0)
                                   for g in (on, off)):
                return on, off, *spent
        if self.cycles > len(on):
            raise ProtocolError(f"{self}: {setup.device} still changes after {_MOST_OWN} cycles, so "
                                "that none stands for the rest. Use more pulses per cycle.")
        return on, off, *spent


def _worn(on, off, left):
    """Return the ON conductance with the share `left` of it, but not below OFF."""
    return np.maximum(on * left, np.minimum(on, off))


def _stick(model, stuck, G, ends, seed):
    """Return `G` with stuck devices at a level between the `ends` of the settled cycle."""
    share = {"low": 0.0, "high": 1.0}.get(model.stuck_at)
    if share is None:
        share = np.random.default_rng([seed, 1]).random((len(G), 1))
    return np.where(stuck, ends[0] + share * (ends[1] - ends[0]), G)
