"""What a memristive synapse refuses, and how it says so."""

import pytest
from brian2 import ms, volt

from brianmem.device import Device
from brianmem.errors import SynapseError, VariationError
from brianmem.synapse import PulseRule, Synapse
from brianmem.variation import Variation
from tests.unit.bending_device import DEVICE, GAIN, RULE, sources, targets

pytestmark = pytest.mark.usefixtures("numpy_target")


def changed(**changes):
    fields = {n: getattr(DEVICE, n) for n in ("name", "equations", "parameters", "initial", "bounds",
                                              "operation")}
    return Device(**{**fields, **changes})


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Synapse(DEVICE, write=RULE), "read must be one gain"),
    (lambda: Synapse(changed(bounds={}), read=GAIN), "'x' has no bounds"),
    (lambda: Synapse(changed(operation={}), read=GAIN), "no read voltage"),
    (lambda: Synapse(changed(equations=DEVICE.equations + "\ndy/dt = -y/tau : 1",
                             initial={"x": 0, "y": 0}), read=GAIN), r"one state.*2 \(x, y\)"),
    (lambda: Synapse(changed(operation={"read": (0.1 * volt, 1 * ms)}), write=RULE, read=GAIN).maps,
     "no SET pulse"),
    (lambda: Synapse(DEVICE, read=GAIN, variation=Variation(tau=0.1, G=0.1)), "one physical"),
    (lambda: Synapse(DEVICE, read=GAIN, variation=Variation(cycle={"tau": 0.1})), "one physical"),
    (lambda: PulseRule(window=5 * volt), "window must be in second"),
    (lambda: PulseRule(window=-1 * ms), "must not be negative"),
    (lambda: Synapse(DEVICE, write=PulseRule(1 * ms, set=(1 * volt,)), read=GAIN).maps,
     "set must be"),
    (lambda: Synapse(changed(equations=DEVICE.equations.replace("0.1 + x", "1 + x*(1 - x)")),
                     read=GAIN).connect(
        sources([] * ms), targets(1 * ms)), "at both bounds"),
    (lambda: Synapse(DEVICE, read=1 * volt).connect(sources([] * ms), targets(1 * ms)),
     "read gain for 'v' must be in ohm, got volt"),
    (lambda: Synapse(DEVICE, read=GAIN).connect(sources([] * ms), targets(1 * ms), into="ge"),
     "has no variable 'ge'"),
    (lambda: Synapse(DEVICE, read=GAIN).connect(sources([] * ms), targets(1 * ms), i=[0]),
     "both i and j"),
    (lambda: Synapse(DEVICE, read=GAIN).connect(sources([] * ms), targets(1 * ms), x=1.5),
     r"0\.\.1"),
])
def test_bad_input_is_named(make, message):
    with pytest.raises(SynapseError, match=message):
        make()


def test_unknown_spread_is_named():
    with pytest.raises(VariationError, match="no parameter 'R_on'"):
        Synapse(DEVICE, read=GAIN, variation=Variation(R_on=0.1))
