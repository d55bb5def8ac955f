"""Put four neurons under a constant drive: one that does not adapt, and three that do.

Claim: under a constant drive the rate of a LIF neuron stays, while that of the vanadium
dioxide neuron with an RC circuit, of the gallium selenide neuron and of DEXAT falls to a
plateau, close to f8 + (f0 - f8) exp(-n/n0); gallium selenide needs no circuit for it.
Citation: X. Peng, Y. Gan, S. Guo, Chip 3, 100093 (2024); R. Yuan et al., Nat. Commun. 14
(2023); A. Shaban et al., Nat. Commun. 12, 4234 (2021).
Published: that these neurons adapt. The numbers of all four are fitted to other data or
proposed, so that only shapes may be compared, not times.
Run time: three minutes, most of it the builds.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import hertz, msecond, second, usecond
from scipy.optimize import curve_fit

from brianmem import Result, find, provenance
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing
from brianmem.models.targets.gallium_selenide import adapted

#: Neuron: duration, and a shorter clock step than it suggests, where its reset needs it.
NEURONS = {"lif": (500*msecond, None), "vanadium_alif": (60*usecond, None),
           "gallium_selenide_lif": (1.3*msecond, None), "dexat": (1500*msecond, 100*usecond)}
ADAPTIVE = tuple(NEURONS)[1:]


def main(quick: bool = False) -> Result:
    """Drive each neuron at its stated firing drive and fit the rate of its intervals.

    Parameters
    ----------
    quick : raise if the claim does not hold; the runs are short anyway
    """
    data, axes, fits, neurons = {}, {}, {}, []
    for name, (duration, dt) in NEURONS.items():
        neuron = find(name)
        neurons.append(neuron)
        times = firing(neuron, neuron.operation["fires"], duration, dt=dt).times[0]
        f = 1/np.diff(times)
        fits[name], curve = _fitted(f)
        data |= {f"t_{name}": times[1:]*second, f"rate_{name}": f*hertz, f"fit_{name}": curve*hertz}
        axes |= dict.fromkeys((f"t_{name}", f"rate_{name}", f"fit_{name}"), (f"interval_{name}",))
    return Result(data, axes, {}, _attrs(neurons), _metrics(fits, data, quick))


def _fitted(f):
    """Return plateau, first rate, spikes of decay, misfit over the first rate and R2; the curve."""
    n = np.arange(len(f))
    if np.ptp(f) < 1e-2*f[0]:  # nothing decays
        return {"plateau": f.mean(), "first": f[0], "decay": None, "misfit": 0.0}, \
            np.full(len(f), f.mean())
    best, _ = curve_fit(adapted, n, f, (f[-1], f[0], 5), maxfev=5000)
    curve = adapted(n, *best)
    return {"plateau": best[0], "first": best[1], "decay": best[2],
            "misfit": np.abs(curve - f).max()/f[0],
            "r_squared": 1 - np.sum((curve - f)**2)/np.sum((f - f.mean())**2)}, curve


def _metrics(fits, data, quick):
    share = {name: float(fit["plateau"]/fit["first"]) for name, fit in fits.items()}
    falling = {name: np.asarray(data[f"rate_{name}"]) for name in ADAPTIVE}
    claim = judged(
        quick, lif_keeps_its_rate=abs(share["lif"] - 1) < 0.02,
        the_others_fall_by_a_fifth=all(share[name] < 0.8 for name in ADAPTIVE),
        monotone=all(np.diff(f).max() < 0.02*f[0] for f in falling.values()),
        near_an_exponential=all(fits[name]["misfit"] < 0.1 for name in ADAPTIVE))
    return {**{f"plateau_over_first_{name}": value for name, value in share.items()},
            **{f"spikes_of_decay_{name}": float(fits[name]["decay"]) for name in ADAPTIVE},
            **{f"{key}_{name}": float(fits[name][key]) for key in ("misfit", "r_squared")
               for name in ADAPTIVE},
            "basis": "fitted or proposed numbers; only the shapes can be compared", **claim}


def _attrs(neurons):
    return provenance.collect(
        kind="adaptive_neurons", equations="\n\n".join(n.equations for n in neurons),
        references=list(dict.fromkeys(key for n in neurons for key in n.references)),
        neurons=[n.name for n in neurons],
        evidence={n.name: n.evidence["parameters"].kind for n in neurons})


def plot(result):
    """Draw the rate of each neuron over time, and the fitted exponential."""
    from brianmem import plotting

    titles = {"lif": "LIF", "vanadium_alif": "VO$_2$ and RC circuit",
              "gallium_selenide_lif": "GaSe, plain circuit", "dexat": "DEXAT"}
    return {"adaptation": plotting.adaptation(
        [(titles[n], *(result[f"{k}_{n}"] for k in ("t", "rate", "fit"))) for n in NEURONS])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
