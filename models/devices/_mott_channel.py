"""The metallic core that Joule heat makes in a cylindrical channel (Pickett and Williams 2012)."""

from brianmem import Device

# The enthalpy per unit of u diverges at u = 0 and the conductance of heat at u = 1. In
# z = ln(ln(1/u)) both are finite: du/dt = -u*l*dz/dt with l = ln(1/u) leaves, after
# multiplying by l, the loss 2*pi*L*kappa*dT, the gain v*I*l and the heat below, which is
# c_p*dT*l**2 + 2*dh*l**2 in units of pi*L*r_ch**2 for u -> 1 and c_p*dT/2 for u -> 0.
_EQUATIONS = """
dz/dt = (2*pi*L*kappa*dT - v*I*l)/heat    : 1        # z = ln(ln(r_ch/r_met))
l = exp(z)                                : 1
u = exp(-l)                               : 1        # r_met/r_ch
heat = pi*L*r_ch**2*(c_p*dT*(1 - u**2*(1 + 2*l))/2 + 2*dh*(u*l)**2) : joule
R = rho_ins*L/(pi*r_ch**2)/(1 + (rho_ins/rho_met - 1)*u**2) : ohm
I = v/R                                   : amp
"""

STATE_OF_Z = (
    "The state is z = ln(-ln(u)) of the radius u of the metallic core over that of the channel: "
    "u itself underflows at rest, and steps onto u = 1, where the conductance of heat diverges, "
    "throw it back; z is unconstrained and its rate finite in both limits. At rest z grows "
    "without end; it is stopped at 4, where u = 2e-24 has long left the resistance.")


def mott_channel(name, **fields):
    """Return the Device `name` of this law; it starts without a core."""
    return Device(name=name, equations=_EQUATIONS, initial={"z": 3}, bounds={"z": (-7, 4)},
                  stiff=True, **fields)
