"""Every device reproduces its targets, and every target can be missed."""

import pytest

from brianmem import catalog, find

TARGETS = catalog.targets()
# Their runs take 20 s or more, those of circuits a build; the neuristor stands for them.
BUILT = {"vanadium_lif", "diffusive_lif", "vanadium_oscillator", "vanadium_encoder", "vanadium_alif",
         "gallium_selenide_lif", "nickelate_lif", "niobium_srm", "diffusive", "stanford_pku_v2",
         "stochastic_switch", "selector", "niobium_oxide", "silver_silica"}

@pytest.mark.parametrize("target", [
    pytest.param(t, marks=pytest.mark.long if t.long or t.device in BUILT else ()) for t in TARGETS],
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
