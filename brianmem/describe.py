"""A device or neuron as text: equations, numbers with units, what stands behind them, what to cite."""

import textwrap

from brianmem.references import cite, is_known
from brianmem.units import format_quantity

_INDENT = "    "
_WIDTH = 96


def describe_device(device):
    """Return what `brianmem show` prints of a `Device`."""
    sections = {"Equations": _equations(device), "Events": _events(device),
                "Parameters": _table(device.parameters),
                "Inputs": _table(device.inputs), "States": _states(device),
                "Operation": _operation(device), "Parameter sets": _sets(device),
                "Evidence": _evidence(device), "References": _references(device)}
    return _joined(device, sections)


def describe_neuron(neuron):
    """Return what `brianmem show` prints of a `Neuron`."""
    firing = {"threshold": neuron.threshold,
              "reset": "none" if neuron.reset is None else
              " ; ".join(line.strip() for line in neuron.reset.strip().splitlines()),
              "refractory": _shown(neuron.refractory), "drive": neuron.drive,
              "method": neuron.method,
              "energy": "power, of all that feeds it" if "power" in neuron.model else
              "none, as no line states a power"}
    sections = {"Equations": _equations(neuron),
                "Firing": [f"{k:<10}  {v}" for k, v in firing.items() if v is not None],
                "Events": _events(neuron), "Parameters": _table(neuron.parameters),
                "Inputs": _table(neuron.inputs), "States": _states(neuron),
                "Operation": _table(neuron.operation), "Parameter sets": _sets(neuron),
                "Evidence": _evidence(neuron), "References": _references(neuron)}
    return _joined(neuron, sections)


def _shown(refractory):
    return refractory if isinstance(refractory, (str, type(None))) else format_quantity(refractory)


def _joined(record, sections):
    text = ["\n".join([record.name, *textwrap.wrap(record.description, _WIDTH)])]
    text += ["\n".join([title, *(_wrapped(line, title != "Equations") for line in lines)])
             for title, lines in sections.items() if lines]
    return "\n\n".join(text)


def _wrapped(line, wrap):
    # Links and equations stay whole, so that they can be copied.
    return textwrap.fill(line, _WIDTH, initial_indent=_INDENT, subsequent_indent=2 * _INDENT,
                         break_long_words=False, break_on_hyphens=False) if wrap else _INDENT + line


def _equations(device):
    return [line.strip() for line in device.equations.strip().splitlines() if line.strip()]


def _events(device):
    return [f"when {condition}: {' ; '.join(text.strip().splitlines())}"
            for condition, text in device.events]


def _table(values):
    width = max(map(len, values), default=0)
    return [f"{name:<{width}}  {format_quantity(value)}" for name, value in values.items()]


def _states(device):
    lines = []
    for state in device.states:
        low_high = " to ".join(format_quantity(b) for b in device.bounds.get(state, ()))
        bounds = f", bounds {low_high}" if low_high else ", no bounds"
        lines.append(f"{state}  starts at {format_quantity(device.initial[state])}{bounds}")
    return lines


def _operation(device):
    width = max(map(len, device.operation), default=0)
    return [f"{name:<{width}}  {format_quantity(voltage)} for {format_quantity(time)}"
            + "".join(f", through {format_quantity(resistance)}" for resistance in series)
            for name, (voltage, time, *series) in device.operation.items()]


def _sets(device):
    return [f"{name}: {', '.join(f'{k} = {format_quantity(v)}' for k, v in values.items())}"
            for name, values in device.parameter_sets.items()]


def _evidence(device):
    lines = []
    for name, evidence in device.evidence.items():
        keys = f" [{', '.join(evidence.references)}]" if evidence.references else ""
        lines.append(f"{name}: {evidence.kind}. {evidence.note}".rstrip() + keys)
    return lines


def all_references(device):
    """Return the references of a device and of its evidence, without repeats."""
    behind = [key for evidence in device.evidence.values() for key in evidence.references]
    return list(dict.fromkeys([*device.references, *behind]))


def _references(device):
    return [f"[{key}] {cite([key])[0]}" if is_known(key) else f"[{key}] in no bibliography"
            for key in all_references(device)]
