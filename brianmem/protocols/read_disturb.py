"""What pulses of a fraction of the programming voltage do to cells that should keep still."""

from dataclasses import dataclass

import numpy as np
from brian2 import amp, joule, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols.base import Protocol, option
from brianmem.protocols.drive import own_resistance
from brianmem.protocols.measure import conductance, read_voltage, scan_result
from brianmem.protocols.repeats import Repeats

#: Fractions of the voltage by scheme, and the polarities that unselected cells see.
SCHEMES = {"V/2": (2, (1,)), "V/3": (3, (1, -1))}
_PER_DECADE = 3


@dataclass(frozen=True, repr=False)
class ReadDisturb(Protocol):
    """Apply up to `count` half-select pulses and measure the drift of every state.

    In the V/2 scheme a cell beside the programmed one sees half of each SET and
    RESET pulse; in the V/3 scheme all others see a third, of either sign. Pulses
    default to the device's ``operation`` (a volatile device needs no RESET).

    Without `rest` the pulses follow each other at once, and k of them are one pulse of k
    widths: integrated with error control. With `rest` at 0 V between them, or where
    that would take too many steps, the map of one pulse is composed with itself by
    doubling (one or two states); the metric ``map_error`` is then its largest distance from the
    full equations over the first 64 pulses, in units of the range.

    The result holds ``change_<state>``, ``conductance`` (at the read voltage) and ``energy``
    over ``count`` for each ``voltage``, (n, voltages, counts). The start is the initial
    state: give ``initial=`` for the other one.
    """

    scheme: str = option("V/2", type=str, choices=tuple(SCHEMES), help="bias of unselected cells")
    count: int = option(10**6, type=int, most=10**15, help="largest number of pulses")
    set_amplitude: Quantity = option(unit=volt, help="full voltage of a SET pulse", positive=False)
    set_width: Quantity = option(unit=second, help="width of a SET pulse")
    reset_amplitude: Quantity = option(unit=volt, help="full voltage of a RESET pulse",
                                       positive=False)
    reset_width: Quantity = option(unit=second, help="width of a RESET pulse")
    rest: Quantity = option(unit=second, help="time at 0 V after each pulse; default: none")
    read_voltage: Quantity = option(unit=volt, help="where conductance is read", positive=False)
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")

    kind = "read_disturb"
    redraws = False

    def pulses(self, device):
        """Return the half-select pulses: (voltage, width, series resistance) each, SI numbers."""
        divisor, signs = SCHEMES[self.scheme]
        found = []
        for kind in ("set", "reset"):
            given = getattr(self, f"{kind}_amplitude"), getattr(self, f"{kind}_width")
            usual = device.operation.get(kind)
            if usual is None and None in given:
                if kind == "reset" and device.is_volatile and given == (None, None):
                    continue
                raise ProtocolError(f"{self}: {device} states no usual {kind} pulse. Give "
                                    f"{kind}_amplitude= and {kind}_width=.")
            voltage, width = (float(u if g is None else g) for g, u in
                              zip(given, (usual or given)[:2], strict=True))
            found += [(sign * voltage / divisor, width, own_resistance(self, usual))
                      for sign in signs]
        return found

    def _measure(self, setup, states, seed):
        device, pulses = setup.device, self.pulses(setup.device)
        self._refuse(setup)
        counts = _counts(self.count)
        rest = 0.0 if self.rest is None else float(self.rest)
        runs = [Repeats(setup, *pulse, rest, states).run(counts) for pulse in pulses]
        read = float(read_voltage(device, self.read_voltage))
        data = {"voltage": np.array([p[0] for p in pulses]) * volt,
                "width": np.array([p[1] for p in pulses]) * second, "count": counts}
        axes = {"voltage": ("voltage",), "width": ("voltage",), "count": ("count",)}
        table = ("instance", "voltage", "count")
        for k, state in enumerate(device.states):
            x = np.stack([run.states[k] for run in runs], axis=1)
            data[f"change_{state}"] = Quantity(x - x[..., :1], dim=device.dimension(state))
            axes[f"change_{state}"] = table
        g = [conductance(setup, read, dict(zip(device.states, run.states, strict=True)))
             for run in runs]
        data["conductance"] = np.stack(g, axis=1) * siemens
        data["energy"] = np.stack([run.energy for run in runs], axis=1) * joule
        axes |= dict.fromkeys(("conductance", "energy"), table)
        return scan_result(self, setup, seed, data, axes, _metrics(data, device, runs),
                           scheme=self.scheme)

    def _refuse(self, setup):
        device = setup.device
        if device.is_stochastic or device.events:
            what = "noise" if device.is_stochastic else "events"
            raise ProtocolError(f"{self}: {device} has {what}, which a repeated pulse cannot be "
                                "composed with. Apply PulseTrain at the reduced voltage.")
        if setup.stuck is not None:
            raise ProtocolError(f"{self}: stuck devices do not drift. Leave stuck out of the "
                                "variation.")


def _counts(largest):
    decades = np.log10(largest)
    steps = np.rint(np.geomspace(1, largest, int(np.ceil(decades * _PER_DECADE)) + 1))
    tens = 10**np.arange(int(decades + 1e-9) + 1)
    return np.unique(np.concatenate([[0], steps, tens, [largest]])).astype(int)


def _metrics(data, device, runs):
    g, energy = np.asarray(data["conductance"]), np.asarray(data["energy"])
    drift = max(float(np.max(np.abs(np.asarray(data[f"change_{s}"]))) / np.ptp(
        [float(b) for b in device.bounds[s]])) for s in device.states)
    metrics = {"largest_drift_of_range": drift,
               "largest_relative_conductance_change": float(np.max(np.abs(g / g[..., :1] - 1))),
               "largest_energy_J": float(energy[..., -1].max())}
    errors = [run.map_error for run in runs if run.map_error is not None]
    return metrics | ({"map_error": max(errors)} if errors else {})
