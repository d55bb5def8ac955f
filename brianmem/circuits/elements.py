"""What each element of a netlist means: a branch between two nodes, and lines of equations."""

from dataclasses import dataclass, field
from functools import lru_cache, partial

from brian2.utils.stringtools import get_identifiers, word_substitute

from brianmem.cell import linear_conductance
from brianmem.circuits.cards import spelt_in
from brianmem.circuits.couplings import couple
from brianmem.circuits.netlist import Element
from brianmem.circuits.sources import waveform
from brianmem.circuits.transistors import diode, switch, transistor
from brianmem.circuits.values import check_size, expression, number, potential
from brianmem.errors import CircuitError, DeviceError, UnitError, suggestion
from brianmem.units import check_unit, format_quantity, is_number, si_unit_name
from brianmem.validation import check_overrides

_UNITS = {"R": "ohm", "C": "farad", "L": "henry", "V": "volt", "I": "amp", "E": "1", "G": "siemens",
          "F": "1", "H": "ohm"}
_ROLES = {"R": "conductance", "C": "capacitor", "L": "inductor", "V": "voltage", "I": "current",
          "E": "vcvs", "G": "vccs", "F": "cccs", "H": "ccvs"}
SOURCES = "VIBEGFH"


@dataclass(eq=False)
class Branch:
    """An element between nodes `a` and `b`: its `value` is an expression, what of says `role`.

    A conductance in siemens, a current from `a` through the element to `b`, a voltage
    v_a - v_b, a capacitance, an inductance, or the factor of a controlled source, whose
    `control` is a pair of nodes or the name of an element.
    """

    element: Element
    role: str
    value: str
    control: tuple = ()
    ends: tuple = None

    @property
    def name(self):
        return self.element.name

    @property
    def a(self):
        return (self.ends or self.element.nodes)[0]

    @property
    def b(self):
        return (self.ends or self.element.nodes)[1]


@dataclass
class Parts:
    """Branches, and the equations, values and states that elements bring along."""

    branches: list = field(default_factory=list)
    lines: dict = field(default_factory=dict)  #: name to (expression, unit name)
    rates: dict = field(default_factory=dict)  #: state to (expression, unit name)
    namespace: dict = field(default_factory=dict)
    initial: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    devices: dict = field(default_factory=dict)
    stochastic: bool = False
    plain: frozenset = frozenset()  #: names of values that are plain numbers
    checked: list = field(default_factory=list)  #: what users wrote, as `Written`
    constant: frozenset = frozenset()  #: names of all values that do not change
    positive: set = field(default_factory=set)  #: names of values that must be above 0
    couplings: dict = field(default_factory=dict)  #: inductor to its partner, k and the K element

    def value(self, element, text, unit, key="", positive=False):
        """Return an expression for `text`; a number becomes the constant of the element's name."""
        found = number(text, unit, str(element))
        if found is None:
            return self.written(element, text, unit, key, positive)
        name = f"{element.name}_{key}" if key else element.name
        if positive:
            _check_positive(element, found, key)
            self.positive.add(name)
        self.namespace[name] = found
        return name

    def written(self, element, text, unit, key="", positive=False):
        """Return an expression for `text`, and note it to be checked in the user's own words."""
        code = expression(text, str(element))
        # Arithmetic of plain numbers, such as {2*1000}, has the element's unit.
        if unit != "1" and get_identifiers(code) <= self.plain:
            code = f"({code})*{unit}"
        self.checked.append(Written(element, text, code, unit, key, positive))
        return code


@dataclass(frozen=True)
class Written:
    """An expression of the netlist: its text, its code, and what it has to be."""

    element: Element
    text: str
    code: str
    unit: str
    key: str
    positive: bool

    def __str__(self):
        return f"{self.element}: {f'{self.key}=' if self.key else ''}'{self.text}'"


