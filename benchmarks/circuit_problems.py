"""The circuits of circuits.py, for brianmem and for ngspice, and their solution by scipy."""

from dataclasses import dataclass

import numpy as np
from brian2 import kohm, nsecond, usecond, volt
from scipy.integrate import solve_ivp

from brianmem import find
from brianmem.circuits import Circuit
from brianmem.integration.system import from_equations


@dataclass(frozen=True)
class Problem:
    """Circuit `netlist`, in which `key` varies, and `state` rises through `level`."""

    netlist: str
    model: str
    key: str
    low: object
    high: object
    state: str
    level: object
    duration: object
    spice: str  # the same for ngspice
    output: str
    clock: object
    period: bool = False

    @property
    def circuit(self):
        return Circuit(self.netlist, devices={"device": find(self.model)})

    def values(self, n):
        shares = np.linspace(0, 1, n) if n > 1 else np.array([0.5])
        return self.low + (self.high - self.low) * shares

    def measure(self, crossings):
        """Return what is compared, NaN if there were too few crossings."""
        if len(crossings) < 1 + self.period:
            return np.nan
        return crossings[1] - crossings[0] if self.period else crossings[0]


PROBLEMS = {
    "oscillator": Problem(
        "V1 in 0 6\nR1 in out 3k\nC1 out 0 1.8n\nX1 out 0 device", "vanadium_dioxide_threshold",
        "R1", 2.7 * kohm, 3.3 * kohm, "v_out", 0.4 * volt, 3 * usecond, period=True,
        output="v(out)", clock=500 * nsecond, spice="""
V1 in 0 6
R1 in out 3k
C1 out 0 1.8n IC=0
Bx 0 x I = (0.5 + 0.5*tanh(((2*sqrt(V(out)*V(out) + 1e-12) - 0.781)*1.475847 + 2*V(x) - 1)/0.08)
+ - V(x))*1e3
Cx x 0 200n IC=0
Bi out 0 I = V(out)/(642*exp(V(x)*V(x)*(3 - 2*V(x))*ln(0.0763239875)))
"""),
    # Nodes z, l, u and h (pJ) as in brianmem's device, which is faster than one expression.
    # At this clock and a relative tolerance of 4e-4 the largest error of 1000 variants is 6.4e-4.
    # Without the .ic of l and h ngspice's first step begins with a metallic channel.
    "neuristor": Problem(
        "Vin in 0 0.3\nR1 in 1 2.2k\nC1 1 0 5.1n\nX1 1 m device\nV1 m 0 -0.9\n"
        "R2 1 2 2.2k\nC2 2 0 0.75n\nX2 2 p device\nV2 p 0 0.9", "niobium_dioxide",
        "Vin", 0.3 * volt, 0.4 * volt, "v_2", 0.3 * volt, 10 * usecond, output="v(2)",
        clock=400 * nsecond, spice="""
Vin in 0 0.3
R1 in 1 2.2k
C1 1 0 5.1n IC=0
R2 1 2 2.2k
C2 2 0 0.75n IC=0
V1 m 0 -0.9
V2 p 0 0.9
.subckt mott a b
Bl l 0 V = exp(min(max(V(z), -7), 4))
Bu u 0 V = exp(-max(V(l), 0))
Bh h 0 V = 0.157079633*(1.0192*(1 - V(u)*V(u)*(1 + 2*V(l))) + 0.32*V(u)*V(u)*V(l)*V(l))
Bi a b I = V(a,b)*(1 + 99*V(u)*V(u))/25464.7909
Bz 0 z I = (1.47780518e-4 - V(a,b)*V(a,b)*(1 + 99*V(u)*V(u))/25464.7909*V(l))/max(V(h), 1e-6)
Cz z 0 1e-12 IC=3
.ends
X1 1 m mott
X2 2 p mott
.ic v(x1.z)=3 v(x2.z)=3 v(x1.l)=20.0855 v(x2.l)=20.0855 v(x1.h)=0.16 v(x2.h)=0.16
"""),
}


def reference(problem, value):
    """Return the measured time of one variant by scipy's Radau."""
    circuit = problem.circuit
    numbers = {k: float(v) for k, v in circuit.values.items()} | {problem.key: float(value)}
    system = from_equations(circuit.equations, numbers)
    rates, slopes = system.numpy_functions
    p = [np.array([numbers[n]]) for n in system.inputs]
    row, count = system.states.index(problem.state), 1 + problem.period

    def crossing(_t, y):
        return y[row] - float(problem.level)

    crossing.direction, crossing.terminal = 1, count
    run = solve_ivp(lambda t, y: rates(t, y[:, None], p)[:, 0], (0, float(problem.duration)),
                    [float(circuit.initial[s]) for s in system.states], "Radau", rtol=1e-9,
                    atol=1e-12, jac=lambda t, y: slopes(t, y[:, None], p)[1][:, :, 0],
                    events=crossing)
    return problem.measure(run.t_events[0])
