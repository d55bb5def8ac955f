"""The command line: ``brianmem list | show | run | measure | fit | sweep | plot``.

Exit status 0; 2 for bad input, with one line on stderr; 1 for a failure; 130 after
Ctrl-C. ``--debug`` or ``BRIANMEM_DEBUG=1`` shows the traceback of an internal error.
Heavy imports wait until a command needs them.
"""

import argparse
import inspect
import logging
import os
import sys
import time
import traceback

from brianmem.errors import BrianmemError, InputError, suggestion


def main(argv=None):
    """Run one command and return its exit status."""
    words = sys.argv[1:] if argv is None else [str(word) for word in argv]
    debug = "--debug" in words or os.environ.get("BRIANMEM_DEBUG") not in (None, "", "0")
    words = [word for word in words if word != "--debug"]
    _show_log()
    try:
        _dispatch(words)
        sys.stdout.flush()
    except SystemExit as done:  # argparse after --help
        return done.code or 0
    except KeyboardInterrupt as stop:
        _say(f"interrupted{stop}")
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError as error:
        _say(f"not enough memory{f' ({error})' if error.args else ''}; ask for less.")
        return 2
    except BrianmemError as error:
        _say(error)
        return 2 if isinstance(error, InputError) else 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        _say(f"internal error, please report it: {type(error).__name__}: {error}"
             + ("" if debug else " (add --debug to see where)"))
        return 1
    return 0


def run_experiment(file, argv=None):
    """Run the experiment of a file, for ``python experiments/NAME.py``; return the exit status."""
    name = os.path.splitext(os.path.basename(file))[0]
    return main(["run", name, *(sys.argv[1:] if argv is None else argv)])


def _say(message):
    line = " ".join(str(message).split())
    print(line if line.startswith("brianmem ") else f"brianmem: {line}", file=sys.stderr)


def _show_log():
    log = logging.getLogger("brianmem")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)


def _dispatch(words):
    parser = argparse.ArgumentParser(
        prog="brianmem", description="Simulate memristive devices and networks.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="commands:\n" + "\n".join(f"  {name:<8} {_summary(f)}" for name, f in _COMMANDS.items())
        + "\n\n'brianmem COMMAND --help' says more; --debug shows where an internal error is.")
    from brianmem import __version__

    parser.add_argument("--version", action="version", version=f"brianmem {__version__}")
    parser.add_argument("command", metavar="COMMAND", help="one of " + ", ".join(_COMMANDS))
    if not words or words[0].startswith("-"):
        parser.error = _refuse
        parser.parse_args(words)
    if words[0] not in _COMMANDS:
        raise InputError(f"no command '{words[0]}'{suggestion(words[0], _COMMANDS)} Commands: "
                         f"{', '.join(_COMMANDS)}.")
    _COMMANDS[words[0]](words[1:])


def _refuse(message):
    raise InputError(f"{message}. See 'brianmem --help'.")


def _summary(function):
    return function.__doc__.split("\n")[0].rstrip(".")


def _parser(command, words=(), **settings):
    from brianmem.options import Parser

    function = _COMMANDS[command]
    return Parser(prog=" ".join(["brianmem", command, *words]),
                  description=inspect.cleandoc(settings.pop("description", function.__doc__) or ""),
                  formatter_class=argparse.RawDescriptionHelpFormatter, **settings)


def _list(words):
    """List devices, neurons, networks and experiments."""
    from brianmem import catalog

    parser = _parser("list")
    parser.add_argument("kind", nargs="?", help=" | ".join(catalog.KINDS))
    kind = parser.read(words).get("kind")
    for each in [kind] if kind else catalog.KINDS:
        entries, faults = catalog.entries(each)
        if kind is None and entries:
            print(each)
        width = max((len(e.name) for e in entries), default=0)
        for entry in entries:
            own = "" if entry.source.startswith("brianmem.") else f"  ({entry.source})"
            print(f"{'' if kind else '  '}{entry.name:<{width}}  {entry.summary}{own}".rstrip())
        for fault in faults:
            _say(f"warning: {fault}")


