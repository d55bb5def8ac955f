"""DEXAT: after a burst the threshold is a sum of two exponentials."""

import functools

import numpy as np
from brian2 import msecond, second
from scipy.optimize import curve_fit

from brianmem import SpikeResponse, Target, find

DEVICE = "dexat"
_BURST = 0.2  # seconds of drive


@functools.cache
def time_constants():
    """Fit both time constants (s) to the threshold after a burst, from guesses far off."""
    neuron = find(DEVICE)
    found = SpikeResponse(drive=f"0.05*int(t < {_BURST}*second)", duration=1500 * msecond).run(neuron)
    p = {k: float(v) for k, v in neuron.parameters.items()}
    t = np.asarray(found["t"])
    threshold = p["b_0"] + p["beta_1"] * found["b_1"] + p["beta_2"] * found["b_2"]
    after = t > max(_BURST, np.asarray(found["spike_t"]).max()) + 2e-3
    t, threshold = t[after] - t[after][0], threshold[after]

    def sum_of_two(t, level, high_1, tau_1, high_2, tau_2):
        return level + high_1 * np.exp(-t / tau_1) + high_2 * np.exp(-t / tau_2)

    guess = (threshold[-1], np.ptp(threshold) / 2, 0.05, np.ptp(threshold) / 2, 0.3)
    fitted = curve_fit(sum_of_two, t, threshold, guess, maxfev=20_000)[0]
    return sorted((fitted[2], fitted[4]))


TARGETS = tuple(
    Target(DEVICE, f"{name} time constant of the threshold after a burst, fitted",
           value * msecond, lambda k=k: time_constants()[k] * second, "closed form", rtol=0.05,
           source="tau_1 and tau_2 of the equations")
    for k, (name, value) in enumerate((("short", 30), ("long", 500))))
