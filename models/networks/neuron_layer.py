"""A point neuron in the place of the competitive layer's own membrane.

The neuron's equations are taken as they are, slowed by one stated factor; voltages of
the layer (drive, inhibition, homeostatic threshold) are translated to the neuron's by
one more: the layer's threshold is the neuron's at rest. Read pulses lift the neuron's
voltage, its drive input stays at its default. The layer adds homeostasis, `theta`, to
the threshold; adaptation of its own the neuron keeps.
"""

import numpy as np
from brian2.equations.equations import DIFFERENTIAL_EQUATION
from brian2.units.fundamentalunits import Quantity

from brianmem import equations as eq
from brianmem.errors import InputError
from brianmem.neuron_checks import reset_statements
from brianmem.units import si_unit_name

from . import circuit_layer

#: Names of the layer that a neuron must not use.
_TAKEN = ("theta", "left", "step", "E_inhibition", "set_point", "slowdown")


def check_suitable(neuron):
    """Raise `InputError` unless read pulses and inhibition can act on the neuron's voltage."""
    if neuron.voltage not in neuron.states or float(neuron.initial[neuron.voltage]) != 0:
        raise InputError(f"{neuron}: a layer needs a neuron whose voltage is a state and 0 at rest, "
                         "such as lif or adaptive_lif.")
    if neuron.crossing is None or neuron.reset is None:
        raise InputError(f"{neuron}: a layer adds homeostasis to one threshold and inhibits after a "
                         "reset; the neuron must have both, such as 'v > v_th' and 'v = 0*volt'.")
    if neuron.events or neuron.bounds or neuron.is_stochastic:
        raise InputError(f"{neuron}: a layer takes no neuron with events, bounds or noise.")
    taken = [name for name in _TAKEN if name in {*neuron.model, *neuron.namespace}]
    if taken:
        raise InputError(f"{neuron}: '{taken[0]}' has that name already in the layer. Rename it.")


def rest_threshold(neuron):
    """Return how far below its threshold the neuron rests, in the unit of its voltage (SI).

    Of a circuit, the sudden rise of its voltage that makes it fire.
    """
    if circuit_layer.is_circuit(neuron):
        return float(neuron.operation["lift"])
    code = eq.parse(f"below = -({neuron.crossing}) : {si_unit_name(_dimension(neuron))}", str(neuron))
    given = {**neuron.namespace, **neuron.initial}
    needed, function = eq.compile_line(neuron.model + code, "below", set(given))
    return float(np.asarray(function(**{k: float(given[k]) for k in needed})))


def translated(neuron, threshold, value):
    """Return a voltage of a layer with that threshold as a number in the unit of the neurons."""
    return float(value) if neuron is None else \
        float(value) * rest_threshold(neuron) / float(threshold)


def adaptation(neuron):
    """Return the states of the layer's neurons besides their voltage, to their initial values."""
    # A circuit is back at its start with each presentation.
    if neuron is None or circuit_layer.is_circuit(neuron):
        return {}
    return {f"neurons.{k}": float(v) for k, v in neuron.initial.items() if k != neuron.voltage}


def _dimension(neuron):
    return neuron.dimension(neuron.voltage)


def layer_text(neuron, slowdown):
    """Return, as JSON values, what `competitive_layer.create` makes the neurons of."""
    unit = si_unit_name(_dimension(neuron))
    lines, gated = [], bool(neuron.model[neuron.voltage].flags)
    for name, line in neuron.model.items():
        # Brian2's flag would also keep the layer's inhibition from what is refractory.
        rests = "*int(not_refractory)" if line.flags else ""
        is_state = line.type == DIFFERENTIAL_EQUATION
        left = f"d{name}/dt = ({line.expr.code})/slowdown{rests}" if is_state else \
            f"{name} = {line.expr.code}"
        lines.append(f"{left} : {si_unit_name(line.dim)}")
    # What the neuron takes off as its threshold includes the layer's part.
    subtracts = any(name == neuron.voltage and operator == "-"
                    for name, operator, _ in reset_statements(neuron))
    reset = neuron.reset + (f"\n{neuron.voltage} -= theta" if subtracts else "")
    given = neuron.refractory
    refractory = "0*second" if given is None else \
        given if isinstance(given, str) else f"{float(given)!r}*second"
    return {"equations": "\n".join(lines), "unit": unit, "voltage": neuron.voltage,
            "threshold": f"{neuron.crossing} > theta", "reset": f"{reset}\ntheta += step",
            "refractory": f"({refractory})*slowdown", "gated": gated,
            # Not "exact", which divides by a rate that may rest.
            "method": "rk4" if gated else neuron.method or "rk4", "slowdown": float(slowdown),
            "constants": {k: [float(v), si_unit_name(neuron.dimension(k))]
                          for k, v in neuron.namespace.items()}}


def constants(text):
    """Return the namespace of the neurons from what `layer_text` made."""
    from brianmem.units import dimension_of

    found = {k: Quantity(value, dim=dimension_of(unit)) if unit != "1" else value
             for k, (value, unit) in text["constants"].items()}
    return {**found, "slowdown": text["slowdown"]}
