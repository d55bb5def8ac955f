"""The Mott channel against the law in u that it was derived from, and its own limits."""

import mpmath
import numpy as np
import pytest
from brian2 import Network, nsecond, volt

from brianmem import find
from brianmem.ode import ode_group
from tests.physics.measured import final, order

DEVICES = ("niobium_dioxide", "vanadium_dioxide_channel")


def rate_from_enthalpy(device, z, v):
    """Return dz/dt by the published law in u, with 60 digits."""
    p = {k: mpmath.mpf(float(x)) for k, x in device.parameters.items()}
    with mpmath.workdps(60):
        ln_u = -mpmath.exp(mpmath.mpf(z))
        u = mpmath.exp(ln_u)
        r = p["rho_ins"]*p["L"]/(mpmath.pi*p["r_ch"]**2)/(1 + (p["rho_ins"]/p["rho_met"] - 1)*u**2)
        loss = 2*mpmath.pi*p["L"]*p["kappa"]/-ln_u*p["dT"]
        enthalpy = mpmath.pi*p["L"]*p["r_ch"]**2*(
            p["c_p"]*p["dT"]*(1 - u**2 + 2*u**2*ln_u)/(2*u*ln_u**2) + 2*p["dh"]*u)
        du = (mpmath.mpf(v)**2/r - loss)/enthalpy
        return float(du/(u*ln_u))


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("z", [-7.0, -3.0, -1.0, 0.0, 1.0, 2.5, 4.0])
@pytest.mark.parametrize("v", [0.0, 0.7, 2.0])
def test_rate_is_that_of_the_law_in_u(name, z, v):
    device = find(name)
    exact = rate_from_enthalpy(device, z, v)
    assert float(device.evaluate("z", v=v*volt, z=z)) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("name", DEVICES)
def test_rate_is_finite_in_both_limits(name):
    device = find(name)
    p = {k: float(x) for k, x in device.parameters.items()}
    # A thin core shrinks by the heat capacity alone, a full one takes the latent heat too.
    thin = 4*p["kappa"]/(p["r_ch"]**2*p["c_p"])
    assert float(device.evaluate("z", z=4)) == pytest.approx(thin, rel=1e-12)
    full = 2*p["kappa"]*p["dT"]/(p["r_ch"]**2*(p["c_p"]*p["dT"] + 2*p["dh"]))
    assert float(device.evaluate("z", z=-7))*np.exp(-14) == pytest.approx(full, rel=5e-3)


def test_core_vanishes_exponentially_at_rest():
    device = find("niobium_dioxide")
    p = {k: float(x) for k, x in device.parameters.items()}
    tau = p["r_ch"]**2*p["c_p"]/(4*p["kappa"])
    grown = final(device, "0*volt", 0.5*nsecond, 10, {"z": 2.5})["z"] - 2.5
    assert grown == pytest.approx(0.5e-9/tau, rel=1e-4)


@pytest.mark.parametrize(("start", "conducts"), [(3.0, False), (-1.0, True)])
def test_both_states_are_stable_between_the_folds(start, conducts):
    # 0.7 V lies between the holding (0.448 V) and the threshold voltage (1.005 V).
    device = find("niobium_dioxide")
    z = final(device, "0.7*volt", 20*nsecond, 20, {"z": start})["z"]
    assert abs(float(device.evaluate("z", v=0.7*volt, z=z))) < 1e3
    assert (float(device.evaluate("u", z=z)) > 0.5) == conducts


@pytest.mark.parametrize(("height", "switches"), [(0.98, False), (1.03, True)])
def test_switches_only_above_the_threshold(height, switches):
    device = find("niobium_dioxide")
    z = final(device, f"{height}*volt", 60*nsecond, 60)["z"]
    assert (float(device.evaluate("u", z=z)) > 0.5) == switches


def test_order_of_convergence():
    # Explicit steps resolve it only this finely; the protocols use error control.
    voltage = "1.3*volt + 0.1*volt*sin(2*pi*t/nsecond)"
    device = find("niobium_dioxide")
    found = order(device, "z", voltage, 0.2*nsecond, 40, {"z": 1.0}, method="rk4")
    assert found == pytest.approx(4, abs=0.5)


def test_error_control_agrees_with_fine_explicit_steps():
    device, voltage = find("niobium_dioxide"), "1.5*volt*sin(pi*t/(1.5*nsecond))"
    fine = final(device, voltage, 1.5*nsecond, 6000, {"z": 2.0}, method="rk4")["z"]
    coarse = final(device, voltage, 1.5*nsecond, 5, {"z": 2.0})["z"]
    assert coarse == pytest.approx(fine, abs=1e-4)


def test_stiff_device_is_integrated_with_error_control():
    made = ode_group(find("niobium_dioxide"), 1, "1.5*volt", dt=5*nsecond, target="numpy")
    Network(*made.objects).run(20*nsecond, namespace={})
    made.check()
    assert made.method == "adaptive"
    assert made.group.u[0] > 0.9
