"""Kirchhoff's laws of the memristive neurons, written by hand for scipy, independent of netlists."""

import math
from types import SimpleNamespace

import numpy as np
from scipy.integrate import solve_ivp

from brianmem.models.devices._threshold import _WINDOW

#: Numbers of the netlists (SI), stated a second time.
VO2 = SimpleNamespace(V_th=0.663, V_hold=0.118, on=49.0, off=642.0, tau=0.2e-9)
GASE = SimpleNamespace(V_th=1.0, V_hold=0.2, on=1e3, off=1e6, tau=1e-9, k=0.8, tau_q=40e-6,
                       tau_a=2e-3)


def resistance(x, p):
    return p.off*math.exp(x*x*(3 - 2*x)*math.log(p.on/p.off))


def rate_of_x(v, x, p, v_th=None):
    v_th = p.V_th if v_th is None else v_th
    span = (v_th - p.V_hold)/_WINDOW
    size = math.sqrt(v*v + 1e-12)
    return (0.5 + 0.5*math.tanh(((2*size - v_th - p.V_hold)/span + 2*x - 1)/0.08) - x)/p.tau


def spikes(rhs, start, duration, state=0, level=0.5):
    """Integrate with Radau; return the times at which a state rises through `level`, and the trace."""
    def crossed(_t, y):
        return y[state] - level

    crossed.direction = 1
    found = solve_ivp(rhs, (0, duration), start, "Radau", rtol=1e-6, atol=1e-9, events=crossed)
    assert found.success, found.message
    return found.t_events[0], found


def oscillator(v_in, r_load=3e3, c=1.8e-9, p=VO2):
    """x, v of a switch across a capacitor behind a resistor."""
    return lambda _t, y: (rate_of_x(y[1], y[0], p),
                          ((v_in - y[1])/r_load - y[1]/resistance(y[0], p))/c)


def lif(current, c=1.8e-9, p=VO2):
    """x, v of a switch across a capacitor that a current charges."""
    return lambda t, y: (rate_of_x(y[1], y[0], p),
                         ((current(t) if callable(current) else current)
                          - y[1]/resistance(y[0], p))/c)


def alif(current, c=1.8e-9, r_s=5.0, r_q=10e3, c_a=1e-9, r_a=20e3, g_a=6e-3, v_dd=1.0, p=VO2):
    """x, v, a: as `lif`, but a spike charges C_a, which takes current from the capacitor."""
    def rhs(_t, y):
        x, v, a = y
        r = resistance(x, p)
        i = v/(r + r_s)
        closed = 1/(1 + math.exp(-np.clip((i*r_s - 30e-3)/2e-3, -80, 80)))
        r_switch = 1e9*math.exp(closed*math.log(100/1e9))
        return (rate_of_x(i*r, x, p), (current - i - g_a*a)/c,
                ((v_dd - a)/(r_q + r_switch) - a/r_a)/c_a)

    return rhs


def gallium_selenide(v_in, r_load=50e3, c=1e-9, p=GASE):
    """x, v, a: as `oscillator`, with a residue a that raises the threshold."""
    return lambda _t, y: (rate_of_x(y[1], y[0], p, p.V_th + p.k*y[2]),
                          ((v_in - y[1])/r_load - y[1]/resistance(y[0], p))/c,
                          (1 - y[2])*y[0]/p.tau_q - y[2]/p.tau_a)


def diffusive(source, duration, step=5e-7):
    """Return when the bridge closes under a constant source, by explicit steps."""
    v, s, tot, res, full, times = 0.0, 1.0, 0.9, 0.9, False, []
    for k in range(round(duration/step)):
        closed = tot >= 1
        open_ = not (closed and s > 1)
        r = 5e3*tot/s**2 + 1e10*(math.exp((1 - tot)/0.1) - 1)/(math.exp(10) - 1)
        fil = min(max(tot - res, 0), 1)
        rate_v = ((source - v)/47e3 - v/r)/4.7e-9
        rate_tot = abs(v)*150/(1.01 - tot) - (5000*fil + 0.1*res)*open_
        rate_res = (20*fil - 0.1*res)*open_
        rate_s = closed*200*abs(v)*math.exp(1 - s) - 10*math.exp(s - 1)
        v, s = v + step*rate_v, min(max(s + step*rate_s, 1), 5)
        tot, res = min(max(tot + step*rate_tot, 0), 1), min(max(res + step*rate_res, 0), 1)
        if tot >= 1 and not full:
            times.append(k*step)
        full = tot >= 1
    return np.array(times)
