"""``brianmem sweep``: studies of experiments and of protocols from the command line."""

import sys
from pathlib import Path

import numpy as np
from brian2 import second
from brian2.units.fundamentalunits import Quantity

from brianmem import catalog
from brianmem.errors import CatalogError, InputError, StudyError, suggestion
from brianmem.hdf5 import json_line
from brianmem.options import Option, from_signature, read_many
from brianmem.study import Study
from brianmem.study.record import StoredStudy, shown
from brianmem.units import parse_quantity

#: What a study is, as words that its folder keeps; all else is how it is run.
_WHAT = ("grid", "random", "settings", "samples", "seeds", "random_seed", "sobol", "search", "trials",
         "minimize")
_SKIPPED = ("out", "resume")
_MOST_SHOWN = 5
_NUMBERS = [
    Option("samples", int, None, "how many points --random draws (a power of 2 with --sobol)"),
    Option("random_seed", int, 0, "seed of those draws"),
    Option("seeds", int, None, "run each point with the seeds 0, 1, ... so many"),
    Option("trials", int, None, "how many points --search tries"),
    Option("jobs", int, 1, "processes, one thread each"),
    Option("retries", int, 1, "how often a point that failed is tried again"),
    Option("time_limit", Quantity, None, "longest time of one point, e.g. '10 min'", (), second),
    Option("scheduler", str, None, "address of a Dask scheduler, e.g. "
           "tcp://host:8786, or a batch system that Dask is configured for, e.g. slurm")]


def run(words, make_parser):
    """Run, continue, or look into a study."""
    looks = {"status": _status, "collect": _collect}
    if words and words[0] in looks:
        return looks[words[0]](words[1:], make_parser)
    parser = _parser(make_parser)
    given = parser.read(words)
    target, out = given.pop("target", []), given.pop("out", None)
    if target[:1] == ["resume"]:
        if len(target) != 2 or out is not None:
            raise InputError("brianmem sweep resume: name the folder of the study, and only that.")
        target, out = [], target[1]
    if out is None:
        raise InputError("brianmem sweep: name a folder for the points, --out DIR.")
    what = {k: given.pop(k) for k in _WHAT if k in given}
    if not target:
        if what:
            raise InputError("brianmem sweep: --out alone continues the study of that folder; name the "
                             "experiment too to start or extend one.")
        target, what = _remembered(out)
    return _run(_study(target, what), what, Path(out), given)


def _parser(make_parser):
    parser = make_parser("sweep", usage=(
        "brianmem sweep EXPERIMENT | DEVICE PROTOCOL --grid name=a,b,c ... --out DIR\n"
        "       brianmem sweep status|collect|resume DIR"))
    parser.add_argument("target", nargs="*", help="an experiment, or a device and a protocol")
    parser.add_argument("--grid", action="append", metavar="NAME=A,B,C",
                        help="values of an option, or first:last:number[:log]; all combinations")
    parser.add_argument("--random", action="append", metavar="NAME=LOW:HIGH[:log]",
                        help="draw an option from a range; with --samples or --search")
    parser.add_argument("--set", dest="settings", action="append", metavar="NAME=VALUE",
                        help="the same for all points")
    parser.add_argument("--search", metavar="METRIC", help="look for the largest with Optuna")
    parser.add_argument("--minimize", action="store_true", help="look for the smallest instead")
    parser.add_argument("--sobol", action="store_true",
                        help="draw --random so that Sobol indices can be computed")
    for option in _NUMBERS:
        parser.add_option(option)
    parser.add_argument("--out", metavar="DIR", help="folder of the study; alone, it is continued")
    return parser


def _remembered(folder):
    about = StoredStudy(folder).about
    if "command" not in about:
        raise StudyError(f"{folder} was made by a script; run the script again to continue.")
    return about["command"]["target"], about["command"]["what"]


def _study(target, what):
    """Return the `Study` of the words of the command line."""
    function, options, seeds = _target(target)
    grid, random = _named(what, "grid", options), _named(what, "random", options)
    if grid and random:
        raise InputError("brianmem sweep: give --grid or --random, not both.")
    fixed = {n: options[n].read(text) for n, text in _pairs("--set", what.get("settings", ()), options)}
    name = "-".join(Path(t).stem if t.endswith(".py") else t for t in target)
    shared = {"fixed": fixed, "about": {"command": {"target": target, "what": what}}}
    if "search" in what:
        if not random or "trials" not in what:
            raise InputError("brianmem sweep: --search needs --random and --trials.")
        return Study(name, function, points=[{}], **shared), _ranges(random, options)
    if "seeds" in what:
        if not seeds:
            raise InputError(f"{' '.join(target)} takes no seed; drop --seeds.")
        if what["seeds"] < 1:
            raise InputError(f"--seeds must be at least 1, got {what['seeds']}.")
        shared["seeds"] = range(what["seeds"])
    if not random:
        values = {n: _values(options[n], text) for n, text in grid.items()}
        return Study(name, function, values, **shared), None
    ranges = _ranges(random, options)
    if what.get("sobol"):
        from brianmem.study.sensitivity import sobol_points

        shared["about"]["sobol"] = {"names": list(ranges), "samples": what.get("samples")}
        points = sobol_points(ranges, what.get("samples"), what.get("random_seed", 0))
        return Study(name, function, points=points, **shared), None
    return Study(name, function, random=ranges, samples=what.get("samples"),
                 random_seed=what.get("random_seed", 0), **shared), None


