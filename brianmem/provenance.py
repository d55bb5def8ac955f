"""What is needed to repeat a run: equations, seed, versions, code, data, references."""

import datetime
import functools
import importlib.metadata
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

_PACKAGES = {"brian2": "Brian2", "numpy": "numpy", "scipy": "scipy", "sympy": "sympy"}
# Every run rests on Brian2, whose authors ask to be cited.
_ALWAYS_CITED = ("Stimberg2019",)
_PATIENCE = 10  # seconds; git or a compiler on a sick network drive must not stop a run


def collect(*, equations="", seed=None, references=(), dataset_sha256=None, wall_time=None,
            **more):
    """Return the provenance of a run as attributes for a `Result`.

    equations: the resolved text, as it was simulated. references: bibliography
    keys or DOIs; Brian2's own is added. dataset_sha256: digest, or file name to
    digest. wall_time: seconds. Anything in `more` is kept as given. Never fails:
    what cannot be found out is None.
    """
    return {"equations": str(equations), "seed": seed,
            "references": list(dict.fromkeys([*references, *_ALWAYS_CITED])),
            "dataset_sha256": dataset_sha256, "wall_time_s": wall_time,
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "command_line": command_line(), "versions": versions(), "git_commit": git_commit(),
            "platform": platform.platform(), **more}


def command_line():
    """Return the command as a shell would take it."""
    return shlex.join([Path(sys.argv[0]).name or "python", *sys.argv[1:]])


def versions():
    """Return versions of brianmem, Python, the numerical packages and the C++ compiler."""
    from brianmem import __version__

    found = {name: _version(dist) for name, dist in _PACKAGES.items()}
    return {"brianmem": __version__, "python": platform.python_version(), **found,
            "compiler": compiler_version()}


@functools.cache
def _version(distribution):
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.lru_cache(maxsize=1)
def compiler_version():
    """Return the first line of the C++ compiler's ``--version``, or None."""
    for name in (os.environ.get("CXX", ""), "g++", "clang++"):
        if name and shutil.which(name):
            lines = _output([name, "--version"]).splitlines()
            return lines[0] if lines else None
    return None


@functools.lru_cache(maxsize=1)
def git_commit():
    """Return the commit of the checkout that runs, "-dirty" if changed, or None."""
    return _commit_of(Path(__file__).parent)


def _commit_of(folder):
    # A repository that merely surrounds site-packages does not track this file.
    tracked = _output(["git", "-C", str(folder), "ls-files", "--", Path(__file__).name])
    commit = _output(["git", "-C", str(folder), "rev-parse", "HEAD"]) if tracked else ""
    if not commit:
        return None
    changed = _output(["git", "-C", str(folder), "status", "--porcelain", "--untracked-files=no"])
    return f"{commit}-dirty" if changed else commit


def _output(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE,
                              check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()
