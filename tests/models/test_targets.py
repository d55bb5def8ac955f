"""Every device reproduces its targets, and every target can be missed."""

import pytest

from brianmem import catalog, find

TARGETS = catalog.targets()

FIRST = {t.device: t for t in reversed(TARGETS)}


def marks(target):
    """Leave all but the first target of what is compiled for each of them to the long suite."""
    compiled = getattr(find(target.device), "method", None) == "adaptive"  # of neurons
    return pytest.mark.long if target.long or (compiled and target is not FIRST[target.device]) else ()


@pytest.mark.parametrize("target", [pytest.param(t, marks=marks(t)) for t in TARGETS],
    ids=lambda t: f"{t.device}: {t.quantity}")
def test_target_is_reached(target):
    measured = target.measure()
    assert target.reached(measured), f"expected {target.shown()}, measured {measured}"


def test_no_target_stands_twice():
    names = [(t.device, t.quantity) for t in TARGETS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted({t.device for t in TARGETS}))
def test_targets_name_a_device(name):
    assert find(name).name == name