def parts_of(netlist, devices, plain=()):
    """Return the `Parts` of all elements. `devices` maps names of the netlist to `Device`.

    `plain` names the parameters without unit, which take the unit of an element.
    """
    parts = Parts(plain=frozenset(plain))
    for element in netlist.elements:
        if element.kind == "X":
            _device(parts, element, devices)
        elif element.kind == "B":
            _behavioural(parts, element)
        elif element.kind in "DSM":
            make = {"D": diode, "S": switch, "M": transistor}[element.kind]
            role, value = make(parts, element, netlist.models)
            ends = element.nodes[::2][:2] if element.kind == "M" else None
            parts.branches.append(Branch(element, role, value, ends=ends))
        elif element.kind != "K":
            _simple(parts, element)
    for element in (e for e in netlist.elements if e.kind == "K"):
        couple(parts, element)
    return parts


def _simple(parts, element):
    kind = element.kind
    _check_options(element, ("ic",) if kind in "CL" else ())
    unit = _UNITS[kind]
    if kind in "VI":
        value = waveform(parts, element, unit)
        if is_number(value):
            parts.namespace[element.name] = value
            value = element.name
        parts.branches.append(Branch(element, _ROLES[kind], value))
        return
    control = element.nodes[2:] if kind in "EG" else element.words[:1] if kind in "FH" else ()
    words = element.words[1:] if kind in "FH" else element.words
    if len(words) != 1 or (kind in "FH" and not control):
        wanted = f"the name of an element and one value in {unit}" if kind in "FH" else \
            f"one value in {unit}"
        raise CircuitError(f"{element}: needs {wanted}, got '{' '.join(element.words)}'.")
    value = parts.value(element, words[0], unit, positive=kind in "RCL")
    parts.branches.append(Branch(element, _ROLES[kind], f"1/{value}" if value.isidentifier() and
                                 kind == "R" else f"1/({value})" if kind == "R" else value,
                                 tuple(control)))


#: Options of other simulators, and what to write.
_INSTEAD = {
    **dict.fromkeys(("rser", "esr"), ". Put a resistor in series: 'R2 a b 1'."),
    "rpar": ". Put a resistor beside it: 'R2 a b 1meg'.",
    "lser": ". Put an inductor in series: 'L2 a b 1n'.",
    "cpar": ". Put a capacitor beside it: 'C2 a b 1p'.",
    "value": ". Write a B element: 'B1 a b V={...}', or I={...}."}


def _check_options(element, known):
    for key in element.options:
        if key.lower() not in known:
            raise CircuitError(f"{element}: '{key}=' is not known here"
                               f"{_INSTEAD.get(key.lower()) or suggestion(key, known)}")


def _check_positive(element, value, key):
    if not float(value) > 0:
        remedy = " For a short circuit join the nodes, or use a voltage source of 0." \
            if element.kind in "RL" else ""
        raise CircuitError(f"{element}: {key + '=' if key else ''}must be above 0, got "
                           f"{format_quantity(value)}.{remedy}")


def _behavioural(parts, element):
    options = {k.upper(): v for k, v in element.options.items()}
    if element.words or len(options) != 1 or not options.keys() <= {"V", "I"}:
        raise CircuitError(f"{element}: write V={{expression}} or I={{expression}}.")
    kind, text = next(iter(options.items()))
    unit = {"V": "volt", "I": "amp"}[kind]
    value = number(text, unit, str(element))
    if value is not None:
        raise CircuitError(f"{element}: a constant is a {kind} element: '{kind}1 a b {text}'.")
    parts.branches.append(Branch(element, {"V": "voltage", "I": "current"}[kind],
                                 parts.written(element, text, unit)))


