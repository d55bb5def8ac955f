"""Potentiation and depression by trains of equal pulses."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from brian2 import amp, joule, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols.base import POINTS, Protocol, option
from brianmem.protocols.linearity import train_metrics
from brianmem.protocols.measure import conductance, make_result, read_voltage
from brianmem.protocols.segments import Segment
from brianmem.protocols.waveform import pulses


@dataclass(frozen=True, repr=False)
class PulseTrain(Protocol):
    """Apply `count` SET pulses, then `count` RESET pulses, and read after each.

    Amplitudes (with their sign) and widths default to the device's ``operation``,
    a series resistance too if it states one; `rest` (at 0 V after each pulse) to a
    fifth of the pulse. The read is I(V)/V of
    the cell at the state after the rest: it is evaluated, not integrated, and costs
    ``V*I*read_width`` of energy, stated apart.

    The result adds ``pulse`` (0 is before the first), ``pulse_conductance`` and
    every state as ``pulse_<state>``, (n, 2*count + 1), and for each pulse
    ``pulse_energy`` and ``read_energy``.

    Metrics of the mean curve: ``ltp_nonlinearity`` and ``ltd_nonlinearity``, NeuroSim's
    label of the exponential (1 - exp(-P/A)) that fits best (Chen2018), here positive
    where a train saturates in its own direction and negative where it accelerates
    (with the rms ``..._fit_residual``); ``symmetry_area``, the area between potentiation
    and reversed depression, both normalised to the range of conductance and the number of
    pulses; ``levels_set`` and ``levels_reset``, how many conductances differ by two
    standard deviations each, of the spread over the copies and of `read_noise`.
    """

    set_amplitude: Quantity = option(unit=volt, help="voltage of a SET pulse", positive=False)
    set_width: Quantity = option(unit=second, help="width of a SET pulse")
    reset_amplitude: Quantity = option(unit=volt, help="voltage of a RESET pulse", positive=False)
    reset_width: Quantity = option(unit=second, help="width of a RESET pulse")
    count: int = option(50, type=int, help="pulses of each kind")
    read_voltage: Quantity = option(unit=volt, help="voltage of the read", positive=False)
    read_width: Quantity = option(unit=second, help="width of the read, for its energy")
    read_noise: float = option(0.0, unit=1, type=float, positive=False,
                               help="standard deviation of a read, relative to the conductance")
    rest: Quantity = option(unit=second, help="time at 0 V after each pulse")
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")

    kind = "pulse_train"

    def __post_init__(self):
        super().__post_init__()
        if float(self.read_noise) < 0:
            raise ProtocolError(f"{self}: read_noise must not be negative, got {self.read_noise}.")

    def resolved(self, device):
        """Return "set", "reset" and "read" to (voltage, width, series resistance or None), SI."""
        return {kind: self._pulse(device, kind) for kind in ("set", "reset", "read")}

    def _pulse(self, device, kind):
        names = (f"{kind}_voltage" if kind == "read" else f"{kind}_amplitude", f"{kind}_width")
        voltage, width, *resistance = device.operation.get(kind, (None, None))
        if kind == "read":
            voltage, width = read_voltage(device), 0 * second if width is None else width
        chosen = [usual if getattr(self, name) is None else getattr(self, name)
                  for name, usual in zip(names, (voltage, width), strict=True)]
        for name, value in zip(names, chosen, strict=True):
            if value is None:
                raise ProtocolError(f"{self}: {device} states no usual {kind} pulse. Give {name}=.")
        own = self.series_resistance if self.series_resistance is not None or not resistance \
            else resistance[0]
        return float(chosen[0]), float(chosen[1]), own

    def _segment(self, voltage, width, index):
        # One unit divides pulse and rest, and a pulse has at least 8 of them.
        share = Fraction(1, 5) if self.rest is None else \
            Fraction(float(self.rest) / width).limit_denominator(1000)
        parts = share.denominator * -(-8 // share.denominator)
        period = parts + int(share * parts)
        shape = pulses(voltage, width, width * float(share), self.count)
        units = period * self.count
        return Segment(shape, width / parts * units, units, stride=-(-2 * units // POINTS),
                       mark=period, cycle=period, index=index)

    def _measure(self, setup, states, seed):
        plan = self.resolved(setup.device)
        traces = []
        for index, kind in enumerate(("set", "reset")):
            voltage, width, resistance = plan[kind]
            own = replace(setup, series_resistance=resistance)
            traces.append(self._simulate(own, self._segment(voltage, width, index), states))
            states = traces[-1].final
        data, axes = _per_pulse(setup, traces, *plan["read"][:2])
        described = {f"{kind}_pulse": [None if x is None else float(x) for x in pulse]
                     for kind, pulse in plan.items()}
        return make_result(self, setup, seed, traces, data, axes, self._metrics(data),
                           count=self.count, **described)

    def _metrics(self, data):
        g, energy = np.asarray(data["pulse_conductance"]), np.asarray(data["pulse_energy"])
        return {"conductance_start_S": float(g[:, 0].mean()),
                "conductance_set_S": float(g[:, self.count].mean()),
                "conductance_reset_S": float(g[:, -1].mean()),
                "energy_per_set_J": float(energy[:, :self.count].mean()),
                "energy_per_reset_J": float(energy[:, self.count:].mean()),
                **train_metrics(g, self.count, float(self.read_noise))}


def _per_pulse(setup, traces, read, read_width):
    """Return the values after each pulse of both trains, and their axes."""
    device, (first, second_) = setup.device, traces
    states = {k: _after(first.marks[k], second_.marks[k]) for k in device.states}
    cycle = {k: _after(first.mark_cycle[k], second_.mark_cycle[k]) for k in first.mark_cycle}
    readout = conductance(setup, read, states, cycle)
    readout = np.broadcast_to(readout, (setup.n, first.mark_energy.shape[1]
                                        + second_.mark_energy.shape[1] - 1))
    energy = np.concatenate([np.diff(t.mark_energy, axis=1) for t in traces], axis=1)
    data = {"pulse": np.arange(readout.shape[1]), "pulse_conductance": readout * siemens,
            "pulse_energy": energy * joule,
            "read_energy": readout[:, 1:] * (read**2 * read_width) * joule,
            **{f"pulse_{k}": Quantity(a, dim=device.dimension(k)) for k, a in states.items()}}
    axes = dict.fromkeys(data, ("instance", "pulse"))
    axes.update(pulse=("pulse",), pulse_energy=("instance", "applied"),
                read_energy=("instance", "applied"))
    return data, axes


def _after(first, second_):
    return np.concatenate([first, second_[:, 1:]], axis=1)
