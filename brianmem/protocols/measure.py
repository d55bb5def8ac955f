"""What is read off the traces: cell voltage, current, conductance, and the `Result`."""

import numpy as np
from brian2 import amp, joule, mvolt, second, siemens, volt
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem import equations as eq
from brianmem import provenance
from brianmem.cell import cell_voltage_numpy
from brianmem.result import Result

#: Read voltage of a device that states none: small enough to measure, not to switch.
DEFAULT_READ = 10 * mvolt


def read_voltage(device, asked=None):
    """Return the voltage at which a protocol states conductance."""
    if asked is not None:
        return asked
    return device.operation["read"][0] if "read" in device.operation else DEFAULT_READ


def cell(setup, v_source, states, cycle=None):
    """Return cell voltage and current (n, points), SI numbers.

    `v_source` is (points,), `states` and the `cycle` parameters are (n, points).
    """
    values = _values(setup, states, cycle)
    v = np.broadcast_to(v_source, (setup.n, np.shape(v_source)[-1]))
    if setup.series_resistance is not None or setup.compliance is not None:
        v = _behind(setup, v, values)
    return v, _current(setup, v, values)


def conductance(setup, voltage, states, cycle=None):
    """Return I(V)/V of the bare cell at `voltage` (V), SI numbers (n, points)."""
    return _current(setup, voltage, _values(setup, states, cycle)) / voltage


def _values(setup, states, cycle):
    fixed = {k: np.asarray(q, dtype=float)[:, None] for k, q in setup.parameters.items()}
    return {**states, **fixed, **(cycle or {})}


def _behind(setup, v_source, values):
    device = setup.device
    used = eq.needed_lines(device.model, "I")[1]
    given = {**{k: float(q) for k, q in device.namespace.items()}, **values}
    arguments = [given[k] for k in (*device.states, *device.namespace) if k in used]
    r = 0.0 if setup.series_resistance is None else float(setup.series_resistance)
    limit = np.inf if setup.compliance is None else float(setup.compliance)
    return cell_voltage_numpy(device)(v_source, r, limit, *arguments)


def _current(setup, v, values):
    given = {k: Quantity(a, dim=setup.device.dimension(k)) for k, a in values.items()}
    # An exponential in a denominator may overflow: its limit is right.
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(setup.device.evaluate("I", v=v * volt, **given))


def make_result(protocol, setup, seed, traces, data=None, axes=None, metrics=None, **attrs):
    """Join consecutive traces into a `Result`; data, axes and attrs are added to it."""
    device, n = setup.device, setup.n
    joined = _join(device, traces)
    v = np.concatenate([trace.v for trace in traces], axis=1)
    current = np.concatenate([trace.current for trace in traces], axis=1)
    source = np.concatenate([trace.v_source for trace in traces])
    read = float(read_voltage(device, getattr(protocol, "read_voltage", None)))
    read_out = conductance(setup, read, joined["states"], joined["cycle"])
    arrays = {"v": v * volt, "I": current * amp, "energy": joined["energy"] * joule,
              "conductance": read_out * siemens,
              **{k: Quantity(a, dim=device.dimension(k)) for k, a in joined["states"].items()}}
    if not np.array_equal(np.broadcast_to(source, v.shape), v):
        arrays["v_source"] = np.broadcast_to(source, v.shape) * volt
    arrays = {k: _spread(a, v.shape) for k, a in arrays.items()}
    names = dict.fromkeys(arrays, ("instance", "t"))
    arrays.update(data or {})
    names.update(axes or {})
    if n == 1:
        arrays = {k: a[0] if names[k][:1] == ("instance",) else a for k, a in arrays.items()}
        names = {k: tuple(x for x in a if x != "instance") for k, a in names.items()}
    arrays["t"], names["t"] = joined["t"] * second, ("t",)
    return Result(
        data=arrays, axes=names, metrics=metrics or {},
        parameters={**device.namespace, **setup.parameters},
        attrs={**_attrs(protocol, setup, seed, traces, read), **attrs})


def scan_result(protocol, setup, seed, data, axes, metrics, traces=(), **attrs):
    """Make a `Result` of arrays that have no common time; for one copy without its axis."""
    if setup.n == 1:
        data = {k: a[0] if axes[k][:1] == ("instance",) else a for k, a in data.items()}
        axes = {k: tuple(x for x in a if x != "instance") for k, a in axes.items()}
    read = read_voltage(setup.device, getattr(protocol, "read_voltage", None))
    return Result(
        data=data, axes=axes, metrics=metrics,
        parameters={**setup.device.namespace, **setup.parameters},
        attrs={**_attrs(protocol, setup, seed, traces, read), **attrs})


def _spread(array, shape):
    dim = get_dimensions(array)
    return Quantity(np.broadcast_to(array, shape), dim=dim)


def _join(device, traces):
    offset, spent = 0.0, 0.0
    times, energy = [], []
    for trace in traces:
        times.append(trace.t + offset)
        energy.append(trace.energy + spent)
        offset, spent = times[-1][-1], energy[-1][:, -1:]
    along = {"states": device.states, "cycle": traces[0].cycle}
    joined = {kind: {k: np.concatenate([getattr(trace, kind)[k] for trace in traces], axis=1)
                     for k in names} for kind, names in along.items()}
    return {"t": np.concatenate(times), "energy": np.concatenate(energy, axis=1), **joined}


def _attrs(protocol, setup, seed, traces, read):
    device = setup.device
    return provenance.collect(
        equations=device.equations, seed=seed, references=device.references,
        kind=protocol.kind, device=device.name, device_repr=repr(device),
        protocol=repr(protocol), evidence={k: e.kind for k, e in device.evidence.items()},
        instances=setup.n, read_voltage_V=float(read), dt_s=[trace.dt for trace in traces],
        step_error_tolerances=max((trace.error for trace in traces), default=0.0),
        bound_hits={k: sum(int(np.sum(t.hits[k])) for t in traces) for k in device.bounds},
        stuck=0 if setup.stuck is None else int(np.sum(setup.stuck[0])))
