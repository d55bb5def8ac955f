"""``brianmem plot``: the figures of a stored result."""

from pathlib import Path

from brianmem import output


def run(words, make_parser):
    """Draw the figures of a result file, or of the one in a folder."""
    parser = make_parser("plot")
    parser.add_argument("file", metavar="FILE.h5", help="a result file, or the folder of a run")
    parser.add_argument("--out", metavar="DIR", help="folder of the figures (default: beside it)")
    given = parser.read(words)
    result, folder = output.load(given["file"])
    with output.folder_for("plot", given.get("out", folder), resume=True) as folder:
        for path in output.write_figures(result, Path(folder)):
            print(path)
