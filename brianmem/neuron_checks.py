"""What a `Neuron` must satisfy to be made; every fault is a one-line error."""

import ast
import re

import numpy as np
from brian2 import second
from brian2.units.fundamentalunits import DIMENSIONLESS, get_dimensions
from brian2.utils.stringtools import get_identifiers

from brianmem import equations as eq
from brianmem.dimensions import ParameterUnit, check_dimensions
from brianmem.errors import NeuronError, suggestion
from brianmem.events import check_events, check_expression
from brianmem.units import format_quantity, is_number, si_unit_name
from brianmem.validation import (
    check_evidence,
    check_mapping,
    check_name,
    check_number,
    check_overrides,
    check_states,
    is_event,
    require,
)
from brianmem.vocabulary import RANDOM

OPERATIONS = ("silent", "fires", "duration", "lift")
#: Names that the group adds.
RESERVED = ("energy", "spike_time", "threshold_excess", "lastspike", "not_refractory")
_MAPPINGS = ("parameters", "initial", "inputs", "bounds", "evidence", "parameter_sets", "operation")
_STATEMENT = re.compile(r"\s*(\w+)\s*([-+*/]?)=(?!=)\s*(.+)")


def check_fields(neuron):
    """Check that every field of `neuron` is of its kind, before any is read."""
    if not (isinstance(neuron.name, str) and neuron.name.isidentifier()):
        raise NeuronError(f"Neuron name must be an identifier such as 'my_neuron', got "
                          f"{neuron.name!r}.")
    for name in ("equations", "threshold", "description", "drive", "voltage"):
        if not isinstance(getattr(neuron, name), str):
            raise NeuronError(f"{neuron}: {name} must be text, got {getattr(neuron, name)!r}.")
    for name in ("reset", "method"):
        if not isinstance(getattr(neuron, name), (str, type(None))):
            raise NeuronError(f"{neuron}: {name} must be text or None, got "
                              f"{getattr(neuron, name)!r}.")
    for name in _MAPPINGS:
        check_mapping(getattr(neuron, name), f"{neuron}: {name}")
    for name, overrides in neuron.parameter_sets.items():
        check_mapping(overrides, f"{neuron}: parameter set '{name}'")
    for name, value in neuron.bounds.items():
        if not isinstance(value, (tuple, list)):
            raise NeuronError(f"{neuron}: bounds of '{name}' must be (low, high), got {value!r}.")
    if not (isinstance(neuron.events, (tuple, list)) and all(map(is_event, neuron.events))):
        raise NeuronError(f"{neuron}: events must be pairs of texts (condition, statements), got "
                          f"{neuron.events!r}.")


def check_definition(neuron):
    """Check names, equations, units, threshold, reset and operating points of `neuron`."""
    for key, value in neuron.namespace.items():
        check_name(neuron, key)
        check_number(value, f"{neuron}: {key}", "Spread over copies belongs to a Variation.")
    _check_equations(neuron)
    check_states(neuron)
    known = known_quantities(neuron)
    _check_threshold(neuron, known)
    for name, operator, expression in reset_statements(neuron):
        _check_statement(neuron, known, name, operator, expression)
    _check_refractory(neuron, known)
    check_events(neuron, known)
    _check_operation(neuron)
    for name, overrides in neuron.parameter_sets.items():
        check_overrides(neuron, overrides, f"{neuron}, set '{name}'")
    check_evidence(neuron, ("parameters", *neuron.parameter_sets))


def known_quantities(neuron):
    """Map every name that an expression may use to its value, or dimension if it varies."""
    known = {**neuron.parameters, **{k: get_dimensions(v) for k, v in neuron.inputs.items()},
             **{name: line.dim for name, line in neuron.model.items()}}
    return {**known, "lastspike": second.dim} if neuron.refractory is not None else known


def _check_equations(neuron):
    model, owner = neuron.model, str(neuron)
    both = [name for name in neuron.parameters if name in neuron.inputs]
    if both:
        raise NeuronError(f"{owner}: '{both[0]}' is both a parameter and an input. Keep one.")
    for name in (*model, *neuron.namespace):
        check_name(neuron, name)
        if name in RESERVED:
            raise NeuronError(f"{owner}: '{name}' has a meaning in every group of neurons. Rename "
                              "it.")
    if eq.parameters(model):
        raise NeuronError(f"{owner}: '{eq.parameters(model)[0]}' is declared without a value; put "
                          "it into parameters={...}, or inputs={...} if it comes from outside.")
    for name in neuron.namespace:
        if name in model:
            raise NeuronError(f"{owner}: '{name}' is both a parameter and defined in the equations. "
                              "Remove one.")
    if not neuron.states:
        raise NeuronError(f"{owner}: nothing changes in time. Write at least one 'dv/dt = ...'.")
    eq.check_form(model, owner, ("unless refractory",))
    flagged = [name for name, line in model.items() if line.flags]
    if flagged and neuron.refractory is None:
        raise NeuronError(f"{owner}: '{flagged[0]}' rests while refractory, but refractory is not "
                          "given. Add refractory=, such as 5*msecond.")
    eq.check_names(model, neuron.namespace, owner)
    _check_used(neuron)
    _check_dimensions(neuron)
    for role in ("drive", "voltage"):
        _check_role(neuron, role)


