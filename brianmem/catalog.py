"""Find models and experiments by name: the user's, third parties', then ours.

Devices and neurons are searched in the folders of $BRIANMEM_PATH (every ``*.py``,
every module-level `Device` or `Neuron`, by its ``name``), in the entry-point group
``brianmem.models``, and in `brianmem.models`. The first one wins.
"""

import ast
import functools
import importlib
import importlib.metadata
import importlib.util
import os
import pkgutil
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from brianmem.errors import CatalogError, InputError, suggestion

KINDS = ("devices", "neurons", "networks", "experiments")
_FOLDERS = {"networks": "brianmem.models.networks", "experiments": "brianmem.experiments"}
_RECORDS = {"devices": "brianmem.models.devices", "neurons": "brianmem.models.neurons"}
_TARGETS = "brianmem.models.targets"
_GROUP = "brianmem.models"
_LOADING = set()  # files


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue; `source` is the file or package it comes from."""

    name: str
    kind: str
    source: str
    summary: str


def find(name, kind=None):
    """Return the `Device` or `Neuron` called `name`, or the only one of a file (``*.py``).

    With `kind`, "devices" or "neurons", the other is refused. Raises `CatalogError` for
    an unknown name, and for a file of that name that cannot be loaded; other broken
    files do not matter.
    """
    found = _only_record(Path(name)) if str(name).endswith(".py") else _find(name, kind)
    if kind is not None and _kind(found) != kind:
        raise CatalogError(f"'{name}' is one of the {_kind(found)}, but one of the {kind} is "
                           f"needed. See 'brianmem list {kind}'.")
    return found


def _find(name, kind):
    known, faults = [], []
    for source in _sources(str(name)):
        try:
            found = source.load()
        except CatalogError as fault:
            if source.stem == name:
                raise
            faults.append(str(fault))
            continue
        if name in found:
            return found[name]
        known += [key for key, record in found.items() if kind in (None, _kind(record))]
    unread = f" Could not read {'; '.join(faults)}" if faults else ""
    what = "device" if kind is None else kind.removesuffix("s")
    where = " ".join(filter(None, ["brianmem list", kind]))
    raise CatalogError(f"no {what} '{name}'{suggestion(str(name), known)} See '{where}'.{unread}")


def entries(kind):
    """Return the `Entry` list of one kind, and the faults of files that cannot be read."""
    if kind not in KINDS:
        raise CatalogError(f"no kind '{kind}'{suggestion(kind, KINDS)} Choose from "
                           f"{', '.join(KINDS)}.")
    return _record_entries(kind) if kind in _RECORDS else (_module_entries(kind), [])


def experiment(name):
    """Return the experiment module called `name`."""
    modules = _modules(_FOLDERS["experiments"])
    key = str(name).replace("-", "_")
    if key not in modules:
        raise CatalogError(f"no experiment '{name}'{suggestion(key, modules)} See 'brianmem list "
                           "experiments'.")
    return importlib.import_module(f"{_FOLDERS['experiments']}.{key}")


def targets():
    """Return the `Target` of every device and neuron of brianmem, by module."""
    modules = [m for m in _modules(_TARGETS) if not m.startswith("_")]
    return [target for module in modules
            for target in importlib.import_module(f"{_TARGETS}.{module}").TARGETS]


def describe_module(name):
    """Return the docstring of a network or experiment module, or None."""
    for kind in _FOLDERS:
        modules = _modules(_FOLDERS[kind])
        if name in modules:
            return _docstring(modules[name])
    return None


def names():
    """Return every name of the catalogue that `show` understands."""
    return [entry.name for kind in KINDS for entry in entries(kind)[0]]


@dataclass(frozen=True)
class _Source:
    label: str
    stem: str
    load: object
    path: Path = None

    def summary(self, records, record):
        """A file about one record says best what it is; a neuron's may import its devices."""
        kinds = [_kind(each) for each in records.values()]
        about = "neurons" if "neurons" in kinds else "devices"
        alone = kinds.count(about) == 1 and _kind(record) == about and self.path
        return _first((alone and _docstring(self.path)) or record.description)


