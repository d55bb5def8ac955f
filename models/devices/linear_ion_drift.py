"""Linear ion drift in TiO2 (Strukov 2008), alone and with three window functions.

Positive voltage grows the doped region and SETs. The law has no threshold: every
voltage moves the state, so a read must be small and short. Four devices, one per
window: `linear_ion_drift` (Joglekar), `linear_ion_drift_biolek`,
`linear_ion_drift_prodromakis` and `linear_ion_drift_unwindowed`.
"""

from brian2 import kohm, metre, msecond, mvolt, nmetre, ohm, second, usecond, volt

from brianmem import Device, Evidence

_EQUATIONS = """
    dx/dt = mobility*R_on/D**2 * I * window : 1     # doped fraction
    window = {window} : 1
    R = R_on*x + R_off*(1 - x)              : ohm
    I = v/R                                 : amp
    """
_PARAMETERS = {"R_on": 100*ohm, "R_off": 16*kohm, "D": 10*nmetre,
               "mobility": 1e-14*metre**2/second/volt}
# R_off and R_init (as x = (R_off - R_init)/(R_off - R_on)) of Biolek 2009, cases (a) to (c).
_BIOLEK_CASES = {"Biolek2009a": {"R_off": 16*kohm, "x": 0.314465},
                 "Biolek2009b": {"R_off": 38*kohm, "x": 0.263852},
                 "Biolek2009c": {"R_off": 5*kohm, "x": 0.816327}}


def _drift(name, window, reference, description, **window_parameters):
    references = ("Strukov2008", reference, "Biolek2009")
    published = Evidence("published", "D, mobility, R_on and the ratios R_off/R_on of Strukov "
                         "2008; initial resistance of Biolek 2009, case (a).",
                         ("Strukov2008", "Biolek2009"))
    return Device(
        name=name, equations=_EQUATIONS.format(window=window),
        parameters={**_PARAMETERS, **window_parameters},
        initial={"x": 0.314465}, bounds={"x": (0, 1)},
        references=tuple(dict.fromkeys(references)),
        evidence={"parameters": published,
                  **{k: Evidence("published", "SPICE example of Biolek 2009.", ("Biolek2009",))
                     for k in _BIOLEK_CASES},
                  "Strukov2008": Evidence("published", "Figure 2c: R_off/R_on = 380.",
                                          ("Strukov2008",)),
                  "operation": Evidence("proposed", "Pulses move x by a few percent of its range.")},
        parameter_sets={**_BIOLEK_CASES, "Strukov2008": {"R_off": 38*kohm}},
        operation={"set": (1*volt, 20*msecond), "reset": (-1*volt, 20*msecond),
                   "read": (10*mvolt, 100*usecond), "sweep": (1.2*volt, 1*second)},
        suggested_dt=500*usecond,
        description="Linear ion drift, positive voltage SETs. No threshold: a read moves the "
                    "state in proportion to its charge. " + description)


linear_ion_drift = _drift(
    "linear_ion_drift", "1 - ((2*x - 1)**2)**p", "Joglekar2009",
    "Joglekar window: motion stops at both bounds, so a state that reaches 0 or 1 stays there.",
    p=1)

linear_ion_drift_biolek = _drift(
    "linear_ion_drift_biolek", "1 - ((x - int(I < 0*amp))**2)**p", "Biolek2009",
    "Biolek window: motion slows only towards the bound ahead; the rate jumps where the "
    "current changes sign.", p=10)

linear_ion_drift_prodromakis = _drift(
    "linear_ion_drift_prodromakis", "j_max*(1 - ((x - 0.5)**2 + 0.75)**p)", "Prodromakis2011",
    "Prodromakis window, scalable by j_max and defined for any real p > 0.", p=1, j_max=1)

linear_ion_drift_unwindowed = _drift(
    "linear_ion_drift_unwindowed", "1", "Strukov2008",
    "No window: the rate is not zero at the bounds, where the state is cut off.")
