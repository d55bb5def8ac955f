"""The leaky integrate-and-fire neuron: its exact rate and first spike."""

import numpy as np
from brian2 import Hz, msecond, namp, second, usecond

from brianmem import FICurve, SpikeResponse, Target, find

DEVICE = "lif"
#: An interval is off by less than this step: a share of 1e-3 of the shortest one, 12 ms.
_DT = 10 * usecond


def rate(drive):
    """Return 1/(t_ref + tau ln(R I/(R I - v_th))) in hertz."""
    p = find(DEVICE).parameters
    x = float(p["R"] * drive / p["v_th"])
    return 1 / (float(p["t_ref"]) + float(p["tau"]) * np.log(x / (x - 1)))


def _measured(drive):
    found = FICurve(currents=[drive], duration=100 * msecond, dt=_DT).run(find(DEVICE))
    return found["rate"][0]


def _first_spike():
    found = SpikeResponse(drive=0.75 * namp, duration=30 * msecond).run(find(DEVICE))
    return found["spike_t"][0]


def _spikes_below_rheobase():
    found = FICurve(currents=[0.499 * namp], duration=250 * msecond).run(find(DEVICE))
    return float(found["spikes"][0])


TARGETS = (
    *(Target(DEVICE, f"rate at {x:g} nA (step 10 us)", rate(x * namp) * Hz,
             lambda x=x: _measured(x * namp), "closed form", rtol=1e-3,
             source="1/(t_ref + tau ln(R I/(R I - v_th)))") for x in (0.6, 0.8, 1.0)),
    Target(DEVICE, "first spike at 0.75 nA (step 100 us)", 20e-3 * np.log(3) * second, _first_spike,
           "closed form", atol=0.2 * usecond, source="tau ln 3, for R I = 1.5 v_th"),
    Target(DEVICE, "spikes in 250 ms just below v_th/R", 1, _spikes_below_rheobase, "closed form",
           compare="<", source="R I < v_th never reaches v_th"),
)
