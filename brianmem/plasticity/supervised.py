"""BP-STDP: two layers of integrate-and-fire neurons that learn from labels by spikes alone.

In every window each output neuron compares its spikes with what the label wants: xi = +1 if
it should have fired and was silent, -1 if it fired and should not, else 0. An output of
xi != 0 changes its synapses by rate xi times the spikes of each hidden neuron in the window,
a hidden neuron that fired those of its inputs by rate sum(xi w) times their spikes: the
gradient of a rectified linear network, seen through spikes (Tavanaei and Maida 2019). Only
synapses of neurons with an error are touched.

Windows follow one another without overlap, which is ours. Neurons do not leak; what arrives in
the step of a spike is lost with the reset.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from brian2 import NeuronGroup, Synapses, msecond, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import SynapseError, UnitError
from brianmem.plasticity.base import milliseconds
from brianmem.units import check_unit, is_number

_NEURON = """
v : 1                           # sum of arrived weights since the last spike
v_threshold : 1 (shared, constant)
recent : 1                      # spikes in this window
"""
_HIDDEN = _NEURON + "delta : 1  # error that came back\n"
_OUTPUT = _NEURON + """
wanted : 1                      # 1 for the neuron of the label, 0 for others
learning : 1 (shared, constant)
mismatch : 1
"""
_RESET = "v = 0\nrecent += 1"
_JUDGE = """
silent = int(recent < 0.5)
mismatch = learning*(int(wanted > 0.5)*silent - int(wanted < 0.5)*(1 - silent))
"""
_BACK = "delta_pre += mismatch_post*w"
_LEARN_OUTPUT = "w = clip(w + rate*mismatch_post*recent_pre, -w_max, w_max)"
_LEARN_HIDDEN = "w = clip(w + rate*delta_post*recent_pre, -w_max, w_max)"
_WEIGHTS = "w : 1\nrate : 1 (shared, constant)\nw_max : 1 (shared, constant)\n"


class Layers(NamedTuple):
    """The Brian2 objects of one two-layer network."""

    hidden: NeuronGroup
    outputs: NeuronGroup
    first: Synapses
    second: Synapses


@dataclass(frozen=True)
class BPSTDP:
    """Describe the rule; `layers` makes a network that learns by it.

    Parameters
    ----------
    rate : float
        Change per spike and unit of error.
    window : Quantity
        Spikes this close belong together.
    w_max : float
        Weights stay within -w_max..w_max.

    References: TavanaeiMaida2019.
    """

    rate: float = 5e-3
    window: Quantity = milliseconds(4)
    w_max: float = 10.0

    def __post_init__(self):
        for name in ("rate", "w_max"):
            value = getattr(self, name)
            if not is_number(value) or not 0 < float(value) < np.inf:
                raise SynapseError(f"BPSTDP: {name} must be a positive number, got {value!r}.")
        try:
            check_unit(self.window, get_dimensions(msecond), "BPSTDP: window")
        except UnitError as error:
            raise SynapseError(str(error)) from None
        if not 0 < float(self.window) < np.inf:
            raise SynapseError(f"BPSTDP: window must be positive, got {self.window}.")

    @property
    def text(self):
        """Every equation and statement, for provenance."""
        return "\n".join((_HIDDEN, _OUTPUT, _RESET, _JUDGE, _BACK, _LEARN_OUTPUT, _LEARN_HIDDEN))

    def layers(self, inputs, hidden, outputs, *, dt, name="bp"):
        """Return `Layers` of so many neurons behind a group of inputs.

        `inputs` holds ``recent``, raised by 1 at each of its spikes; the window's start
        sets it to 0. Weights start at 0: set ``first.w`` and ``second.w``. Set
        ``outputs.wanted`` to the label and ``outputs.learning`` to 0 or 1.
        """
        if "recent" not in inputs.variables:
            raise SynapseError(f"BPSTDP: '{inputs.name}' needs a variable 'recent : 1' that its "
                               "reset raises by 1.")
        clock = {"dt": dt, "namespace": {}}
        middle = NeuronGroup(hidden, _HIDDEN, threshold="v >= v_threshold", reset=_RESET,
                             events={"error": "delta != 0 and recent > 0.5"}, name=f"{name}_hidden",
                             **clock)
        last = NeuronGroup(outputs, _OUTPUT, threshold="v >= v_threshold", reset=_RESET,
                           events={"error": "mismatch != 0"}, name=f"{name}_outputs", **clock)
        first = self._synapses(inputs, middle, {"learn": _LEARN_HIDDEN}, f"{name}_first", clock)
        second_ = self._synapses(middle, last, {"back": _BACK, "learn": _LEARN_OUTPUT},
                                 f"{name}_second", clock)
        self._order(inputs, middle, last, first, second_)
        return Layers(middle, last, first, second_)

    def _synapses(self, source, target, learning, name, clock):
        made = Synapses(source, target, _WEIGHTS, on_pre="v_post += w", on_post=learning,
                        on_event={"pre": "spike", **dict.fromkeys(learning, "error")}, name=name,
                        **clock)
        made.connect()
        made.rate, made.w_max = self.rate, self.w_max
        return made

    def _order(self, inputs, hidden, outputs, first, last):
        """Judge, send back, learn and forget, one after another at the end of each window."""
        every = {"dt": self.window, "when": "start"}
        outputs.run_regularly(_JUDGE, order=0, **every)
        outputs.set_event_schedule("error", when="start", order=1)
        hidden.set_event_schedule("error", when="start", order=3)
        for pathway, order in ((last.back, 2), (last.learn, 4), (first.learn, 5)):
            pathway.when, pathway.order = "start", order
        outputs.run_regularly("mismatch = 0", when="start", order=6, dt=outputs.clock.dt)
        hidden.run_regularly("delta = 0", when="start", order=6, dt=hidden.clock.dt)
        for group in (inputs, hidden, outputs):
            group.run_regularly("recent = 0", order=7, **every)


def first_weights(inputs, hidden, outputs, seed, spread=1.0):
    """Draw normal weights of both layers, flat, of a spread per root of the inputs."""
    rng = np.random.default_rng([abs(int(seed)), 11])
    return (spread * rng.standard_normal(inputs * hidden) / np.sqrt(inputs),
            spread * rng.standard_normal(hidden * outputs) / np.sqrt(hidden))


def check_window(window, dt):
    """Refuse windows that are no whole number of steps."""
    steps = float(window / second) / float(dt / second)
    if abs(steps - round(steps)) > 1e-6 or round(steps) < 1:
        raise SynapseError(f"BPSTDP: window {window} must be a whole number of steps of {dt}.")
