"""The memristive device: one frozen record of equations, parameters and evidence."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace

import numpy as np
from brian2 import second, volt
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions
from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq
from brianmem import validation
from brianmem.errors import DeviceError, suggestion
from brianmem.events import draws
from brianmem.evidence import EVIDENCE_KINDS, Evidence
from brianmem.frozen import Description, FrozenDict

__all__ = ["EVIDENCE_KINDS", "Device", "Evidence", "FrozenDict"]

@dataclass(frozen=True, repr=False, eq=False)
class Device(Description):
    """Describe a two-terminal device by the equations between `v` and `I`.

    Parameters
    ----------
    name : str
        Identifier under which the catalogue finds the device.
    equations : str
        Brian2 equations. `v` (volt) is given and must not be defined; `I` (amp)
        must be. Positive `I` enters the terminal where `v` is positive.
    parameters : dict
        Name to scalar `Quantity` or plain number; each must be used.
    initial, bounds : dict
        State to initial value, and state to ``(low, high)``, inclusive. Bounds
        are enforced after every step and hits are counted.
    references : sequence of str
        Keys of the bibliography, or DOIs.
    evidence : dict
        "parameters", "operation" or the name of a parameter set to `Evidence`.
    parameter_sets : dict
        Name such as "Author2020" to overrides of parameters and initial values.
    inputs : dict
        Further inputs (gate, light, temperature) to their default value.
    operation : dict
        "set", "reset", "read" to ``(voltage, width)``, or to ``(voltage, width,
        series resistance)``; optionally "sweep" to ``(amplitude, period)``,
        or with a series resistance too. A volatile
        device states "relax", ``(voltage, time)`` in which it forgets, for "reset".
    suggested_dt : Quantity
        Step to start from at the voltages of `operation`.
    stiff : bool
        Its rates span many decades: protocols and maps then use the error-controlled
        implicit method from the start.
    events : sequence of (condition, statements)
        What jumps, such as a reversal of hysteresis: after each step in which the
        condition holds, the statements ``state = expression`` are done in order.
        A state that only events change has the rate 0. An expression may draw
        ``rand()`` or ``randn()``.
    description : str
        The physics, what was fitted, which polarity SETs, known limits.

    Raises `DeviceError` naming the device, the fault and the remedy.
    """

    name: str
    equations: str
    parameters: dict
    initial: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    references: tuple = ()
    evidence: dict = field(default_factory=dict)
    parameter_sets: dict = field(default_factory=dict)
    inputs: dict = field(default_factory=dict)
    operation: dict = field(default_factory=dict)
    suggested_dt: Quantity = None
    stiff: bool = False
    events: tuple = ()
    description: str = ""

    def __post_init__(self):
        validation.check_fields(self)
        _freeze(self)
        validation.check_device_definition(self)

    @cached_property
    def model(self):
        """The parsed `brian2.Equations`, without parameters and without `v`."""
        return eq.parse(self.equations, str(self))

    @property
    def is_volatile(self):
        """Tell whether the device forgets by itself (``operation["relax"]``)."""
        return "relax" in self.operation

    @property
    def is_stochastic(self):
        """Tell whether the equations contain Brian2 noise (read as Ito) or an event draws."""
        return bool(eq.noise(self.model)) or draws(self)

    def dimension(self, name):
        """Return the Brian2 dimension of a state, observable, parameter, `v` or `t`."""
        if name in ("v", "t"):
            return volt.dim if name == "v" else second.dim
        if name in self.model:
            return self.model[name].dim
        return get_dimensions(self._known(name, self.namespace))

    def _known(self, name, values):
        if name not in values:
            known = {*self.model, *self.namespace}
            raise DeviceError(f"{self}: no '{name}' here{suggestion(str(name), known)}")
        return values[name]

    def with_parameters(self, parameter_set=None, **changes):
        """Return a copy with a named set and then single values changed.

        Names of states change the initial value. Raises `DeviceError` for an
        unknown name and for a unit that does not fit.
        """
        overrides = {}
        if parameter_set is not None:
            if parameter_set not in self.parameter_sets:
                known = ", ".join(self.parameter_sets) or "none"
                raise DeviceError(f"{self}: no parameter set '{parameter_set}' (known: {known}).")
            overrides.update(self.parameter_sets[parameter_set])
        overrides.update(changes)
        validation.check_overrides(self, overrides, str(self))
        return replace(
            self,
            parameters={**self.parameters,
                        **{k: v for k, v in overrides.items() if k in self.parameters}},
            inputs={**self.inputs, **{k: v for k, v in overrides.items() if k in self.inputs}},
            initial={**self.initial, **{k: v for k, v in overrides.items() if k in self.states}})

    def with_operation(self, evidence=None, **pulses):
        """Return a copy with other pulses, e.g. ``set=(1*volt, 1*msecond)``.

        `evidence` says what stands behind them; None keeps what is said.
        """
        told = {} if evidence is None else {"operation": evidence}
        return replace(self, operation={**self.operation, **pulses},
                       evidence={**self.evidence, **told})

    def scoped(self, prefix):
        """Return equations and namespace with every name prefixed.

        Attributes of the returned object: ``equations`` (`brian2.Equations`),
        ``namespace``, ``initial``, ``bounds`` (dicts with prefixed keys),
        ``states``, ``v`` and ``I`` (names), ``events``. ``prefix_v`` is left to be defined.
        """
        validation.check_name(self, f"{prefix}_v")
        names = {n: f"{prefix}_{n}" for n in ["v", *self.model, *self.namespace]}
        # Two devices in one group have noises of their own.
        names |= {n: f"xi_{prefix}{n.removeprefix('xi')}" for n in eq.noise(self.model)}
        bounds = {names[k]: b for k, b in self.bounds.items()}
        return SimpleNamespace(
            equations=eq.rename(self.model, names), bounds=bounds, v=names["v"], I=names["I"],
            namespace={names[k]: v for k, v in self.namespace.items()},
            initial={names[k]: v for k, v in self.initial.items()},
            states=tuple(names[s] for s in self.states),
            events=tuple((word_substitute(condition, names), word_substitute(statements, names))
                         for condition, statements in self.events))

    def evaluate(self, name, v=0 * volt, **values):
        """Evaluate an observable, or the rate of a state, at given conditions.

        States default to their initial value, everything else to the
        parameters; `t` is needed where the equations contain it. Arrays
        broadcast. Returns a `Quantity`.
        """
        given = {**self.namespace, **self.initial, **values, "v": v}
        for key, value in given.items():
            if key in self.observables or key not in (*self.namespace, *self.model, "v", "t"):
                raise DeviceError(f"{self}: '{key}' is neither a state nor a parameter.")
            validation.require_unit(value, self.dimension(key), f"{self}: {key}")
        needed, function = self._known(name, self._functions)
        if not needed <= given.keys():
            raise DeviceError(f"{self}: the equation for '{name}' has no value without "
                              f"{', '.join(sorted(needed - given.keys()))}.")
        result = function(**{k: np.asarray(given[k], dtype=float) for k in needed})
        rate = second.dim if name in self.states else DIMENSIONLESS
        return Quantity(result, dim=self.dimension(name) / rate)

    @cached_property
    def _functions(self):
        """Map each state and observable to the names it needs and a function of those."""
        given = {"v", "t", *self.states, *self.namespace, *eq.noise(self.model)}
        return {n: eq.compile_line(self.model, n, given) for n in self.model}

    def conductance(self, v=None, **states):
        """Return I(v)/v in siemens at the read voltage (or `v`) and given states."""
        voltage = self.read_voltage if v is None else v
        current = self.evaluate("I", v=voltage, **states)
        if np.any(np.asarray(voltage) == 0):
            raise DeviceError(f"{self}: no conductance I(v)/v at v = 0 V.")
        return current / voltage

    @property
    def read_voltage(self):
        """The voltage of ``operation["read"]``; `DeviceError` if none is stated."""
        if "read" not in self.operation:
            raise DeviceError(f"{self}: no read voltage. Add operation={{'read': (0.1*volt, "
                              "1*usecond)} to the device or pass the voltage.")
        return self.operation["read"][0]

    def fraction(self, state, value):
        """Map a value of `state`, plain or in SI, to 0..1 between its bounds."""
        low, high = (float(b) for b in self._known(state, self.bounds))
        return (np.asarray(value, dtype=float) - low) / (high - low)


def _freeze(device):
    for name in ("parameters", "initial", "bounds", "evidence", "inputs", "operation"):
        object.__setattr__(device, name, FrozenDict(getattr(device, name)))
    for name in ("bounds", "operation"):
        frozen = {k: tuple(v) for k, v in getattr(device, name).items()}
        object.__setattr__(device, name, FrozenDict(frozen))
    object.__setattr__(device, "events", tuple(map(tuple, device.events)))
    sets = {k: FrozenDict(v) for k, v in device.parameter_sets.items()}
    object.__setattr__(device, "parameter_sets", FrozenDict(sets))
    object.__setattr__(device, "references",
                       validation.reference_keys(device.references, str(device)))
