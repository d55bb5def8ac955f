"""All candidates of a fit at once, each a copy of the device with parameters of its own.

`SweepGroup` runs them as instances of one Brian2 group. Where the rate is linear in
the one state, `linear_sweep` and `linear_pulse` take the exact exponential instead,
and constant voltages go through `brianmem.flow`. A candidate that diverges is NaN.
"""

import numpy as np
from brian2 import Network, StateMonitor, second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem import budget
from brianmem import equations as eq
from brianmem.flow import device_rates, flow
from brianmem.ode import ode_group
from brianmem.protocols.surroundings import run_whole, short_collections, silent_divergence
from brianmem.reduction import linear_rate

#: Steps of `flow` within one pulse or interval before a candidate is given up.
PATIENCE = 2000
_TOLERANCE = 1e-7


class Candidates:
    """Values of `n` candidates, SI: parameters and initial states, name to array (n,)."""

    def __init__(self, device, values):
        self.device = device
        self.n = len(next(iter(values.values()))) if values else 1
        self.parameters = {k: Quantity(v, dim=device.dimension(k)) for k, v in values.items()
                           if k in device.namespace}
        starts = [np.broadcast_to(np.asarray(values.get(s, device.initial[s]), dtype=float), self.n)
                  for s in device.states]
        self.start = np.array(starts).reshape(len(device.states), self.n)
        for k, state in enumerate(device.states):
            if state in device.bounds:
                self.start[k] = np.clip(self.start[k], *map(float, device.bounds[state]))

    def current(self, v, states):
        """Return the current (n, points) at `v` (points,) and `states` (states, n, points)."""
        named = {s: Quantity(x, dim=self.device.dimension(s))
                 for s, x in zip(self.device.states, states, strict=True)}
        columns = {k: q.reshape(-1, 1) for k, q in self.parameters.items()}
        with np.errstate(all="ignore"):
            found = self.device.evaluate("I", v=np.asarray(v) * volt, **columns, **named)
        return np.broadcast_to(np.asarray(found), (self.n, len(v)))


def linear_texts(device):
    """Return (A, B) where dx/dt = A + B*x holds between events, else None."""
    timed = any("t" in line.expr.identifiers for line in device.model.values() if line.expr)
    return None if device.events or device.is_stochastic or timed else linear_rate(device)


class LinearRate:
    """A and B of dx/dt = A + B*x for all candidates at once."""

    def __init__(self, device):
        names = ["v", *device.namespace]
        self.device = device
        self.functions = [eq.compile_numpy(text, names) for text in linear_texts(device)]
        self.bounds = tuple(map(float, device.bounds.get(device.states[0], (-np.inf, np.inf))))

    def __call__(self, candidates, v):
        """Return A and B of shape (n, points) at the voltages `v` (points,)."""
        values = {k: float(q) for k, q in self.device.namespace.items()}
        values |= {k: np.asarray(q)[:, None] for k, q in candidates.parameters.items()}
        shape = (candidates.n, len(v))
        with np.errstate(all="ignore"):
            return [np.broadcast_to(np.asarray(f(v=np.asarray(v), **values), dtype=float), shape)
                    for f in self.functions]

    def run(self, candidates, v, widths):
        """Hold each of `v` for its width in turn; return the state (n, points) after each."""
        a, b = self(candidates, v)
        with np.errstate(all="ignore"):
            # (exp(b w) - 1)/b, finite for b = 0
            gain = np.where(b != 0, np.expm1(b * widths) / np.where(b != 0, b, 1), widths)
            shift, factor = (a * gain).T, (1 + b * gain).T
            found, x = np.empty_like(shift), candidates.start[0]
            for k in range(len(shift)):
                x = np.clip(factor[k] * x + shift[k], *self.bounds)
                found[k] = x
        return found.T


def hold(candidates, v, width, states, resistance=None):
    """Return `states` (states, n) after a constant voltage; v may be one per candidate."""
    with np.errstate(all="ignore"):
        return flow(candidates.device, v, width, states, parameters=candidates.parameters,
                    series_resistance=resistance, tolerance=_TOLERANCE, patience=PATIENCE)[0]


def stepped(candidates, pulses, rest, steps):
    """Apply pulses (voltage, width, resistance) with `steps` steps of RK4 in each.

    Returns the states (states, n, pulses + 1) before the first and after each.
    """
    device, rates = candidates.device, {}
    low, high = np.array([[float(b) for b in device.bounds.get(s, (-np.inf, np.inf))]
                          for s in device.states]).T[:, :, None]

    def held(voltage, width, resistance, x):
        key = (voltage, None if resistance is None else float(resistance))
        if key not in rates:
            rates[key] = device_rates(device, voltage, resistance, None, candidates.parameters)
        h = width / steps
        for _ in range(steps):
            k = rates[key](x)[:-1]
            total = k
            for share, weight in ((0.5, 2), (0.5, 2), (1.0, 1)):
                k = rates[key](np.clip(x + share * h * k, low, high))[:-1]
                total = total + weight * k
            x = np.clip(x + h / 6 * total, low, high)
        return x

    found = [candidates.start]
    for voltage, width, resistance in pulses:
        budget.check()
        with np.errstate(all="ignore"):
            x = held(voltage, width, resistance, found[-1])
            found.append(held(0.0, rest, None, x) if rest else x)
    return np.stack(found, axis=-1)


class SweepGroup:
    """One Brian2 group of `n` copies under one waveform, made once and run again and again."""

    def __init__(self, device, n, names, waveform, duration, steps, limits=None):
        self.device, self.n, self.duration = device, n, duration
        self.names = [k for k in names if k in device.namespace]
        dt = duration / steps
        text, namespace, code = waveform.source(n, dt, steps, None)
        arrays = {k: Quantity(np.full(n, float(device.namespace[k])), dim=device.dimension(k))
                  for k in self.names}
        made = ode_group(device, n, text, dt=dt * second, namespace=namespace, parameters=arrays,
                         energy=False, **(limits or {}), target="numpy")
        source = made.group.run_regularly(code, when="start", order=-1,
                                          codeobj_class=made.codeobj_class)
        self.group = made.group
        self.monitor = StateMonitor(made.group, list(device.states), record=True, dt=dt * second,
                                    codeobj_class=made.codeobj_class)
        self.network = Network(*made.objects, source, self.monitor)
        self.network.store()

    def run(self, candidates):
        """Return the states (states, n, steps + 1) of the candidates, of which there are n."""
        self.network.restore()
        for name in self.names:
            setattr(self.group, name, candidates.parameters[name])
        for name, value in zip(self.device.states, candidates.start, strict=True):
            setattr(self.group, name, Quantity(value, dim=self.device.dimension(name)))
        with short_collections(), silent_divergence():
            run_whole(self.network, self.duration)
            self.monitor.record_single_timestep()
        return np.array([getattr(self.monitor, f"{s}_") for s in self.device.states], dtype=float)
