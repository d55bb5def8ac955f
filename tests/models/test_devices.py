"""Every Device in models/devices passes the conformance suite."""

import importlib
import pkgutil

import pytest

import brianmem.models.devices as folder
from brianmem import Device, check_device

MODULES = [importlib.import_module(f"{folder.__name__}.{m.name}")
           for m in pkgutil.iter_modules(folder.__path__)]
DEVICES = {d.name: d for m in MODULES for d in vars(m).values() if isinstance(d, Device)}


# Twice and three times the time of others; jart_vcm and ecm are of the same kinds.
SLOW = {"ecm_nucleation", "jart_vcm_implicit", "diffusive", "vanadium_dioxide"}


@pytest.mark.parametrize("name", [
    pytest.param(n, marks=pytest.mark.long if n in SLOW else ()) for n in sorted(DEVICES)])
def test_device_conforms(name):
    report = check_device(DEVICES[name])
    assert {"passivity", "read", "bounds", "convergence", "seed"} <= set(report.passed)


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_device_says_which_polarity_sets(name):
    assert "SETs" in DEVICES[name].description
    before = DEVICES[name].evaluate("I", v=DEVICES[name].read_voltage)
    if not DEVICES[name].is_volatile:
        (v_set, *_), (v_reset, *_) = (DEVICES[name].operation[k] for k in ("set", "reset"))
        assert float(v_set) * float(v_reset) < 0
    assert float(before) * float(DEVICES[name].read_voltage) > 0
