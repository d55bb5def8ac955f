"""Who may import whom, read from the source without importing anything."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "brianmem"

# A module may import those of lower rank, and those of its own rank: the direction
# of DESIGN section 3. A new module gets its place here.
RANKS = {
    "errors": 0, "units": 1, "equations": 2, "hdf5": 2, "references": 2, "validation": 3,
    "dimensions": 3, "events": 3, "frozen": 2, "evidence": 4, "device": 4, "variation": 5,
    "overlays": 5,
    "result": 3, "provenance": 1, "vocabulary": 1, "describe": 5, "targets": 3,
    "circuits": 6, "integration": 6, "ode": 6, "cell": 6, "stages": 6, "bounds": 6, "pulses": 6,
    "flow": 6, "lookup": 6, "quantiles": 6, "reduction": 6, "window": 6, "cells": 6,
    "inner_voltage": 6, "lines": 6, "method": 6, "rendering": 1,
    "synapse": 7, "synapse_code": 7, "write_rule": 7, "neuron": 7, "neuron_group": 7,
    "neuron_circuit": 7, "neuron_checks": 7,
    "plasticity": 7, "stimuli": 7,
    "protocols": 8, "fitting": 8, "network": 8, "checks": 9, "check_neurons": 9, "check_dynamics": 9,
    "study": 9, "budget": 3, "pairing": 7,
    "datafiles": 1, "datasets": 2, "plotting": 9, "catalog": 9, "options": 9, "output": 10,
    "commands": 11, "cli": 11, "__main__": 12, "__init__": 12, "nonlinearity": 1, "operating": 8,
}
# Drawing, data files and the catalogue stand apart: only these may use them.
ALLOWED = {
    "matplotlib": {"plotting"},
    "brianmem.plotting": {"output", "circuits"},
    "brianmem.catalog": {"cli", "commands", "output", "study", "__init__"},
    "brianmem.cli": {"__main__"},
}
# Circuit.draw imports when it is called, and hands its circuit over.
LAZY = {("circuits", "plotting")}


def source_files(folder):
    return sorted(p for p in folder.rglob("*.py") if "data" not in p.relative_to(folder).parts[:-1])


def imported_modules(path):
    """Return the dotted names that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("relative import")
    return found


def engine_module(dotted):
    """Return the part of brianmem that a dotted name lies in, or None."""
    parts = dotted.split(".")
    is_ours = parts[0] == "brianmem" and len(parts) > 1
    return parts[1] if is_ours and (ENGINE / f"{parts[1]}.py").exists() | (ENGINE / parts[1]).is_dir() \
        else None


def part_of(path):
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", source_files(ENGINE), ids=lambda p: str(p.relative_to(ROOT)))
def test_engine_imports_point_downwards(path):
    own = part_of(path)
    assert own in RANKS, f"give brianmem.{own} a place in RANKS"
    for name in imported_modules(path):
        part = engine_module(name)
        if part is not None and part != own and (own, part) not in LAZY:
            assert RANKS[part] <= RANKS[own], f"{path.name} must not import {name}"


@pytest.mark.parametrize("path", source_files(ENGINE), ids=lambda p: str(p.relative_to(ROOT)))
def test_engine_names_no_model_and_no_experiment(path):
    for name in imported_modules(path):
        assert not name.startswith(("brianmem.models", "brianmem.experiments", "models", "experiments"))
        assert name != "relative import"


@pytest.mark.parametrize("guarded", ALLOWED)
def test_guarded_modules_have_few_users(guarded):
    users = {part_of(p) for p in source_files(ENGINE)
             if any(n == guarded or n.startswith(f"{guarded}.") for n in imported_modules(p))}
    assert users - {guarded.rpartition(".")[2]} <= ALLOWED[guarded]


@pytest.mark.parametrize("path", source_files(ROOT / "models"), ids=lambda p: str(p.relative_to(ROOT)))
def test_models_import_the_engine_only(path):
    for name in imported_modules(path):
        assert not name.startswith(("brianmem.experiments", "brianmem.cli", "models", "experiments"))
        assert not name.startswith("matplotlib")


def test_devices_use_public_names_only():
    for path in source_files(ROOT / "models" / "devices"):
        ours = {n for n in imported_modules(path) if n.startswith("brianmem.")}
        assert all(engine_module(n) is None for n in ours), f"{path.name}: {ours}"


@pytest.mark.parametrize("folder", ["brianmem", "models"])
def test_nobody_imports_experiments(folder):
    for path in source_files(ROOT / folder):
        assert not any("experiments" in name.split(".") for name in imported_modules(path)), path


@pytest.mark.parametrize("folder", ["brianmem", "models", "experiments", "tests"])
def test_nobody_imports_the_bare_folders(folder):
    for path in source_files(ROOT / folder):
        bare = {n.split(".")[0] for n in imported_modules(path)} & {"models", "experiments"}
        assert not bare, f"{path}: import brianmem.{bare} instead"


def test_a_wrong_direction_would_be_seen(tmp_path):
    file = tmp_path / "x.py"
    file.write_text("def f():\n    from brianmem import catalog\n    import brianmem.device as d\n")
    assert {engine_module(n) for n in imported_modules(file)} == {None, "catalog", "device"}
