"""Circuits against closed forms, root solvers and conservation laws."""

import numpy as np
import pytest
from brian2 import Network, StateMonitor, kohm, ms, second, us
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from scipy.optimize import brentq

from brianmem import Circuit

ns = 1e-9 * second
NUMPY = {"codeobj_class": NumpyCodeObject}


def traces(netlist, duration, names, dt, n=1, parameters=None, **options):
    """Run and return times and each named trace, in SI units: states and sources at one time."""
    group = Circuit(netlist, parameters=options.pop("values", {})).group(
        n, dt=dt, parameters=parameters, **NUMPY, **options)
    monitor = StateMonitor(group, names, record=True, codeobj_class=NumpyCodeObject)
    network = Network(group, monitor)
    network.run(duration, namespace={})
    times = np.array(monitor.t / second)
    return times, *(np.array(getattr(monitor, f"{n}_")).squeeze() for n in names), group


def test_low_pass_of_each_copy():
    t, v, _ = traces("V1 a 0 5\nR1 a b 10k\nC1 b 0 1n", 30 * us, ["v_b"], 3 * us, 3,
                     {"R1": [5, 10, 20] * kohm})
    tau = np.array([[5e-6], [10e-6], [20e-6]])
    np.testing.assert_allclose(v, 5 * (1 - np.exp(-t / tau)), rtol=1e-5)


@pytest.mark.parametrize("ohm", [10, 200, 5000])
def test_series_resonance_weak_and_strong_damping(ohm):
    inductance, capacitance = 1e-3, 1e-7
    t, v, i, _ = traces(f"V1 a 0 1\nR1 a b {ohm}\nL1 b c 1m\nC1 c 0 100n", 200 * us,
                        ["v_c", "i_L1"], 10 * us)
    roots = np.roots([inductance * capacitance, ohm * capacitance, 1]).astype(complex)
    weights = np.array([roots[1], -roots[0]]) / (roots[0] - roots[1])
    exact = 1 + np.real(sum(w * np.exp(r * t) for w, r in zip(weights, roots, strict=True)))
    slope = np.real(sum(w * r * np.exp(r * t) for w, r in zip(weights, roots, strict=True)))
    np.testing.assert_allclose(v, exact, atol=2e-4)
    np.testing.assert_allclose(i, capacitance * slope, atol=2e-4 * np.sqrt(capacitance / inductance))


def test_error_follows_the_tolerance():
    errors = []
    for relative in (1e-3, 1e-5, 1e-7):
        t, v, _ = traces("I1 0 a 1u\nL1 a 0 1m ic=1m\nC1 a 0 1u\nR1 a 0 1meg", 100 * us, ["v_a"],
                         50 * us, relative=relative)
        # Undamped to 1e-4: compare with the closed form of the parallel circuit.
        decay = 1 / (2 * 1e6 * 1e-6)
        omega = np.sqrt(1 / (1e-3 * 1e-6) - decay**2)
        slope = (1e-6 - 1e-3) / 1e-6
        errors.append(abs(v[-1] - slope / omega * np.exp(-decay * t[-1]) * np.sin(omega * t[-1])))
    assert errors[0] < 1e-2
    assert errors[1] < 0.2 * errors[0]
    assert errors[2] < 0.2 * errors[1]


def test_steps_of_a_fixed_method_converge_with_its_order():
    errors = []
    for dt in (0.1 * us, 0.05 * us):
        times, v, _ = traces("V1 a 0 sin(0 1 50k)\nR1 a b 1k\nC1 b 0 2n", 4 * us + dt, ["v_b"], dt,
                         method="rk4")
        w, tau = 2 * np.pi * 5e4, 2e-6
        t = times[-1]
        wave = np.sin(w * t) - w * tau * np.cos(w * t) + w * tau * np.exp(-t / tau)
        exact = wave / (1 + (w * tau)**2)
        errors.append(abs(v[-1] - exact))
    assert 12 < errors[0] / errors[1] < 20