def _show(words):
    """Show equations, numbers, evidence and references of a device or neuron, or what a module says."""
    from brianmem import catalog
    from brianmem.describe import describe_device, describe_neuron
    from brianmem.neuron import Neuron

    parser = _parser("show")
    parser.add_argument("name", help="a name that `brianmem list` shows, or a device file")
    parser.add_argument("--figure", metavar="FILE.png", help="draw a portrait of the device as well")
    given = parser.read(words)
    name = given["name"]
    if "figure" in given:
        from brianmem.output import check_figure, write_portrait

        check_figure(given["figure"])
    try:
        device = catalog.find(name)
        describe = describe_neuron if isinstance(device, Neuron) else describe_device
        print(describe(device))
    except InputError:
        text = catalog.describe_module(name)
        if text is None:
            raise
        print(text)
        if name in [entry.name for entry in catalog.entries("experiments")[0]]:
            print(f"\nOptions: brianmem run {name} --help")
        return
    if "figure" in given:
        print(write_portrait(device, given["figure"]))


def _run(words):
    """Run an experiment: brianmem run EXPERIMENT [--option value ...] [--out DIR]."""
    from brianmem import catalog, output

    name, rest = _positional("run", words, "EXPERIMENT", "experiments")
    module = catalog.experiment(name)
    parser = _parser("run", [name], description=module.__doc__)
    takes = _run_options(parser, module.main)
    given = parser.read(rest)
    name, out = module.__name__.rpartition(".")[2], given.pop("out", None)
    resume = given.get("resume", False) if "resume" in takes else None
    with output.folder_for(name, out, resume) as folder:
        if "out" in takes:
            given["out"] = folder
        started = time.monotonic()
        try:
            result = module.main(**given)
        except KeyboardInterrupt:
            again = f"; continue with --out {folder} --resume" if "resume" in takes else ""
            raise KeyboardInterrupt(again) from None
        _finish(result.with_attrs(experiment=name), folder, time.monotonic() - started)


def _run_options(parser, function):
    from brianmem.options import from_signature

    options = from_signature(function)
    for option in options:
        if option.name != "out":
            parser.add_option(option)
    _add_out(parser)
    return {option.name for option in options}


def _add_out(parser):
    parser.add_argument("--out", metavar="DIR", help="new folder for the result and the figures "
                        "(default: results/NAME-TIME)")


def _measure(words):
    """Measure a device or neuron: brianmem measure NAME PROTOCOL [--option value ...] [--out DIR]."""
    from brianmem.commands import measure

    measure.run(words, _positional, _parser, _add_out, _finish)


def _fit(words):
    """Fit a device to measured data: brianmem fit FILE.csv --device NAME --protocol PROTOCOL."""
    from brianmem.commands import fit

    fit.run(words, _parser, _finish)


def _targets(words):
    """Measure what devices must reproduce: brianmem targets [DEVICE ...] [--out FILE.rst]."""
    from brianmem.commands import targets

    targets.run(words, _parser)


def _sweep(words):
    """Run an experiment or a protocol at many points: brianmem sweep NAME --grid a=1,2 --out DIR."""
    from brianmem.commands import sweep

    sweep.run(words, _parser)


def _plot(words):
    """Draw the figures of a result or a study: brianmem plot FILE.h5|DIR [--out DIR]."""
    from brianmem.commands import plot

    plot.run(words, _parser)


def _positional(command, words, what, kind=None):
    if words and not words[0].startswith("-"):
        return words[0], words[1:]
    parser = _parser(command)
    see = f" See 'brianmem list {kind}'." if kind else ""
    if words and words[0] in ("-h", "--help"):
        if what == "PROTOCOL":
            from brianmem.protocols import PROTOCOLS

            parser.epilog = f"protocols: {', '.join(PROTOCOLS)}"
        parser.parse_args(["--help"])
    raise InputError(f"brianmem {command}: name the {what} first.{see}")


def _finish(result, folder, seconds):
    from brianmem import output
    from brianmem.hdf5 import json_line

    result = output.with_provenance(result, seconds)
    for path in output.write(result, folder):
        print(path)
    print(json_line(result.metrics))


_COMMANDS = {"list": _list, "show": _show, "run": _run, "measure": _measure, "fit": _fit,
             "sweep": _sweep, "targets": _targets, "plot": _plot}


if __name__ == "__main__":
    raise SystemExit(main())
