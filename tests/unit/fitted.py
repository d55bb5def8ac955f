"""Devices, data and tasks that the tests of fits share."""

import numpy as np
import pytest
from brian2 import amp, mvolt, second, usecond, usiemens, volt
from brian2.units.fundamentalunits import Quantity

from brianmem import Device
from brianmem.fitting.free import Free
from brianmem.fitting.tasks import Task

NOISE = 0.05
SEEDS = [1, *(pytest.param(k, marks=pytest.mark.long) for k in (2, 3))]

soft_bound = Device(
    name="soft_bound",
    equations="""
    dw/dt = int(v > V_on)*k_p*(1 - w)**beta - int(v < -V_on)*k_d*w**beta : 1
    G = G_min + (G_max - G_min)*w : siemens
    I = G*v : amp
    """,
    parameters={"V_on": 500*mvolt, "k_p": 30e3/second, "k_d": 30e3/second, "beta": 1.5,
                "G_min": 1*usiemens, "G_max": 30*usiemens},
    initial={"w": 0}, bounds={"w": (0, 1)},
    operation={"set": (1*volt, 1*usecond), "reset": (-1*volt, 1*usecond),
               "read": (100*mvolt, 1*usecond)},
    description="Positive voltage SETs.")

exponential = Device(
    name="exponential",
    equations=soft_bound.equations.replace("**beta", ""), initial=soft_bound.initial,
    parameters={k: q for k, q in soft_bound.parameters.items() if k != "beta"},
    bounds=soft_bound.bounds, operation=soft_bound.operation, description=soft_bound.description)

drift = Device(
    name="drift",
    equations="""
    dx/dt = k*sinh(v/V_0)*(1 - (2*x - 1)**2) : 1
    I = v*(x/R_on + (1 - x)/R_off) : amp
    """,
    parameters={"k": 1/second, "V_0": 300*mvolt, "R_on": 1e3*volt/amp, "R_off": 1e5*volt/amp},
    initial={"x": 0.02}, bounds={"x": (0, 1)}, description="Positive voltage SETs.",
    operation={"sweep": (1*volt, 1*second)})

UP_AND_DOWN = 2 - np.abs(np.linspace(-1, 1, 11))


def true_device(device, truth):
    return device.with_parameters(**{k: Quantity(v, dim=device.dimension(k))
                                     for k, v in truth.items()})


def assert_found(result, truth, tolerance=0.03):
    found = 0
    for name, value in truth.items():
        if result.status[name].startswith("not identifiable"):
            continue
        found += 1
        assert float(result.parameters[name]) == pytest.approx(float(value), rel=tolerance), name
    assert found >= len(truth) / 2


class Quadratic(Task):
    """y = a*b for the data, NaN for half of all candidates; `stop` raises Ctrl-C."""

    device = soft_bound

    def __init__(self, stop_after=None, nan=False):
        super().__init__(np.array([2.0, 4.0, 8.0]), 1e-6, "conductance", ("time", np.arange(3)))
        self.calls, self.stop_after, self.nan = 0, stop_after, nan

    def predict(self, values):
        self.calls += 1
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        a = values["a"][:, None]
        made = a * np.array([1.0, 2.0, 4.0])
        return np.where(self.nan | (a < 1), np.nan, made)


ONE = [Free("a", soft_bound.dimension("beta"), 5.0, 0.01, 100.0)]