def _sources(first=""):
    for folder in filter(None, os.environ.get("BRIANMEM_PATH", "").split(os.pathsep)):
        if not Path(folder).is_dir():
            yield _Source(folder, "", functools.partial(_no_folder, folder))
        for file in sorted(Path(folder).glob("*.py")):
            yield _Source(str(file), file.stem, functools.partial(load_file, file), file)
    for point in importlib.metadata.entry_points(group=_GROUP):
        yield _Source(f"entry point {point.name}", point.name,
                      functools.partial(_load_entry_point, point))
    # The module that probably holds it first: the others then need no import.
    ours = [(module, folder, path) for folder in _RECORDS.values()
            for module, path in _modules(folder).items()]
    for module, folder, path in sorted(ours, key=lambda m: (not first.startswith(m[0]), *m[1::-1])):
        yield _Source(f"{folder}.{module}", module,
                      functools.partial(_load_module, f"{folder}.{module}"), path)


def _load_module(name):
    return _records_of(importlib.import_module(name))


def _no_folder(folder):
    raise CatalogError(f"{folder} of $BRIANMEM_PATH: no such folder.")


def load_file(path):
    """Return the devices and neurons of a Python file, by name.

    Raises `CatalogError` with file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise CatalogError(f"{path}: no such file.")
    path = path.resolve()
    if path in _LOADING:  # it looks for a device by name, which is not in itself
        return {}
    _LOADING.add(path)
    try:
        return _load_file(path, path.stat().st_mtime_ns)
    finally:
        _LOADING.remove(path)


@functools.lru_cache(maxsize=256)
def _load_file(path, _changed):
    name = f"brianmem_user_{path.stem}_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name)
        raise CatalogError(f"{path}{_line(error, path)}: {_fault(error)}") from error
    return _records_of(module)


def _line(error, path):
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _fault(error):
    text = " ".join(str(getattr(error, "msg", None) or error).split())
    return text if isinstance(error, InputError) else f"{type(error).__name__}: {text}."


def _load_entry_point(point):
    try:
        return _records_of(point.load())
    except Exception as error:
        raise CatalogError(f"entry point '{point.name}' ({point.value}): {_fault(error)}") from error


def _records_of(holder):
    from brianmem.device import Device
    from brianmem.neuron import Neuron

    kinds = (Device, Neuron)
    candidates = [holder] if isinstance(holder, kinds) else vars(holder).values()
    return {record.name: record for record in candidates if isinstance(record, kinds)}


def _kind(record):
    return "neurons" if type(record).__name__ == "Neuron" else "devices"


def _only_record(path):
    records = load_file(path)
    if not records:
        raise CatalogError(f"{path} holds no Device and no Neuron. Assign one to a name of the module.")
    neurons = [record for record in records.values() if _kind(record) == "neurons"]
    if len(neurons) == 1:  # the devices are those of its circuit
        return neurons[0]
    if len(records) != 1:
        raise CatalogError(f"{path} holds {len(records)} devices ({', '.join(records)}); "
                           "put its folder on $BRIANMEM_PATH and name one of them.")
    return next(iter(records.values()))


def _record_entries(kind):
    found, faults = {}, []
    for source in _sources():
        try:
            records = source.load()
        except CatalogError as fault:
            faults.append(str(fault))
            continue
        for name, record in records.items():
            found.setdefault(name, Entry(
                name, _kind(record), source.label, source.summary(records, record)))
    return sorted((e for e in found.values() if e.kind == kind), key=lambda e: e.name), faults


def _module_entries(kind):
    return [Entry(name, kind, _FOLDERS[kind], _first(_docstring(path)))
            for name, path in _modules(_FOLDERS[kind]).items()
            if kind != "networks" or _is_network(path)]


def _is_network(path):
    """Tell a network, whose class states its structure, from a part of networks."""
    classes = [node for node in _parsed(path).body if isinstance(node, ast.ClassDef)]
    return any(isinstance(item, ast.FunctionDef) and item.name == "structure"
               for node in classes for item in node.body)


def _modules(package):
    try:
        paths = importlib.import_module(package).__path__
    except ModuleNotFoundError:
        return {}
    return {info.name: Path(info.module_finder.path, f"{info.name}.py")
            for info in pkgutil.iter_modules(paths) if not info.name.startswith("_")}


def _docstring(path):
    return ast.get_docstring(_parsed(path)) or ""


def _parsed(path):
    # Read, not imported: listing must be quick and must not run anything.
    return ast.parse(path.read_text(encoding="utf-8"))


def _first(text):
    return text.strip().split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")
