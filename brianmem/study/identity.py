"""What makes two runs the same run: parameters, seed, code and equations."""

import ast
import functools
import hashlib
import importlib.util
import inspect
import json
import sys
from pathlib import Path

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import BrianmemError, StudyError
from brianmem.units import si_unit_name

#: Where a run happens, not what it is.
IGNORED = ("out", "jobs", "resume")
_LENGTH = 20
_OURS = ("brianmem.models", "brianmem.experiments")


def point_id(code, parameters):
    """Return the id of a run of `code` (from `code_digest`) with `parameters`."""
    import brianmem

    described = {name: canonical(value) for name, value in parameters.items() if name not in IGNORED}
    text = json.dumps([brianmem.__version__, code, described, _equations(parameters)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def canonical(value):
    """Return `value` as JSON that is equal exactly where the value is."""
    if isinstance(value, (Quantity, np.ndarray)):
        dim = get_dimensions(value)
        array = np.asarray(value)
        numbers = [float(x).hex() for x in array.ravel()] if array.dtype.kind in "fiu" else \
            [str(x) for x in array.ravel()]
        return {"shape": list(array.shape), "values": numbers, "unit": si_unit_name(dim)}
    if isinstance(value, np.generic):
        return canonical(value.item())
    if isinstance(value, float):
        return value.hex()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(v) for v in value]
    text = repr(value)
    if f" at 0x{id(value):x}" in text:
        raise StudyError(f"Study: {text} has no lasting description. Use numbers, quantities, text, "
                         "or objects whose repr says what they are.")
    return text


def fresh():
    """Forget devices that were written out before: their files may have been edited."""
    _device.cache_clear()


def _equations(parameters):
    """Return the devices that parameters name, written out: an edit of one makes other points."""
    return {name: _device(value) for name, value in parameters.items()
            if name in ("device", "devices") and isinstance(value, str)}


@functools.lru_cache(maxsize=256)
def _device(name):
    from brianmem import catalog

    try:
        return repr(catalog.find(name))
    except BrianmemError:
        return name  # the run itself says what is wrong


def code_digest(function):
    """Return a digest of what `function` does: its module and those beside it that it imports.

    Comments, docstrings and layout do not count, nor does the engine, whose version is
    part of every id. An object other than a function counts by its repr.
    """
    target = getattr(function, "func", function)  # functools.partial
    if not inspect.isroutine(target):
        return canonical(function)
    file = _file(target)
    if file is None:
        return _digest(f"{target.__module__}.{target.__qualname__} {_source(target)}")
    texts = [f"{name}:{_normalised(path)}" for name, path in sorted(_closure(file).items())]
    extra = [canonical(a) for a in getattr(function, "args", ())]
    extra += [[k, canonical(v)] for k, v in sorted(getattr(function, "keywords", {}).items())]
    return _digest(json.dumps([target.__qualname__, texts, extra]))


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _file(function):
    try:
        path = Path(inspect.getsourcefile(function) or "")
    except TypeError:
        return None
    return path.resolve() if path.is_file() else None


def _source(function):
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        raise StudyError(f"Study: the source of {function!r} cannot be read, so that its points cannot "
                         "be told apart after an edit. Put it into a file.") from None


def _closure(file):
    """Return name to path of the module in `file` and what it imports from models and beside it."""
    found, left = {}, [(file.stem, file)]
    while left:
        name, path = left.pop()
        if str(path) in map(str, found.values()):
            continue
        found[name] = path
        left += [pair for pair in _imports(path, file.parent) if pair[0] not in found]
    return found


def _imports(path, folder):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
            [node.module, *(f"{node.module}.{a.name}" for a in node.names)] \
            if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            found = _module_file(name) if name.startswith(_OURS) else folder / f"{name}.py"
            if found is not None and found.is_file():
                yield name, found


def _module_file(name):
    if name in sys.modules:
        file = getattr(sys.modules[name], "__file__", None)
        return Path(file) if file else None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


class _WithoutDocstrings(ast.NodeTransformer):
    def generic_visit(self, node):
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and \
                isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
            node.body = body[1:] or [ast.Pass()]
        return node


def _normalised(path):
    return ast.dump(_WithoutDocstrings().visit(ast.parse(path.read_text(encoding="utf-8"))))
