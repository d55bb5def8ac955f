"""The integrate-and-fire neuron: charge per spike."""

from brian2 import Hz, msecond, namp

from brianmem import FICurve, Target, find

DEVICE = "integrate_and_fire"


def _measured(drive):
    return FICurve(currents=[drive], duration=500 * msecond).run(find(DEVICE))["rate"][0]


TARGETS = tuple(
    Target(DEVICE, f"rate at {x:g} nA (step 100 us)", x / 0.5 / 20e-3 * Hz,
           lambda x=x: _measured(x * namp), "closed form", rtol=1e-6, source="I/(C v_th)")
    for x in (0.05, 0.37, 1.0))
