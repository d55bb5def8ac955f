"""A netlist as Brian2 equations."""

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property

from brian2 import farad
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem import equations as eq
from brianmem import vocabulary
from brianmem.circuits import nodal
from brianmem.circuits.checking import check_start, check_written
from brianmem.circuits.elements import Branch, check_devices, check_value, parts_of
from brianmem.circuits.group import make_group
from brianmem.circuits.netlist import GROUND, Element, read
from brianmem.circuits.ngspice import netlist_text
from brianmem.circuits.parameters import all_values, check_arguments, check_positive, given_values
from brianmem.circuits.reference import solve
from brianmem.circuits.topology import check_controls
from brianmem.device import Device
from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import CircuitError, DeviceError, suggestion
from brianmem.frozen import FrozenDict
from brianmem.units import format_quantity, si_unit_name
from brianmem.validation import check_name

#: Written after the element names that brianmem adds for capacitances to ground.
PARASITIC = "Cpar_"


@dataclass(frozen=True, eq=False)
class Circuit:
    """Compile a SPICE-like netlist to Brian2 equations, for any number of copies.

    Parameters
    ----------
    netlist : str
        One element a line: ``R C L K V I B D E G F H S M`` as in SPICE, ``X`` for a device
        or a ``.subckt``; ``0`` is ground. A value is a number (``10k``, ``10kohm``), the
        name of a parameter, or ``{expression}`` with units, of ``t``, parameters,
        ``v(node)``, ``v(a, b)`` and ``i(element)``; of V and I also ``sin(...)``,
        ``pulse(...)``, ``pwl(...)`` and ``exp(...)``. Models are ``d``, ``nmos`` and ``pmos``
        (level 1) and ``sw`` (``vh`` is its hysteresis).
    devices : dict
        Names in the netlist to `Device`.
    parameters : dict
        Names in expressions to quantities, or functions such as a `TimedArray`.
    inputs : dict
        Names that change while the group runs, such as a synaptic current, to their
        value at the start: variables of each copy.
    vary : sequence of str
        Names of the namespace that become constants of each copy.
    parasitic : Quantity
        Capacitance to ground of a node whose voltage and current would else depend on
        each other without delay; such nodes are `parasitic_nodes`.

    Capacitors start at their ``ic=`` (0 V): there is no search for an operating point.
    Raises `CircuitError` naming line, element, node and remedy.
    """

    netlist: str
    devices: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    inputs: dict = field(default_factory=dict)
    vary: tuple = ()
    parasitic: Quantity = field(default_factory=lambda: 1e-15 * farad)
    name: str = "circuit"

    def __post_init__(self):
        object.__setattr__(self, "devices", FrozenDict(check_devices(self.devices, Device)))
        check_arguments(self)
        for key in ("parameters", "inputs"):
            object.__setattr__(self, key, FrozenDict(getattr(self, key)))
        object.__setattr__(self, "vary", (self.vary,) if isinstance(self.vary, str)
                           else tuple(self.vary))
        check_value(f"{self}: parasitic", self.parasitic, farad)
        if not float(self.parasitic) > 0:
            raise CircuitError(f"Circuit: parasitic must be above 0, got {self.parasitic!s}.")
        _check(self)

    def __str__(self):
        return f"Circuit '{self.name}'"

    @cached_property
    def _compiled(self):
        return _compile(self)

    @property
    def equations(self):
        """The `brian2.Equations` of one copy: everything but what `namespace` holds."""
        return self._compiled.equations

    @property
    def namespace(self):
        """Every value that the equations need and no copy has for its own, as a new dict."""
        return {k: v for k, v in self.values.items() if k not in self.vary}

    @property
    def values(self):
        """All values: of elements (by their names), devices (``X1_name``) and parameters."""
        return dict(self._compiled.values)

    @property
    def states(self):
        """Names of the states: capacitor voltages, inductor currents, states of devices."""
        return eq.states(self.equations)

    @property
    def observables(self):
        """Names defined by an expression, such as ``v_out``, ``i_R1`` and ``X1_I``."""
        return eq.subexpressions(self.equations)

    @property
    def initial(self):
        """State to its value at the start."""
        return dict(self._compiled.initial)

    @property
    def bounds(self):
        """State of a device to (low, high)."""
        return dict(self._compiled.parts.bounds)

    @property
    def events(self):
        """What jumps in the devices, each as `Device.scoped` returns it."""
        return tuple(self._compiled.parts.events)

    @property
    def positive(self):
        """Names of the values that must be above 0, such as resistances."""
        return frozenset(self._compiled.parts.positive)

    @property
    def is_stochastic(self):
        """Tell whether a device has noise, which needs ``method="linear_implicit_euler"``."""
        return self._compiled.parts.stochastic

    @property
    def parasitic_nodes(self):
        """Nodes that got the capacitance `parasitic` to ground."""
        return self._compiled.parasitic_nodes

    @property
    def branches(self):
        """All branches: name, two nodes and role of each element, parasitic ones included."""
        return tuple(self._compiled.parts.branches)

    @property
    def couplings(self):
        """Coupled inductor to the names of its partner and of the K element."""
        return {n: (b.name, e.name) for n, (b, _, e) in self._compiled.parts.couplings.items()}

    def dimension(self, name):
        """Return the Brian2 dimension of a state, observable or value."""
        if name in self.equations:
            return self.equations[name].dim
        if name not in self.values:
            known = [*self.equations, *self.values]
            raise CircuitError(f"{self}: no '{name}'{suggestion(name, known)}")
        return get_dimensions(self.values[name])

    def with_parameters(self, **changes):
        """Return a copy with other values of elements, devices (``X1_G=``), parameters or inputs."""
        for key, value in changes.items():
            check_value(f"{self}: {key}", value, self.dimension(key))
            check_positive(self, key, value)
        inputs = {k: changes.pop(k) for k in [*changes] if k in self.inputs}
        return replace(self, parameters={**self.parameters, **changes},
                       inputs={**self.inputs, **inputs})

    def check_start(self, values, initial):
        """Raise `CircuitError` where a line is no number at the start with these values instead."""
        check_start(self, self.equations, self._compiled.parts,
                    {**self.values, **self.inputs, **values}, {**self.initial, **initial})

    def group(self, n=1, *, dt, **options):
        """Return a `brian2.NeuronGroup` of `n` copies; see `brianmem.circuits.group.make_group`."""
        return make_group(self, n, dt=dt, **options)

    def to_ngspice(self, *, duration, dt, parameters=None, **options):
        """Return a netlist that ngspice runs; see `brianmem.circuits.ngspice.netlist_text`."""
        circuit = self.with_parameters(**(parameters or {}))
        return netlist_text(circuit, circuit._compiled.parts, read(circuit.netlist).models,
                            duration=duration, dt=dt, **options)

    def draw(self, file=None):
        """Return a schematic as a figure, saved to `file`; see `brianmem.plotting.draw_circuit`."""
        from brianmem.plotting import draw_circuit

        return draw_circuit(self, file)

    def reference(self, duration, *, parameters=None, **options):
        """Return a `Result` of scipy's Radau; see `brianmem.circuits.reference.solve`."""
        return solve(self.with_parameters(**(parameters or {})), duration, **options)


