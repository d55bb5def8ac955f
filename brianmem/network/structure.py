"""What one compiled program depends on, and the key of its binary."""

import ast
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from brianmem.errors import CompilerError, InputError

# Whatever else runs between the text of a network and its machine code.
_BUILD_MODULES = ("brianmem.network.build",)


@dataclass(frozen=True)
class Structure:
    """Name the function that makes a network's Brian2 objects, and its sizes.

    Parameters
    ----------
    module : str
        Dotted name of a module with ``create(**sizes) -> list of Brian2 objects``.
    sizes : dict
        JSON values; everything else about a run is data.
    """

    module: str
    sizes: dict = field(default_factory=dict)

    def create(self):
        """Make the Brian2 objects for the Brian2 device that is active."""
        return importlib.import_module(self.module).create(**self.sizes)

    def key(self):
        """Return a hex digest of all that the binary depends on.

        Made from the structure before any code is generated, plus versions,
        compiler and CPU. Raises `CompilerError` without a C++ compiler.
        """
        text = json.dumps({"sizes": self.sizes, "module": self.module,
                           "sources": source_digests(self.module), "machine": machine()},
                          sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def source_digests(module):
    """Digest the source of `module` and of every brianmem module that it imports."""
    names, digests = [module, *_BUILD_MODULES], {}
    while names:
        name = names.pop()
        if name in digests:
            continue
        source = _source(name)
        digests[name] = hashlib.sha256(source.encode()).hexdigest()
        names += [n for n in _imported(source) if n.startswith("brianmem.")]
    return digests


def _source(name):
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.origin:
        raise InputError(f"network '{name}' cannot be found; give the dotted name of a module.")
    return Path(spec.origin).read_text(encoding="utf-8")


def _imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@functools.lru_cache(maxsize=1)
def machine():
    """Return versions, compiler and CPU as a dict of strings."""
    return {"brian2": importlib.metadata.version("brian2"),
            "numpy": importlib.metadata.version("numpy"),
            "python": platform.python_version(), "compiler": compiler_version(),
            "cpu": _cpu(), "system": f"{platform.system()} {platform.machine()}"}


def compiler_version():
    """Return the first line of ``g++ --version``.

    Raises `CompilerError` with the remedy where there is no working compiler.
    """
    try:
        found = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=True)
        subprocess.run(["make", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise CompilerError("No C++ compiler: g++ and make are needed for compiled networks. "
                            "Install them (Debian: build-essential; conda: cxx-compiler make), "
                            "or use --engine runtime for small networks.") from None
    return found.stdout.splitlines()[0]


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "flags", "Features")
    return "|".join(sorted({line for line in lines if line.startswith(wanted)}))
