"""Circuits by brianmem, by scipy's Radau and by ngspice: how far apart, and a figure.

Run ``python benchmarks/circuit_oracles.py [folder]``: it prints a table and writes
``circuit_oracles.svg`` and ``.png``. Without ngspice its columns stay empty.
"""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from brian2 import Network, StateMonitor, msecond, nsecond, prefs, second, usecond

from brianmem import find
from brianmem.circuits import Circuit, crossings
from brianmem.circuits.ngspice import run


@dataclass(frozen=True)
class Case:
    """One circuit, for how long, at which clock, and the name that is compared.

    `level`: of the crossings upwards whose times are compared, None where the trace
    itself says enough. `step` is ngspice's longest.
    """

    name: str
    title: str
    netlist: str
    duration: object
    clock: object
    step: object
    watch: str
    level: float = None
    devices: dict = field(default_factory=dict)
    parameter_set: str = None

    @property
    def circuit(self):
        devices = {n: find(d).with_parameters(self.parameter_set) for n, d in self.devices.items()}
        return Circuit(self.netlist, devices=devices, name=self.name)

    def by_brianmem(self, clock=None):
        """Return (t, trace) at the clock, by the adaptive method in numpy."""
        prefs.codegen.target, before = "numpy", prefs.codegen.target
        try:
            group = self.circuit.group(1, dt=clock or self.clock)
            monitor = StateMonitor(group, self.watch, record=True)
            Network(group, monitor).run(self.duration, namespace={})
        finally:
            prefs.codegen.target = before
        return np.array(monitor.t), np.array(getattr(monitor, f"{self.watch}_"))[0]

    def by_radau(self, times, **options):
        """Return the trace at `times` (s)."""
        result = self.circuit.reference(self.duration, times=times * second, record=self.watch,
                                        **options)
        return np.asarray(result[self.watch])

    def as_netlist(self, **options):
        """Return the text for ngspice."""
        return self.circuit.to_ngspice(duration=self.duration, dt=self.step, record=[self.watch],
                                       **options)

    def by_ngspice(self, times, **options):
        """Return the trace at `times` (s), of which 0 may not be one."""
        found = run(self.as_netlist(**options))
        return np.interp(times, found["t"], found[self.watch])


VO2 = Case("vo2_oscillator", "VO2 threshold oscillator", """
V1 in 0 6
R1 in out 3k
C1 out 0 1.8n
X1 out 0 vo2
""", 4 * usecond, 20 * nsecond, 1 * nsecond, "v_out", 0.4, {"vo2": "vanadium_dioxide_threshold"})

NEURISTOR = Case("mott_neuristor", "two-channel Mott neuristor", """
V1 in 0 pulse(0 0.3 1u 1n 1n 10u)
R1 in a 2.2k
R2 a b 2.2k
C1 a 0 5.1n ic=-5.8m
C2 b 0 0.75n ic=66.3m
Vn n 0 -0.9
Vp p 0 0.9
X1 a n mott z=1.540
X2 b p mott z=1.687
""", 14 * usecond, 100 * nsecond, 2 * nsecond, "v_b", 0.3, {"mott": "niobium_dioxide"})

DIFFUSIVE = Case("diffusive_neuron", "diffusive leaky integrate-and-fire neuron", """
V1 in 0 pulse(0 2.5 35u 100n 100n 5u 40u)
R1 in out 47k
C1 out 0 4.7n
X1 out 0 silver
""", 500 * usecond, 1 * usecond, 50 * nsecond, "v_out", None, {"silver": "diffusive"}, "LIF")

FRENKEL = Case("poole_frenkel", "Poole-Frenkel device behind 1 kohm", """
V1 in 0 pwl(0 0 0.5u 1.5 1u 0)
R1 in out 1k
X1 out 0 film
""", 1 * usecond, 2 * nsecond, 0.2 * nsecond, "i_X1", 1e-4, {"film": "niobium_dioxide_poole_frenkel"})

