"""Error figures of pulse maps of the published devices, against their full equations."""

import numpy as np
import pytest
from brian2 import metre, volt

from brianmem.lookup import interpolate
from brianmem.models.devices.linear_ion_drift import linear_ion_drift_biolek
from brianmem.models.devices.memdiode import memdiode
from brianmem.models.devices.stanford_pku import stanford_pku
from brianmem.models.devices.vteam import vteam
from brianmem.reduction import PulseMap

SMOOTH_GAP = stanford_pku.with_parameters(F_min=0 * volt / metre)


def derive(device, kind, points=256):
    voltage, width, *resistance = device.operation[kind]
    options = {"series_resistance": resistance[0]} if resistance else {}
    return PulseMap.from_device(device, voltage, width, points=points, **options)


# The gap model stops at its minimum field: a kink inside the range, which a grid of
# straight lines meets to about the size of its cells.
@pytest.mark.parametrize("kind", ["set", "reset"])
@pytest.mark.parametrize(("device", "most"), [
    (memdiode, 1e-11), (vteam, 1e-11), (SMOOTH_GAP, 1e-4), (stanford_pku, 3e-3)],
    ids=["memdiode", "vteam", "gap without minimum field", "gap"])
def test_error_after_a_hundred_pulses(device, kind, most):
    made = derive(device, kind)
    assert made.monotone
    assert made.error(pulses=100, copies=21) < most


@pytest.mark.parametrize("kind", ["set", "reset"])
def test_memdiode_table_is_its_closed_form(kind):
    made = derive(memdiode, kind)
    assert made.rate is not None
    h = np.linspace(0, 1, 1001)
    voltage, width = (float(q) for q in memdiode.operation[kind][:2])
    p = {k: float(q) for k, q in memdiode.parameters.items()}
    if kind == "set":
        expected = 1 - (1 - h) * np.exp(-width * np.exp(p["eta_set"] * (voltage - p["V_set"])))
    else:
        expected = h * np.exp(-width * np.exp(-p["eta_res"] * (voltage - p["V_res"])))
    np.testing.assert_allclose(made.step(h), expected, rtol=1e-12)
    np.testing.assert_allclose(interpolate(made.table[0], h), expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["set", "reset"])
def test_stiff_pulse_moves_the_gap_by_a_useful_step(kind):
    made = derive(stanford_pku, kind)
    moved = np.abs(np.clip(made.table[0], 0, 1) - np.linspace(0, 1, 256))
    assert 0.005 < moved.max() < 0.5
    assert np.all(made.energy_table > 0)


def test_window_device_composes():
    voltage, width, *_ = linear_ion_drift_biolek.operation["set"]
    x = np.linspace(0, 1, 101)
    one = PulseMap.from_device(linear_ion_drift_biolek, voltage, width)
    two = PulseMap.from_device(linear_ion_drift_biolek, voltage, 2 * width)
    np.testing.assert_allclose(one.step(one.step(x)), two.step(x), atol=5e-4)
