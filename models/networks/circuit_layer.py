"""A circuit neuron, such as a memristive one, in the place of the competitive layer's membrane.

The circuit keeps its equations, its states and its own way to fire and to reset; one
stated factor, `slowdown`, stands between its time and the network's. A read pulse is a
charge that lifts the voltage of its capacitor. What the layer does by a threshold it
does here by that charge, which is the same for a membrane that adds up: homeostasis
divides it by ``1 + theta/lift``, and inhibition empties the capacitor of all others and
shunts their input for a while. Between presentations the layer rests until every
circuit is back at its start.
"""

import re

import numpy as np
from brian2 import NeuronGroup, farad, second
from brian2.units.fundamentalunits import Quantity, get_dimensions

import brianmem.integration
from brianmem import equations as eq
from brianmem.errors import InputError
from brianmem.lines import keep_lines_apart
from brianmem.units import check_unit, dimension_of, si_unit_name

#: A share of the lift at which the membrane's time constant is taken.
_SMALL = 1e-3

AROUND = """
theta : volt                          # homeostasis, beside `lift`
left : 1 (linked)
step : volt (linked)
set_point : 1 (shared, constant)
shunt : second (shared, constant)     # how long input is shunted after another's spike
shunted_until : second
share : 1                             # of a read pulse's charge that arrives
before : volt                         # of the step's charges
neuron_energy : joule                 # that the charges have brought, the circuit's own time
"""

WEIGH = """
share = int(t >= shunted_until)/(1 + clip(theta, -0.9*lift, inf*volt)/lift)
before = {voltage}
"""

COUNT_ENERGY = """
neuron_energy = neuron_energy + 0.5*capacitance*({voltage}**2 - before**2)
"""

INHIBIT_OTHERS = """
inhibited = int(lastspike < t)*(1 - left)
{voltage} = {voltage}*(1 - inhibited)
shunted_until = shunted_until + inhibited*(t + shunt - shunted_until)
"""

#: Names of the layer that a circuit must not use.
_TAKEN = ("theta", "left", "step", "set_point", "slowdown", "shunt", "shunted_until", "share",
          "before", "neuron_energy", "lift", "capacitance", "inhibited")


def is_circuit(neuron):
    """Tell whether the neuron fires by equations that need error-controlled steps."""
    return neuron is not None and neuron.method == "adaptive"


def check_suitable(neuron):
    """Raise `InputError` unless charges can drive the neuron and it resets itself."""
    if "lift" not in neuron.operation:
        raise InputError(f"{neuron}: it does not say which sudden rise of '{neuron.voltage}' makes it "
                         "fire. Add operation={'lift': ...}, or use diffusive_lif or vanadium_lif.")
    check_unit(neuron.operation["lift"], neuron.dimension(neuron.voltage), f"{neuron}: lift")
    if neuron.voltage not in neuron.states or float(neuron.initial[neuron.voltage]) != 0 \
            or _capacitance(neuron) is None:
        raise InputError(f"{neuron}: '{neuron.voltage}' must be the voltage of a capacitor, 0 V at the "
                         "start, for read pulses to charge it.")
    if not abs(_rate(neuron, 0.0)) <= 1e-9 * abs(_rate(neuron, _small(neuron))):
        raise InputError(f"{neuron}: it is not at rest at 0 V, so a layer cannot leave it alone. Set "
                         "its inputs to 0.")
    if neuron.events or neuron.is_stochastic or neuron.reset is not None:
        raise InputError(f"{neuron}: a layer takes no circuit with events, noise or a reset from "
                         "outside.")
    taken = [name for name in _TAKEN if name in {*neuron.model, *neuron.namespace}]
    if taken:
        raise InputError(f"{neuron}: '{taken[0]}' has that name already in the layer. Rename it.")


def _capacitance(neuron):
    """Return what the current into the membrane is divided by, or None."""
    divisor = re.search(r"/\s*(\w+)\s*$", neuron.model[neuron.voltage].expr.code)
    value = neuron.namespace.get(divisor.group(1)) if divisor else None
    return value if value is not None and get_dimensions(value) is farad.dim else None


def membrane_time(neuron):
    """Return the time constant of the membrane at rest, a Quantity in second."""
    small = _small(neuron)
    return small / (_rate(neuron, 0.0) - _rate(neuron, small)) * second


def _small(neuron):
    return _SMALL * float(neuron.operation["lift"])


def _rate(neuron, voltage):
    """Return the rate of the membrane's voltage (V/s) where all else is as at the start."""
    given = {**neuron.namespace, **neuron.initial, neuron.voltage: voltage}
    code = neuron.model[neuron.voltage].expr.code
    line = eq.parse(f"rate_at_rest = {code} : volt/second", str(neuron))
    needed, function = eq.compile_line(neuron.model + line, "rate_at_rest", set(given))
    return float(np.asarray(function(**{k: float(given[k]) for k in needed})))


def layer_text(neuron, slowdown):
    """Return, as JSON values, what `create` makes the neurons of."""
    lines = []
    for name, line in neuron.model.items():
        left, code = (f"d{name}/dt", f"({line.expr.code})/slowdown") if name in neuron.states else \
            (name, line.expr.code)
        lines.append(f"{left} = {code} : {si_unit_name(line.dim)}")
    quantities = {**neuron.namespace, "lift": neuron.operation["lift"],
                  "capacitance": _capacitance(neuron)}
    return {"circuit": True, "equations": "\n".join(lines), "unit": "volt", "gated": False,
            "voltage": neuron.voltage, "threshold": neuron.threshold,
            "refractory": neuron.refractory, "slowdown": float(slowdown),
            "rest": "\n".join(f"{k} = {float(v)!r}*{si_unit_name(neuron.dimension(k))}"
                              if si_unit_name(neuron.dimension(k)) != "1" else f"{k} = {float(v)!r}"
                              for k, v in neuron.initial.items()),
            "start": {k: float(v) for k, v in neuron.initial.items()},
            "bounds": {k: [float(low), float(high)] for k, (low, high) in neuron.bounds.items()},
            "constants": {k: [float(v), si_unit_name(get_dimensions(v))]
                          for k, v in quantities.items()}}


def create(n_neurons, text, clock, every):
    """Make the group of circuits, with what the layer does to it."""
    namespace = {k: value if unit == "1" else Quantity(value, dim=dimension_of(unit))
                 for k, (value, unit) in text["constants"].items()}
    bounds = {k: tuple(b) for k, b in text["bounds"].items()}
    group = NeuronGroup(
        n_neurons, text["equations"] + AROUND, threshold=text["threshold"], reset="theta += step",
        refractory=text["refractory"], method="adaptive", name="neurons",
        method_options={"bounds": bounds, "relative": brianmem.integration.RELATIVE},
        namespace={**namespace, "slowdown": text["slowdown"]}, **clock)
    keep_lines_apart(group)
    if bounds:
        group.run_regularly("\n".join(f"{k} = clip({k}, {low!r}, {high!r})"
                                      for k, (low, high) in bounds.items()),
                            when="after_groups", name="neuron_bounds", **clock)
    group.run_regularly(WEIGH.format(**text), when="before_resets", name="weigh", **clock)
    group.run_regularly(COUNT_ENERGY.format(**text), when="after_resets", name="count_energy",
                        **clock)
    group.run_regularly(text["rest"] + "\ntheta = theta - set_point*step\nshunted_until = t",
                        order=1, name="new_presentation", **every)
    group.run_regularly(INHIBIT_OTHERS.format(**text), when="after_synapses", order=1,
                        name="inhibit", **clock)
    return group
