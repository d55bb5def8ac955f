"""``brianmem fit``: a CSV file of a measurement in, a device file out."""

import keyword
import sys
import time
from pathlib import Path

from brianmem.errors import InputError, suggestion


def run(words, make_parser, finish):
    """Read the words, fit, write device file, result and figures."""
    from brianmem import catalog, output
    from brianmem.fitting import fit
    from brianmem.fitting.free import parse_bounds
    from brianmem.fitting.hints import HOPELESS

    helped = any(word in ("-h", "--help") for word in words)
    if not helped and (not words or words[0].startswith("-")):
        raise InputError("brianmem fit: name the FILE.csv first. See 'brianmem fit --help'.")
    cls, protocol = _protocol(words)
    parser, options = _parser(make_parser, cls, protocol)
    given = parser.read(words)
    device = catalog.find(given["device"], "devices") if "device" in given else None
    if protocol == "retention":
        device = None  # a closed form, whatever the device
    elif device is None:
        raise InputError("brianmem fit: say --device. See 'brianmem list devices'.")
    name = _name(given, device)
    chosen = {k: given[k] for k in options if k in given}
    settings = {k: given[k] for k in ("noise", "precision", "seed", "seconds") if k in given}
    if "free" in given:
        settings["free"] = [w.strip() for w in given["free"].split(",") if w.strip()]
    if "bounds" in given:
        settings["bounds"] = parse_bounds(device, given["bounds"])
    for key in ("columns", "units"):
        if key in given:
            settings[key] = _pairs(f"--{key}", given[key])
    with output.folder_for(f"{name}-fit", given.get("out")) as folder:
        started = time.monotonic()
        found = fit(device, Path(given["file"]), protocol, name=name, report=_report, **settings,
                    **chosen)
        seconds = time.monotonic() - started
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        print(found)
        if found.rms > HOPELESS:
            hints = " ".join(found.hints) or "Check units, signs and the choice of device."
            print(f"warning: the device does not describe these data (rms residual "
                  f"{100 * found.rms:.3g} %). {hints}", file=sys.stderr)
        if found.device is not None:
            print(found.write_device(folder))
        else:
            print(f"for a network that is stored: --retention {folder / 'result.h5'}")
        finish(found.result, folder, seconds)


def _protocol(words):
    """Return the class of the data; the options depend on it, so it is looked for first."""
    from brianmem.fitting import MEASUREMENTS

    name = None
    for k, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag == "--protocol":
            name = value if equals else (words[k + 1] if k + 1 < len(words) else "")
    known = ", ".join(MEASUREMENTS)
    if name is None:
        if any(w in ("-h", "--help") for w in words):
            name = "iv_sweep"
        else:
            raise InputError(f"brianmem fit: say --protocol, one of {known}.")
    key = name.replace("-", "_")
    if key not in MEASUREMENTS:
        raise InputError(f"brianmem fit: no protocol '{name}'{suggestion(key, MEASUREMENTS)} "
                         f"Protocols: {known}.")
    return MEASUREMENTS[key], key


def _parser(make_parser, cls, protocol):
    from brianmem.fitting import MEASUREMENTS
    from brianmem.options import Option, from_dataclass

    others = ", ".join(k for k in MEASUREMENTS if k != protocol)
    parser = make_parser("fit", description=f"Fit a device to measured data.\n\nData of "
                         f"{protocol}: {cls.__doc__}\n\nOther protocols, with options of their "
                         f"own: {others}.")
    parser.add_argument("file", metavar="FILE.csv", help="header with columns and units, e.g. "
                        "'time (s), voltage (V), current (mA)'")
    for name, kind, text in (
            ("device", str, "name of a device, or a device file: where the fit starts"),
            ("protocol", str, " | ".join(MEASUREMENTS)),
            ("free", str, "parameters to fit, e.g. R_on,R_off; a state means its initial value "
             "(default: those that the data can tell apart)"),
            ("bounds", str, "of free parameters, e.g. \"R_on=10ohm..1kohm\""),
            ("columns", str, "e.g. \"time=1,voltage=2\": number or heading of each column"),
            ("units", str, "e.g. \"voltage=mV\", where the header states none"),
            ("noise", float, "relative noise of the data, if known"),
            ("precision", float, "a parameter is identified if its 95 % interval lies within this "
             "share (default: 0.03)"),
            ("seconds", float, "time for the whole fit (default: 120)"),
            ("seed", int, "fixes the search"),
            ("name", str, "of the fitted device and its file (default: DEVICE_fitted)")):
        parser.add_option(Option(name, kind, None, text))
    options = from_dataclass(cls)
    for option in options:
        parser.add_option(option)
    parser.add_argument("--out", metavar="DIR", help="new folder for device file, result and "
                        "figures (default: results/NAME-fit-TIME)")
    return parser, [option.name for option in options]


def _name(given, device):
    name = given.get("name") or (f"{device.name}_fitted" if device else "retention")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"--name must be an identifier such as my_device, got '{name}'.")
    return name


def _pairs(flag, text):
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, value = part.partition("=")
        if not (equals and value.strip()):
            raise InputError(f"{flag} needs NAME=VALUE, got '{part}'.")
        found[name.strip()] = value.strip()
    return found


def _report(rms):
    if sys.stderr.isatty():
        print(f"\r\033[Ksearching: rms residual {100 * rms:.3g} %", end="", file=sys.stderr)
