"""Commands called in this process, and an experiment for them to run."""

from brianmem import cli

EXPERIMENT = '''"""Claim: numbers add up.

More about it.
"""
from pathlib import Path
from typing import Literal

from brian2 import msecond, second
from matplotlib.figure import Figure
from brianmem import Result
from brianmem.errors import EngineError, InputError


def main(a: int = 1, width=2*msecond,
         mode: Literal["ok", "bad", "engine", "bug", "stop", "memory"] = "ok", seed: int = 0,
         quick: bool = False, resume: bool = False, out: Path | None = None):
    """Add.

    a : int
        First summand.
    """
    if mode == "bad":
        raise InputError("this input\\nis bad")
    if mode == "engine":
        raise EngineError("the engine broke")
    if mode == "bug":
        raise ZeroDivisionError("bug")
    if mode == "stop":
        raise KeyboardInterrupt
    if mode == "memory":
        raise MemoryError("Unable to allocate 6 TiB")
    (out / "seen").write_text("x")
    return Result({"w": [1., 2.]*second}, parameters={"a": a, "width": width, "quick": quick},
                  attrs={"seed": seed, "references": ["DiehlCook2015", "Unknown2000"]},
                  metrics={"sum": a + 1, "bad": float("nan"), "resumed": resume})


def plot(result):
    return {"first": Figure(), "second": Figure()}
'''


def brianmem_says(capsys, *words):
    """Return exit status, output and error lines of one command."""
    status = cli.main(words)
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err.splitlines()


def assert_one_line(capsys, words, *parts):
    status, out, err = brianmem_says(capsys, *words)
    assert status == 2
    assert out == []
    assert len(err) == 1, err
    assert err[0].startswith("brianmem")
    for part in parts:
        assert part in err[0]
