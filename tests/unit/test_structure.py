"""The key of a compiled program: what changes it and what does not."""

import pytest

from brianmem.errors import CompilerError, InputError
from brianmem.network import structure
from brianmem.network.structure import Structure, source_digests

MODULE = "brianmem.models.networks.competitive_layer"
SIZES = {"n_inputs": 4, "n_neurons": 2}


@pytest.fixture(autouse=True)
def known_machine(monkeypatch):
    monkeypatch.setattr(structure, "machine", lambda: {"compiler": "one"})


def test_equal_structures_share_a_key_whatever_the_order_of_sizes():
    assert Structure(MODULE, SIZES).key() == Structure(MODULE, dict(reversed(SIZES.items()))).key()


def test_sizes_module_and_machine_change_the_key(monkeypatch):
    key = Structure(MODULE, SIZES).key()
    assert Structure(MODULE, {**SIZES, "n_neurons": 3}).key() != key
    assert Structure("brianmem.models.networks.diehl_cook_layer", SIZES).key() != key
    monkeypatch.setattr(structure, "machine", lambda: {"compiler": "two"})
    assert Structure(MODULE, SIZES).key() != key


def test_the_source_of_everything_imported_counts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_network.py").write_text("from brianmem.pulses import PULSE_WRITE\n")
    digests = source_digests("own_network")
    assert {"own_network", "brianmem.pulses", "brianmem.network.build"} <= set(digests)
    assert "brianmem.cli" not in digests
    (tmp_path / "own_network.py").write_text("from brianmem.pulses import PULSE_MODEL\n")
    assert source_digests("own_network")["own_network"] != digests["own_network"]


def test_an_unknown_module_is_named():
    with pytest.raises(InputError, match=r"'no\.such\.network' cannot be found"):
        Structure("no.such.network").key()


def test_a_machine_without_compiler_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CompilerError, match=r"g\+\+ and make are needed.*--engine runtime"):
        structure.compiler_version()
