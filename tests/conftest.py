"""Fixtures that files of tests share."""

import pytest
from brian2 import prefs


@pytest.fixture(scope="module")
def numpy_target():
    """Let Brian2 run numpy code, which needs no compiler, in one file of tests."""
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = before
