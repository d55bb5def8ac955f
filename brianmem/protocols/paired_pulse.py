"""What a second pulse adds to a first one, against the delay between them."""

from dataclasses import dataclass

import numpy as np
from brian2 import amp, joule, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.protocols.base import Protocol, option
from brianmem.protocols.copies import widen, widen_states
from brianmem.protocols.drive import drive_of, refuse_idle
from brianmem.protocols.measure import conductance, read_voltage, scan_result
from brianmem.protocols.stepped import simulate_steps

_READS = ("before", "first", "waited", "second")


@dataclass(frozen=True, repr=False)
class PairedPulse(Protocol):
    """Apply two equal SET pulses and read the conductance around each.

    `delays` run from the end of the first pulse to the start of the second; all
    are copies of one group. Pulse and rest default to the device's ``operation``.

    The result holds (n, delays): ``conductance_before`` the first pulse,
    ``conductance_first`` right after it, ``conductance_waited`` before and
    ``conductance_second`` right after the second; ``facilitation``, G_second/G_first;
    ``change_ratio``, (G_second - G_before)/(G_first - G_before), which is 2 where
    nothing is forgotten and nothing saturates, and 1 where all is; and ``energy``.
    """

    delays: Quantity = option(unit=second, many=True,
                              help="rests between the pulses; default: 21 up to the relaxing time")
    amplitude: Quantity = option(unit=volt, help="voltage of a pulse", positive=False)
    width: Quantity = option(unit=second, help="width of a pulse")
    rest_voltage: Quantity = option(unit=volt, help="voltage between the pulses", positive=False)
    read_voltage: Quantity = option(unit=volt, help="where conductance is read", positive=False)
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")

    kind = "paired_pulse"
    redraws = False

    def _measure(self, setup, states, seed):
        device, drive = setup.device, drive_of(self, setup.device)
        setup = drive.behind(setup)
        delays = np.geomspace(1e-3 * drive.rest_time, drive.rest_time, 21) \
            if self.delays is None else np.array([float(d) for d in self.delays])
        m = len(delays)
        wide, start = widen(setup, m), widen_states(states, m)
        width = np.full_like(delays, drive.width)
        durations = np.tile(np.stack([width, delays, width], axis=1), (setup.n, 1))
        voltages = np.tile([drive.amplitude, drive.rest_voltage, drive.amplitude], (len(durations), 1))
        marks = simulate_steps(wide, durations, voltages, start,
                               None if self.dt is None else float(self.dt))
        read = float(read_voltage(device, self.read_voltage))
        g = conductance(wide, read, marks.states).reshape(setup.n, m, 4)
        refuse_idle(self, device, g[..., 1] - g[..., 0], g[..., 0])
        data = {f"conductance_{name}": g[..., k] * siemens for k, name in enumerate(_READS)}
        data |= {"facilitation": g[..., 3] / g[..., 1],
                 "change_ratio": (g[..., 3] - g[..., 0]) / (g[..., 1] - g[..., 0]),
                 "energy": marks.energy[:, -1].reshape(setup.n, m) * joule}
        axes = dict.fromkeys(data, ("instance", "delay"))
        data["delay"], axes["delay"] = delays * second, ("delay",)
        ratio = data["change_ratio"].mean(axis=0)
        shortest, longest = np.argmin(delays), np.argmax(delays)
        metrics = {"facilitation_shortest_delay": float(data["facilitation"][:, shortest].mean()),
                   "change_ratio_shortest_delay": float(ratio[shortest]),
                   "change_ratio_longest_delay": float(ratio[longest]),
                   "mean_energy_J": float(marks.energy[:, -1].mean())}
        return scan_result(self, setup, seed, data, axes, metrics, marks.traces,
                           set_pulse=[drive.amplitude, drive.width, None])
