"""The fields of a `Neuron` that is a circuit: its equations, values and states as they stand."""

from brian2.units.fundamentalunits import Quantity

from brianmem.errors import NeuronError, suggestion
from brianmem.units import si_unit_name

#: Fields of a `Neuron` that follow from its circuit.
_GIVEN = ("equations", "parameters", "initial", "inputs", "bounds", "events")


def fields_of(circuit, name, drive, threshold, reset, refractory, given):
    """Return the arguments of `Neuron` for a `Circuit`; `given` are further fields of it."""
    owner = f"Neuron '{name}'"
    for key in _GIVEN:
        if key in given:
            raise NeuronError(f"{owner}: {key} follow from the circuit. Change the circuit instead.")
    if drive not in circuit.inputs:
        raise NeuronError(f"{owner}: the drive '{drive}' is no input of {circuit}"
                          f"{suggestion(str(drive), circuit.inputs)} Write {{{drive}}} in the netlist "
                          f"and pass inputs={{'{drive}': ...}} to Circuit.")
    functions = [k for k, v in circuit.values.items() if callable(v)]
    if functions:
        raise NeuronError(f"{owner}: '{functions[0]}' is a function, which cannot be stored. Make it "
                          "the drive of a group: neuron.group(drive=..., namespace=...).")
    cited = [key for device in circuit.devices.values() for key in device.references]
    return {
        "name": name, "drive": drive, "threshold": threshold, "reset": reset,
        # One crossing is one spike: without a reset it must fall below the threshold first.
        "refractory": threshold if reset is None and refractory is None else refractory,
        "equations": _text(circuit), "parameters": circuit.values, "inputs": circuit.inputs,
        "initial": {k: Quantity(float(v), dim=circuit.dimension(k))
                    for k, v in circuit.initial.items()},
        "bounds": circuit.bounds,
        "events": tuple(event for scoped in circuit.events for event in scoped.events),
        "method": "linear_implicit_euler" if circuit.is_stochastic else "adaptive",
        "voltage": circuit.states[0],
        **given, "references": tuple(dict.fromkeys([*given.get("references", ()), *cited]))}


def _text(circuit):
    lines = []
    for name, line in circuit.equations.items():
        if line.expr is not None:
            left = f"d{name}/dt" if name in circuit.states else name
            lines.append(f"{left} = {line.expr.code} : {si_unit_name(line.dim)}")
    # The name under which measurements look for what a spike costs.
    return "\n".join([*lines, "power = supplied_power : watt"])
