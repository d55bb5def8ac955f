"""Parameters that are redrawn in every cycle of a segment."""

import numpy as np
from brian2 import TimedArray, second
from brian2.units.fundamentalunits import Quantity


def draw(setup, segment):
    """Return the redrawn parameters, name to Quantity (cycles, n)."""
    if setup.cycle_parameters is None or not segment.cycle:
        return {}
    redraw = setup.cycle_parameters(segment.index)
    drawn = [redraw() for _ in range(-(-segment.units // segment.cycle))]
    return {k: Quantity([np.asarray(d[k]) for d in drawn], dim=q.dim)
            for k, q in drawn[0].items()}


def tables(draws, segment):
    """Return `TimedArray` of the redrawn parameters, by name, and the code that reads them."""
    length = segment.duration / segment.units * segment.cycle
    found = {f"cycle_{k}": TimedArray(q, dt=length * second) for k, q in draws.items()}
    return found, "\n".join(f"{k} = cycle_{k}(t + dt/2, i)" for k in draws)


def attach(trace, draws, segment):
    """Add to `trace` which redrawn parameters held at each of its points and marks."""
    for name, values in draws.items():
        length = segment.duration / segment.units * segment.cycle
        index = np.clip((trace.t / length + 1e-6).astype(int), 0, len(values) - 1)
        trace.cycle[name] = np.asarray(values)[index].T
        if segment.mark:
            # A mark reads the device with the parameters of the pulse that ended there.
            index = np.clip(np.arange(trace.mark_energy.shape[1]) - 1, 0, len(values) - 1)
            trace.mark_cycle[name] = np.asarray(values)[index].T
