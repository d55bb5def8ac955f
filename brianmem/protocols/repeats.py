"""States and energy after many equal pulses, without integrating each of them."""

from dataclasses import dataclass, replace

import numpy as np
from brian2 import second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import StepError
from brianmem.flow import device_rates, flow
from brianmem.lookup import interpolate
from brianmem.reduction import PulseMap

#: The map is compared with the full equations over this many pulses.
_CHECKED = 64


@dataclass(frozen=True, eq=False)
class Repeated:
    """States (states, copies, counts) and energy (copies, counts), SI, and the map's error."""

    states: np.ndarray
    energy: np.ndarray
    map_error: float


class Repeats:
    """One kind of pulse, applied again and again to every copy of a setup."""

    def __init__(self, setup, voltage, width, resistance, rest, states):
        self.device, self.voltage, self.width, self.rest = setup.device, voltage, width, rest
        self.options = {"series_resistance": resistance, "compliance": setup.compliance}
        self.start = np.array([states[s] for s in setup.device.states], dtype=float)
        # One flow holds all copies that have the same parameters.
        spread = setup.parameters
        self.groups = [({k: Quantity(q[i], dim=q.dim) for k, q in spread.items()}, [i])
                       for i in range(setup.n)] if spread else [({}, list(range(setup.n)))]
        bounds = np.array([[float(b) for b in setup.device.bounds[s]]
                           for s in setup.device.states])
        self.low, self.span = bounds[:, :1], np.diff(bounds, axis=1)

    def run(self, counts):
        """Return what `counts` pulses do, as `Repeated`; `counts` starts with 0."""
        parts = [self._group(parameters, self.start[:, copies], counts)
                 for parameters, copies in self.groups]
        errors = [error for _x, _energy, error in parts if error is not None]
        return Repeated(np.concatenate([x for x, _, _ in parts], axis=1),
                        np.concatenate([energy for _, energy, _ in parts]),
                        max(errors) if errors else None)

    def _group(self, parameters, start, counts):
        if self.rest == 0:
            try:
                return *self._as_one_pulse(parameters, start, counts), None
            except StepError:
                if len(start) > 2:
                    raise
        return self._composed(parameters, start, counts)

    def _flow(self, voltage, duration, x, parameters, device=None):
        return flow(device or self.device, voltage * volt, duration * second, x,
                    parameters=parameters, **self.options)

    def _as_one_pulse(self, parameters, x, counts):
        # A million pulses outlast every time constant: explicit steps would be too many.
        device = replace(self.device, stiff=True)
        states, energy = [x], [np.zeros(x.shape[1])]
        rates = device_rates(self.device, self.voltage, parameters=parameters, **self.options)(x)
        # Below a threshold nothing moves at all: not even by a rounding error.
        still = np.all(rates[:-1] == 0, axis=0)
        for number in np.diff(counts):
            moved, spent = self._flow(self.voltage, number * self.width, x, parameters, device)
            x = np.where(still, x, moved)
            states.append(x)
            energy.append(energy[-1] + spent)
        return np.stack(states, axis=-1), np.stack(energy, axis=-1)

    def _composed(self, parameters, start, counts):
        doubled = [self._period(parameters)]
        x, spent = (start - self.low) / self.span, np.zeros(start.shape[1])
        states, energy = [x], [spent]
        for number in np.diff(counts):
            for power in range(int(number).bit_length()):
                if power == len(doubled):
                    doubled.append(_then(doubled[-1], doubled[-1]))
                if number >> power & 1:
                    spent = spent + interpolate(doubled[power][-1], *x)
                    x = _read(doubled[power], x)
            states.append(x)
            energy.append(spent)
        found = self.low[..., None] + self.span[..., None] * np.stack(states, axis=-1)
        error = self._error(parameters, start, doubled[0], min(_CHECKED, int(counts[-1])))
        return found, np.stack(energy, axis=-1), error

    def _period(self, parameters):
        """Return the tables of a pulse and its rest: next states (0..1), then energy."""
        made = self._map(self.voltage, self.width, parameters)
        return made if self.rest == 0 else _then(made, self._map(0.0, self.rest, parameters))

    def _map(self, voltage, width, parameters):
        made = PulseMap.from_device(self.device, voltage * volt, width * second,
                                    parameters=parameters, **self.options)
        return np.concatenate([made.table, made.energy_table[None]])

    def _error(self, parameters, start, tables, pulses):
        full, x, worst = start, (start - self.low) / self.span, 0.0
        for _ in range(pulses):
            full, _energy = self._flow(self.voltage, self.width, full, parameters)
            if self.rest:
                full, _energy = self._flow(0.0, self.rest, full, parameters)
            x = _read(tables, x)
            worst = max(worst, float(np.max(np.abs(x - (full - self.low) / self.span))))
        return worst


def _read(tables, x):
    return np.stack([np.clip(interpolate(table, *x), 0, 1) for table in tables[:-1]])


def _then(first, second_):
    """Return the tables of `first` followed by `second_`."""
    x = np.clip(first[:-1], 0, 1)
    after = [interpolate(table, *x) for table in second_[:-1]]
    return np.stack([*after, first[-1] + interpolate(second_[-1], *x)])
