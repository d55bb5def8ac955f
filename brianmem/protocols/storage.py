"""What retention and endurance share: pulses without a trace, reads, a description."""

import numpy as np
from brian2 import volt
from brian2.units.fundamentalunits import Quantity

from brianmem import provenance
from brianmem.errors import ProtocolError
from brianmem.flow import check_mappable, device_rates, patient_flow
from brianmem.result import Result


def programmed(setup, states, count, pulse=None, parameters=None, kind="set"):
    """Return the states (name to (n,)) after `count` pulses in a row, and their energy (n,), SI.

    `pulse` is (voltage, width); default: the device's ``operation[kind]``.
    """
    device = setup.device
    if pulse is None and kind not in device.operation:
        raise ProtocolError(f"{device} states no usual {kind} pulse. Add it to its operation.")
    if device.is_stochastic or device.events:
        what = "noise" if device.is_stochastic else "events"
        raise ProtocolError(f"{device} has {what}, which is not followed through years or a million "
                            "cycles. Use Relaxation or PulseTrain over a time that you choose.")
    check_mappable(device)
    voltage, width, *resistance = device.operation[kind] if pulse is None else pulse
    x = np.stack([states[k] for k in device.states])
    given = {"series_resistance": resistance[0] if resistance else None,
             "parameters": {**setup.parameters, **(parameters or {})}}
    # The laws do not know the time, so that pulses in a row are one long pulse.
    held, energy = patient_flow(device, voltage, count * width, x, tolerance=1e-7, **given)
    if setup.stuck is not None:
        power = device_rates(device, voltage, **given)(x)[-1]
        held, energy = (np.where(setup.stuck[0], as_it_is, moved) for as_it_is, moved in
                        ((x, held), (power * float(count * width), energy)))
    return dict(zip(device.states, held, strict=True)), energy


def settled(seed):
    """Return `seed`, or a fresh one, so that what was drawn can be drawn again."""
    return int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed


def start_of(setup, states):
    """Return `states` with those of stuck copies in place."""
    if setup.stuck is None:
        return states
    mask, frozen = setup.stuck
    return {k: np.where(mask, np.asarray(frozen[k]), v) for k, v in states.items()}


def conductance_of(setup, states, read):
    """Return I(V)/V (n,) at `read` volt, SI."""
    device = setup.device
    given = {k: Quantity(x, dim=device.dimension(k)) for k, x in states.items()}
    found = device.evaluate("I", v=read * volt, **setup.parameters, **given)
    return np.broadcast_to(np.asarray(found), (setup.n,)) / read


def make_result(protocol, setup, seed, overlay, data, axes, metrics, **attrs):
    """Return the `Result` of a measurement without a trace; one instance has no axis."""
    device = setup.device
    references = (*device.references, *(overlay.evidence.references if overlay else ()))
    if setup.n == 1:
        data = {k: q[0] if axes[k][0] == "instance" else q for k, q in data.items()}
        axes = {k: a[1:] if a[0] == "instance" else a for k, a in axes.items()}
    return Result(data, axes, {**device.namespace, **setup.parameters}, provenance.collect(
        equations=device.equations, seed=seed, references=tuple(dict.fromkeys(references)),
        kind=protocol.kind, device=device.name, device_repr=repr(device), protocol=repr(protocol),
        evidence={k: e.kind for k, e in device.evidence.items()}, instances=setup.n,
        model=repr(overlay) if overlay else "the device's own equations",
        stuck=0 if setup.stuck is None else int(np.sum(setup.stuck[0])), **attrs), metrics)