def _target(words):
    """Return what to run, its options by name, and whether it takes a seed."""
    if len(words) == 1:
        try:
            main = catalog.experiment(words[0]).main
        except CatalogError as error:
            devices = [e.name for e in catalog.entries("devices")[0]]
            if words[0] in devices:
                raise InputError(f"brianmem sweep: name a protocol after the device {words[0]}, "
                                 f"e.g. 'brianmem sweep {words[0]} iv_sweep'.") from None
            raise error
        options = {o.name: o for o in from_signature(main, skip=_SKIPPED)}
        return main, options, "seed" in options
    if len(words) != 2:
        raise InputError("brianmem sweep: name one experiment, or a device and a protocol.")
    from brianmem.protocols import PROTOCOLS
    from brianmem.study.measurement import Measurement

    device, protocol = catalog.find(words[0]), words[1].replace("-", "_")
    if protocol not in PROTOCOLS:
        raise InputError(f"no protocol '{protocol}'{suggestion(protocol, PROTOCOLS)} Protocols: "
                         f"{', '.join(PROTOCOLS)}.")
    function = Measurement(device, PROTOCOLS[protocol])
    return function, {o.name: o for o in function.options()}, True


def _named(what, kind, options):
    return dict(_pairs(f"--{kind}", what.get(kind, ()), options))


def _pairs(flag, words, options):
    seen = set()
    for word in words:
        name, equals, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if not (name and equals and value.strip()):
            raise InputError(f"{flag} needs NAME=VALUE, got '{word}'.")
        if name not in options:
            raise InputError(f"{flag}: no option '{name}'{suggestion(name, options)}")
        if name in seen:
            raise InputError(f"{flag} names {name} twice.")
        seen.add(name)
        yield name, value


def _values(option, text):
    """Read the values of one name of a grid."""
    if option.many:  # each of them is a list itself
        return [option.read(part) for part in text.split(";")]
    if option.kind is Quantity:
        return list(read_many(text, option.like, option.flag))
    if option.kind in (int, float) and ":" in text:
        found = [float(v) for v in read_many(text, 1, option.flag)]
        return [option.read(repr(v)) for v in found]
    return [option.read(part.strip()) for part in text.split(",")]


def _ranges(random, options):
    found = {}
    for name, text in random.items():
        words, option = text.split(":"), options[name]
        if len(words) not in (2, 3) or words[2:] not in ([], ["log"]):
            raise InputError(f"--random {name} must be low:high or low:high:log, got '{text}'.")
        if option.kind not in (int, float, Quantity) or option.many:
            raise InputError(f"--random {name}: only numbers have a range; use --grid.")
        low, high = (parse_quantity(w, like=option.like, name=option.flag)
                     if option.kind is Quantity else option.read(w) for w in words[:2])
        found[name] = (low, high, *words[2:])
    return found


def _run(made, what, folder, given):
    study, space = made
    options = {"jobs": given.get("jobs", 1), "retries": given.get("retries", 1),
               "time_limit": float(given["time_limit"]) if given.get("time_limit") else None}
    try:
        with _cluster(given.get("scheduler"), options["jobs"]) as executor:
            if space is not None:
                from brianmem.study.search import search

                best = search(study, space, what["search"], what["trials"], folder, executor=executor,
                              minimize=what.get("minimize", False), progress=True,
                              seed=what.get("random_seed", 0), **options)
            else:
                status = study.run(folder, executor=executor, **options)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"; continue with: brianmem sweep resume {folder}") from None
    if space is not None:
        print(json_line(best))
        raise SystemExit(0 if best.get("best") is not None else 1)
    _tell_failures(study, folder, status)
    if status.done:
        study.collect(folder)
        print(folder / "study.h5")
    _finish(folder, status)


def _cluster(address, jobs):
    import contextlib

    if address is None:
        return contextlib.nullcontext()
    from brianmem.study.cluster import connect

    return connect(address, jobs=jobs)


def _tell_failures(study, folder, status):
    if not status.failed:
        return
    failures = study.failures(folder)
    for point, record in failures[:_MOST_SHOWN]:
        print(f"failed: {shown(point.parameters)}: {record['error']}", file=sys.stderr)
    more = len(failures) - _MOST_SHOWN
    if more > 0:
        print(f"and {more} more; {folder}/failures says why", file=sys.stderr)


def _finish(folder, status):
    print(json_line({"folder": str(folder), "points": status.points, "done": status.done,
                     "failed": status.failed, "left": status.left}))
    if status.left:
        raise SystemExit(1)


def _folder(command, words, make_parser, *more):
    parser = make_parser("sweep", [command])
    parser.add_argument("folder", metavar="DIR", help="folder of a study")
    for flag, text in more:
        parser.add_argument(flag, help=text)
    given = parser.read(words)
    return StoredStudy(given["folder"]), Path(given["folder"]), given


def _status(words, make_parser):
    study, folder, _ = _folder("status", words, make_parser)
    status = study.status(folder)
    print(f"{study.name}: {status}")
    for point, record in study.failures(folder)[:_MOST_SHOWN]:
        print(f"failed: {shown(point.parameters)}: {record['error']}")
    print(json_line({"folder": str(folder), "points": status.points, "done": status.done,
                     "failed": status.failed, "left": status.left}))


def _collect(words, make_parser):
    study, folder, given = _folder("collect", words, make_parser,
                                   ("--arrays", "arrays to add to the metrics, e.g. I,v"))
    arrays = tuple(a for a in given.get("arrays", "").split(",") if a)
    found = study.collect(folder, arrays)
    print(folder / "study.h5")
    print(json_line({"folder": str(folder), "points": found.attrs["points"],
                     "done": found.attrs["done"], "dimensions": dict(found.sizes),
                     "metrics": [str(n) for n in found.data_vars],
                     "missing": int(np.sum(found.attrs["points"] - found.attrs["done"]))}))
