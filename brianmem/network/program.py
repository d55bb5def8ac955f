"""Build, cache and run compiled network programs.

A program is built once per `Structure` in a child process and kept in
``$BRIANMEM_CACHE`` (else the user's cache folder) under the structure's key. A
run hands it arrays as files and reads arrays back; no Brian2 object is made.
"""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from filelock import FileLock

import brianmem
from brianmem.errors import CacheError, EngineError

logger = logging.getLogger(__name__)
# Beside a binary: its SHA-256, so that a damaged one is built again instead of run.
_DIGEST = "main.sha256"


def cache_folder():
    """Return the folder of compiled programs, making it if needed.

    Raises `CacheError` if it cannot be written.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("BRIANMEM_CACHE") or Path(home) / "brianmem")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cache_error(folder, error) from None
    return folder


def _cache_error(folder, error):
    return CacheError(f"the folder of compiled programs '{folder}' cannot be written "
                      f"({error.strerror or error}); set BRIANMEM_CACHE to a folder that can.")


def program(structure):
    """Return the compiled `Program` of `structure`, building it unless it is cached intact."""
    folder = cache_folder() / structure.key()
    if not _intact(folder):
        try:
            with FileLock(f"{folder}.lock"):
                if not _intact(folder):
                    _publish(structure, folder)
        except OSError as error:
            raise _cache_error(folder.parent, error) from None
    return Program(folder)


def _intact(folder):
    """Tell whether a program is complete, and its binary the one that was compiled."""
    try:
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        stated = (folder / _DIGEST).read_text(encoding="utf-8")
        return stated == _digest(folder) and os.access(folder / "main", os.X_OK)
    except (OSError, ValueError):
        return False


def _digest(folder):
    return hashlib.sha256((folder / "main").read_bytes()).hexdigest()


def _publish(structure, folder):
    logger.info("Compiling the network; later runs of the same structure reuse it.")
    prefix = f"build-{folder.name}-"
    for left in folder.parent.glob(f"{prefix}*"):  # by a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    damaged = scratch.with_suffix(".damaged")
    try:
        specification = scratch / "structure.json"
        specification.write_text(json.dumps(asdict(structure)), encoding="utf-8")
        command = [sys.executable, "-m", "brianmem.network.build", str(specification), str(scratch)]
        done = subprocess.run(command, env=_child_environment(), capture_output=True, text=True)
        if done.returncode or not (scratch / "manifest.json").exists():
            raise EngineError("the network could not be compiled: " + _last_line(done)
                              + f" (full output in {_keep_log(done, folder)})")
        (scratch / _DIGEST).write_text(_digest(scratch), encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):  # a damaged one, perhaps running elsewhere
            folder.rename(damaged)
        scratch.rename(folder)
    finally:
        for left in (scratch, damaged):
            shutil.rmtree(left, ignore_errors=True)


def _child_environment():
    root = str(Path(brianmem.__file__).resolve().parent.parent)
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def _last_line(done):
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no output"


def _keep_log(done, folder):
    log = folder.with_suffix(".log")
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    return log


class Program:
    """A compiled network that runs with other data each time."""

    # Each run is a process of its own, so runs may overlap.
    parallel = True

    def __init__(self, folder):
        self.folder = Path(folder)
        manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.arrays, self.tables = manifest["arrays"], manifest["tables"]

    def run(self, inputs, outputs):
        """Run once.

        Parameters
        ----------
        inputs : dict
            "group.variable" or the name of a table to a number or array in SI units.
        outputs : sequence of str
            "group.variable" of what to return, as flat numpy arrays.

        Raises `EngineError` naming the variable or quoting the program.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="brianmem-") as scratch:
                arguments = [self._argument(Path(scratch), n, v) for n, v in inputs.items()]
                self._execute(Path(scratch), arguments)
                return {name: self._read(Path(scratch), name) for name in outputs}
        except OSError as error:
            raise EngineError(f"no data could be passed to the network program: {error}. Free "
                              f"some space in '{tempfile.gettempdir()}', or set TMPDIR.") from None

    def _argument(self, scratch, name, value):
        dtype, size, key = self._target(name)
        array = np.asarray(value, dtype=dtype)
        if array.ndim == 0:
            return f"{key}={array.item()!r}"
        if size is not None and array.size != size:
            raise EngineError(f"'{name}' takes {size} values, got {array.size}.")
        path = scratch / f"{key}.in"
        array.tofile(path)
        return f"{key}={path}"

    def _target(self, name):
        if name in self.tables:
            return "float64", int(np.prod(self.tables[name]["shape"])), f"{name}.values"
        if name in self.arrays:
            entry = self.arrays[name]
            return entry["dtype"], entry["size"], entry["key"]
        raise EngineError(f"the network has no variable '{name}'.")

    def _execute(self, scratch, arguments):
        results = scratch / "out"
        results.mkdir()
        command = [str(self.folder / "main"), "--results_dir", f"{results}{os.sep}", *arguments]
        child = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            output, _ = child.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
        # The program reports a variable that it could not set and then goes on.
        if child.returncode or output.strip():
            raise EngineError(f"the network program failed (status {child.returncode}): "
                              f"{output.strip() or 'no output'}")

    def _read(self, scratch, name):
        if name not in self.arrays:
            raise EngineError(f"the network has no variable '{name}'.")
        entry = self.arrays[name]
        return np.fromfile(scratch / "out" / entry["file"], dtype=entry["dtype"])
