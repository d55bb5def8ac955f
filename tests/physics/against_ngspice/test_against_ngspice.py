"""Devices against ngspice: every .cir here has a .csv that ngspice made from it.

A comment line ``* brianmem: key=value ...`` of the netlist says what to run: a device
under a sine, its state (``scale`` times node s) and its current (node i). The .csv is
the kept reference; run this file as a program to make it anew.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from brian2.units.fundamentalunits import Quantity

from brianmem import Transient, find

HERE = Path(__file__).parent
NETLISTS = sorted(HERE.glob("*.cir"))
POINTS = 81


def setup(netlist):
    """Return the key=value pairs of the netlist, numbers as float."""
    (line,) = (text for text in netlist.read_text().splitlines()
               if text.startswith("* brianmem:"))
    pairs = dict(word.split("=") for word in line.removeprefix("* brianmem:").split())
    return {k: v if k in ("device", "state") else float(v) for k, v in pairs.items()}


def ngspice(netlist):
    """Run ngspice and return (t, s, i) at `POINTS` times of the run, shape (POINTS, 3)."""
    control = ".control\nset numdgt=14\nset wr_singlescale\nrun\nwrdata out.txt v(s) v(i)\nquit\n.endc"
    text = netlist.read_text().replace("\n.end\n", f"\n{control}\n.end\n")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "run.cir").write_text(text)
        done = subprocess.run(["ngspice", "-b", "run.cir"], cwd=folder, capture_output=True,
                              text=True, timeout=60)
        assert (Path(folder) / "out.txt").exists(), done.stdout + done.stderr
        t, s, i = np.loadtxt(Path(folder) / "out.txt").T
    duration = setup(netlist)["duration"]
    # At loose tolerances ngspice gives up early and leaves a short file.
    assert t[-1] == pytest.approx(duration, rel=1e-9)
    times = np.linspace(0, duration, POINTS)
    return np.stack([times, np.interp(times, t, s), np.interp(times, t, i)], axis=1)


def brianmem(netlist):
    """Return (t, s, i) of our device at the same times."""
    given = setup(netlist)
    device, state = find(given["device"]), given["state"]
    sine = f"{given['amplitude']!r}*volt*sin(2*pi*t/({given['period']!r}*second))"
    start = Quantity(given["start"] * given["scale"], dim=device.dimension(state))
    result = Transient(sine, duration=Quantity(given["duration"], dim=device.dimension("t"))).run(
        device, initial={state: start})
    t = np.asarray(result["t"])
    times = np.linspace(0, given["duration"], POINTS)
    values = [np.asarray(result[state]) / given["scale"], np.asarray(result["I"])]
    return np.stack([times, *(np.interp(times, t, v) for v in values)], axis=1)


def distance(one, two):
    """Return the largest difference of state and of current, each over the range it covers."""
    return np.max(np.abs(one - two), axis=0)[1:] / np.ptp(two, axis=0)[1:]


def reference(netlist):
    """Return the kept (t, s, i)."""
    return np.loadtxt(netlist.with_suffix(".csv"), delimiter=",", skiprows=1)


@pytest.mark.parametrize("netlist", NETLISTS, ids=lambda p: p.stem)
def test_device_agrees_with_the_kept_reference(netlist):
    kept = reference(netlist)
    assert np.ptp(kept[:, 1]) > 0.01  # the state moves
    np.testing.assert_array_less(distance(brianmem(netlist), kept), 2e-3)


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
@pytest.mark.parametrize("netlist", NETLISTS, ids=lambda p: p.stem)
def test_reference_is_what_ngspice_gives(netlist):
    np.testing.assert_array_less(distance(ngspice(netlist), reference(netlist)), 1e-4)


def test_every_reference_has_its_netlist():
    assert NETLISTS
    assert {p.stem for p in HERE.glob("*.csv")} == {p.stem for p in NETLISTS}


if __name__ == "__main__":
    for path in NETLISTS:
        np.savetxt(path.with_suffix(".csv"), ngspice(path), delimiter=",", header="t,s,i",
                   comments="", fmt="%.9g")
