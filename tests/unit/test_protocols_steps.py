"""The time step of protocols: refined, refused, and what no step can follow."""

import numpy as np
import pytest
from brian2 import kohm, ohm, second, siemens, usecond, volt

from brianmem import Device, IVSweep, Transient
from brianmem.errors import BrianmemError, StepError


class TestSteps:
    STIFF = Device(name="stiff", equations="dx/dt = (int(v > 0.5*volt) - x)/tau + 0*v/volt/tau : 1\n"
                                           "I = v*x**2/R + v/R : amp",
                   parameters={"tau": 1*usecond, "R": 1*kohm}, initial={"x": 0}, bounds={"x": (0, 1)})

    def test_too_long_a_step_is_refused_with_a_better_one(self):
        # x relaxes in 30 us; 0.4 of that per step is visible, 0.1 is not.
        slow = self.STIFF.with_parameters(tau=30*usecond)
        protocol = {"voltage": [1, 1]*volt, "duration": 100*usecond, "series_resistance": 1*ohm}
        samples = {**protocol, "dt": 100*usecond}
        with pytest.raises(StepError, match=r"Device 'stiff'.*Use dt <= .* us"):
            Transient(**samples).run(slow)
        fine = Transient(**{**protocol, "dt": 1*usecond}).run(slow)
        assert fine["x"][-1] == pytest.approx(1 - np.exp(-100 / 30), rel=1e-5)

    def test_without_dt_the_step_is_refined(self):
        slow = self.STIFF.with_parameters(tau=3*usecond)
        result = Transient([1, 1]*volt, duration=100*usecond, series_resistance=1*ohm).run(slow)
        assert result.attrs["dt_s"][0] < 100e-6 / 8
        assert result.attrs["step_error_tolerances"] <= 1

    def test_what_cannot_converge_says_so(self, monkeypatch):
        monkeypatch.setattr("brianmem.protocols.simulation.MAX_STEPS", 2**12)
        fast = self.STIFF.with_parameters(tau=1e-15*second)
        with pytest.raises(StepError, match="no time step with up to"):
            Transient([1, 1]*volt, duration=1*second, series_resistance=1*ohm).run(fast)

    def test_nan_names_device_state_and_time(self):
        wrong = Device(name="wrong", equations="dx/dt = sqrt(0.5 - x)/tau : 1\nI = v/R*x : amp",
                       parameters={"tau": 1*second, "R": 1*kohm}, initial={"x": 0.6})
        with np.errstate(all="ignore"), pytest.raises(BrianmemError, match=r"'wrong'.*'x'.*t = "):
            Transient(np.ones(20)*volt, duration=1*second).run(wrong)

    def test_division_by_what_is_always_0_is_one_line(self):
        wrong = Device(name="wrong", equations="dx/dt = v/phi : 1\nI = v*G/(x - x) : amp",
                       parameters={"phi": 1*volt*second, "G": 1e-3*siemens}, initial={"x": 0.5},
                       bounds={"x": (0, 1)})
        with pytest.raises(BrianmemError, match="'wrong'.*0 whatever the states") as caught:
            IVSweep(1*volt, period=1*second).run(wrong)
        assert "\n" not in str(caught.value)
