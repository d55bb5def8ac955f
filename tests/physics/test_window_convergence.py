"""The window of overlapping spikes converges with the time step, at order 2."""

import numpy as np
import pytest
from brian2 import msecond, volt

from brianmem import STDPWindow, find

pytestmark = pytest.mark.usefixtures("numpy_target")

STEPS = np.array([0.5, 0.25, 0.125, 0.0625])


def test_order_under_halving():
    time = msecond/20

    def window(step):
        result = STDPWindow(
            [-10, -2, 2, 10]*time, dt=step*time, positive_amplitude=1*volt,
            negative_amplitude=0.25*volt, positive_time=5*time, negative_time=75*time,
            positive_tau=3*time, negative_tau=40*time, post_scale=0.63, pre_scale=0.54,
        ).run(find("yakopcic"), initial={"x": 0.3})
        return np.asarray(result["change_x"])

    reference = window(0.02)
    errors = np.array([np.abs(window(step) - reference).max() for step in STEPS])
    errors /= np.abs(reference).max()
    # The rate has a corner where the voltage passes the threshold inside a step, and the spike
    # is straight within a step: neither lets a method of order 4 have more than order 2.
    order = np.polyfit(np.log(STEPS), np.log(errors), 1)[0]
    assert 1.7 < order < 2.6, (order, errors)
    assert errors[-1] < 3e-6
