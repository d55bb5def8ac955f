"""Retention in closed form: power-law drift, and a stretched exponential.

Laws of conductance over time and temperature, independent of the device's equations.
"""

from dataclasses import dataclass

import numpy as np
from brian2 import kelvin, second, siemens, volt
from brian2.units.constants import boltzmann_constant, elementary_charge
from brian2.units.fundamentalunits import DIMENSIONLESS, get_dimensions

from brianmem.errors import FitError
from brianmem.evidence import Evidence
from brianmem.fitting.tasks import Task
from brianmem.overlays import PowerLawDrift, StretchedRetention
from brianmem.units import parse_quantity

_BOLTZMANN, _EV = float(boltzmann_constant), float(elementary_charge)
_JOULE = get_dimensions(boltzmann_constant * kelvin)


def power_law(t, G_0, nu, t_0=1.0):
    """Return G_0*(t/t_0)**-nu."""
    return G_0 * (t / t_0)**-nu


def stretched_exponential(t, G_0, G_inf, tau, beta):
    """Return G_inf + (G_0 - G_inf)*exp(-(t/tau)**beta)."""
    return G_inf + (G_0 - G_inf) * np.exp(-(t / tau)**beta)


def arrhenius(temperature, tau_0, E_a):
    """Return tau_0*exp(E_a/(k*T)); E_a in joule, the temperature in kelvin."""
    return tau_0 * np.exp(E_a / (_BOLTZMANN * temperature))


@dataclass(frozen=True)
class ClosedForm:
    """A law, the unit of each of its parameters, and where a search for them begins."""

    law: object
    dimensions: dict
    start: dict
    bounds: dict


class Retention(Task):
    """Conductance over time (and temperature) under a `ClosedForm`."""

    logarithmic_x = True

    def __init__(self, form, t, conductance, temperature=None):
        super().__init__(conductance, 1e-6 * np.min(conductance), "conductance", ("time", t))
        self.device, self.form, self.t, self.temperature = None, form, t, temperature

    def predict(self, values):
        """Return the conductance (n, points)."""
        columns = {k: np.asarray(v)[:, None] for k, v in values.items()}
        with np.errstate(all="ignore"):
            return self.form.law(self.t, self.temperature, **columns)


def form_for(name, t, conductance, temperature, t_0):
    """Return the `ClosedForm` called `name` with a start made from the data, SI."""
    first, last = float(conductance[np.argmin(t)]), float(conductance[np.argmax(t)])
    if name == "power_law":
        return ClosedForm(lambda t, _T, G_0, nu: power_law(t, G_0, nu, t_0),
                          {"G_0": siemens.dim, "nu": DIMENSIONLESS}, {"G_0": first, "nu": 0.01},
                          {"G_0": (first / 10, first * 10), "nu": (-1.0, 1.0)})
    positive = t[t > 0]
    middle = float(np.sqrt(positive.min() * positive.max()))
    span = (positive.min() / 1e2, positive.max() * 1e2)
    common = {"G_0": first, "G_inf": last, "beta": 0.6}
    bounds = {"G_0": (first / 3, first * 3), "G_inf": (0.0, 2 * max(first, last)),
              "beta": (0.1, 1.5)}
    dimensions = {"G_0": siemens.dim, "G_inf": siemens.dim, "beta": DIMENSIONLESS}
    if temperature is None or np.ptp(temperature) == 0:
        return ClosedForm(lambda t, _T, G_0, G_inf, beta, tau:
                          stretched_exponential(t, G_0, G_inf, tau, beta),
                          {**dimensions, "tau": second.dim}, {**common, "tau": middle},
                          {**bounds, "tau": span})
    # The time at the mean temperature, not at an infinite one: it hardly depends on E_a.
    mean = float(np.mean(temperature))

    def law(t, T, G_0, G_inf, beta, tau_mean, E_a):
        tau = arrhenius(T, tau_mean, E_a) / arrhenius(mean, 1.0, E_a)
        return stretched_exponential(t, G_0, G_inf, tau, beta)

    return ClosedForm(law, {**dimensions, "tau_mean": second.dim, "E_a": _JOULE},
                      {**common, "tau_mean": middle, "E_a": 1.0 * _EV},
                      {**bounds, "tau_mean": span, "E_a": (0.05 * _EV, 4 * _EV)})


def retention_model(result):
    """Return the retention model that the `Result` of a retention fit stands for.

    A `StretchedRetention` (at one temperature it knows of no other: `E_a` is 0), or a
    `PowerLawDrift`; all devices lose the same share of their own conductance. Raises
    `FitError` for the result of anything else, `VariationError` for numbers that the
    model does not take.
    """
    if (result.attrs.get("kind"), result.attrs.get("protocol")) != ("fit", "retention"):
        raise FitError("this is not the result of a fit of retention. Make one with "
                       "'brianmem fit FILE.csv --protocol retention'.")
    found = {k: float(v) for k, v in result.parameters.items()}
    evidence = Evidence("fitted", f"Fitted to {result.attrs['source']}, rms residual "
                        f"{100 * result.metrics['rms']:.3g} %.")
    if "nu" in found:
        since = result.attrs["options"].get("reference_time", "1 s")
        return PowerLawDrift(nu=found["nu"], t0=parse_quantity(since, second, "reference_time"),
                             evidence=evidence)
    energy, tau0 = found.get("E_a", 0.0), found.get("tau")
    if tau0 is None:
        mean = float(np.mean(np.asarray(result["temperature"])))
        tau0 = found["tau_mean"] / float(arrhenius(mean, 1.0, energy))
    return StretchedRetention(tau0=tau0 * second, E_a=energy / _EV * volt, beta=found["beta"],
                              level=found["G_inf"] / found["G_0"], evidence=evidence)
