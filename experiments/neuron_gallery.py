"""Show the behaviours of one netlist: two vanadium dioxide channels and some R and C.

Claim: neurons of two vanadium dioxide channels show many of the behaviours of biological
neurons, each with values of its own, and all three classes of excitability.
Citation: W. Yi et al., Nat. Commun. 9, 4661 (2018).
Published: 23 behaviours and the three classes (abstract). Values of circuits, channels and
stimuli here are proposed, the rules are ours; the source shows recorded traces.
Run time: half a minute, most of it the one build.
"""

import sys
from pathlib import Path

if not __package__:  # run as a file, perhaps in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from brian2 import TimedArray, nsecond, second, usecond, volt

from brianmem import Result, find, provenance
from brianmem.experiments._behaviours import BEHAVIOURS, END
from brianmem.experiments._claim import judged
from brianmem.models.targets._firing import firing
from brianmem.units import format_quantity

#: How many behaviours are claimed.
CLAIMED = 10
_GRID = 0.1  # us, of the stimuli


def main(dt: second = 100*nsecond, quick: bool = False) -> Result:
    """Run every circuit and its control under their stimuli, all as copies of one group.

    Parameters
    ----------
    dt : clock step
    quick : what the tests run; it is the same
    """
    neuron = find("vanadium_neuron")
    jobs = [(k, control, s) for k, b in enumerate(BEHAVIOURS) for control in (False, True)
            for s in range(len(b.stimuli))]
    values = [BEHAVIOURS[k].control if control else BEHAVIOURS[k].circuit for k, control, _ in jobs]
    drive = _drives([BEHAVIOURS[k].stimuli[s] for k, _, s in jobs])
    run = firing(neuron, "stimulus", END*usecond, n=len(jobs), dt=dt,
                 parameters=_parameters(neuron, values), initial=_rest(neuron, values, drive[0]),
                 namespace={"stimulus": TimedArray(drive*volt, dt=_GRID*usecond)},
                 record=("v_b", "V_in"), every=max(1, round(1e-7/float(dt))))
    found, rejected = (_judge(jobs, run, control) for control in (False, True))
    shown = [jobs.index((k, False, b.shown)) for k, b in enumerate(BEHAVIOURS)]
    beside = [jobs.index((k, False, b.shown if b.beside is None else b.beside))
              for k, b in enumerate(BEHAVIOURS)]
    data = {"name": np.array([b.name for b in BEHAVIOURS]), "detected": found.astype(int),
            "control_detected": rejected.astype(int), "t": run.t*second,
            "V_in": run.V_in[shown]*volt, "v_b": run.v_b[shown]*volt,
            "V_in_beside": run.V_in[beside]*volt, "v_b_beside": run.v_b[beside]*volt,
            "spikes": np.array([len(run.times[c]) for c in shown])}
    axes = {**dict.fromkeys(("name", "detected", "control_detected", "spikes"), ("behaviour",)),
            "t": ("time",),
            **dict.fromkeys(("V_in", "v_b", "V_in_beside", "v_b_beside"), ("behaviour", "time"))}
    return Result(data, axes, {"dt": dt}, _attrs(neuron), _metrics(found, rejected, quick))


def _drives(stimuli):
    t = np.arange(round(END/_GRID) + 1)*_GRID
    return np.stack([np.interp(t, *zip(*corners, strict=True)) for corners in stimuli], axis=1)


def _parameters(neuron, values):
    names = sorted({name for v in values for name in v})
    return {name: np.array([float(v.get(name, neuron.parameters[name])) for v in values])
            * neuron.parameters[name]/float(neuron.parameters[name]) for name in names}


def _rest(neuron, values, level):
    """Return the capacitors' voltages with both channels insulating, Kirchhoff at a and b."""
    p = {k: float(x) for k, x in neuron.parameters.items()}
    leak = np.pi*p["X1_r_ch"]**2/(p["X1_rho_ins"]*p["X1_L"])
    rest = []
    for changed, v in zip(values, level, strict=True):
        q = p | {k: float(x) for k, x in changed.items()}
        joined = 1/q["RL2"]
        matrix = [[1/q["RL1"] + joined + leak, -joined], [-joined, joined + leak]]
        rest.append(np.linalg.solve(matrix, [v/q["RL1"] + q["VD1"]*leak, q["VD2"]*leak]))
    a, b = np.array(rest).T
    return {"v_a": a*volt, "v_b": b*volt, "u_Cin": (level - a)*volt}


def _judge(jobs, run, control):
    found = []
    for k, behaviour in enumerate(BEHAVIOURS):
        copies = [jobs.index((k, control, s)) for s in range(len(behaviour.stimuli))]
        found.append(bool(behaviour.rule([run.times[c]*1e6 for c in copies],
                                         run.v_b[copies].max(axis=1))))
    return np.array(found)


def _metrics(found, rejected, quick):
    names = [b.name for b in BEHAVIOURS]
    claim = judged(quick, ten_behaviours=found.sum() >= CLAIMED,
                   every_control_rejected=not rejected.any(),
                   all_three_classes=all(found[names.index(f"Class {k} excitability")]
                                         for k in (1, 2, 3)))
    return {"detected": int(found.sum()), "of": len(BEHAVIOURS),
            "controls_rejected": int((~rejected).sum()),
            "not_detected": [n for n, yes in zip(names, found, strict=True) if not yes],
            "basis": "proposed values and rules; 23 behaviours are published", **claim}


def _attrs(neuron):
    def shown(values):
        return ", ".join(f"{k} = {format_quantity(v)}" for k, v in values.items()) or "default"

    return provenance.collect(
        kind="neuron_gallery", equations=neuron.equations, references=neuron.references,
        neuron=neuron.name, evidence={k: e.kind for k, e in neuron.evidence.items()},
        circuits={b.name: shown(b.circuit) for b in BEHAVIOURS},
        controls={b.name: shown(b.control) for b in BEHAVIOURS},
        criteria={b.name: b.criterion for b in BEHAVIOURS},
        stimuli={b.name: str(b.stimuli) for b in BEHAVIOURS})


def plot(result):
    """Draw the output over the stimulus of each behaviour, and whether its rule saw it."""
    from brianmem import plotting

    runs = [(result[f"v_b{which}"], result[f"V_in{which}"]) for which in ("", "_beside")]
    return {"gallery": plotting.gallery(result["name"], result["t"], runs, result["detected"])}


if __name__ == "__main__":
    from brianmem.cli import run_experiment

    raise SystemExit(run_experiment(__file__))
