"""``brianmem measure``: a device and a protocol in, a result and its figures out."""

import time

from brianmem.errors import InputError, suggestion


def run(words, positional, make_parser, add_out, finish):
    """Read the words, measure, write result and figures."""
    from brianmem import catalog, output

    name, rest = positional("measure", words, "DEVICE", "devices")
    device = catalog.find(name)
    protocol, rest = positional("measure", rest, "PROTOCOL")
    cls = _protocol(protocol)
    parser = make_parser("measure", [name, protocol], description=cls.__doc__)
    fields, given = _read(parser, cls, rest, add_out)
    device, variation = _adapted(device, given)
    measurement = cls(**{k: given[k] for k in fields if k in given})
    with output.folder_for(f"{device.name}-{measurement.kind}", given.get("out")) as folder:
        started = time.monotonic()
        result = measurement.run(device, n=given.get("n", 1), variation=variation,
                                 seed=given.get("seed"))
        finish(result, folder, time.monotonic() - started)


def _protocol(name):
    from brianmem.protocols import PROTOCOLS

    key = name.replace("-", "_")
    if key not in PROTOCOLS:
        raise InputError(f"no protocol '{name}'{suggestion(key, PROTOCOLS)} Protocols: "
                         f"{', '.join(PROTOCOLS)}.")
    return PROTOCOLS[key]


def _read(parser, cls, words, add_out):
    from brianmem.options import Option, from_dataclass

    options = from_dataclass(cls)
    for option in [*options, Option("n", int, 1, "number of instances"),
                   Option("seed", int, None, "fixes noise and variation"),
                   Option("parameter_set", str, None, "named parameters of the device")]:
        parser.add_option(option)
    parser.add_argument("--with", dest="changes", action="append", metavar="NAME=VALUE",
                        help="change a parameter or an initial state, e.g. --with R_on=50ohm")
    parser.add_argument("--vary", action="append", metavar="NAME=SPREAD",
                        help="relative spread of a parameter between instances, e.g. R_on=0.2")
    add_out(parser)
    return [option.name for option in options], parser.read(words)


def _adapted(device, given):
    from brianmem.units import parse_quantity

    changes = {}
    for name, text in _pairs("--with", given.get("changes", ())):
        known = [*device.namespace, *device.states]
        if name not in known:
            raise InputError(f"{device}: --with names '{name}', which is neither a parameter nor a "
                             f"state{suggestion(name, known)}")
        changes[name] = parse_quantity(text, like=device.dimension(name), name=f"--with {name}")
    if changes or "parameter_set" in given:
        device = device.with_parameters(given.get("parameter_set"), **changes)
    spreads = {n: parse_quantity(text, like=1, name=f"--vary {n}")
               for n, text in _pairs("--vary", given.get("vary", ()))}
    from brianmem.variation import Variation

    return device, Variation(**spreads) if spreads else None


def _pairs(flag, words):
    for word in words:
        name, equals, value = word.partition("=")
        if not (name.isidentifier() and equals and value):
            raise InputError(f"{flag} needs NAME=VALUE, got '{word}'.")
        yield name, value