def _check_role(neuron, role):
    name = getattr(neuron, role)
    known = neuron.inputs if role == "drive" else neuron.model
    where = f"inputs={{'{name}': ...}}, with its default" if role == "drive" else "the equations"
    if name not in known:
        raise NeuronError(f"{neuron}: the {role} '{name}' is not defined{suggestion(name, known)} "
                          f"Put it into {where}, or name another {role}=.")


def _check_used(neuron):
    used = {n for line in neuron.model.values() for n in line.expr.identifiers}
    texts = [neuron.threshold, neuron.reset or "", *(t for e in neuron.events for t in e)]
    if isinstance(neuron.refractory, str):
        texts.append(neuron.refractory)
    used |= {n for text in texts for n in get_identifiers(text)}
    for name in neuron.namespace:
        if name not in used:
            kind = "input" if name in neuron.inputs else "parameter"
            raise NeuronError(f"{neuron}: {kind} '{name}' is not used in equations, threshold or "
                              "reset. Remove it or use it.")


def _check_dimensions(neuron):
    given = {**neuron.parameters, **{k: get_dimensions(v) for k, v in neuron.inputs.items()}}
    try:
        check_dimensions(neuron.model, given, str(neuron))
    except ParameterUnit as fault:
        unit = "a plain number" if fault.unit == "1" else f"in {fault.unit}"
        raise NeuronError(f"{neuron}: {fault.name} must be {unit}, got "
                          f"{format_quantity(neuron.namespace[fault.name])}.") from None
    if "power" in neuron.model and si_unit_name(neuron.model["power"].dim) != "watt":
        raise NeuronError(f"{neuron}: 'power' must be in watt, got "
                          f"{si_unit_name(neuron.model['power'].dim)}. Rename it if it is no power.")


def is_condition(text):
    """Tell whether an expression is a truth value, from its form alone."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return False
    return isinstance(tree, (ast.Compare, ast.BoolOp)) or (
        isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not))


def _check_threshold(neuron, known):
    owner = f"{neuron}: threshold"
    if not is_condition(neuron.threshold):
        raise NeuronError(f"{owner} must be a condition such as 'v > v_th', got "
                          f"'{neuron.threshold}'.")
    check_expression(known, owner, f"int({neuron.threshold})", DIMENSIONLESS)
    if neuron.reset is None and neuron.refractory is None:
        raise NeuronError(f"{neuron}: without a reset every step above the threshold is a spike. "
                          "Give reset=, or as refractory= the condition that holds until the next "
                          f"spike may come, such as refractory='{neuron.threshold}'.")


def reset_statements(neuron):
    """Return the statements of the reset as (name, operator, expression)."""
    found = []
    for line in re.split(r"[;\n]", neuron.reset or ""):
        bare = line.split("#")[0].strip()
        if bare:
            match = _STATEMENT.fullmatch(bare)
            if match is None:
                raise NeuronError(f"{neuron}: reset: '{bare}' is not 'state = expression'.")
            found.append((match[1], match[2], match[3]))
    return found


def reset_draws(neuron):
    """Tell whether the reset draws a random number."""
    return bool(get_identifiers(neuron.reset or "") & set(RANDOM))


def _check_statement(neuron, known, name, operator, expression):
    if name not in neuron.states:
        raise NeuronError(f"{neuron}: the reset sets '{name}', which is not a state"
                          f"{suggestion(name, neuron.states)}")
    dim = DIMENSIONLESS if operator in ("*", "/") else neuron.dimension(name)
    check_expression(known, f"{neuron}: reset of '{name}'", expression, dim, RANDOM)


def _check_refractory(neuron, known):
    given, owner = neuron.refractory, f"{neuron}: refractory"
    if given is None:
        return
    if isinstance(given, str):
        condition = is_condition(given)
        check_expression(known, owner, f"int({given})" if condition else given,
                         DIMENSIONLESS if condition else second.dim)
        return
    require(given, second.dim, owner)
    if given < 0 * second:
        raise NeuronError(f"{owner} must not be negative, got {format_quantity(given)}.")


def _check_operation(neuron):
    for name, value in neuron.operation.items():
        if name not in OPERATIONS:
            raise NeuronError(f"{neuron}: operation '{name}' is none of {', '.join(OPERATIONS)}"
                              f"{suggestion(name, OPERATIONS)}")
        dim = {"duration": second.dim, "lift": neuron.dimension(neuron.voltage)}.get(
            name, neuron.dimension(neuron.drive))
        # 0 has no unit in Brian2.
        if not (is_number(value) and value == 0 and name != "duration"):
            require(value, dim, f"{neuron}: operation '{name}'")
    times = {"operation 'duration'": neuron.operation.get("duration"),
             "suggested_dt": neuron.suggested_dt}
    for name, value in times.items():
        if value is not None:
            require(value, second.dim, f"{neuron}: {name}")
            if not np.asarray(value) > 0:
                raise NeuronError(f"{neuron}: {name} must be positive, got "
                                  f"{format_quantity(value)}.")