CELL = Case("transistor_cell", "1T1R: MOSFET below a Stanford-PKU device", """
V1 top 0 pwl(0 0 20n 3 40n 0)
Vg gate 0 1.4
X1 top drain gap
M1 drain gate 0 switch w=2u l=0.2u
Cd drain 0 1f
.model switch nmos(vto=0.5 kp=100u lambda=0.05)
""", 40 * nsecond, 0.1 * nsecond, 0.01 * nsecond, "i_X1", 1e-4, {"gap": "stanford_pku"})

INTEGRATOR = Case("triangle_generator", "op-amp integrator and comparator", """
B1 drive 0 V={5*volt*tanh(20*v(plus)/volt)}
Ro drive square 1k
Co square 0 100p ic=1
R1 triangle plus 10k
R2 square plus 20k
Ri square minus 10k
Ci minus triangle 10n
E1 triangle 0 0 minus 1e5
""", 0.8 * msecond, 1 * usecond, 50 * nsecond, "v_triangle", 0)

RECTIFIER = Case("rectifier", "diode rectifier into an RLC filter", """
V1 in 0 sin(0 5 1k)
R1 in a 10
D1 a out rectifier
C1 out 0 1u
L1 out load 10m
C2 load 0 1u
R2 load 0 1k
.model rectifier d(is=1p n=1.5)
""", 4 * msecond, 5 * usecond, 0.5 * usecond, "v_load")

RING = Case("ring_oscillator", "CMOS ring oscillator", """
Vdd vdd 0 1.8
""" + "".join(f"""
Mn{k} {b} {a} 0 n w=2u l=0.2u
Mp{k} {b} {a} vdd p w=4u l=0.2u
C{k} {b} 0 20f ic={start}
""" for k, (a, b, start) in enumerate((("a", "b", 1.8), ("b", "c", 0), ("c", "a", 0.2)), 1)) + """
.model n nmos(vto=0.5 kp=100u lambda=0.05)
.model p pmos(vto=-0.5 kp=50u lambda=0.05)
""", 2 * nsecond, 0.01 * nsecond, 0.001 * nsecond, "v_a", 0.9)

CASES = {c.name: c for c in (VO2, NEURISTOR, DIFFUSIVE, FRENKEL, CELL, INTEGRATOR, RECTIFIER, RING)}


def distances(case, t, one, other):
    """Return the largest difference over the range, and the relative one of crossing times."""
    size = np.max(np.abs(one - other)) / np.ptp(other)
    if case.level is None:
        return size, np.nan
    here, there = (crossings(t, x, case.level) for x in (one, other))
    if len(here) != len(there) or not len(there):
        return size, np.inf
    return size, np.max(np.abs(here / there - 1))


def measured(case):
    """Return times, and traces by brianmem, Radau and ngspice (None where it is missing)."""
    t, ours = case.by_brianmem()
    t, ours = t[1:], ours[1:]
    spice = case.by_ngspice(t) if shutil.which("ngspice") else None
    return t, ours, case.by_radau(t), spice


def main(folder="."):
    from brianmem.plotting import overlaid_traces

    Path(folder).mkdir(parents=True, exist_ok=True)
    found = {}
    print("circuit, brianmem-Radau and brianmem-ngspice: trace, crossing times; ngspice-Radau")
    for case in CASES.values():
        t, ours, radau, spice = found[case.name] = measured(case)
        rows = [(ours, radau), (ours, spice), (spice, radau)]
        numbers = [x for a, b in rows if a is not None and b is not None
                   for x in distances(case, t, a, b)]
        print(case.name.ljust(20), *(f"{x:.1e}" for x in numbers), flush=True)
    panels = [(case.title, case.watch, case.circuit.dimension(case.watch),
               {"scipy Radau": (t, radau), "ngspice": (t, spice), "brianmem": (t, ours)})
              for case, (t, ours, radau, spice) in zip(CASES.values(), found.values(), strict=True)]
    figure = overlaid_traces(panels)
    for ending in ("svg", "png"):
        figure.savefig(Path(folder) / f"circuit_oracles.{ending}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
