"""What all protocols share: checked fields, instances and their variation, the Result."""

import dataclasses
import logging
from dataclasses import field

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import budget
from brianmem.errors import ProtocolError, UnitError, VariationError
from brianmem.neuron import Neuron
from brianmem.protocols.measure import cell
from brianmem.protocols.segments import Setup
from brianmem.protocols.simulation import simulate
from brianmem.units import check_unit, format_quantity, quantity_source

logger = logging.getLogger(__name__)

#: A trace keeps about this many points; energy and marks do not depend on it.
POINTS = 2000

#: Largest whole number that a field takes unless it says otherwise.
MOST = 10**6
#: Numbers of 8 bytes that one copy takes at least, in a group and in its result.
_PER_COPY = 50
_MOST_AMPERE = 1e3


def option(default=None, unit=None, help="", type=None, choices=None, positive=True, many=False,
           distinct=True, most=MOST):
    """Declare a protocol field; its metadata also makes the command-line option.

    With `many` the field takes an array or sequence of quantities of `unit`, and
    holds them as a tuple; `distinct` ones may not repeat. `most` bounds a whole number.
    """
    metadata = {"help": help, "positive": positive, "many": many, "distinct": distinct, "most": most}
    for key, value in (("unit", unit), ("type", type), ("choices", choices)):
        if value is not None:
            metadata[key] = value
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    if isinstance(default, Quantity):  # unhashable, which a dataclass takes for mutable
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


class Protocol:
    """A stimulus and what is measured; data until `run`."""

    kind = None
    #: Whether a `cycle` variation has something to be redrawn in.
    redraws = True

    def __post_init__(self):
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if value is not None and item.metadata.get("many"):
                object.__setattr__(self, item.name, _several(self, item, value))
            elif value is not None:
                _check_field(self, item, value)

    def __str__(self):
        return type(self).__name__

    def __repr__(self):
        given = [f"{f.name}={_source(getattr(self, f.name))}" for f in dataclasses.fields(self)
                 if getattr(self, f.name) is not _default(f)]
        return f"{type(self).__name__}({', '.join(given)})"

    def run(self, device, n=1, variation=None, seed=None, initial=None):
        """Measure `n` copies of `device` and return a `Result`.

        Arrays have shape (n, points), or (points,) for n=1. `variation` spreads
        parameters (`cycle` redraws them in each cycle or pulse) and sticks devices;
        `initial` maps states to start values, scalar or (n,). The same seed gives
        the same result, whatever was drawn before.
        """
        if isinstance(device, Neuron):
            raise ProtocolError(f"{self} measures a Device, got {device}. Neurons are measured by "
                                "FICurve and SpikeResponse.")
        self.check_run(n, seed)
        budget.check_memory(f"{device}: {self}", _PER_COPY * int(n), f"n = {n:.6g} copies",
                            "Ask for fewer copies.")
        with budget.limited(f"{device}: {self}"):
            setup, seed = _setup(self, device, int(n), variation, seed)
            states = _start(device, setup, initial or {})
            result = self._measure(setup, states, seed)
        return _plausible(device, result)

    def check_run(self, n, seed):
        """Raise `ProtocolError` for a number of copies or a seed that is none."""
        if not (isinstance(n, (int, np.integer)) and n >= 1):
            raise ProtocolError(f"{self}: n must be a whole number >= 1, got {n!r}.")
        if seed is not None and not (isinstance(seed, (int, np.integer)) and 0 <= seed < 2**32):
            raise ProtocolError(f"{self}: seed must be a whole number from 0 to 2**32 - 1, got "
                                f"{seed!r}.")

    def _simulate(self, setup, segment, states):
        dt = None if self.dt is None else float(self.dt)
        trace = simulate(setup, segment, states, dt)
        trace.v_source = segment.waveform.sample(trace.t)
        trace.v, trace.current = cell(setup, trace.v_source, trace.states, trace.cycle)
        return trace


def _default(item):
    return item.default if item.default_factory is dataclasses.MISSING else item.default_factory()


def _check_field(protocol, item, value):
    name, metadata = f"{protocol}: {item.name}", item.metadata
    if "unit" in metadata:
        try:
            check_unit(value, metadata["unit"], name)
        except UnitError as error:
            raise ProtocolError(str(error)) from None
        if np.ndim(value) != 0 or not np.isfinite(float(value)):
            raise ProtocolError(f"{name} must be one finite value, got {value!r}.")
        if metadata["positive"] and not float(value) > 0:
            raise ProtocolError(f"{name} must be positive, got {format_quantity(value)}.")
    elif metadata.get("type") is int:
        _check_whole(name, value, metadata["most"])
    if "choices" in metadata and value not in metadata["choices"]:
        raise ProtocolError(f"{name} must be one of {', '.join(metadata['choices'])}, "
                            f"got {value!r}.")


