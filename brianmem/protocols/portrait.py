"""The usual measurements of a device or neuron, for a picture of it."""

import numpy as np
from brian2 import volt
from brian2.units.fundamentalunits import Quantity

from brianmem.errors import ProtocolError
from brianmem.protocols.iv_sweep import IVSweep
from brianmem.protocols.neurons import FICurve, SpikeResponse
from brianmem.protocols.pulse_train import PulseTrain
from brianmem.protocols.transient import Transient


def portrait(device, seed=0):
    """Measure the I-V loop, and pulses or the response to one, as `device.operation` states.

    Returns "sweep" and "pulses" (or "transient" for a volatile device) to `Result`.
    Raises `ProtocolError` where the operation is not stated.
    """
    missing = [k for k in ("set", "relax" if device.is_volatile else "reset", "sweep")
               if k not in device.operation]
    if missing:
        raise ProtocolError(f"{device}: a portrait needs operation to state {', '.join(missing)}. "
                            "Add it, e.g. operation={'sweep': (1*volt, 1*second)}.")
    # Most bare cells could not carry the current of a full sweep.
    series = [pulse[2] for pulse in (device.operation["sweep"], device.operation["set"])
              if len(pulse) > 2]
    sweep = IVSweep(series_resistance=series[0] if series else None).run(device, seed=seed)
    if device.is_volatile:
        return {"sweep": sweep, "transient": _pulse_and_rest(device, seed)}
    return {"sweep": sweep, "pulses": _pulses(device, sweep, seed)}


def _pulses(device, sweep, seed):
    """Run a train from a state in which SET pulses do something: a fresh device may be SET.

    That is the device as it is, else as a train leaves it, else as the largest current
    of the sweep makes it and then a train.
    """
    k = int(np.argmax(np.abs(np.ravel(sweep["I"]))))
    after_sweep = {s: np.ravel(sweep[s])[k] for s in device.states}
    first = None
    for states in ({}, after_sweep):
        started = _set_to(device, states)
        for _ in range(2):
            result = PulseTrain(count=50).run(started, seed=seed)
            first = result if first is None else first
            g = np.ravel(result["pulse_conductance"])
            if g[50] > 1.01 * g[0]:
                return result
            started = _set_to(device, {s: np.ravel(result[f"pulse_{s}"])[-1] for s in device.states})
    return first


def _set_to(device, states):
    return device.with_parameters(**{s: Quantity(float(x), dim=device.dimension(s))
                                     for s, x in states.items()})


def neuron_portrait(neuron, seed=0):
    """Measure rate against drive, and the response to one, as `neuron.operation` states.

    Raises `ProtocolError` where the operation is not stated.
    """
    return {"fi_curve": FICurve().run(neuron, seed=seed),
            "spike_response": SpikeResponse().run(neuron, seed=seed)}


def _pulse_and_rest(device, seed):
    voltage, width, *series = device.operation["set"]
    _, rest, *_ = device.operation["relax"]
    samples = 400
    on = int(np.clip(round(samples * float(width) / float(width + rest)), 20, samples - 20))
    # Each part gets its share of the samples, but never too few to be seen.
    shape = np.zeros(samples + 1)
    shape[1:on] = float(voltage)
    return Transient(shape * volt, duration=samples * max(width / on, rest / (samples - on)),
                     series_resistance=series[0] if series else None).run(device, seed=seed)