def test_inverting_amplifier_and_integrator():
    _, out, _ = traces("V1 in 0 0.25\nR1 in minus 1k\nR2 minus out 10k\nE1 out 0 0 minus 1meg", 2 * us,
                       ["v_out"], 1 * us)
    assert out[-1] == pytest.approx(-2.5 / (1 + 11e-6), rel=1e-9)
    t, out, _ = traces("V1 in 0 0.25\nR1 in minus 1k\nC1 minus out 1u\nE1 out 0 0 minus 1meg", 1 * ms,
                       ["v_out"], 0.1 * ms)
    np.testing.assert_allclose(out, -0.25 * t / 1e-3, rtol=1e-4)


def test_current_controlled_sources():
    _, b, c, _ = traces("V1 a 0 1\nR1 a 0 1k\nF1 0 b V1 2\nR2 b 0 500\nH1 c 0 R1 3k\nR3 c 0 1k", 2 * us,
                        ["v_b", "v_c"], 1 * us)
    assert b[-1] == pytest.approx(-2 * 1e-3 * 500)
    assert c[-1] == pytest.approx(3)


def test_diode_settles_at_the_root():
    thermal, saturation = 0.025864186, 1e-14
    _, v, _ = traces("V1 a 0 2\nR1 a b 1k\nD1 b 0\nC1 b 0 1p", 1 * us, ["v_b"], 50 * ns)
    root = brentq(lambda v: (2 - v) / 1e3 - saturation * np.expm1(v / thermal), 0, 1, xtol=1e-14)
    assert v[-1] == pytest.approx(root, rel=1e-5)


def test_rectifier_holds_the_peak():
    _, v, i, _ = traces("V1 a 0 sin(0 5 1k)\nD1 a b\nC1 b 0 1u\nR1 b 0 100k", 2 * ms, ["v_b", "i_D1"],
                        20 * us)
    late = v[50:]
    assert 4.1 < late.min() < late.max() < 4.7
    assert i.min() > -1e-13
    # What falls between the peaks is the discharge through R1.
    assert late.max() - late.min() == pytest.approx(late.max() * (1 - np.exp(-1e-3 / 0.1)), rel=0.15)


def level_one(gate, drain, vto, kp, modulation):
    over = gate - vto
    if over <= 0:
        return 0.0
    triode = (over - drain / 2) * drain if drain < over else over**2 / 2
    return kp * triode * (1 + modulation * drain)


@pytest.mark.parametrize("v_in", [0.2, 0.8, 1.0, 1.3, 1.9])
def test_inverter_settles_at_the_root_of_the_level_1_law(v_in):
    _, v, _ = traces(f".model n nmos kp=100u vto=0.5 lambda=0.05\n.model p pmos kp=40u vto=-0.5 "
                     f"lambda=0.05\nVdd d 0 2\nV1 in 0 {v_in}\nM1 out in d d p w=200u l=100u\n"
                     "M2 out in 0 0 n\nC1 out 0 10f", 40 * ns, ["v_out"], 2 * ns)

    def balance(out):
        return level_one(2 - v_in, 2 - out, 0.5, 80e-6, 0.05) - level_one(v_in, out, 0.5, 100e-6, 0.05)

    assert v[-1] == pytest.approx(brentq(balance, 0, 2, xtol=1e-12), abs=1e-4)


def test_transistor_is_odd_in_exchange_of_drain_and_source():
    _, a, b, _ = traces(".model n nmos kp=100u vto=0.5\nV1 g 0 2\nV2 d 0 1\nM1 d g 0 n\nM2 0 g d n",
                        2 * ns, ["i_M1", "i_M2"], 1 * ns)
    assert a[-1] == pytest.approx(level_one(2, 1, 0.5, 100e-6, 0))
    assert b[-1] == pytest.approx(-a[-1])


def test_switch_goes_from_one_resistance_to_the_other():
    t, i, _ = traces("V1 a 0 1\nV2 c 0 pwl(0 0 1m 1)\nS1 a 0 c 0 ron=100 roff=1meg vt=0.5 width=10m",
                     1 * ms, ["i_S1"], 0.1 * ms)
    assert i[0] == pytest.approx(1e-6, rel=1e-3)
    assert i[np.argmin(abs(t - 0.5e-3))] == pytest.approx(1e-4, rel=1e-6)  # the geometric mean
    assert i[-1] == pytest.approx(1e-2, rel=1e-3)


