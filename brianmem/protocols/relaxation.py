"""How a device forgets after its drive ends."""

from dataclasses import dataclass

import numpy as np
from brian2 import amp, joule, ohm, second, siemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.protocols.base import Protocol, option
from brianmem.protocols.drive import drive_of, refuse_idle
from brianmem.protocols.measure import conductance, read_voltage, scan_result
from brianmem.protocols.stepped import simulate_steps

#: The shortest usual wait, of the longest.
_SHORTEST = 1e-3
#: A stretched exponential is fitted if at least this many waits lie this far from both ends,
#: and kept if its rms residual is not larger than that.
_FEWEST, _LEAST_DECAY, _WORST_FIT, _FIT_STEPS = 3, 0.05, 0.1, 100


@dataclass(frozen=True, repr=False)
class Relaxation(Protocol):
    """Apply `count` SET pulses, then wait at `rest_voltage` and follow the decay.

    Pulse and rest default to the device's ``operation`` ("set", "relax"); waits to 61
    times from a thousandth of the relaxing time (else of 100 widths) to all of it.

    The result holds ``conductance`` (at the read voltage), every state and the
    ``energy`` since the start, (n, waits), where ``wait`` 0 is the end of the drive.
    ``remaining`` is (G - G_base)/(G_peak - G_base): G_base is the conductance before
    the drive (`baseline` "start") or after the last wait ("end"). ``time_to_1_over_e`` is
    where it falls below 1/e, with ln(remaining) straight between two waits; ``reached``
    is False where it never did (then the longest wait). ``stretched_tau`` and
    ``stretched_beta`` are the least-squares fit of exp(-(t/tau)^beta) to ``remaining``,
    ``stretched_residual`` its rms; ``fitted`` is False, and they are 0, where
    fewer than 3 waits see 5 to 95 % of the change, or the residual exceeds 0.1.
    """

    waits: Quantity = option(unit=second, many=True, help="times after the drive to report")
    amplitude: Quantity = option(unit=volt, help="voltage of a pulse", positive=False)
    width: Quantity = option(unit=second, help="width of a pulse")
    count: int = option(1, type=int, help="number of pulses")
    gap: Quantity = option(unit=second, help="rest between pulses; default: their width")
    rest_voltage: Quantity = option(unit=volt, help="voltage between and after the pulses",
                                    positive=False)
    baseline: str = option("start", type=str, choices=("start", "end"),
                           help="conductance that counts as forgotten")
    read_voltage: Quantity = option(unit=volt, help="where conductance is read", positive=False)
    series_resistance: Quantity = option(unit=ohm, help="between source and device")
    compliance: Quantity = option(unit=amp, help="current limit of the source")
    dt: Quantity = option(unit=second, help="longest step; default: refined until it converges")

    kind = "relaxation"
    redraws = False

    def _measure(self, setup, states, seed):
        device, drive = setup.device, drive_of(self, setup.device)
        setup = drive.behind(setup)
        waits = np.geomspace(_SHORTEST * drive.rest_time, drive.rest_time, 61) \
            if self.waits is None else np.sort([float(w) for w in self.waits])
        gap = drive.width if self.gap is None else float(self.gap)
        pulses = 2 * self.count - 1
        durations = [*[drive.width, gap] * (self.count - 1), drive.width, *np.diff(waits, prepend=0)]
        voltages = np.full(len(durations), drive.rest_voltage)
        voltages[:pulses:2] = drive.amplitude
        marks = simulate_steps(setup, np.tile(durations, (setup.n, 1)),
                               np.tile(voltages, (setup.n, 1)), states,
                               None if self.dt is None else float(self.dt))
        read = float(read_voltage(device, self.read_voltage))
        g = conductance(setup, read, marks.states)
        data = {k: Quantity(a[:, pulses:], dim=device.dimension(k)) for k, a in marks.states.items()}
        data |= {"conductance": g[:, pulses:] * siemens, "energy": marks.energy[:, pulses:] * joule}
        axes = dict.fromkeys(data, ("instance", "wait"))
        base = g[:, :1] if self.baseline == "start" else g[:, -1:]
        peak = g[:, pulses:pulses + 1]
        refuse_idle(self, device, peak - base, g.max(axis=1, keepdims=True))
        remaining = (g[:, pulses:] - base) / (peak - base)
        times = np.concatenate([[0.0], waits])
        data |= {"remaining": remaining, "wait": times * second,
                 "conductance_before": g[:, 0] * siemens, **_times(times, remaining)}
        axes |= {"remaining": ("instance", "wait"), "wait": ("wait",)}
        axes |= {k: ("instance",) for k in data if k not in axes}
        pulse = [drive.amplitude, drive.width, None]
        return scan_result(self, setup, seed, data, axes, _metrics(data), marks.traces,
                           set_pulse=pulse, count=self.count, rest_voltage_V=drive.rest_voltage)


