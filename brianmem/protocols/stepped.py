"""Copies that live through pieces of constant voltage, each with durations of its own."""

import contextlib

import numpy as np
from brian2 import second, volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import InputError, StepError
from brianmem.flow import device_rates, patient_flow
from brianmem.protocols.arrival import can_follow
from brianmem.protocols.drive import steps
from brianmem.protocols.paced import PACE, Marks, paced, simulate_paced


def simulate_steps(setup, durations, voltages, states, dt=None):
    """Hold `voltages` (V) for `durations` (s), both (copies, pieces), and return `Marks`.

    A deterministic device is followed with steps of its own for each copy; with noise,
    events, ``t`` or a `dt`, all copies are integrated with one step.
    """
    timeline = steps(durations, voltages)
    if dt is None and can_follow(setup.device):
        # The general way below says what is wrong, if anything is.
        with contextlib.suppress(InputError, StepError):
            return _followed(setup, timeline, np.asarray(voltages, dtype=float), states)
    return simulate_paced(setup, timeline, states, dt)


def _followed(setup, timeline, voltages, states):
    device, clock = paced(setup.device), timeline.clock
    limits = {"series_resistance": setup.series_resistance, "compliance": setup.compliance}
    x = np.array([states[s] for s in device.states], dtype=float)
    found, energy = [x], [np.zeros(x.shape[1])]
    for voltage, pace in zip(voltages.T, timeline.durations.T / clock, strict=True):
        own = {**setup.parameters, PACE: Quantity(np.maximum(pace, 0.0))}
        after, spent = patient_flow(device, voltage * volt, clock * second, x, **limits,
                                    parameters=own)
        if setup.stuck is not None:
            power = device_rates(device, voltage, **limits, parameters=own)(x)[-1]
            after, spent = (np.where(setup.stuck[0], old, new)
                            for old, new in ((x, after), (power * clock, spent)))
        x = after
        found.append(x)
        energy.append(energy[-1] + spent * pace)
    marks = np.stack(found, axis=-1)
    return Marks(dict(zip(device.states, marks, strict=True)), np.stack(energy, axis=-1), None)