def test_switch_with_hysteresis_closes_and_opens_at_its_own_thresholds():
    t, control, closed, _ = traces(
        ".model gate SW(Ron=100 Roff=1meg Vt=0.2 Vh=0.3)\nV1 a 0 1\nV2 c 0 pwl(0 -1 1m 1 2m -1)\n"
        "S1 a 0 c 0 GATE", 2 * ms, ["v_c", "S1_closed"], 1 * us)
    changes = np.flatnonzero(np.diff(closed > 0.5))
    assert control[changes] == pytest.approx([0.5, -0.1], abs=0.01)
    assert closed.min() < 1e-6
    assert closed.max() > 1 - 1e-6
    assert np.all(np.diff(t[changes]) > 0.5e-3)


def test_coupled_tanks_ring_in_two_modes():
    k, inductance, capacitance = 0.6, 1e-3, 1e-9
    t, a, b, _ = traces(".subckt coils p s\nL1 p 0 1m\nL2 s 0 1m\nK1 l1 L2 {k}\n.ends\n"
                        "C1 a 0 1n ic=1\nC2 b 0 1n\nX1 a b coils\nR1 a 0 1g\nR2 b 0 1g",
                        30 * us, ["v_a", "v_b"], 1 * us, values={"k": k})
    common, opposite = (np.cos(t / np.sqrt(inductance * capacitance * (1 + s * k))) for s in (1, -1))
    np.testing.assert_allclose(a, (common + opposite) / 2, atol=2e-3)
    np.testing.assert_allclose(b, (common - opposite) / 2, atol=2e-3)


def test_charge_is_shared_and_conserved_in_a_loop_of_capacitors():
    _, a, b, _ = traces("I1 0 a pulse(0 1m 1u 1n 1n 1u)\nC1 a b 1n ic=0.5\nC2 b 0 2n ic=0.1\n"
                        "C3 a 0 3n\nR1 a 0 1g", 4 * us, ["v_a", "v_b"], 0.1 * us)
    # Node b is an island: the charge of C2 less that of C1 stays.
    np.testing.assert_allclose(2e-9 * b - 1e-9 * (a - b), 2e-9 * 0.1 - 1e-9 * 0.5, atol=1e-15)
    delivered = 1e-3 * (1e-6 + 1e-9)
    total = 3e-9 * a + 1e-9 * (a - b)
    assert total[-1] - total[0] == pytest.approx(delivered, rel=1e-4)


def test_coupled_oscillation_keeps_its_energy():
    _, v, w, i, _ = traces("C1 a 0 1n ic=1\nL1 a b 1m\nC2 b 0 2n\nR1 a 0 1t", 20 * us,
                           ["v_a", "v_b", "i_L1"], 1 * us, relative=1e-8)
    energy = 0.5 * (1e-9 * v**2 + 2e-9 * w**2 + 1e-3 * i**2)
    np.testing.assert_allclose(energy, 0.5e-9, rtol=1e-5)
    assert v.min() < 0.5 < v.max()


BALANCE = """V1 a 0 pulse(0 2 0 0.5u 0.5u 4u 8u)
I1 0 c sin(0 1m 200k)
R1 a b 1k
C1 b 0 1n
L1 b c 100u
R2 c 0 500
E1 d 0 b c 2
R3 d b 5k
D1 b 0 is=1p"""


@pytest.mark.parametrize("relative", [1e-4, 1e-6])
def test_energy_supplied_is_dissipated_and_stored(relative):
    netlist = BALANCE + "\nB1 0 meter I={v(a,b)*i(R1) + v(c)*i(R2) + v(d,b)*i(R3) + v(b)*i(D1)}"
    netlist = netlist.replace("I={", "I={(").replace("i(D1)}", "i(D1))*1e-3/volt}")
    # The meter's capacitor integrates the heat, and draws nothing from the rest.
    circuit = Circuit(f"{netlist}\nCm meter 0 1n")
    group = circuit.group(1, dt=0.5 * us, energy=True, relative=relative, **NUMPY)
    Network(group).run(20 * us, namespace={})
    heat = float(group.v_meter[0]) * 1e-9 / 1e-3
    in_meter = 0.5e-9 * float(group.v_meter[0])**2
    stored = 0.5e-9 * float(group.v_b[0])**2 + 0.5 * 1e-4 * float(group.i_L1[0])**2
    supplied = float(group.energy[0]) - in_meter
    assert heat > 1e-9
    assert supplied == pytest.approx(heat + stored, rel=50 * relative)