def _times(times, remaining):
    """Return the time to 1/e and the stretched exponential of each copy."""
    when, reached = time_to(times, remaining, np.exp(-1))
    tau, beta, residual = stretched(times, remaining, when)
    return {"time_to_1_over_e": when * second, "reached": reached,
            "stretched_tau": tau * second, "stretched_beta": beta,
            "stretched_residual": residual, "fitted": tau > 0}


def time_to(times, remaining, share):
    """Return when each row first falls to `share`, and whether it does."""
    below = remaining <= share
    reached, k = below.any(axis=1), np.maximum(np.argmax(below, axis=1), 1)
    rows = np.arange(len(k))
    before, after = np.maximum(remaining[rows, k - 1], share), remaining[rows, k]
    # ln is straight for an exponential decay; a value that noise made negative has none.
    safe = np.maximum(after, 1e-12)
    part = np.log(before / share) / np.where(before > safe, np.log(before / safe), 1.0)
    when = times[k - 1] + np.clip(part, 0, 1) * (times[k] - times[k - 1])
    return np.where(reached, when, times[-1]), reached


def stretched(times, remaining, start):
    """Fit exp(-(t/tau)^beta) to each row by least squares (Levenberg and Marquardt).

    `start` are the first guesses of tau. Returns tau (s), beta and the rms residual, (rows,)
    each; zeros where there is too little to fit.
    """
    t, y = times[1:], remaining[:, 1:]
    # A drop between two waits has no shape.
    inside = np.sum((y > _LEAST_DECAY) & (y < 1 - _LEAST_DECAY), axis=1)
    fitted = (inside >= _FEWEST) & (1 - y.min(axis=1) >= _LEAST_DECAY)
    x = np.stack([np.log(np.maximum(start, t[0])), np.zeros(len(y))])
    damping = np.full(len(y), 1e-3)
    model, slopes = _stretched_model(t, x)
    for _ in range(_FIT_STEPS):
        normal = np.einsum("rpt,rqt->rpq", slopes, slopes)
        normal += damping[:, None, None] * (normal * np.eye(2) + 1e-12 * np.eye(2))
        step = np.linalg.solve(normal, np.einsum("rpt,rt->rp", slopes, y - model)[..., None])[..., 0]
        trial = x + np.clip(step.T, -1, 1)
        found, found_slopes = _stretched_model(t, trial)
        better = np.sum((y - found)**2, axis=1) <= np.sum((y - model)**2, axis=1)
        x, model = np.where(better, trial, x), np.where(better[:, None], found, model)
        slopes = np.where(better[:, None, None], found_slopes, slopes)
        damping = np.clip(np.where(better, damping / 5, damping * 5), 1e-12, 1e12)
    residual = np.sqrt(np.mean((y - model)**2, axis=1))
    fitted &= residual <= _WORST_FIT
    return np.where(fitted, [*np.exp(x), residual], 0.0)


def _stretched_model(t, x):
    """Return the model (rows, times) and its slopes along ln tau and ln beta."""
    tau, beta = x[0][:, None], np.exp(x[1])[:, None]
    power = np.clip(beta * (np.log(t) - tau), -700, 6)
    u = np.exp(power)
    decay = np.exp(-u)
    return decay, np.stack([decay * u * beta, -decay * u * power], axis=1)


def _metrics(data):
    reached, fitted = data["reached"], data["fitted"]
    metrics = {"remaining_after_longest_wait": float(data["remaining"][:, -1].mean()),
               "energy_J": float(np.asarray(data["energy"])[:, -1].mean())}
    if reached.any():
        metrics["time_to_1_over_e_s"] = float(np.asarray(data["time_to_1_over_e"])[reached].mean())
    if fitted.any():
        metrics["stretched_tau_s"] = float(np.asarray(data["stretched_tau"])[fitted].mean())
        metrics["stretched_beta"] = float(data["stretched_beta"][fitted].mean())
    return metrics
