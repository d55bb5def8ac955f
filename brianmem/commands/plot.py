"""``brianmem plot``: the figures of a stored result, or of a study."""

from pathlib import Path

from brianmem import output
from brianmem.errors import InputError
from brianmem.study.record import StoredStudy

_OF_STUDIES = ("x", "y", "hue", "log", "sensitivity")


def run(words, make_parser):
    """Draw the figures of a result file, of the one in a folder, or of a study."""
    parser = make_parser("plot")
    parser.add_argument("file", metavar="FILE.h5|DIR",
                        help="a result file, the folder of a run, or the folder of a study")
    parser.add_argument("--out", metavar="DIR", help="folder of the figures (default: beside it)")
    parser.add_argument("--x", metavar="NAME", help="of a study: parameter on the axis")
    parser.add_argument("--y", metavar="METRIC", help="of a study: what is shown")
    parser.add_argument("--hue", metavar="NAME", help="of a study: parameter with a line each")
    parser.add_argument("--log", action="store_true", help="of a study: logarithmic x axis")
    parser.add_argument("--sensitivity", metavar="METRIC",
                        help="of a study: share of its variance that each parameter explains")
    given = parser.read(words)
    asked = {k: given[k] for k in _OF_STUDIES if k in given}
    if Path(given["file"], "study.json").is_file():
        _study(Path(given["file"]), given.get("out"), asked)
        return
    if asked:
        raise InputError(f"{given['file']} is no study: drop --{next(iter(asked))}.")
    result, folder = output.load(given["file"])
    with output.folder_for("plot", given.get("out", folder), resume=True) as folder:
        for path in output.write_figures(result, Path(folder)):
            print(path)


def _study(folder, out, asked):
    study = StoredStudy(folder)
    with output.folder_for("plot", out or folder, resume=True) as target:
        print(output.write_study(study, folder, Path(target), **asked))
