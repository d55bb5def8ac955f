"""VTEAM against its closed form: constant rate at constant voltage."""

import numpy as np
import pytest
from brian2 import nmetre, nsecond, psecond, second, volt

from brianmem import PulseTrain, Transient
from brianmem.models.devices.vteam import vteam
from tests.physics.measured import final, order


def closed_form(v):
    """Return the time in seconds to cross the whole range at constant voltage."""
    rate = 5e-4 * (v / 0.02 - 1) if v > 0 else 10 * (v / -0.2 - 1)**3
    return 3e-9 / rate


@pytest.mark.parametrize(("v", "start", "end", "published"), [
    (0.5, 0, 3, 0.25e-6), (-0.5, 3, 0, 89e-12),
    *(pytest.param(*case, marks=pytest.mark.long) for case in (
        (0.1, 0, 3, 1.50e-6), (1.0, 0, 3, 0.122e-6), (-0.3, 3, 0, 2.4e-9), (-1.0, 3, 0, 4.7e-12)))])
def test_switching_time_is_that_of_the_closed_form(v, start, end, published):
    total = closed_form(v)
    assert total == pytest.approx(published, rel=0.01)
    half = final(vteam, f"{v}*volt", total / 2 * second, 100, {"w": start * nmetre})["w"]
    assert half == pytest.approx(1.5e-9, rel=1e-6)
    done = final(vteam, f"{v}*volt", total * 1.01 * second, 100, {"w": start * nmetre})["w"]
    assert done == pytest.approx(end * 1e-9, abs=1e-15)


@pytest.mark.long
def test_sine_reproduces_the_reference_trajectory():
    """Golden values: scipy at rtol 1e-10 and ngspice."""
    sine = "1*volt*sin(2*pi*50*MHz*t)"
    assert final(vteam, sine, 2 * nsecond, 2000)["w"] * 1e9 == pytest.approx(0.014214, abs=1e-6)
    assert final(vteam, sine, 12 * nsecond, 12000)["w"] == 0


@pytest.mark.long
def test_state_is_frozen_between_the_thresholds():
    for v in ("0.0199*volt", "-0.1999*volt", "0*volt"):
        assert final(vteam, v, 1 * second, 10, {"w": 1 * nmetre})["w"] == 1e-9


@pytest.mark.long
def test_a_read_at_a_tenth_of_a_volt_would_erase():
    assert final(vteam, "0.1*volt", 1.6e-6 * second, 100)["w"] == pytest.approx(3e-9)
    v, width = vteam.operation["read"]
    assert final(vteam, f"{float(v)}*volt", width, 100)["w"] == 0


def test_no_power_of_a_negative_base_in_the_branch_not_taken():
    cubic = vteam.with_parameters(alpha_off=2.5, alpha_on=1.5)
    rates = cubic.evaluate("w", v=np.linspace(-1, 1, 9) * volt)
    assert np.all(np.isfinite(np.asarray(rates)))


@pytest.mark.long
def test_order_one_across_the_threshold_and_four_above_it():
    crossing = "0.1*volt*sin(2*pi*t/(1000*nsecond))"
    values = np.array([final(vteam, crossing, 233 * nsecond, 10 * 2**k)["w"] for k in range(3, 8)])
    errors = np.abs(values - final(vteam, crossing, 233 * nsecond, 10 * 2**10)["w"])
    assert -np.polyfit(np.arange(5), np.log2(errors), 1)[0] == pytest.approx(1, abs=0.25)
    smooth = "-(0.3 + 0.05*sin(2*pi*t/(200*psecond)))*volt"
    assert order(vteam, "w", smooth, 130 * psecond, 8, {"w": 3 * nmetre}) == pytest.approx(4, abs=0.4)


def test_pulses_move_the_state_by_the_closed_form():
    result = PulseTrain(count=5).run(vteam, initial={"w": 3 * nmetre})
    w = np.asarray(result["pulse_w"])
    (v_set, t_set), (v_reset, t_reset) = vteam.operation["set"][:2], vteam.operation["reset"][:2]
    steps = np.diff(w)
    for change, v, t, sign in ((steps[:5], v_set, t_set, -1), (steps[5:], v_reset, t_reset, 1)):
        expected = sign * 3e-9 * float(t) / closed_form(float(v))
        np.testing.assert_allclose(change, expected, rtol=1e-4)


def test_a_step_that_hides_the_set_is_refused():
    from brianmem.errors import StepError

    with pytest.raises(StepError, match="vteam.*Use dt"):
        Transient("-1*volt", duration=1000 * nsecond, dt=0.5 * nsecond).run(
            vteam, initial={"w": 3 * nmetre})
