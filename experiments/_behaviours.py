"""Behaviours of a neuron: circuit values, stimuli, and the rule that tells whether it shows.

A rule takes the spike times (us) and the largest outputs (V) of the runs, one for each
stimulus, and looks at nothing else. Every behaviour also names a circuit, the control, that
gets the same stimuli and must be rejected.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from brian2 import Mohm, kohm, nfarad, pfarad, volt

#: Stimuli start and runs end (us).
ON, END = 10, 200
#: By when whatever answers the onset of a step alone has ended.
EARLY = ON + 0.2*(END - ON)


@dataclass(frozen=True)
class Behaviour:
    """A behaviour; stimuli are corners ((time in us, V), ...), joined by lines.

    A figure shows the run `shown`, and faintly that `beside` it.
    """

    name: str
    criterion: str
    rule: Callable
    circuit: dict
    stimuli: tuple
    control: dict
    shown: int = 0
    beside: int | None = None


def steps(*changes):
    """Return the corners of a voltage that is 0 and then jumps to V at each (time in us, V)."""
    corners, level = [(0, 0.0)], 0.0
    for at, v in changes:
        corners += [(at, level), (at + 0.1, v)] if at > 0 else [(0, v)]
        level = v
    return (*corners, (END, level))


def step(v, off=END):
    return steps((ON, v)) if off == END else steps((ON, v), (off, 0))


def ramp(v, rise):
    return ((0, 0), (ON, 0), (ON + rise, v), (END, v))


def pulses(v, width, *starts):
    return steps(*(corner for at in starts for corner in ((at, v), (at + width, 0))))


def _number(times):
    return [len(t) for t in times]


def _equal(gaps, tolerance=0.03):
    return len(gaps) > 1 and np.ptp(gaps) < tolerance*np.mean(gaps)


def _lasts(t):
    """Tell whether firing goes on to the end, as the last interval has it."""
    return len(t) > 1 and t[-1] + 1.5*(t[-1] - t[-2]) > END


def _shares(times):
    """Return the last rate at each drive that fires over that at the strongest.

    None where fewer than four fire, the weakest does, or one falls silent.
    """
    firing = [t for t in times if _lasts(t)]
    if len(firing) < 4 or len(times[0]) or any(len(t) > 1 and not _lasts(t) for t in times):
        return None
    rates = np.array([1/(t[-1] - t[-2]) for t in firing])
    return rates/rates[-1]


def all_or_none(times, peaks):
    return _number(times) == [0, 1, 1] and peaks[0] < 0.5*peaks[1] \
        and abs(peaks[2]/peaks[1] - 1) < 0.05


def refractory(times, _):
    return _number(times) == [1, 1, 2]


def tonic(times, _):
    return len(times[0]) > 5 and _equal(np.diff(times[0][1:])) and _lasts(times[0])


def bursting(times, _):
    gaps = np.diff(times[0])
    if len(gaps) < 6:
        return False
    long = gaps > gaps.max()/2
    ends = np.flatnonzero(long)
    return len(ends) > 1 and not long.all() and gaps[long].min() > 2*gaps[~long].max() \
        and np.diff(ends).min() > 2


def phasic(times, _):
    return len(times[0]) == 1 and times[0][0] < EARLY


def phasic_bursting(times, _):
    return len(times[0]) > 2 and times[0][-1] < EARLY


def mixed(times, _):
    gaps = np.diff(times[0])
    return len(gaps) > 4 and _equal(gaps[-3:]) and gaps[:2].max() < gaps[-1]/2 and _lasts(times[0])


def adapting(times, _):
    gaps = np.diff(times[0])
    if len(gaps) < 5:
        return False
    growth = gaps[1:]/gaps[:-1]
    return growth.min() > 0.99 and growth.max() < 1.5 and gaps[-1] > 1.5*gaps[0] \
        and growth[-1] < 1.03 and _lasts(times[0])


def class_1(times, _):
    share = _shares(times)
    return share is not None and share[0] < 0.3 and np.all(np.diff(share) > 0) \
        and np.diff(share).max() < 0.3


def class_2(times, _):
    share = _shares(times)
    return share is not None and share[0] > 0.8


def class_3(times, _):
    number = _number(times)
    return max(number) == 1 and number[-2:] == [1, 1] and number[0] == 0 \
        and all(t[0] < EARLY for t in times if len(t))


def latency(times, _):
    if min(_number(times)) < 1:
        return False
    first = np.array([t[0] - ON for t in times])
    return np.all(np.diff(first) < 0) and first[0] > 3*first[-1]


def integrator(times, _):
    return _number(times) == [0, 1, 0]


def rebound(times, _, off=100):
    return len(times[0]) == 1 and off < times[0][0] < off + 20


def threshold_variability(times, _, on=110):
    return _number(times)[:2] == [0, 0] and len(times[2]) > 0 and times[2][0] > on


def bistable(times, _, set_on=40, set_off=100):
    t, left_alone = times
    between = t[(t > set_on + 10) & (t < set_off)]
    return not np.any(t < set_on) and len(between) > 4 and _equal(np.diff(between), 0.05) \
        and not np.any(t > set_off + 10) and _lasts(left_alone) \
        and _equal(np.diff(left_alone[left_alone > set_on + 10]), 0.05)


def accommodation(times, _):
    return len(times[0]) > 0 and len(times[1]) == 0


def inhibition_induced(times, _, off=150):
    t = times[0]
    return len(t) > 3 and _equal(np.diff(t[1:])) and np.all((t > ON) & (t < off + 5))


def block(times, _):
    number = _number(times)
    return max(number) > 4 and number[-1] < 2 and np.all(np.diff(number[:-1]) > 0)


TONIC = {}
PHASIC = {"RL1": 100*Mohm, "Cin": 0.7*nfarad, "C2": 2*nfarad}
_CLASS_1, _CLASS_2 = {"RL1": 8*kohm}, {"RL1": 3*kohm}
_PASSIVE = {"VD1": 0*volt, "VD2": 0*volt}
_FAST = {"C1": 0.4*nfarad, "C2": 0.2*nfarad}
_RHEOBASE = tuple(step(v) for v in (0.12, 0.13, 0.14, 0.145, 0.15, 0.16, 0.18, 0.2, 0.25, 0.3))

BEHAVIOURS = (
    Behaviour("All-or-none spike", "no spike, then two whose heights differ by less than 5 %, though "
              "one pulse is 1.4 times the other", all_or_none, TONIC,
              tuple(pulses(v, 3, ON) for v in (0.3, 0.6, 0.84)), _PASSIVE, 2, 0),
    Behaviour("Refractory period", "one pulse fires once, a second one only after the longer pause",
              refractory, TONIC, (pulses(0.6, 4, ON), pulses(0.6, 4, ON, ON + 7),
                                  pulses(0.6, 4, ON, ON + 20)), _FAST, 2, 1),
    Behaviour("Tonic spiking", "intervals equal within 3 %, to the end", tonic, TONIC, (step(0.8),),
              PHASIC),
    Behaviour("Tonic bursting", "groups of three or more, pauses over twice the longest interval in "
              "a group", bursting, {"RL1": 8*kohm, "C1": 4*nfarad, "C2": 250*pfarad}, (step(0.4),),
              TONIC),
    Behaviour("Phasic spiking", "one spike at the onset of a step that stays", phasic, PHASIC,
              (step(0.8),), TONIC),
    Behaviour("Phasic bursting", "three or more spikes at the onset of a step that stays",
              phasic_bursting, {"RL1": 100*Mohm, "Cin": 1*nfarad, "C2": 250*pfarad}, (step(0.8),),
              TONIC),
    Behaviour("Mixed mode", "first two intervals below half of the later ones, which are equal "
              "within 3 %", mixed, {"RL1": 8*kohm, "Cin": 1*nfarad, "C1": 1*nfarad}, (step(0.25),),
              TONIC),
    Behaviour("Spike-frequency adaptation", "intervals grow, each by less than half, by over half in "
              "all, and settle", adapting, {"RL1": 15*kohm, "RS": 10*kohm, "Cin": 3*nfarad},
              (step(0.5),), TONIC),
    Behaviour("Class 1 excitability", "rate at the onset below 0.3 of that at 0.3 V, and from there "
              "steadily up", class_1, _CLASS_1, _RHEOBASE, _CLASS_2, 9, 3),
    Behaviour("Class 2 excitability", "rate at the onset above 0.8 of that at 0.3 V", class_2,
              _CLASS_2, _RHEOBASE, _CLASS_1, 9, 1),
    Behaviour("Class 3 excitability", "one spike at the onset however strong the step, none at the "
              "weakest", class_3, PHASIC, tuple(step(v) for v in (0.3, 0.8, 1.2)), TONIC, 2, 0),
    Behaviour("Spike latency", "the first spike comes the sooner, by a factor of over 3, the stronger "
              "the step", latency, TONIC, tuple(step(v) for v in (0.15, 0.2, 0.3, 0.5)), PHASIC, 3, 0),
    Behaviour("Integrator", "two pulses fire together, neither alone nor far apart", integrator,
              TONIC, (pulses(0.35, 4, ON), pulses(0.35, 4, ON, ON + 7), pulses(0.35, 4, ON, ON + 44)),
              _FAST, 1, 2),
    Behaviour("Rebound spike", "no spike while inhibited, one within 20 us after", rebound,
              {"RL1": 100*Mohm, "Cin": 1*nfarad, "C1": 500*pfarad, "C2": 3*nfarad}, (step(-0.5, 100),),
              TONIC),
    Behaviour("Threshold variability", "a pulse fires only after inhibition, which alone does not",
              threshold_variability, {"RL1": 100*Mohm, "Cin": 1*nfarad, "C2": 2*nfarad},
              (pulses(0.3, 20, 110), steps((30, -0.35), (110, 0)),
               steps((30, -0.35), (110, 0.3), (130, 0))), TONIC, 2, 0),
    Behaviour("Bistability", "a pulse starts regular firing that lasts, and another one stops it",
              bistable, {"RL1": 4*kohm, "C1": 1*nfarad},
              (steps((0, 0.1), (40, 0.5), (44, 0.1), (100, -0.4), (104, 0.1)),
               steps((0, 0.1), (40, 0.5), (44, 0.1))), TONIC, 0, 1),
    Behaviour("Accommodation", "a steep ramp fires, a slow one to the same voltage does not",
              accommodation, PHASIC, (ramp(0.8, 5), ramp(0.8, 100)), TONIC, 0, 1),
    Behaviour("Inhibition-induced spiking", "regular spikes while inhibited, none else",
              inhibition_induced, TONIC, (step(-0.5, 150),), PHASIC),
    Behaviour("Excitation block", "more spikes the stronger the step, and at most one at the "
              "strongest", block, {"RL1": 12*kohm, "RL2": 3.4*kohm},
              tuple(step(v) for v in (0.2, 0.4, 0.8, 1.6)), TONIC, 3, 1),
)
