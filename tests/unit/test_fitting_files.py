"""From a CSV file to a device file that the catalogue, maps and networks take."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from brian2 import amp, metre, msecond, nsecond, ohm, second, volt

import brianmem.data
from brianmem import Device, Evidence, PulseMap, Result, catalog, cli, find
from brianmem.checks import check_device
from brianmem.fitting.device_file import _field, device_source, number_source, rounded

EXAMPLES = Path(brianmem.data.__path__[0]) / "examples"
PULSES = EXAMPLES / "memdiode_pulses.csv"


def evaluated(device):
    space = {}
    exec(device_source(device, "A headline.", "More."), space)
    return space[device.name]


@pytest.mark.parametrize("entry", [e.name for e in catalog.entries("devices")[0]])
def test_every_device_of_ours_survives_as_a_file(entry):
    device = find(entry)
    text = device_source(device, "A headline.", "More.")
    assert evaluated(device) == device
    assert max(map(len, text.splitlines())) <= max(
        104, *(len(line) for line in device.equations.splitlines()), 0)


def test_difficult_texts_survive():
    device = Device(
        name="odd", equations="I = v/R : amp  # a \"quoted\" word",
        parameters={"R": 1/3*ohm}, references=("One2000",),
        evidence={"parameters": Evidence("proposed", references=("One2000",)),
                  "operation": Evidence("published", "It's \"so\"\\n, " * 30, ("A", "B"))},
        operation={"set": (1*volt, 1e-7*second, 50*ohm)},
        description="It's a \"test\" with a backslash \\ and ends. " * 5)
    assert evaluated(device) == device
    stiff = Device(name="stiff", equations="dT/dt = 0*T/second : 1\nI = v*T/R : amp",
                   parameters={"R": 1*ohm}, initial={"T": 0}, stiff=True, suggested_dt=3*nsecond,
                   parameter_sets={"A2000": {"R": 2*ohm}, "B2000": {"R": 3*ohm}})
    assert evaluated(stiff) == stiff


@pytest.mark.parametrize("events", [
    (("v > 1*volt", "T = 1"),), (("v > 1*volt", "T = 1\nU = 2"), ("v < 'x'", "T = 0"))])
def test_events_survive(events):
    assert eval(f"dict({_field('events', events)})") == {"events": events}


@pytest.mark.parametrize(("value", "text"), [
    (50*ohm, "50*ohm"), (1e-4*second, "0.1*msecond"), (0.1*volt, "0.1*volt"),
    (3*nsecond, "3*nsecond"), (0.5, "0.5"), (2, "2"), (0*metre, "0*metre"),
    (1e-14*metre**2/second/volt, "1e-14*metre**2/volt/second"), (-1.5*volt, "-1.5*volt")])
def test_numbers_read_well_and_are_exact(value, text):
    shown = number_source(value)
    assert shown == text
    import brian2

    assert float(eval(shown, vars(brian2))) == float(value)


def test_rounding_keeps_the_unit():
    assert rounded(1.23456789*msecond) == 1.23457*msecond
    assert rounded(1 / 3) == 0.333333


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """The folder of a fit made on the command line."""
    folder = tmp_path_factory.mktemp("fit") / "out"
    status = cli.main(["fit", PULSES, "--device", "memdiode", "--protocol", "pulse_train",
                       "--free", "I_max,V_set,V_res", "--name", "mine", "--out", folder,
                       "--bounds", "I_max=1mA..10mA", "--set-amplitude", "1.1 V",
                       "--set-width", "1ms", "--seed", "4"])
    assert status == 0
    return folder


def test_the_folder_of_a_fit(fitted):
    names = {p.name for p in fitted.iterdir()}
    assert names == {"mine.py", "result.h5", "references.bib", "fit.png"}
    result = Result.load(fitted / "result.h5")
    assert result.attrs["source"] == PULSES.name
    assert len(result.attrs["dataset_sha256"]) == 64
    assert result["correlation"].shape == (3, 3)
    residual = np.asarray(result["residual"])
    measured, model = (np.asarray(result[k]) for k in ("measured", "fitted"))
    np.testing.assert_allclose(residual, np.log(model / measured), atol=1e-4)


def test_the_figure_can_be_drawn_again(fitted, tmp_path):
    assert cli.main(["plot", fitted, "--out", tmp_path]) == 0
    assert (tmp_path / "fit.png").stat().st_size > 10_000


def test_the_last_line_is_json(fitted, tmp_path, capsys):
    assert cli.main(["fit", EXAMPLES / "retention.csv", "--protocol", "retention", "--out",
                     tmp_path / "o", "--law", "stretched_exponential"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1])["E_a"] == pytest.approx(1.1 * 1.602e-19, rel=0.03)
    assert not list((tmp_path / "o").glob("*.py"))


def test_the_catalogue_finds_the_fitted_device(fitted, monkeypatch):
    monkeypatch.setenv("BRIANMEM_PATH", str(fitted))
    device, original = find("mine"), find("memdiode")
    assert device.equations == original.equations
    assert device.bounds == original.bounds
    assert device.evidence["parameters"].kind == "fitted"
    for word in ("memdiode_pulses.csv", "sha256", "rms residual", "202"):
        assert word in device.evidence["parameters"].note
    assert device.operation["set"] == (1.1*volt, 1*msecond)
    assert device.operation["reset"] == original.operation["reset"]
    assert float(device.parameters["I_max"]) == pytest.approx(4e-3, rel=0.03)
    assert device.parameters["I_min"] == original.parameters["I_min"]
    entries, faults = catalog.entries("devices")
    assert not faults
    assert "fitted to memdiode_pulses.csv" in next(e.summary for e in entries if e.name == "mine")


def test_the_file_reads_like_one_of_ours(fitted):
    text = (fitted / "mine.py").read_text()
    assert max(map(len, text.splitlines())) <= 104
    assert text.startswith('"""Memdiode, fitted to memdiode_pulses.csv.')
    assert "V_set=" not in text
    assert re.search(r'"V_set": 88\d\.?\d*\*mvolt', text)


