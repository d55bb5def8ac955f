"""The device that a fit makes: its numbers, and what stands behind them."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
from brian2 import second, volt

from brianmem.evidence import Evidence


def fitted_device(device, name, best, status, table, task, rms, kind):
    inside = {k: v for k, v in best.items() if k in device.namespace or k in device.states}
    changed = device.with_parameters(**inside)
    today = datetime.date.today().isoformat()
    shaky = [k for k, s in status.items() if s.startswith("not")]
    digest = f", sha256 {table.digest[:16]}" if table.digest else ""
    note = (f"{', '.join(best)} fitted to {Path(table.source).name} ({kind}{digest}), "
            f"{len(task.y)} points, rms residual {100 * rms:.3g} %, {today}."
            + (f" Not identified well: {', '.join(shaky)}." if shaky else ""))
    before = device.evidence.get("parameters")
    if before is not None:
        note += f" The others as in {device.name} ({before.kind}): {before.note}"
    evidence = {"parameters": Evidence("fitted", note, before.references if before else ())}
    operation, own = _operation(device, task)
    if own:
        evidence["operation"] = Evidence("fitted", "The pulses of the data.")
    elif "operation" in device.evidence:
        evidence["operation"] = device.evidence["operation"]
    description = f"{device.description} Fitted to {Path(table.source).name}.".strip()
    return replace(changed, name=name, evidence=evidence, operation=operation, parameter_sets={},
                   description=description)


def _operation(device, task):
    """Return the operation, with the pulses of the data where each kind was of one form."""
    operation = dict(device.operation)
    if not hasattr(task, "pulses"):
        return operation, False
    up = _rises(task)
    kinds = {"set": set(), "reset": set()}
    for pulse in task.pulses:
        kinds["set" if pulse[0] * up > 0 else "reset"].add(
            tuple(None if x is None else float(x) for x in pulse))
    if any(len(found) != 1 for found in kinds.values()):
        return operation, False
    for kind, found in kinds.items():
        (voltage, width, series), = found
        operation[kind] = (voltage * volt, width * second,
                           *(() if series is None else (device.operation[kind][2],)))
    operation["read"] = (task.read * volt, *operation.get("read", (0, operation["set"][1]))[1:])
    return operation, True


def _rises(task):
    """Return the sign of the pulses that raise the conductance."""
    if "set" in task.device.operation:
        return np.sign(float(task.device.operation["set"][0]))
    return np.sign(task.pulses[0][0])
