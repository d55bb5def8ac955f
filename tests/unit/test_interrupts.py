"""Ctrl-C inside a run: Brian2 hands back a trace cut short, which nobody may take for whole."""

import signal

import brian2
import numpy as np
import pytest
from brian2 import Network, NetworkOperation, amp, ms, second, volt

from brianmem import Device, Transient
from brianmem.fitting import simulate
from brianmem.fitting.free import make_free
from brianmem.fitting.search import search
from brianmem.fitting.tasks import Sweep
from brianmem.protocols import simulation
from brianmem.protocols.surroundings import run_whole

DRIFT = Device(
    name="drift", equations="dx/dt = k*sinh(v/V_0)*(1 - (2*x - 1)**2) : 1\nI = v*G*(0.01 + x) : amp",
    parameters={"k": 1/second, "V_0": 0.3*volt, "G": 1e-3*amp/volt}, initial={"x": 0.02},
    bounds={"x": (0, 1)}, operation={"sweep": (1*volt, 1*second)})


class Pressed(Network):
    """A network whose user presses Ctrl-C in the middle of run number `when` of all."""

    when = runs = 0

    def __init__(self, *objects):
        super().__init__(*objects, NetworkOperation(self.press, dt=0.01*ms, order=-10))
        self.done = 0

    def press(self):
        if self.done < Pressed.runs == Pressed.when:
            self.done = Pressed.runs
            signal.raise_signal(signal.SIGINT)

    def run(self, *args, **kwargs):
        Pressed.runs += 1
        super().run(*args, **kwargs)


@pytest.fixture
def press(monkeypatch):
    """Return a function that says in which run Ctrl-C is pressed."""
    monkeypatch.setattr(simulation, "Network", Pressed)
    monkeypatch.setattr(simulate, "Network", Pressed)
    monkeypatch.setattr(Pressed, "runs", 0)
    # As in a user's program: pytest may have put its own in place of Brian2's.
    before = signal.signal(signal.SIGINT, brian2._int_handler)

    def choose(when):
        monkeypatch.setattr(Pressed, "when", when)

    yield choose
    signal.signal(signal.SIGINT, before)


def test_a_run_cut_short_is_an_interrupt(press):
    press(1)
    network = Pressed()
    with pytest.raises(KeyboardInterrupt):
        run_whole(network, 1e-3)
    assert float(network.t) < 0.5e-3
    run_whole(network, 1e-3)


def test_a_protocol_stops_and_the_next_one_runs(press, caplog):
    protocol = Transient(np.ones(11)*volt, duration=10*ms, dt=1*ms)
    press(1)
    with pytest.raises(KeyboardInterrupt):
        protocol.run(DRIFT, seed=1)
    assert Pressed.runs == 1
    assert "again" not in caplog.text  # Brian2 asks for a second Ctrl-C
    assert len(protocol.run(DRIFT, seed=1)["t"]) > 10


def wanted():
    """Return a fit to be made in a group: its task and free parameters."""
    t = np.linspace(0, 1, 11)
    return Sweep(DRIFT, t, t, 1e-4*t*(1 + t), 1e-6), make_free(DRIFT, ["G"], {})


def test_a_fit_stopped_in_its_first_run_stops(press):
    press(1)
    with pytest.raises(KeyboardInterrupt):
        search(*wanted(), generations=1)
    assert Pressed.runs == 1


def test_a_fit_stopped_later_gives_the_best_so_far(press):
    press(2)
    found = search(*wanted(), generations=1)
    assert found.interrupted
    # The second run was lost, the third looks around the best of the first.
    assert Pressed.runs == 3
    assert np.all(np.isfinite(found.residuals))