def _device(parts, element, devices):
    if len(element.words) != 1:
        raise CircuitError(f"{element}: needs nodes and one name of a device or subcircuit.")
    name = spelt_in(devices, element.words[0])
    if name not in devices:
        raise CircuitError(f"{element}: no device or subcircuit '{name}'{suggestion(name, devices)} "
                           f"Pass it as devices={{'{name}': device}}, or define it with .subckt.")
    device = devices[name]
    if len(element.nodes) != 2:
        raise CircuitError(f"{element}: a device has 2 nodes, got {len(element.nodes)}.")
    # Brian2 does not know a name that begins as a unit or noise does; the prefix keeps them apart.
    scoped = device.scoped(element.name)
    parts.devices[element.name] = device
    a, b = element.nodes
    parts.lines[scoped.v] = (potential(a, b), "volt")
    for line in scoped.equations.values():
        target = parts.rates if line.varname in scoped.states else parts.lines
        target[line.varname] = (line.expr.code, si_unit_name(line.dim))
    parts.namespace.update(scoped.namespace)
    parts.initial.update(scoped.initial)
    parts.bounds.update(scoped.bounds)
    parts.events.append(scoped) if scoped.events else None
    parts.stochastic |= device.is_stochastic
    _set_options(parts, element, device)
    conductance = _conductance(device)
    if conductance is None:
        parts.branches.append(Branch(element, "current", scoped.I))
        return
    names = {n: f"{element.name}_{n}" for n in (*device.model, *device.namespace)}
    line = f"{element.name}_conductance"
    if line in parts.lines or line in parts.namespace:
        line = f"{line}_of_cell"
    parts.lines[line] = (word_substitute(conductance, names), "siemens")
    parts.branches.append(Branch(element, "conductance", line))


# Solving for it symbolically takes a second for some devices.
_conductance = lru_cache(maxsize=256)(partial(linear_conductance, with_lines=True))


def _set_options(parts, element, device):
    for key, text in element.options.items():
        known = {**device.namespace, **device.initial}
        if key not in known:
            raise CircuitError(f"{element}: {device} has no parameter '{key}'{suggestion(key, known)}")
        name, unit = f"{element.name}_{key}", si_unit_name(device.dimension(key))
        value = number(text, unit, f"{element}: {key}")
        if key in device.initial:
            if value is None:
                raise CircuitError(f"{element}: the initial value {key} must be a number.")
            _check_override(element, device, key, value)
            parts.initial[name] = value
        elif value is None:
            del parts.namespace[name]
            parts.lines[name] = (parts.written(element, text, unit, key), unit)
        else:
            _check_override(element, device, key, value)
            parts.namespace[name] = value


def _check_override(element, device, key, value):
    try:
        check_overrides(device, {key: value}, str(element))
    except DeviceError as error:
        raise CircuitError(str(error)) from None


def initial_value(element, unit):
    """Return ``ic=`` of a capacitor (volt) or inductor (amp), None if it states none."""
    text = next((v for k, v in element.options.items() if k.lower() == "ic"), None)
    if text is None:
        return None
    value = number(text, unit, f"{element}: ic")
    if value is None:
        raise CircuitError(f"{element}: ic= must be a number.")
    return value


def check_devices(devices, kind):
    """Return `devices` if it maps names to instances of `kind`."""
    if not hasattr(devices, "items"):
        raise CircuitError(f"Circuit: devices must be a dict of names to devices, got {devices!r}.")
    for name, device in devices.items():
        if not isinstance(device, kind):
            raise CircuitError(f"Circuit: devices['{name}'] must be a Device, got {device!r}. "
                               "brianmem.find(name) returns one.")
    return dict(devices)


def check_value(name, value, like):
    """Return `value` if it is a finite scalar of the dimension of `like`.

    With `like` None any dimension will do.
    """
    if like is None:
        if not is_number(value):
            raise CircuitError(f"{name} must be one value or a function such as a TimedArray, got "
                               f"{value!r}. Arrays go to group(parameters=...).")
        like = value
    try:
        check_unit(value, like, name)
    except UnitError as error:
        raise CircuitError(str(error)) from None
    if not is_number(value):
        raise CircuitError(f"{name} must be one value, got {value!r}.")
    check_size(value, str(value), name)
    return value