def test_the_fitted_device_passes_its_checks_and_makes_maps(fitted):
    device = find(str(fitted / "mine.py"))
    check_device(device)
    made = PulseMap.from_device(device, *device.operation["set"])
    assert made.monotone
    assert made.error(pulses=3, copies=5) < 1e-2


@pytest.mark.long
@pytest.mark.standalone
def test_a_network_learns_with_the_fitted_device(fitted, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BRIANMEM_PATH", str(fitted))
    assert cli.main(["run", "diehl_cook", "--quick", "--device", "mine", "--out",
                     tmp_path / "o"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["accuracy"] > 0.5


@pytest.mark.parametrize(("words", "message"), [
    ((), "name the FILE.csv first"),
    (("x.csv",), "say --protocol, one of iv_sweep"),
    (("x.csv", "--protocol", "sweep"), "no protocol 'sweep'"),
    (("x.csv", "--protocol", "iv_sweep"), "say --device"),
    (("none.csv", "--protocol", "iv_sweep", "--device", "memdiode"), "none.csv: cannot be read"),
    ((PULSES, "--protocol", "pulse_train", "--device", "memdiod"), "Did you mean 'memdiode'"),
    ((PULSES, "--protocol", "retention", "--device", "memdiod"), "Did you mean 'memdiode'"),
    ((PULSES, "--protocol", "pulse_train", "--device", "memdiode", "--free", "I_mix"),
     "Did you mean 'I_m"),
    ((PULSES, "--protocol", "pulse_train", "--device", "memdiode", "--bounds", "I_max=1V..2V"),
     "--bounds I_max"),
    ((PULSES, "--protocol", "pulse_train", "--device", "memdiode", "--units", "current"),
     "--units needs NAME=VALUE"),
    ((PULSES, "--protocol", "pulse_train", "--device", "memdiode", "--name", "a b"),
     "--name must be an identifier"),
    ((PULSES, "--protocol", "iv_sweep", "--device", "memdiode"), "no column 'voltage'"),
    ((PULSES, "--protocol", "iv_sweep", "--device", "memdiode", "--set-width", "1ms"),
     "unknown option '--set-width'"),
    (("--frob",), "name the FILE.csv first"),
])
def test_wrong_commands_are_one_line_and_leave_no_folder(words, message, tmp_path, monkeypatch,
                                                         capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["fit", *words]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert len(shown.splitlines()) == 1
    assert not list(tmp_path.glob("results/*"))


def test_a_folder_in_use_is_refused_without_advice_that_fit_does_not_take(tmp_path, capsys):
    (tmp_path / "x").write_text("")
    assert cli.main(["fit", PULSES, "--protocol", "pulse_train", "--device", "memdiode", "--out",
                     str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "is not empty. Choose another --out." in shown
    assert "--resume" not in shown


def test_help(capsys):
    assert cli.main(["fit", "--help"]) == 0
    assert "--bounds" in capsys.readouterr().out
    assert cli.main(["fit", "x", "--protocol", "pulse_train", "--help"]) == 0
    assert "--set-pulses" in capsys.readouterr().out


def test_the_examples_are_what_their_script_makes(tmp_path, monkeypatch):
    from brianmem.data import build_examples

    monkeypatch.setattr(build_examples, "FOLDER", tmp_path)
    build_examples.main()
    files = sorted(EXAMPLES.glob("*.csv"))
    assert len(files) == 3
    for file in files:
        assert (tmp_path / file.name).read_text().splitlines()[:4] == \
            file.read_text().splitlines()[:4]
        assert "Generated, not measured" in file.read_text()
        made, kept = (np.loadtxt(p / file.name, delimiter=",", skiprows=4)
                      for p in (tmp_path, EXAMPLES))
        np.testing.assert_allclose(made, kept, rtol=2e-3)


def test_a_fit_without_evidence_or_operation(tmp_path):
    from brianmem.fitting import fit

    plain = Device(name="plain", equations="I = v*G : amp", parameters={"G": 1*amp/volt})
    v = np.linspace(-1, 1, 21)
    found = fit(plain, {"time": (v + 1)*second, "voltage": v*volt, "current": 2*v*amp})
    path = found.write_device(tmp_path)
    device = find(str(path))
    assert device == found.device
    assert device.name == "plain_fitted"
    assert float(device.parameters["G"]) == pytest.approx(2)
