"""``brianmem targets``: measure what every model must reproduce, and write the table."""

from pathlib import Path

from brianmem import catalog
from brianmem.errors import CheckError, InputError, suggestion
from brianmem.hdf5 import json_line, write_bytes
from brianmem.targets import rows, table

_TITLE = "What each device and neuron must reproduce"
_INTRO = """
Made by ``brianmem targets --out {name}``; not edited by hand. A number is reached if it lies
within the stated tolerance. The basis says what stands behind the expected number:

"""


def run(words, make_parser):
    """Measure the targets of some or all models; `CheckError` if one is missed."""
    parser = make_parser("targets")
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help="names (default: all)")
    parser.add_argument("--long", action="store_true", help="also those that take minutes")
    parser.add_argument("--out", metavar="FILE.rst", help="write the table to this file")
    given = parser.read(words)
    known = catalog.targets()
    names = {t.device for t in known}
    for name in given.get("devices", ()):
        if name not in names:
            raise InputError(f"no targets for '{name}'{suggestion(name, names)} Devices with "
                             f"targets: {', '.join(sorted(names))}.")
    wanted = given.get("devices") or names
    chosen = [t for t in known if t.device in wanted and (given.get("long") or not t.long)]
    found = []
    for target in chosen:
        found += rows([target])  # one by one: the list can be watched
        _print(*found[-1])
    if given.get("out"):
        _write(Path(given["out"]), found)
    missed = [t for t, _, reached in found if not reached]
    print(json_line({"targets": len(found), "reached": len(found) - len(missed)}))
    if missed:
        raise CheckError(f"{len(missed)} of {len(found)} targets missed: "
                         f"{'; '.join(str(t) for t in missed)}")


def _print(target, measured, reached):
    from brianmem.units import format_quantity

    print(f"{'ok ' if reached else 'NO '} {target.device}: {target.quantity}: "
          f"{format_quantity(measured, 6)} (expected {target.shown()}; {target.basis})", flush=True)


def _write(path, found):
    from brianmem.targets import BASES

    lines = [_TITLE, "=" * len(_TITLE), _INTRO.format(name=path.name).strip("\n"), ""]
    lines += [f"- {name}: {meaning}" for name, meaning in BASES.items()]
    text = "\n".join([*lines, "", table(found)])
    write_bytes(path, text.encode())
    print(path)
