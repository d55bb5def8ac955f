"""Which state a protocol looks at."""

from brianmem.errors import ProtocolError, suggestion


def watched_state(protocol, device, asked):
    """Return the asked state or "conductance", or else the first state that has bounds."""
    if asked == "conductance":
        return asked
    if asked in device.states and asked not in device.bounds and protocol.level is not None:
        return asked
    return bounded_state(protocol, device, asked, ("conductance",))


def bounded_state(protocol, device, asked, others=()):
    """Return the asked state, or the first that has bounds; `ProtocolError` if there is none."""
    known = [*device.states, *others]
    if asked is not None and asked not in device.states:
        raise ProtocolError(f"{protocol}: {device} has no state '{asked}'"
                            f"{suggestion(asked, known)} Known: {', '.join(known)}.")
    if asked is not None and asked not in device.bounds:
        raise ProtocolError(f"{protocol}: '{asked}' of {device} has no bounds, and so no middle. "
                            "Choose another state or add bounds to the device.")
    bounded = [s for s in device.states if s in device.bounds]
    if not bounded:
        raise ProtocolError(f"{protocol}: {device} has no state with bounds. Add bounds to it.")
    return asked or bounded[0]
