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
SYNAPSE = SimpleNamespace(k_f=400.0, V_0=0.3, R_c=1e3, R_th=2e6, T_amb=300.0, T_m=600.0, dT_m=30.0,
                          k_d=40.0, k_r=1.0, k_s=0.1, V_s=0.15, low=2e-6, high=2e-3, I_cc=500e-6)
SILVER = SimpleNamespace(tau_0=78.6e-3, V_0=0.06, tau_off=100e-6, tau_min=1e-9, V_hold=0.05, w=1e-3,
                         on=1e-4, off=1e-10)
NBOX = SimpleNamespace(V_s=0.8, tau_s=4e-3, tau_0=0.1e-3, m=3.0, on=100e-6, off=1e-6)
VO2_CHANNEL = SimpleNamespace(rho_ins=1e-2, rho_met=2e-5, kappa=3.5, c_p=3.3e6, dh=2.35e8, dT=43.0,
                              r=36e-9, L=50e-9)


def nickelate(light):
    """Return the switch (of `rate_of_x`) in `light` (W/m2)."""
    decades = math.log10(1 + light)
    return SimpleNamespace(V_th=1.2*(1 - 0.15*decades), V_hold=0.3, on=1e3,
                           off=200e3*(1 - 0.2*decades), tau=1e-9)


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


def habituating(v_in, c=0.2e-9, leak=210e3, mirror=0.005, s=SYNAPSE, p=SILVER):
    """x of the switch, v, and filament and ruptured share of the synapse at a positive voltage."""
    v_th = p.V_0*math.log(p.tau_0/p.tau_off)

    def rhs(_t, y):
        x, v, filament, ruptured = y
        i = min(v_in*(s.low + s.high*filament*(1 - ruptured)), s.I_cc)
        t = s.T_amb + s.R_th*s.R_c*i**2
        grows = s.k_f*math.expm1(v_in/s.V_0)/math.expm1(1/s.V_0)
        closes = s.k_r + s.k_s*math.expm1(v_in/s.V_s)/math.expm1(1/s.V_s)
        bridged = 0.5 + 0.5*math.tanh((x - 0.5)/(2*p.w))
        felt = abs(v)*(1 + (v_th/p.V_hold - 1)*bridged)
        tau_on = p.tau_min + p.tau_0*math.exp(-felt/p.V_0)
        return ((1 - x)/tau_on - x/p.tau_off,
                (mirror*i - v/leak - v*(p.off + (p.on - p.off)*bridged))/c,
                grows*(1 - filament),
                s.k_d*(1 - ruptured)/(1 + math.exp(-(t - s.T_m)/s.dT_m)) - closes*ruptured)

    return rhs


def moved_threshold(current, number, r=100e3, c=10e-9, read=0.05, write=2.0, wide=50e-6, base=0.05,
                    gain=20e3, p=NBOX):
    """Return the times of the first spikes of a membrane whose threshold a volatile device moves."""
    def device(g, w):
        return (1 - g)*math.expm1((w/p.V_s)**2)/p.tau_s - g/(p.tau_0*math.exp(p.m*g))

    def threshold(_t, y, w):
        return y[0] - base - gain*w*(p.off + (p.on - p.off)*y[1])

    def rhs(_t, y, w):
        return (current - y[0]/r)/c, device(y[1], w)

    threshold.terminal, threshold.direction = True, 1
    t, y, times = 0.0, [0.0, 0.0], []
    while len(times) < number:
        found = solve_ivp(rhs, (t, t + 1), y, "Radau", args=(read,), rtol=1e-9, atol=1e-12,
                          events=threshold)
        times.append(found.t_events[0][0])
        written = solve_ivp(rhs, (0, wide), [0.0, found.y_events[0][0][1]], "Radau", args=(write,),
                            rtol=1e-9, atol=1e-12)
        t, y = times[-1] + wide, written.y[:, -1]
    return np.array(times)


def two_channels(v_in, r_in=5e3, r_s=500.0, c_in=0.1e-12, c_1=2e-9, r_2=5e3, c_2=1e-9, v_d=1.0,
                 p=VO2_CHANNEL):
    """z of both channels, voltages of both nodes and of the input's capacitor."""
    def channel(z, v):
        log = math.exp(min(max(z, -7), 4))
        u = math.exp(-log)
        heat = math.pi*p.L*p.r**2*(p.c_p*p.dT*(1 - u**2*(1 + 2*log))/2 + 2*p.dh*(u*log)**2)
        i = v*math.pi*p.r**2*(1 + (p.rho_ins/p.rho_met - 1)*u**2)/(p.rho_ins*p.L)
        rate = (2*math.pi*p.L*p.kappa*p.dT - v*i*log)/heat
        # A channel at rest stays at the bound of z = 4.
        return rate*(min(max((4 - z)/0.05, 0.0), 1.0) if rate > 0 else 1.0), i

    def rhs(_t, y):
        z_1, i_1 = channel(y[0], y[2] + v_d)
        z_2, i_2 = channel(y[1], y[3] - v_d)
        between, through = (y[2] - y[3])/r_2, (v_in - y[2] - y[4])/r_s
        return (z_1, z_2, ((v_in - y[2])/r_in + through - i_1 - between)/c_1,
                (between - i_2)/c_2, through/c_in)

    return rhs


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
