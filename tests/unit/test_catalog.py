"""Names become devices; a broken file harms nobody but itself."""

import importlib.metadata
import os
import sys
import types

import pytest
from brian2 import ohm

import brianmem
from brianmem import catalog
from brianmem.errors import BrianmemError, CatalogError

GOOD = '''"""My resistor: a short story. And more."""
from brian2 import ohm, volt
from brianmem import Device

anything = Device(name="{name}", equations="I = v/R : amp", parameters={{"R": {R}*ohm}})
'''

NEURON = '''"""My neuron. And more."""
from brian2 import msecond, mvolt, volt, second
from brianmem import Neuron
from brianmem.models.devices.vteam import vteam

neuron = Neuron(name="my_lif", equations="dv/dt = I_in - v/tau : volt", threshold="v > v_th",
                reset="v = 0*volt", parameters={"tau": 10*msecond, "v_th": 10*mvolt},
                initial={"v": 0*volt}, inputs={"I_in": 0*volt/second})
'''

CIRCUIT = '''"""A circuit."""
from brian2 import volt
from brianmem import Neuron, find
from brianmem.circuits import Circuit

switch = find("vanadium_dioxide_threshold")
netlist = Circuit("V1 in 0 {{V_in}}\\nR1 in mem 3k\\nC1 mem 0 1n\\nX1 mem 0 sw",
                  devices={{"sw": switch}}, inputs={{"V_in": 0*volt}})
neuron = Neuron.from_circuit(netlist, name="{name}", drive="V_in", threshold="X1_x > 0.5")
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIANMEM_PATH", str(tmp_path))
    return tmp_path


def test_our_devices_are_found_by_name():
    for name in ("linear_ion_drift", "linear_ion_drift_biolek", "vteam", "memdiode", "stanford_pku"):
        assert brianmem.find(name).name == name


def test_every_entry_can_be_loaded():
    entries, faults = catalog.entries("devices")
    assert faults == []
    assert len({e.name for e in entries}) == len(entries)
    for entry in entries:
        assert catalog.find(entry.name).name == entry.name
        assert entry.summary


def test_unknown_name_gets_a_suggestion():
    fault = r"no device 'vteem'\. Did you mean 'vteam'\? See 'brianmem list'\."
    with pytest.raises(CatalogError, match=fault) as caught:
        catalog.find("vteem")
    assert isinstance(caught.value, KeyError)


def test_user_device_looks_like_ours(folder):
    (folder / "file.py").write_text(GOOD.format(name="mine", R=5))
    device = brianmem.find("mine")
    assert device.parameters["R"] == 5*ohm
    entry = next(e for e in catalog.entries("devices")[0] if e.name == "mine")
    assert entry.summary == "My resistor: a short story"
    assert entry.source == str(folder / "file.py")


def test_user_device_comes_before_ours(folder):
    (folder / "x.py").write_text(GOOD.format(name="vteam", R=5))
    assert brianmem.find("vteam").parameters.keys() == {"R"}
    assert [e.name for e in catalog.entries("devices")[0]].count("vteam") == 1


def test_first_folder_wins_and_empty_parts_are_ignored(tmp_path, monkeypatch):
    for name, value in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "d.py").write_text(GOOD.format(name="mine", R=value))
    path = ["", str(tmp_path / "b"), str(tmp_path / "a")]
    monkeypatch.setenv("BRIANMEM_PATH", os.pathsep.join(path))
    assert brianmem.find("mine").parameters["R"] == 2*ohm


def test_changed_file_is_read_again(folder):
    (folder / "d.py").write_text(GOOD.format(name="mine", R=1))
    assert brianmem.find("mine").parameters["R"] == 1*ohm
    (folder / "d.py").write_text(GOOD.format(name="mine", R=22))
    os.utime(folder / "d.py", ns=(1, 1))
    assert brianmem.find("mine").parameters["R"] == 22*ohm


FAULTS = {
    "syntax error": ("a = 1\nx = (\n", r"bad\.py, line 2: SyntaxError"),
    "missing import": ("\nimport no_such_package_at_all\n", r"bad\.py, line 2: ModuleNotFoundError"),
    "wrong dimension": (GOOD.format(name="bad", R=1).replace("*ohm", "*volt"),
                        r"bad\.py, line 5: Device 'bad': R must be in ohm, got 1 V"),
    "misspelt parameter": (GOOD.format(name="bad", R=1).replace("v/R", "v/RR"),
                           r"bad\.py, line 5: Device 'bad'.*RR"),
    "leaves Python": ("raise SystemExit(3)\n", r"bad\.py, line 1: SystemExit"),
    "null bytes": ("a\0b", r"bad\.py"),
    "not text": (b"\xff\xfe\xff", r"bad\.py"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_file_names_file_line_and_fault(folder, fault):
    content, message = FAULTS[fault]
    (folder / "bad.py").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CatalogError, match=message) as caught:
        catalog.find("bad")
    assert "\n" not in str(caught.value)
    assert not [name for name in sys.modules if name.startswith("brianmem_user_bad")]


def test_broken_file_does_not_hide_other_devices(folder):
    (folder / "a_bad.py").write_text("x = (")
    (folder / "good.py").write_text(GOOD.format(name="mine", R=5))
    assert brianmem.find("mine").name == "mine"
    assert brianmem.find("vteam").name == "vteam"
    entries, faults = catalog.entries("devices")
    assert "mine" in [e.name for e in entries]
    assert len(faults) == 1
    assert "a_bad.py" in faults[0]


def test_unknown_name_mentions_files_that_could_not_be_read(folder):
    (folder / "bad.py").write_text("x = (")
    with pytest.raises(CatalogError, match=r"no device 'hidden'.*Could not read .*bad\.py, line 1"):
        catalog.find("hidden")


def test_missing_folder_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIANMEM_PATH", str(tmp_path / "nowhere"))
    assert "no such folder" in catalog.entries("devices")[1][0]
    assert brianmem.find("vteam").name == "vteam"


def test_a_file_can_be_named_directly(tmp_path):
    (tmp_path / "d.py").write_text(GOOD.format(name="mine", R=5))
    assert brianmem.find(str(tmp_path / "d.py")).name == "mine"
    with pytest.raises(CatalogError, match="no such file"):
        brianmem.find(str(tmp_path / "e.py"))
    (tmp_path / "e.py").write_text("")
    with pytest.raises(CatalogError, match="holds no Device"):
        brianmem.find(str(tmp_path / "e.py"))


def _entry_point(monkeypatch, name, loaded):
    def load():
        if isinstance(loaded, Exception):
            raise loaded
        return loaded

    point = types.SimpleNamespace(name=name, value="third.party:thing", load=load)
    monkeypatch.setattr(importlib.metadata, "entry_points",
                        lambda group: [point] if group == "brianmem.models" else [])


@pytest.mark.parametrize("as_module", [True, False])
def test_third_parties_register_a_device_or_a_module(monkeypatch, tmp_path, as_module):
    (tmp_path / "d.py").write_text(GOOD.format(name="theirs", R=5))
    device = catalog.find(str(tmp_path / "d.py"))
    _entry_point(monkeypatch, "any", types.SimpleNamespace(d=device) if as_module else device)
    assert brianmem.find("theirs") is device


def test_broken_entry_point_is_reported_only(monkeypatch):
    _entry_point(monkeypatch, "broken", ImportError("no module"))
    assert brianmem.find("vteam").name == "vteam"
    assert "entry point 'broken' (third.party:thing)" in catalog.entries("devices")[1][0]


def test_unknown_kind_and_experiment_are_errors():
    with pytest.raises(CatalogError, match="Did you mean 'devices'"):
        catalog.entries("device")
    with pytest.raises(CatalogError, match="no experiment 'nothing'"):
        catalog.experiment("nothing")


@pytest.mark.parametrize("kind", ["networks", "experiments"])
def test_modules_are_listed_with_their_first_sentence(kind):
    entries, faults = catalog.entries(kind)
    assert faults == []
    for entry in entries:
        assert entry.summary
        assert entry.summary in catalog.describe_module(entry.name).replace("\n", " ")
        assert entry.name in catalog.names()


def test_parts_of_networks_are_described_but_not_listed():
    names = {entry.name for entry in catalog.entries("networks")[0]}
    assert {"memristive_digits", "ideal_digits"} <= names
    assert not names & {"circuit_layer", "competitive_layer", "diehl_cook_code", "memristive_synapses"}
    assert catalog.describe_module("circuit_layer")


def test_a_neuron_is_summed_up_by_its_file_which_imports_a_device(folder):
    ours = next(e for e in catalog.entries("neurons")[0] if e.name == "vanadium_lif")
    assert ours.summary.endswith("a leaky integrator that fires")
    (folder / "n.py").write_text(NEURON)
    mine = next(e for e in catalog.entries("neurons")[0] if e.name == "my_lif")
    assert mine.summary == "My neuron"
    assert all(e.summary != "My neuron" for e in catalog.entries("devices")[0])


def test_a_user_file_may_find_the_devices_of_its_circuit(folder):
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text(CIRCUIT.format(name=name))
    assert {"one", "two"} <= {e.name for e in catalog.entries("neurons")[0]}
    assert brianmem.find("two").name == brianmem.find(folder / "two.py").name == "two"
    assert brianmem.find("vteam").name == "vteam"


@pytest.mark.parametrize("name", [e.name for e in catalog.entries("experiments")[0]])
def test_every_experiment_has_main_and_plot(name):
    module = catalog.experiment(name)
    assert callable(module.main)
    assert callable(module.plot)


def test_errors_of_the_catalogue_are_brianmem_errors():
    assert issubclass(CatalogError, BrianmemError)
