"""Let light set the rate of a neuron: a nickelate switch that is its own photoreceptor.

Claim: in a LIF circuit whose threshold switch is sensitive to light, the rate follows the
irradiance, without a separate sensor: silent in the dark, faster the brighter.
Citation: X. Peng, Y. Gan, S. Guo, Chip 3, 100093 (2024), which reviews such a neuron.
Published: only that I-V curve and rate depend on light. The law and all numbers are proposed.
Run time: a minute, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import hertz, metre, msecond, second, usecond, volt, watt

from brianmem import Result, find, provenance
from brianmem.errors import InputError
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing, rate
from brianmem.models.targets.nickelate_lif import closed_form

#: Irradiances (W/m2) of three equal parts of the scene.
SCENE = (0.0, 5.0, 200.0)
_FLUX = watt/metre**2


def main(points: int = 25, duration: second = 2*msecond, quick: bool = False) -> Result:
    """Measure the rate at constant irradiances and the response to a scene that changes.

    Parameters
    ----------
    points : irradiances from 0.3 to 1000 W/m2
    duration : at each
    quick : few points and a short run, for a look and for tests
    """
    if points < 3 or not float(duration) > 1e-4:
        raise InputError("--points must be at least 3 and --duration above 0.1 ms.")
    points, duration = (9, 0.4*msecond) if quick else (points, duration)
    neuron = find("nickelate_lif")
    light = np.concatenate([[0], np.geomspace(0.3, 1000, points)])
    run = firing(neuron, light*_FLUX, duration)
    found = np.array([rate(t) for t in run.times])
    exact = np.array([closed_form(x) for x in light])
    part = 100*usecond
    text = " + ".join(f"{x!r}*watt/metre**2*int(t >= {k}*part)*int(t < {k + 1}*part)"
                      for k, x in enumerate((*SCENE, SCENE[0])))
    scene = firing(neuron, text, 4*part, namespace={"part": part}, record=("v_mem", "light"))
    counts = np.histogram(scene.times[0], np.arange(5)*float(part))[0]
    fine = np.geomspace(0.3, 1000, 400)
    data = {"light": light*_FLUX, "rate": found*hertz, "fine_light": fine*_FLUX,
            "exact": np.array([closed_form(x) for x in fine])*hertz,
            "t": scene.t*second, "v_mem": scene.v_mem[0]*volt, "scene": scene.light[0]*_FLUX,
            "scene_spikes": scene.times[0]*second, "counts": counts}
    axes = {"light": ("light",), "rate": ("light",), "fine_light": ("fine_light",),
            "exact": ("fine_light",), "t": ("time",),
            "v_mem": ("time",), "scene": ("time",), "scene_spikes": ("spike",), "counts": ("part",)}
    return Result(data, axes, {"points": points, "duration": duration}, _attrs(neuron),
                  _metrics(light, found, exact, counts, quick))


def _metrics(light, found, exact, counts, quick):
    fires = (found > 0) & (exact > 0)
    claim = judged(quick, silent_in_the_dark=found[0] == 0 and counts[0] == counts[3] == 0,
                   monotone=np.all(np.diff(found) >= 0) and np.all(np.diff(found[fires]) > 0),
                   brighter_is_faster_in_the_scene=0 < counts[1] < counts[2],
                   some_light_makes_it_fire=fires.any())
    return {"onset_W_m2": float(light[fires].min()) if fires.any() else None,
            "rate_max_Hz": float(found.max()),
            "worst_from_closed_form": float(np.abs(found[fires]/exact[fires] - 1).max())
            if fires.any() else None,
            "basis": "proposed; the review states only that the rate depends on light", **claim}


def _attrs(neuron):
    return provenance.collect(
        kind="light_sensitive_neuron", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()})


def plot(result):
    """Draw the rate against light, and the membrane while the light changes."""
    from brianmem import plotting

    lit = np.asarray(result["light"]) > 0
    return {"rate": plotting.rate_sweeps(
                [(result["light"][lit], result["rate"][lit],
                  (result["fine_light"], result["exact"]), None)],
                ("Irradiance",), "Rate", log=True),
            "scene": plotting.traces(
                result["t"], [("Voltage", result["v_mem"]), ("Light", result["scene"])],
                spikes=result["scene_spikes"])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
