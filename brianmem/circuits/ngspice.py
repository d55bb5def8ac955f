"""A circuit as a netlist for ngspice, as an independent check of compiler and integrator.

A state of a device is the voltage of a capacitor that a behavioural source charges, in
units in which it is about 1. Nothing of the compiled equations is used: Kirchhoff's laws
are left to ngspice.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from brian2 import second

from brianmem.circuits.ngspice_writer import Writer
from brianmem.errors import CircuitError, suggestion
from brianmem.units import check_unit

_TIMEOUT = 120


def netlist_text(circuit, parts, models, *, duration, dt, initial=None, record=None, native=False,
                 tolerance=1e-6):
    """Return `circuit` as a netlist that ``ngspice -b`` runs.

    Parameters
    ----------
    duration, dt : Quantity
        End of the transient analysis and its longest step.
    initial : dict
        State to its value at the start.
    record : sequence of str
        Names of the circuit to save (all node voltages and states).
    native : bool
        Write D and M as ngspice's own models, for which brianmem's are no check.
    tolerance : float
        Relative tolerance of ngspice.
    """
    _check(circuit, duration, dt)
    return Writer(circuit, parts, models, initial or {}, native).text(duration, dt, record, tolerance)


def _check(circuit, duration, dt):
    for name, value in (("duration", duration), ("dt", dt)):
        check_unit(value, second, f"{circuit}: {name}")
        if not 0 < float(value) < np.inf:
            raise CircuitError(f"{circuit}: {name} must be above 0 s, got {value!s}.")
    if circuit.is_stochastic:
        raise CircuitError(f"{circuit}: ngspice has nothing for the noise of a device.")
    if circuit.events:
        raise CircuitError(f"{circuit}: ngspice has nothing for the events of a device.")


def run(text, names=None):
    """Run a netlist of `Circuit.to_ngspice`; return ``t`` and each recorded name, SI arrays.

    Raises `CircuitError` where ngspice is missing, fails, or gives up before the end.
    """
    if not shutil.which("ngspice"):
        raise CircuitError("ngspice is not installed (on Debian and Ubuntu: apt install ngspice).")
    known = {n: (float(s), v) for n, s, v in re.findall(r"^\* (\w+) = (\S+) \* (\S+)$", text, re.M)}
    for name in names or ():
        if name not in known:
            raise CircuitError(f"The netlist does not record '{name}'{suggestion(name, known)} "
                               f"Known: {', '.join(known)}.")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "run.cir").write_text(text)
        done = subprocess.run(["ngspice", "-b", "-r", "out.raw", "run.cir"], cwd=folder,
                              capture_output=True, text=True, timeout=_TIMEOUT)
        raw = Path(folder) / "out.raw"
        vectors = _raw(raw.read_bytes()) if raw.exists() else {}
    end = float(re.search(r"^\.tran \S+ (\S+)", text, re.M)[1])
    t = vectors.get("time", np.zeros(1))
    # Where a step finds no solution ngspice gives up and leaves a short file.
    if not (len(t) and t[-1] >= end * (1 - 1e-9)):
        fault = next((line for line in done.stderr.splitlines() if line.strip()), "no message")
        reached = float(t[-1]) if len(t) else 0.0
        raise CircuitError(f"ngspice stopped at {reached:.6g} s of {end:.6g} s: {fault.strip()}")
    return {"t": t, **{n: known[n][0] * vectors[known[n][1].lower()] for n in names or known}}


def _raw(content):
    """Read ngspice's binary file of real vectors."""
    head, _, body = content.partition(b"Binary:\n")
    lines = head.decode(errors="replace").splitlines()
    if "Variables:" not in lines:
        return {}
    names = [line.split()[1].lower() for line in lines[lines.index("Variables:") + 1:]]
    if not names:
        return {}
    rows = np.frombuffer(body[:len(body) // 8 // len(names) * 8 * len(names)]).reshape(-1, len(names))
    return dict(zip(names, rows.T, strict=True))