@dataclass(frozen=True, eq=False)
class _Compiled:
    equations: object
    values: dict
    initial: dict
    parts: object
    parasitic_nodes: tuple


def _check(circuit):
    compiled = circuit._compiled
    for name in circuit.vary:
        if name not in compiled.values:
            raise CircuitError(f"{circuit}: vary names '{name}', which is no value"
                               f"{suggestion(name, compiled.values)}")


def _compile(circuit):
    netlist = read(circuit.netlist)
    given = given_values(circuit, netlist)
    plain = [k for k, v in given.items() if not callable(v) and get_dimensions(v) is DIMENSIONLESS]
    parts = parts_of(netlist, circuit.devices, plain)
    values = all_values(circuit, netlist, parts, given)
    check_controls(parts.branches, netlist.elements)
    check_written(circuit, parts, {**values, **circuit.inputs})
    added = []
    while True:
        for node in added:
            _add_parasitic(parts, node, circuit.parasitic)
        parts.constant = frozenset(k for k, v in values.items() if not callable(v))
        try:
            law = nodal.law_of(parts)
            break
        except nodal.Loop as loop:
            if not loop.nodes:
                raise CircuitError(
                    f"{circuit}: {_places(parts, loop.names)} depend on each other without delay. Put "
                    "a resistor and a capacitor between a source and what it controls.") from None
            added += loop.nodes
            parts = parts_of(netlist, circuit.devices, plain)
    values = all_values(circuit, netlist, parts, given)
    equations = _equations(circuit, law, values)
    check_start(circuit, equations, parts, {**values, **circuit.inputs}, law.initial)
    return _Compiled(equations, values, law.initial, parts, tuple(added))


def _places(parts, names):
    elements = {b.name: b.element for b in parts.branches}
    return " and ".join(str(elements.get(n, n)) for n in names)


def _add_parasitic(parts, node, capacitance):
    taken = {b.name for b in parts.branches}
    name = next(n for k in itertools.count() if (n := f"{PARASITIC}{'x' * k}{node}") not in taken)
    element = Element("C", name, (node, GROUND), (), {}, 0)
    parts.namespace[element.name] = capacitance
    parts.branches.append(Branch(element, "capacitor", element.name))


def _equations(circuit, law, values):
    owner, lines = str(circuit), []
    for name, (text, unit) in law.lines.items():
        lines.append(f"{name} = {text} : {unit}")
    for name, (text, unit) in law.rates.items():
        lines.append(f"d{name}/dt = {text} : {unit}")
    try:
        model = eq.parse("\n".join(lines), owner)
    except DeviceError as error:
        raise CircuitError(str(error)) from None
    known = {**{k: v for k, v in values.items() if not callable(v)}, **circuit.inputs}
    try:
        for name in model:
            check_name(circuit, name)
        _check_defined(circuit, model, {*known, *values})
        _check_units(circuit, model, {**known, **values})
    except DeviceError as error:
        raise CircuitError(str(error)) from None
    lines += [f"{k} : {si_unit_name(get_dimensions(v))}" for k, v in circuit.inputs.items()]
    lines += [f"{k} : {si_unit_name(get_dimensions(values[k]))} (constant)" for k in circuit.vary
              if k in values]
    return eq.parse("\n".join(lines), owner)


def _check_defined(circuit, model, known):
    for name in known & {*model}:
        raise CircuitError(f"{circuit}: '{name}' is both a parameter and a name of the circuit. Rename "
                           "the parameter.")
    builtin = vocabulary.builtins()
    for line in model.values():
        for name in sorted(line.expr.identifiers - {*model, *known, *builtin}):
            if name == "xi" or name.startswith("xi_"):
                continue
            raise CircuitError(f"{circuit}: '{name}' in the expression of '{line.varname}' is not "
                               f"defined{suggestion(name, {*model, *known})}")


def _check_units(circuit, model, known):
    try:
        check_dimensions(model, known, str(circuit))
    except ParameterUnit as fault:
        unit = "a plain number" if fault.unit == "1" else f"in {fault.unit}"
        raise CircuitError(f"{circuit}: {fault.name} must be {unit}, got "
                           f"{format_quantity(known[fault.name])}.") from None
