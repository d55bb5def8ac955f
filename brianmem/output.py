"""The folder of a run: result, figures, bibliography."""

import contextlib
import logging
import os
import tempfile
import time
from pathlib import Path

from brianmem import catalog, provenance, references
from brianmem.errors import BrianmemError, InputError, ResultError
from brianmem.hdf5 import write_bytes
from brianmem.result import Result

RESULT = "result.h5"
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def folder_for(name, out=None, resume=None):
    """Make the folder of a run and yield it; taken away again if the run leaves it empty.

    Default ``results/<name>-<time>``. Raises `ResultError` for a folder that cannot
    be written, and `InputError` for one that is not empty unless `resume`;
    None where nothing can be resumed.
    """
    if resume and out is None:
        raise InputError(f"{name}: --resume needs --out DIR, the folder of the run to continue.")
    folder = Path(out) if out is not None else Path("results", f"{name}-{_stamp()}")
    existed = os.path.exists(folder)  # unlike Path.exists, does not mind a name too long
    _make(folder)
    if not resume and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Choose another --out"
                         + ("." if resume is None else ", or add --resume to continue the run in it."))
    try:
        yield folder
    finally:
        if not existed:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _stamp():
    return time.strftime("%Y%m%d-%H%M%S")


def _make(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The only reliable question: permissions, quotas and read-only mounts all answer it.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise ResultError(f"cannot write to the folder {folder}: {reason}. Choose another "
                          "--out.") from error


def with_provenance(result, wall_time, **more):
    """Return the result with everything needed to repeat it; what it states itself stays."""
    found = provenance.collect(references=result.attrs.get("references", ()), wall_time=wall_time,
                               **more)
    stated = {k: v for k, v in result.attrs.items() if v is not None and k != "references"}
    return result.with_attrs(**{**found, **stated})


def write(result, folder):
    """Save result, bibliography and figures, and return the paths in that order."""
    paths = [result.save(folder / RESULT), *_write_references(result, folder)]
    return [*paths, *write_figures(result, folder)]


def _write_references(result, folder):
    used = result.attrs.get("references", [])
    try:
        known = [key for key in used if references.is_known(key)]
        for key in set(used) - set(known):
            _log.warning("Reference '%s' is in no bibliography.", key)
        text = references.bibtex(known)
    except BrianmemError as error:
        _log.warning("No references written: %s", error)
        return []
    path = folder / "references.bib"
    write_bytes(path, text.encode())
    return [path]


def write_figures(result, folder):
    """Draw the figures that belong to a result as PNG files and return their paths."""
    # Nobody looks at a window here; set before anything imports matplotlib.
    os.environ.setdefault("MPLBACKEND", "Agg")
    paths = []
    for name, figure in figures(result).items():
        path = Path(folder, f"{name}.png")
        try:
            figure.savefig(path)
        except OSError as error:
            raise ResultError(f"cannot write {path}: {error.strerror or error}.") from error
        figure.clear()
        paths.append(path)
    return paths


def check_figure(path):
    """Raise `ResultError` unless a figure can be written to `path`; asked before hours of work."""
    from brianmem import plotting

    path, known = Path(path), plotting.file_formats()
    if path.suffix[1:].lower() not in known:
        raise ResultError(f"cannot write {path}: '{path.suffix}' is no format of a figure. Use one of "
                          f"{', '.join(known)}.")
    if not path.parent.is_dir():
        raise ResultError(f"cannot write {path}: there is no folder {path.parent}. Make it first.")
    target = path if path.exists() else path.parent
    if path.is_dir() or not os.access(target, os.W_OK):
        reason = "it is a folder" if path.is_dir() else "no permission"
        raise ResultError(f"cannot write {path}: {reason}. Choose another --figure.")


def write_portrait(device, path):
    """Measure a device or neuron at its usual operation, draw one figure and return the path."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from brianmem import plotting
    from brianmem.neuron import Neuron
    from brianmem.protocols.portrait import neuron_portrait, portrait

    if isinstance(device, Neuron):
        figure = plotting.neuron_portrait(device.name, neuron_portrait(device))
    else:
        figure = plotting.portrait(device.name, portrait(device))
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise ResultError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}.") \
            from error
    return path


def write_study(study, folder, target, sensitivity=None, **asked):
    """Draw a study, or the sensitivity of one of its metrics, and return the path."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from brianmem.plotting import studies

    if sensitivity is not None:
        from brianmem.study.sensitivity import indices

        figure = studies.sensitivity(indices(study, folder, sensitivity), sensitivity)
        path = target / f"sensitivity_{sensitivity}.png"
    else:
        figure = studies.sweep(study.collect(folder, save=False), **asked)
        words = [asked[k] for k in ("y", "x", "hue") if k in asked]
        path = target / f"{'_'.join(words) or 'study'}.png"
    try:
        figure.savefig(path)
    except OSError as error:
        raise ResultError(f"cannot write {path}: {error.strerror or error}.") from error
    return path


def figures(result):
    """Return name to figure, drawn from the result alone by whoever made it."""
    if "experiment" in result.attrs:
        return catalog.experiment(result.attrs["experiment"]).plot(result)
    from brianmem import plotting

    return plotting.figures(result)


def load(path):
    """Read a result file, or the one in a run's folder, and return it with its folder."""
    path = Path(path)
    path = path / RESULT if path.is_dir() else path
    return Result.load(path), path.parent