def _check_whole(name, value, most):
    if not (isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= 1):
        raise ProtocolError(f"{name} must be a whole number >= 1, got {value!r}.")
    if value > most:
        raise ProtocolError(f"{name} must be at most {most:,}, got {value:.6g}: more would take too "
                            "long. Ask for less.")


def _several(protocol, item, values):
    """Return one or many quantities as a checked tuple."""
    name = f"{protocol}: {item.name}"
    if isinstance(values, str) or np.ndim(values) > 1 or np.size(values) == 0:
        raise ProtocolError(f"{name} must be one or more values, got {values!r}.")
    values = [values] if np.ndim(values) == 0 else list(values)
    for value in values:
        _check_field(protocol, item, value)
    if item.metadata["distinct"] and len({float(value) for value in values}) < len(values):
        raise ProtocolError(f"{name} names a value twice. Leave one out.")
    return tuple(Quantity(value, dim=get_dimensions(value)) for value in values)


def _source(value):
    if isinstance(value, tuple):
        return f"({', '.join(map(quantity_source, value))},)"
    if isinstance(value, Quantity) and value.ndim:
        return f"<array of {value.size} values>"
    return quantity_source(value)


def _setup(protocol, device, n, variation, seed):
    setup = Setup(device, n, getattr(protocol, "series_resistance", None),
                  getattr(protocol, "compliance", None))
    if variation is None:
        if device.is_stochastic and seed is None:
            seed = fresh_seed()
        setup.seed = seed
        return setup, seed
    if variation.d2d or variation.c2c:
        raise VariationError(
            f"{protocol}: d2d and c2c describe the pulse maps of a network. In a protocol spread "
            "a physical parameter, e.g. Variation(R_on=0.2), or Variation(cycle={'R_on': 0.1}).")
    if variation.cycle and not protocol.redraws:
        raise VariationError(f"{protocol}: nothing repeats here, so that a cycle variation has no "
                             "meaning. Spread a parameter between copies, e.g. Variation(R_on=0.2).")
    variation.warn_if_wide(device)
    if variation.seed is None and seed is None:
        seed = fresh_seed()
    seed = seed if variation.seed is None else variation.seed
    rng = np.random.default_rng(seed)
    setup.seed = seed
    setup.parameters = variation.sample(device, n, rng)
    if variation.stuck:
        setup.stuck = variation.sample_stuck(device, n, rng)
    if variation.cycle:
        variation.check(device)
        setup.cycle_parameters = _cycle_draws(setup, variation, rng)
    return setup, seed


def _plausible(device, result):
    """Warn of a current that no device carries, and return the result."""
    if "I" in result:
        largest = float(np.max(np.abs(np.asarray(result["I"]))))
        if largest > _MOST_AMPERE:
            logger.warning("%s: its current reaches %.3g A, which no device carries. Check the "
                           "amplitude, the parameters and their units, or give a series_resistance or "
                           "compliance.", device, largest)
    return result


def _cycle_draws(setup, variation, rng):
    base = int(rng.integers(2**32))

    def restart(index):
        # Every trial step must see the same draws, so each run starts them afresh.
        generator = np.random.default_rng([base, index])

        def draw():
            drawn = variation.sample_cycle(setup.device, setup.n, generator)
            return {k: v * np.asarray(setup.parameters[k]) / float(setup.device.parameters[k])
                    if k in setup.parameters else v for k, v in drawn.items()}

        return draw

    return restart


def fresh_seed():
    """Return a seed that nothing repeats."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def _start(device, setup, initial):
    states = {}
    for key in initial:
        if key not in device.states:
            raise ProtocolError(f"{device}: initial names '{key}', which is not a state "
                                f"(states: {', '.join(device.states) or 'none'}).")
    for key in device.states:
        value = initial.get(key, device.initial[key])
        try:
            check_unit(value, device.dimension(key), f"{device}: initial {key}")
        except UnitError as error:
            raise ProtocolError(str(error)) from None
        states[key] = _copies(device, key, value, setup.n)
    return states


def _copies(device, key, value, n):
    values = np.asarray(value, dtype=float)
    if values.shape not in ((), (n,)):
        raise ProtocolError(f"{device}: initial {key} has shape {values.shape}, but there are {n} "
                            f"copies. Give a scalar or {n} values.")
    low, high = (float(b) for b in device.bounds.get(key, (-np.inf, np.inf)))
    if not np.all((values >= low) & (values <= high)):
        raise ProtocolError(f"{device}: initial {key} = {value} is outside its bounds "
                            f"{low:g}..{high:g}.")
    return np.broadcast_to(values, (n,)).copy()
