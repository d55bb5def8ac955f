"""Eight circuits by brianmem, scipy's Radau and ngspice.

Every .cir here is what `Circuit.to_ngspice` writes of a circuit in
benchmarks/circuit_oracles.py, every .csv its trace by Radau and by ngspice at
brianmem's clock. Run this file as a program to make them anew.
"""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from brian2 import second

from brianmem import catalog, find
from brianmem.circuits import Circuit, ngspice

HERE = Path(__file__).parent
#: Share of the range of the trace, and of the times of its crossings. The trace of an
#: oscillator is steep: there a shift in time of 1e-5 is a difference of 1e-3.
TRACE, TIME = 1e-3, 1e-4
#: ngspice's own error at its step, which is 2e-4 of a period of the ring.
SPICE_TIME = {"ring_oscillator": 3e-4}
QUICK = ("poole_frenkel", "transistor_cell")


def _bench():
    path = HERE.parents[3] / "benchmarks" / "circuit_oracles.py"
    spec = importlib.util.spec_from_file_location("bench_circuit_oracles", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def device_of(name):
    """Return a device that is without noise and events, or skip."""
    device = find(name)
    if device.is_stochastic or device.events:
        pytest.skip("noise and events have no counterpart in ngspice")
    return device


bench = _bench()
cases = pytest.mark.parametrize("case", bench.CASES.values(), ids=lambda c: c.name)
# The other ones take 5 to 30 s in numpy.
timed = pytest.mark.parametrize("case", [
    c if c.name in QUICK else pytest.param(c, marks=pytest.mark.long)
    for c in bench.CASES.values()], ids=lambda c: c.name)


def kept(case):
    """Return the kept (t, Radau, ngspice)."""
    return np.loadtxt(HERE / f"{case.name}.csv", delimiter=",", skiprows=1).T


def check(case, one, other, time=TIME):
    size, late = bench.distances(case, kept(case)[0], one, other)
    assert size < TRACE
    assert case.level is None or late < time


@timed
def test_brianmem_agrees_with_both_references(case):
    t, radau, spice = kept(case)
    times, ours = case.by_brianmem()
    np.testing.assert_allclose(times[1:], t, rtol=1e-6)
    check(case, ours[1:], radau)
    check(case, ours[1:], spice, SPICE_TIME.get(case.name, TIME))


@timed
def test_radau_gives_the_kept_reference(case):
    t, radau, _ = kept(case)
    size, _ = bench.distances(case, t, case.by_radau(t), radau)
    assert size < 1e-5


@cases
def test_netlist_is_the_kept_one(case):
    def numbers(text):
        return np.array(re.findall(r"\d+\.?\d*(?:e[-+]?\d+)?", text), dtype=float)

    new, old = case.as_netlist(), (HERE / f"{case.name}.cir").read_text()
    assert re.sub(r"[\d.e+-]+", "", new).split() == re.sub(r"[\d.e+-]+", "", old).split()
    np.testing.assert_allclose(numbers(new), numbers(old), rtol=1e-12)


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
@cases
def test_ngspice_gives_the_kept_reference(case):
    t, _, spice = kept(case)
    found = ngspice.run((HERE / f"{case.name}.cir").read_text())
    # Another release may step otherwise.
    check(case, np.interp(t, found["t"], found[case.watch]), spice, 1e-4)


@cases
def test_reference_moves_and_fires(case):
    t, radau, _ = kept(case)
    assert np.ptp(radau) > 1e-4
    assert len(t) > 100
    if case.level is not None:
        assert len(bench.crossings(t, radau, case.level)) >= 1


def test_period_and_first_spike_at_a_clock_of_100_ns_stay_within_1e_3():
    """Both are compared at the same samples, so that interpolation is no part of it."""
    case = bench.VO2
    _, ours = case.by_brianmem(100 * bench.nsecond)
    t, radau, _ = kept(case)
    size, late = bench.distances(case, t[4::5], ours[1:], radau[4::5])
    assert size < 1e-4
    assert late < 1e-5


#: Laws of hundreds of lines, which ngspice needs minutes for or cannot start.
TOO_LONG = ("ecm", "ecm_nucleation", "jart_vcm", "jart_vcm_implicit", "stanford_pku_v2")


@pytest.mark.long
@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
@pytest.mark.parametrize("name", [
    e.name for e in catalog.entries("devices")[0] if e.name not in TOO_LONG])
def test_every_device_behind_a_resistor(name):
    """The written law against Radau, in one period of a sine with the height of SET."""
    device = device_of(name)
    voltage, width, *series = device.operation["set"]
    resistance, duration = float(series[0]) if series else 1e3, 2 * float(width)
    circuit = Circuit(f"""
        V1 in 0 sin(0 {float(voltage)!r} {1 / duration!r})
        R1 in out {resistance!r}
        C1 out 0 {duration / 1e3 / resistance!r}
        X1 out 0 device""", devices={"device": device})
    names = ["v_out", "i_X1"]
    text = circuit.to_ngspice(duration=duration * second, dt=duration / 2000 * second, record=names)
    spice = ngspice.run(text)
    times = np.linspace(0, duration, 201)[1:]
    radau = circuit.reference(duration * second, times=times * second, record=names, rtol=1e-8)
    for key in names:
        wanted = np.asarray(radau[key])
        wrong = np.interp(times, spice["t"], spice[key]) - wanted
        assert np.sqrt(np.mean(wrong**2)) < 1e-3 * np.ptp(wanted)


def test_every_reference_has_its_netlist():
    assert {p.stem for p in HERE.glob("*.csv")} == set(bench.CASES)
    assert {p.stem for p in HERE.glob("*.cir")} == set(bench.CASES)


if __name__ == "__main__":
    for one in bench.CASES.values():
        (HERE / f"{one.name}.cir").write_text(one.as_netlist())
        times = np.arange(1, round(float(one.duration / one.clock))) * float(one.clock)
        np.savetxt(HERE / f"{one.name}.csv",
                   np.transpose([times, one.by_radau(times), one.by_ngspice(times)]),
                   delimiter=",", header="t,radau,ngspice", comments="", fmt="%.9g")
