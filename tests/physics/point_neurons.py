"""Point neurons integrated by scipy alone, from the equations as the papers write them."""

import numpy as np
from scipy.integrate import solve_ivp

#: (a, b, c, d) of Izhikevich's patterns.
PATTERNS = {"RS": (0.02, 0.2, -65, 8), "IB": (0.02, 0.2, -55, 4), "CH": (0.02, 0.2, -50, 2),
            "FS": (0.1, 0.2, -65, 2), "LTS": (0.02, 0.25, -65, 2)}


def izhikevich(pattern, drive, duration):
    """Return spike times in ms, each reset done at the peak itself."""
    a, b, c, d = PATTERNS[pattern]

    def rates(_t, y):
        v, u = y
        return [0.04*v**2 + 5*v + 140 - u + drive, a*(b*v - u)]

    def peak(_t, y):
        return y[0] - 30

    peak.terminal, peak.direction = True, 1
    t, y, times = 0.0, [-65.0, -13.0], []
    while True:
        found = solve_ivp(rates, (t, duration), y, method="LSODA", rtol=1e-10, atol=1e-10,
                          events=peak)
        if found.status != 1:
            return np.array(times)
        t = found.t_events[0][0]
        times.append(t)
        y = [c, found.y_events[0][0][1] + d]


def _gates(v):
    return ((0.1*(v + 40)/(1 - np.exp(-(v + 40)/10)), 4*np.exp(-(v + 65)/18)),
            (0.07*np.exp(-(v + 65)/20), 1/(1 + np.exp(-(v + 35)/10))),
            (0.01*(v + 55)/(1 - np.exp(-(v + 55)/10)), 0.125*np.exp(-(v + 65)/80)))


def hodgkin_huxley(drive, duration):
    """Return spike times in ms at a constant drive in uA/cm2, from rest at -65 mV."""
    def rates(_t, y):
        v, m, h, n = y
        current = 120*m**3*h*(v - 50) + 36*n**4*(v + 77) + 0.3*(v + 54.4)
        return [drive - current, *(a*(1 - x) - b*x for x, (a, b) in zip((m, h, n), _gates(v),
                                                                        strict=True))]

    def upwards(_t, y):
        return y[0]

    upwards.direction = 1
    start = [-65.0, *(a/(a + b) for a, b in _gates(-65.0))]
    return solve_ivp(rates, (0, duration), start, method="LSODA", rtol=1e-10, atol=1e-12,
                     events=upwards).t_events[0]


def adaptive(drive, steps, parts, *, tau=20.0, thr=0.01, refractory=5):
    """Run the recursion of the LSNN program in steps of 1 ms; return v, b and z by step.

    `parts`: (tau in ms, beta) of each part of the threshold; b has the shape (steps, parts).
    """
    alpha, (tau_b, beta) = np.exp(-1/tau), np.transpose(parts)
    rho = np.exp(-1/tau_b)
    v = z = 0.0
    b, trace, blocked = np.zeros(len(parts)), [], 0
    for _ in range(steps):
        b = rho*b + (1 - rho)*z
        threshold = thr + beta @ b
        v = alpha*v + (1 - alpha)*drive - z*threshold
        z = float(v > threshold and blocked == 0)
        blocked = refractory if z else max(blocked - 1, 0)
        trace.append((v, b, z))
    return tuple(map(np.array, zip(*trace, strict=True)))
