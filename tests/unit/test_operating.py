"""The procedure that chooses pulses: steps, balance, windows, and what it refuses."""

import numpy as np
import pytest
from brian2 import ms, ohm, volt

from brianmem import Evidence, PulseTrain, operating_point
from brianmem.errors import InputError, SynapseError
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.devices.stanford_pku import stanford_pku
from brianmem.models.devices.vteam import vteam


@pytest.fixture(scope="module")
def point():
    return operating_point(memdiode)


def test_steps_and_crossing_are_those_asked_for(point):
    figures = point.figures
    assert figures["first_set"] == pytest.approx(0.04, rel=0.3)
    assert figures["first_reset"] == pytest.approx(0.02, rel=0.3)
    assert figures["crossed"] > 0.85
    assert figures["energy_per_set_J"] > 0 < figures["energy_per_reset_J"]
    (v_set, _), (v_reset, _) = point.operation["set"], point.operation["reset"]
    assert v_set > 0 * volt > v_reset
    assert "SET" in point.reason


def test_device_carries_the_choice_and_its_evidence(point):
    device = point.device
    assert device.operation["set"] == point.operation["set"]
    assert device.evidence["operation"] == Evidence("proposed", point.reason)
    assert device.with_operation(set=memdiode.operation["set"]).evidence == device.evidence
    assert device.parameters == memdiode.parameters


def test_curve_is_what_a_pulse_train_measures(point):
    result = point.measure(count=20)
    measured = np.asarray(result["pulse_conductance"])[:21] * float(memdiode.read_voltage)
    np.testing.assert_allclose(measured, point.curve["set"][:21], rtol=0.02)
    assert isinstance(PulseTrain(count=2), PulseTrain)


def test_fewer_levels_make_larger_steps(point):
    few = operating_point(memdiode, levels=20, first_step=0.12)
    assert few.figures["first_set"] > 2 * point.figures["first_set"]


def test_a_set_that_runs_away_gets_a_series_resistance():
    found = operating_point(stanford_pku, levels=40)
    assert len(found.operation["set"]) == 3
    assert found.operation["set"][2] > 10 * ohm
    assert found.figures["largest_set"] < 0.2


@pytest.mark.long
def test_polarity_follows_the_device():
    found = operating_point(vteam, levels=30)
    assert found.operation["set"][0] < 0 * volt < found.operation["reset"][0]


@pytest.mark.parametrize("options", [{"levels": 1}, {"first_step": 0}, {"balance": -1}])
def test_impossible_wishes_are_refused(options):
    with pytest.raises(InputError, match="operating_point"):
        operating_point(memdiode, **options)


def test_a_volatile_device_is_refused():
    volatile = memdiode.with_operation(relax=(0 * volt, 1 * ms))
    with pytest.raises(SynapseError, match="non-volatile"):
        operating_point(volatile)
