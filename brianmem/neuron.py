"""The neuron: one frozen record of equations, threshold, reset, parameters and evidence."""

import ast
from dataclasses import dataclass, field, replace
from functools import cached_property

from brian2 import second
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import equations as eq
from brianmem import neuron_checks as checks
from brianmem.errors import DeviceError, NeuronError, suggestion
from brianmem.events import draws
from brianmem.frozen import Description, FrozenDict
from brianmem.neuron_circuit import fields_of
from brianmem.neuron_group import make_group
from brianmem.validation import check_overrides, reference_keys


@dataclass(frozen=True, repr=False, eq=False)
class Neuron(Description):
    """Describe a neuron, or a circuit that fires, by its equations.

    `equations`, `threshold`, `reset`, `refractory` and `namespace` are what Brian2
    takes, for scripts of your own; `group` makes an ordinary `brian2.NeuronGroup`.

    Parameters
    ----------
    name : str
        Identifier under which the catalogue finds the neuron.
    equations : str
        Brian2 equations; a rate may end in ``(unless refractory)``. A line ``power``
        (watt) makes measurements count the energy per spike.
    threshold : str
        Condition of a spike, e.g. ``v > v_th``.
    reset : str or None
        Statements after a spike. None for what resets itself; then `refractory` must
        hold from one spike until the next may come.
    parameters, initial : dict
        Name to scalar `Quantity` or plain number; each must be used.
    inputs : dict
        What is put in from outside, to its default value.
    drive : str
        The input that protocols vary and that `group` drives.
    refractory : Quantity, str or None
        A time, an expression in second, or a condition.
    bounds, events : dict, sequence
        As of a `Device`: limits of states, and what jumps, after every step.
    operation : dict
        "silent" and "fires" to a constant drive at which it does, "duration" to a time
        in which that shows; measurements start from these. "lift" to the least sudden
        rise of `voltage` from rest that makes it fire; layers scale their input by it.
    method : str or None
        Of integration; "exact" only holds while the drive is constant over a step, and
        "rk4" is taken for a drive that is an expression.
    voltage : str
        The variable that a figure shows.

    Further fields as of a `Device`. Raises `NeuronError` naming neuron, fault and remedy.
    """

    name: str
    equations: str
    threshold: str
    reset: str | None
    parameters: dict
    initial: dict = field(default_factory=dict)
    inputs: dict = field(default_factory=dict)
    drive: str = "I_in"
    refractory: object = None
    bounds: dict = field(default_factory=dict)
    events: tuple = ()
    references: tuple = ()
    evidence: dict = field(default_factory=dict)
    parameter_sets: dict = field(default_factory=dict)
    operation: dict = field(default_factory=dict)
    suggested_dt: Quantity = None
    method: str | None = None
    voltage: str = "v"
    description: str = ""

    _ALWAYS = ("parameters", "reset")

    def __post_init__(self):
        try:
            checks.check_fields(self)
            _freeze(self)
            checks.check_definition(self)
        except NeuronError:
            raise
        except DeviceError as fault:  # what devices and neurons are both checked for
            raise NeuronError(str(fault)) from None

    @cached_property
    def model(self):
        """The parsed `brian2.Equations`, without parameters and inputs."""
        return eq.parse(self.equations, str(self))

    @classmethod
    def from_circuit(cls, circuit, *, name, drive, threshold, reset=None, refractory=None, **fields):
        """Return the neuron that a `brianmem.circuits.Circuit` is; `fields` are further ones.

        `drive` is one of the circuit's inputs. Without a reset, the neuron may fire again
        once the threshold no longer holds. ``power`` is what all sources put in.
        """
        return cls(**fields_of(circuit, name, drive, threshold, reset, refractory, fields))

    @property
    def is_stochastic(self):
        """Tell whether the equations contain noise, or an event or the reset draws."""
        return bool(eq.noise(self.model)) or draws(self) or checks.reset_draws(self)

    @property
    def crossing(self):
        """The expression that becomes positive at a spike, such as ``v - (v_th)``, or None.

        None where the threshold is not one comparison.
        """
        tree = ast.parse(self.threshold.strip(), mode="eval").body
        if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1):
            return None
        left, right = ast.unparse(tree.left), ast.unparse(tree.comparators[0])
        if isinstance(tree.ops[0], (ast.Gt, ast.GtE)):
            return f"{left} - ({right})"
        return f"{right} - ({left})" if isinstance(tree.ops[0], (ast.Lt, ast.LtE)) else None

    def dimension(self, name):
        """Return the Brian2 dimension of a state, observable, parameter, input or ``t``."""
        if name == "t":
            return second.dim
        if name in self.model:
            return self.model[name].dim
        if name not in self.namespace:
            known = {*self.model, *self.namespace}
            raise NeuronError(f"{self}: no '{name}' here{suggestion(str(name), known)}")
        return get_dimensions(self.namespace[name])

    def with_parameters(self, parameter_set=None, **changes):
        """Return a copy with a named set and then single values changed.

        Names of states change the initial value. Raises `NeuronError` for an unknown
        name and for a unit that does not fit.
        """
        overrides = {}
        if parameter_set is not None:
            if parameter_set not in self.parameter_sets:
                known = ", ".join(self.parameter_sets) or "none"
                raise NeuronError(f"{self}: no parameter set '{parameter_set}' (known: {known}).")
            overrides.update(self.parameter_sets[parameter_set])
        overrides.update(changes)
        try:
            check_overrides(self, overrides, str(self))
        except DeviceError as fault:
            raise NeuronError(str(fault)) from None
        parts = {"parameters": self.parameters, "inputs": self.inputs, "initial": self.initial}
        return replace(self, **{
            part: {**values, **{k: v for k, v in overrides.items() if k in values}}
            for part, values in parts.items()})

    def group(self, n=1, drive=None, *, dt=None, parameters=None, initial=None, variation=None,
              seed=None, namespace=None, method=None, spike_times=False, target=None, steps=None,
              name=None):
        """Return a `brian2.NeuronGroup` of `n` copies.

        Parameters
        ----------
        drive : None, Quantity, array or str
            None leaves the drive a variable of the group, for synapses or assignment, at
            its default; so does a value, scalar or of length n. Text is a Brian2
            expression of ``t`` (and ``i``) and of names in `namespace`, or the name of a
            `TimedArray` there.
        dt : Quantity
            Default: `suggested_dt`.
        parameters, initial : dict
            Override values; arrays of length n become constants of each copy.
        variation : Variation
            Spreads parameters between copies, drawn with `seed`.
        method : str
            Overrides that of the neuron.
        spike_times : bool
            Keep ``spike_time``, the last crossing of the threshold inside its step, see
            `brianmem.integration.keep_spike_times`.
        target, steps
            As of `brianmem.ode.ode_group`.

        Where the equations have a ``power``, ``energy`` (joule) is counted.
        """
        return make_group(self, n, drive, dt=dt, parameters=parameters, initial=initial,
                          variation=variation, seed=seed, namespace=namespace, method=method,
                          spike_times=spike_times, target=target, steps=steps, name=name)


def _freeze(neuron):
    for name in ("parameters", "initial", "inputs", "bounds", "evidence", "operation"):
        object.__setattr__(neuron, name, FrozenDict(getattr(neuron, name)))
    bounds = FrozenDict({k: tuple(v) for k, v in neuron.bounds.items()})
    object.__setattr__(neuron, "bounds", bounds)
    object.__setattr__(neuron, "events", tuple(map(tuple, neuron.events)))
    sets = {k: FrozenDict(v) for k, v in neuron.parameter_sets.items()}
    object.__setattr__(neuron, "parameter_sets", FrozenDict(sets))
    object.__setattr__(neuron, "references", reference_keys(neuron.references, str(neuron)))
