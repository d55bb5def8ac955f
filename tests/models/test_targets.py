"""Every device reproduces its targets, and every target can be missed."""

import importlib
import pkgutil

import pytest

import brianmem.models.targets as folder
from brianmem import find

TARGETS = [t for m in pkgutil.iter_modules(folder.__path__)
           for t in importlib.import_module(f"{folder.__name__}.{m.name}").TARGETS]


@pytest.mark.parametrize("target", [
    pytest.param(t, marks=[pytest.mark.long] * t.long, id=f"{t.device}: {t.quantity}")
    for t in TARGETS])
def test_target_is_reached(target):
    measured = target.measure()
    assert target.reached(measured), f"expected {target.shown()}, measured {measured}"


def test_no_target_stands_twice():
    names = [(t.device, t.quantity) for t in TARGETS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted({t.device for t in TARGETS}))
def test_targets_name_a_device(name):
    assert find(name).name == name
