"""The neuristor against scipy's Radau on equations written out anew."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from brianmem.models.targets import niobium_neuristor as circuit

RHO_I, RHO_M, KAPPA, C_P, DH, DT, R_CH, LENGTH = 1e-2, 1e-4, 1.5, 2.6e6, 1.6e8, 784, 50e-9, 20e-9
R_L, C_1, C_2, V_D = 2.2e3, 5.1e-9, 0.75e-9, 0.9


def channel(z, v):
    """Return dz/dt and I."""
    log = np.exp(min(z, 4))
    u = np.exp(-log)
    heat = np.pi*LENGTH*R_CH**2*(C_P*DT*(1 - u**2*(1 + 2*log))/2 + 2*DH*(u*log)**2)
    current = v*np.pi*R_CH**2*(1 + (RHO_I/RHO_M - 1)*u**2)/(RHO_I*LENGTH)
    return (2*np.pi*LENGTH*KAPPA*DT - v*current*log)/heat, current


def first_spike(v_in, start):
    """Return the time (us) at which the output passes 0.3 V, the drive being on from `start` us."""
    def rates(t, y, v):
        z_1, i_1 = channel(y[0], y[2] + V_D)
        z_2, i_2 = channel(y[1], y[3] - V_D)
        between = (y[2] - y[3])/R_L
        return np.array([z_1, z_2, ((v - y[2])/R_L - i_1 - between)/C_1, (between - i_2)/C_2])*1e-6

    def spike(_t, y, _v):
        return y[3] - 0.3

    spike.direction, spike.terminal = 1, True
    rest = solve_ivp(rates, (0, start), [3, 3, -5.85e-3, 66.3e-3], "Radau", args=(0,), rtol=1e-8,
                     atol=1e-10)
    driven = solve_ivp(rates, (start, start + 9), rest.y[:, -1], "Radau", args=(v_in,), rtol=1e-8,
                       atol=1e-10, events=spike)
    return driven.t_events[0][0]


def test_the_first_spike_comes_when_radau_says():
    exact = first_spike(0.3, 1) - 1
    assert float(circuit.latency("0.3 V"))*1e6 == pytest.approx(exact, rel=1e-3)
