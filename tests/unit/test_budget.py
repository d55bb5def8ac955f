"""Absurd requests are refused with an estimate, before they take memory or time."""

import logging
import re
import time

import pytest
from brian2 import Network, NeuronGroup, ohm, second
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import Function

from brianmem import (
    Endurance,
    IVSweep,
    PulseTrain,
    ReadDisturb,
    Relaxation,
    Transient,
    Variation,
    budget,
    find,
)
from brianmem.errors import BudgetError, InputError, ProtocolError, StepError
from brianmem.protocols.surroundings import run_whole


@pytest.fixture
def vteam():
    return find("vteam")


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setenv("BRIANMEM_SECONDS", "1e-3")


def endless():
    group = NeuronGroup(1, "dx/dt = 1/second : 1", dt=1e-4*second, method="euler")
    return Network(group)


@pytest.mark.parametrize("run", [
    lambda d: IVSweep().run(d, n=10**8), lambda d: IVSweep().run(d, n=10**15),
    lambda d: Endurance().run(d, n=10**12), lambda d: PulseTrain(count=10**6).run(d),
    lambda d: PulseTrain(count=20_000).run(d), lambda d: IVSweep(cycles=10**5).run(d),
    lambda d: PulseTrain(count=10**4).run(d, n=10**6)])
def test_what_fits_no_memory_or_time_is_refused_before_it_is_tried(vteam, run):
    started = time.monotonic()
    with pytest.raises(BudgetError, match="^Device 'vteam': .*(memory|time steps).* Ask for fewer"):
        run(vteam)
    assert time.monotonic() - started < 5


def test_a_stochastic_device_with_a_short_usual_step_is_refused_too():
    with pytest.raises(BudgetError, match="at least .* time steps are needed"):
        IVSweep(period=1e6*second).run(find("diffusive_langevin"))


@pytest.mark.parametrize("protocol", [PulseTrain, Relaxation])
def test_counts_have_an_upper_limit(protocol):
    with pytest.raises(ProtocolError, match="count must be at most 1,000,000, got 1e\\+09"):
        protocol(count=10**9)


def test_counts_that_cost_nothing_have_a_far_one():
    assert Endurance(cycles=10**12).cycles == 10**12
    assert ReadDisturb(count=10**12).count == 10**12
    with pytest.raises(ProtocolError, match="at most"):
        Endurance(cycles=10**16)


def test_the_limit_of_memory_can_be_stated(vteam, monkeypatch):
    monkeypatch.setenv("BRIANMEM_GIGABYTES", "1e-3")
    with pytest.raises(BudgetError, match="and the limit is 0.001 GB"):
        IVSweep().run(vteam, n=100)
    monkeypatch.setenv("BRIANMEM_GIGABYTES", "much")
    with pytest.raises(InputError, match="BRIANMEM_GIGABYTES must be a positive number, got 'much'"):
        IVSweep().run(vteam)


@pytest.mark.usefixtures("_impatient")
def test_a_protocol_beyond_its_time_ends(vteam):
    with pytest.raises(BudgetError, match="Device 'vteam': IVSweep: not finished after 0.001 s.*"
                       "BRIANMEM_SECONDS"):
        IVSweep().run(vteam)


def test_a_run_is_stopped_in_the_middle():
    started = time.monotonic()
    with budget.limited("it", 1.0), pytest.raises(BudgetError, match="^it: not finished after 1 s"):
        run_whole(endless(), 1e5)
    assert time.monotonic() - started < 20
    run_whole(endless(), 1e-3)  # Brian2 does not believe that it still runs


def test_a_run_that_would_take_far_too_long_is_stopped_early(monkeypatch):
    monkeypatch.setattr(budget, "_JUDGED_AFTER", 0.5)
    with budget.limited("it", 50.0) as mine:
        with pytest.raises(BudgetError, match="one run of it would take about .* the limit is 50 s"):
            run_whole(endless(), 1e8)
        assert mine.left > 25


def test_a_run_gone_wrong_is_not_waited_for():
    def sound():
        raise StepError("gone wrong")

    started = time.monotonic()
    with pytest.raises(StepError, match="gone wrong"):
        run_whole(endless(), 1e5, sound)
    assert time.monotonic() - started < 20


def test_an_error_inside_a_step_is_what_is_raised():
    def wrong(_x):
        raise StepError("inside a step")

    function = Function(wrong, arg_units=[1], return_unit=1)
    function.implementations.add_implementation("numpy", wrong)
    group = NeuronGroup(1, "x : 1", namespace={"wrong": function}, codeobj_class=NumpyCodeObject)
    act = group.run_regularly("x = wrong(x)", codeobj_class=NumpyCodeObject)
    with pytest.raises(StepError, match="^inside a step$"):
        run_whole(Network(group, act), 1e-3)
    assert Network._globally_running is False


def test_a_long_run_shows_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(budget, "_SHOWN_AFTER", 0.0)
    with budget.limited("it", 100.0):
        run_whole(endless(), 0.1)
        budget.show(0.5)
    assert re.search(r"it: \d+ % of this run", capsys.readouterr().err)


def test_a_short_run_shows_nothing(vteam, monkeypatch, capsys):
    monkeypatch.setattr(budget, "_SHOWN_AFTER", 100*budget._SHOWN_AFTER)  # short on a busy machine
    Transient("0.5*volt", duration=1e-6*second).run(vteam)
    assert capsys.readouterr().err == ""


def test_an_insulator_is_no_series_resistance(vteam):
    with pytest.raises(InputError, match="above 1e\\+15 ohm is an insulator"):
        IVSweep(series_resistance=1e30*ohm).run(vteam)


def test_times_as_people_say_them():
    assert [budget.duration(t) for t in (0.5, 90, 600, 1e4, 1e6, 1e9)] == [
        "0.5 s", "90 s", "10 minutes", "2.78 hours", "11.6 days", "31.7 years"]


def test_an_impossible_current_is_a_warning(vteam, caplog):
    IVSweep().run(vteam)
    assert "current reaches" not in caplog.text
    IVSweep().run(vteam.with_parameters(R_on=1e-5*ohm, R_off=1e-4*ohm))
    assert "Device 'vteam': its current reaches" in caplog.text
    assert "Check the amplitude" in caplog.text


def test_an_impossible_spread_is_a_warning(vteam, caplog):
    IVSweep().run(vteam, n=2, seed=1, variation=Variation(R_on=0.2))
    assert "relative spread" not in caplog.text
    IVSweep().run(vteam, n=2, seed=1, variation=Variation(R_on=5))
    assert "Device 'vteam': a relative spread R_on = 5 is more than 3" in caplog.text
    assert "percent were meant: 0.05" in caplog.text
    Variation(d2d=4).warn_if_wide(vteam)
    assert "d2d = 4" in caplog.text


def test_no_warning_of_brian2_about_the_grid_of_redrawn_parameters(vteam):
    class Heard(logging.Handler):
        records = []

        def emit(self, record):
            self.records.append(record.getMessage())

    log, heard = logging.getLogger("brian2"), Heard(logging.WARNING)
    log.addHandler(heard)
    try:
        # 60 ps are no whole number of 5 ps in binary.
        PulseTrain(count=7).run(vteam, n=2, seed=1, variation=Variation(cycle={"R_on": 0.1}))
    finally:
        log.removeHandler(heard)
    assert not heard.records


def test_what_is_only_tried_ends_after_its_steps():
    budget.count()  # nothing is tried here
    with budget.at_most(2, "Device 'd'"):
        budget.count()
        budget.count()
        with pytest.raises(StepError, match="Device 'd': error control needs too many steps"):
            budget.count()
    budget.count()
