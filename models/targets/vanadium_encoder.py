"""The delta encoder: spikes as the total variation over the quantum, signal within a quantum."""

import functools

import numpy as np
from brian2 import hertz, msecond, mvolt, uamp

from brianmem import Target, find
from brianmem.models.targets._firing import firing, rate

NEURON = "vanadium_encoder"
#: A sine of 1 V and 20 Hz; from its start at 0 V it moves by 4 V in a period. Faster ones lose
#: more: at 200 Hz a reset of 1 us costs 2 % of a quantum.
AMPLITUDE, FREQUENCY, PERIODS = 1.0, 20.0, 2.25


def quantum(gain=10.0):
    """Return the step (V) of the signal per spike, in closed form."""
    p = {k: float(v) for k, v in find(NEURON).parameters.items()}
    return p["XON_X1_V_th"]/gain*(1 + p["XON_R_p"]/p["XON_X1_R_off"])


def signed(run, copy=0):
    """Return +1 or -1 of each spike of a copy."""
    on, off = (run.at_spikes[k][copy] for k in ("v_on", "v_off"))
    return np.where(on > off, 1, -1)


@functools.cache
def sine():
    return firing(find(NEURON), "C1*2*pi*f*A*cos(2*pi*f*t)", PERIODS/FREQUENCY*1e3*msecond,
                  at_spikes=("v_on", "v_off"), record=("v_mem",), interpolate=False,
                  namespace={"f": FREQUENCY*hertz, "A": AMPLITUDE*1e3*mvolt})


def ideal():
    """Return the signs that an encoder without any delay emits: one per level that is passed."""
    t = np.linspace(0, PERIODS/FREQUENCY, 200001)
    q, level, found = quantum(), 0.0, []
    for v in AMPLITUDE*np.sin(2*np.pi*FREQUENCY*t):
        if abs(v - level) >= q:
            found.append(1 if v > level else -1)
            level += q*found[-1]
    return np.array(found)


def largest_error():
    """Return the largest distance of the decoded from the signal, over the quantum."""
    run, q = sine(), quantum()
    rebuilt = q*np.concatenate([[0], np.cumsum(signed(run))])[np.searchsorted(run.times[0], run.t)]
    return float(np.abs(rebuilt - AMPLITUDE*np.sin(2*np.pi*FREQUENCY*run.t)).max()/q)


@functools.cache
def ramps():
    """Return the signed rates (Hz) under 1 and -1 uA: ramps of 1 kV/s."""
    run = firing(find(NEURON), [1, -1]*uamp, 2*msecond, at_spikes=("v_on", "v_off"))
    return [float(np.unique(signed(run, k))[0]*rate(run.times[k])) for k in range(2)]


_SINE = f"a sine of {AMPLITUDE:g} V, {FREQUENCY:g} Hz, {PERIODS:g} periods"

TARGETS = (
    *(Target(NEURON, f"signed rate on a ramp of {sign} kV/s", sign*1e3/quantum()*hertz,
             lambda k=k: ramps()[k]*hertz, "closed form", rtol=0.02,
             source="slope over (V_th/gain)(1 + R_p/R_off); a reset loses about 1 us")
      for k, sign in enumerate((1, -1))),
    Target(NEURON, f"spikes of {_SINE}", float(len(ideal())), lambda: float(len(sine().times[0])),
           "closed form", atol=2.0, source="levels that the signal passes"),
    Target(NEURON, f"spikes of {_SINE}, total variation over the quantum",
           4*PERIODS*AMPLITUDE/quantum(), lambda: float(len(sine().times[0])), "closed form",
           atol=2*PERIODS + 1, source="at each turn of the signal up to one spike fewer"),
    Target(NEURON, f"ON less OFF spikes of {_SINE}", float(ideal().sum()),
           lambda: float(signed(sine()).sum()), "closed form", atol=1.0,
           source="the signal at its end over the quantum"),
    Target(NEURON, f"largest error of the decoded signal over the quantum, {_SINE}", 1.05,
           largest_error, "closed form", compare="<",
           source="one quantum; what a reset loses adds up to 0.05"),
)
