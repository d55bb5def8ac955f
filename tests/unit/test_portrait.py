"""The picture of a device: its loop beside pulses, or beside what a volatile one forgets."""

from dataclasses import replace

import pytest
from brian2 import msecond, mvolt, second, siemens, volt

from brianmem import Device, cli, find, plotting
from brianmem.errors import ProtocolError
from brianmem.protocols.portrait import portrait

FADING = Device(
    name="fading", equations="dx/dt = (int(v > 0.5*volt) - x)/tau : 1\nI = v*G*(0.01 + x) : amp",
    parameters={"tau": 1*msecond, "G": 1e-3*siemens}, initial={"x": 0}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 2*msecond), "relax": (0*volt, 10*msecond),
               "read": (10*mvolt, 1*msecond), "sweep": (1*volt, 1*second)})


def labels(figure):
    return [axis.get_ylabel() for axis in figure.axes]


def test_pulses_of_a_device_that_keeps_its_state():
    figure = plotting.portrait("memdiode", portrait(find("memdiode")))
    assert labels(figure) == ["|Current| (mA)", "Conductance (mS)"]
    figure.canvas.draw()


def test_a_volatile_device_fades():
    made = portrait(FADING)
    g = made["transient"]["conductance"]
    assert float(g.max()) > 50 * float(g[-1])
    figure = plotting.portrait("fading", made)
    assert labels(figure)[1:] == ["Conductance (µS)", "Voltage (V)"]


def test_what_the_operation_must_state():
    with pytest.raises(ProtocolError, match="needs operation to state sweep"):
        portrait(replace(FADING, operation={k: v for k, v in FADING.operation.items()
                                            if k != "sweep"}))


def test_show_writes_the_figure(tmp_path, capsys):
    path = tmp_path / "memdiode.png"
    assert cli.main(["show", "memdiode", "--figure", str(path)]) == 0
    assert path.stat().st_size > 10_000
    assert cli.main(["show", "memdiode", "--figure", str(tmp_path / "no/such.png")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_device_that_starts_set_is_reset_first():
    """Its SET pulses would do nothing."""
    kept = replace(
        FADING, name="kept", equations="dx/dt = v/V_0*x*(1.01 - x)/tau : 1\nI = v*G*x : amp",
        parameters={**FADING.parameters, "V_0": 10*volt}, initial={"x": 1},
        operation={"set": (1*volt, 2*msecond), "reset": (-1*volt, 2*msecond),
                   "read": (10*mvolt, 1*msecond), "sweep": (1*volt, 10*msecond)})
    g = portrait(kept)["pulses"]["pulse_conductance"]
    assert float(g[50]) > 1.5 * float(g[0])
    assert float(g[100]) < float(g[50])
