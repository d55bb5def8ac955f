"""Fit the parameters of a device to measured data."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from brian2 import amp, joule, kelvin, second, siemens, volt
from brian2.units.constants import elementary_charge
from brian2.units.fundamentalunits import get_dimensions

from brianmem import budget, provenance
from brianmem.errors import FitError, suggestion
from brianmem.fitting.device_file import device_source, rounded
from brianmem.fitting.fitted import fitted_device
from brianmem.fitting.free import Free, choose, make_free, values_of
from brianmem.fitting.hints import HOPELESS, hints_for
from brianmem.fitting.measurements import MEASUREMENTS
from brianmem.fitting.pruning import nearer, pruned
from brianmem.fitting.search import search
from brianmem.fitting.statistics import PRECISION, statistics
from brianmem.fitting.tables import as_table
from brianmem.fitting.tasks import OutOfTime, settle
from brianmem.hdf5 import write_bytes
from brianmem.result import Result
from brianmem.units import format_quantity, is_number

_UNITS = {"current": amp, "conductance": siemens, "delay": second, "time": second,
          "voltage": volt, "pulse": 1}
_EV = float(elementary_charge)
_PATIENCE = 3.0  # times the seconds of a fit, after which an evaluation under way is given up


@dataclass(frozen=True, repr=False, eq=False)
class FitResult:
    """What a fit found.

    `device` is the fitted device (None where a closed form was fitted), `parameters`
    and `errors` (standard errors) map the free names to quantities, `status` to
    "identified", "not identifiable to 3 %: reason" or, where the data say nothing,
    "not identifiable: reason". `rms` is the root mean square residual, about the relative
    error; `hints` say what may be wrong with the data of a hopeless fit; `result` holds
    data, fit, residuals, correlation and provenance.
    """

    device: object
    parameters: dict
    errors: dict
    status: dict
    correlation: np.ndarray
    rms: float
    chi2: float
    noise: float
    left: dict = field(default_factory=dict)
    result: Result = None
    hints: tuple = ()

    @property
    def identifiable(self):
        """Names of the parameters that the data determine."""
        return tuple(k for k, s in self.status.items() if not s.startswith("not"))

    def __str__(self):
        width = max(map(len, self.parameters))
        lines = [f"{name:<{width}}  {_with_error(value, self.errors[name])}  {self.status[name]}"
                 for name, value in self.parameters.items()]
        attrs = self.result.attrs
        lines.append(f"rms residual {100 * self.rms:.3g} % over {attrs['points']} points "
                     f"({attrs['weights']})")
        lines += [f"left as it was: {name} ({reason})" for name, reason in self.left.items()
                  if "no effect" not in reason]
        if attrs["out_of_time"]:
            lines.append(f"the {attrs['seconds']:g} s were over before the search was: more of them "
                         "may find a better fit")
        return "\n".join(lines)

    __repr__ = __str__

    def write_device(self, folder):
        """Write ``NAME.py`` with the fitted device into `folder` and return its path."""
        if self.device is None:
            raise FitError("A closed form was fitted, which is no device.")
        attrs = self.result.attrs
        path = Path(folder) / f"{self.device.name}.py"
        headline = f"{attrs['device'].replace('_', ' ').capitalize()}, fitted to {attrs['source']}."
        write_bytes(path, device_source(self.device, headline, _file_comment(self)).encode())
        return path


def fit(device, data, protocol="iv_sweep", free=None, bounds=None, *, name=None, columns=None,
        units=None, noise=None, precision=PRECISION, seed=0, generations=40, seconds=120.0,
        report=None, **options):
    """Fit `device` to `data` and return a `FitResult`.

    Parameters
    ----------
    data : path, or dict of quantities
        A CSV file, or columns by name: time, voltage, current, conductance, resistance,
        pulse, amplitude, width, delay, temperature. `columns` and `units` say what a
        file's header does not.
    protocol : {"iv_sweep", "pulse_train", "relaxation", "switching_time", "retention"}
        What the data are; `options` are the fields of its class in `MEASUREMENTS`.
        "retention" fits a closed form and needs no device.
    free : sequence of str
        Parameters, and states for their initial value. Default: those that the data
        can tell apart.
    bounds : dict
        Name to (low, high). Default: a factor of 10 around the device's value; 3 for
        plain numbers, volt and 1/volt, which stand in exponents; a state's own bounds.
    name : str
        Of the fitted device; default ``<device>_fitted``.
    noise : float
        Relative noise of the data, if known; default: estimated from the residuals.
    seconds : float
        Wall-clock time for choosing, searching and leaving out together; what has begun
        is finished. A fit that it ended says so.
    precision : float
        A parameter is called identified if its 95 % interval lies within this share.

    Residuals are relative where a value is far above 1e-4 of the largest, so that
    every decade counts. Raises `DatasetError` or `FitError` with one line.
    """
    for option, value in (("noise", noise), ("precision", precision), ("seconds", seconds)):
        if value is not None and not (is_number(value) and 0 < float(value) < np.inf):
            raise FitError(f"{option} must be a positive number, got {value!r}.")
    task, table, kind = _task(device, data, protocol, columns, units, options)
    run = {"seed": seed, "noise": noise, "options": options, "seconds": float(seconds),
           "started": time.monotonic()}
    # A single candidate may be endless, too.
    with budget.limited(f"fit of {device or kind}", _PATIENCE * float(seconds) + 10.0,
                        "Give more seconds, fewer points or fewer free parameters."):
        return _fit(device, task, table, kind, free, dict(bounds or {}), name, precision,
                    generations, report, run)


def _fit(device, task, table, kind, free, bounds, name, precision, generations, report, run):
    left, chosen = {}, free is None
    seed, noise, deadline = run["seed"], run["noise"], run["started"] + run["seconds"]
    if task.device is None:
        parameters = _closed_form(task, free, bounds)
    else:
        if free is None:
            _settled(task, {}, run)
            free, left = choose(device, task, bounds, noise)
        parameters = make_free(device, list(free), bounds)
    if not parameters:
        raise FitError("nothing to fit: free is empty.")
    found, run["error"] = _searched(task, parameters, seed, generations, run, report)
    if chosen and task.device is not None:
        # What can be told apart at the start need not be so where the fit ends.
        parameters, found, more = pruned(
            task, parameters, found, lambda f, p: statistics(f, p, noise), bounds, seed=seed,
            deadline=deadline, report=report)
        left.update(more)
    stats = statistics(found, parameters, noise, precision)
    run["wall_time"] = time.monotonic() - run["started"]
    return _finished(device if task.device is not None else None, name, table, task, kind,
                     parameters, found, stats, left, **run)


def _task(device, data, protocol, columns, units, options):
    key = str(protocol).replace("-", "_")
    if key not in MEASUREMENTS:
        raise FitError(f"no data of protocol '{protocol}'{suggestion(key, MEASUREMENTS)} Protocols: "
                       f"{', '.join(MEASUREMENTS)}.")
    cls = MEASUREMENTS[key]
    unknown = [k for k in options if k not in cls.__dataclass_fields__]
    if unknown:
        raise FitError(f"{key} has no option '{unknown[0]}'"
                       f"{suggestion(unknown[0], cls.__dataclass_fields__)} Options: "
                       f"{', '.join(cls.__dataclass_fields__)}.")
    if key != "retention":
        if device is None:
            raise FitError(f"{key} needs a device; only 'retention' fits a closed form.")
        if device.is_stochastic:
            raise FitError(f"{device}: its equations contain noise, so that no two runs agree. Take "
                           "the noise out for the fit.")
    table = as_table(data, columns, units)
    return cls(**options).task(device, table), table, key


def _closed_form(task, free, bounds):
    form = task.form
    for name in (*(free or ()), *bounds):
        if name not in form.start:
            raise FitError(f"no parameter '{name}' in this law{suggestion(name, form.start)} "
                           f"Parameters: {', '.join(form.start)}.")
    made = []
    for name, start in form.start.items():
        low, high = (float(b) for b in bounds.get(name, form.bounds[name]))
        made.append(Free(name, form.dimensions[name], float(np.clip(start, low, high)), low, high))
    return made


def _settled(task, values, run):
    try:
        settle(task, values, run["started"] + run["seconds"])
    except OutOfTime:
        raise FitError(f"{task.device}: {run['seconds']:g} s are over before one candidate is "
                       "simulated well. Give more seconds, or fewer points.") from None


def _searched(task, parameters, seed, generations, run, report):
    """Search; once more downhill if the best candidate needs a shorter step."""
    deadline = run["started"] + run["seconds"]
    _settled(task, {p.name: np.array([p.start]) for p in parameters}, run)
    found = search(task, parameters, seed, generations, deadline, report)
    if found.interrupted or task.resolution is None:
        return found, 0.0
    before = task.resolution
    try:
        error = settle(task, values_of(parameters, found.u[:, None]), deadline)
    except OutOfTime:
        task.resolution = before
        return replace(found, late=True), np.nan
    if task.resolution != before:
        again = search(task, nearer(parameters, found.u), seed, 0, deadline, report)
        found = replace(again, late=again.late or found.late)
    return found, error


def _finished(device, name, table, task, kind, parameters, found, stats, left, **run):
    best = {p.name: rounded(p.quantity(float(p.value(u))))
            for p, u in zip(parameters, found.u, strict=True)}
    errors = {p.name: p.quantity(float(e)) for p, e in zip(parameters, stats.errors, strict=True)}
    status = dict(zip(best, stats.status, strict=True))
    rms = float(np.sqrt(np.mean(found.residuals**2)))
    made = None
    if device is not None:
        made = fitted_device(device, name or f"{device.name}_fitted", best, status, table, task,
                              rms, kind)
    result = _result(device, made, table, task, kind, best, errors, status, found, stats, rms, run)
    hints = hints_for(task) if rms > HOPELESS else ()
    return FitResult(made, best, errors, status, stats.correlation, rms, stats.chi2, stats.noise,
                     left, result, hints)


def _result(device, made, table, task, kind, best, errors, status, found, stats, rms, run):
    unit = _UNITS[task.quantity]
    name, x = task.x
    predicted = task.predict({k: np.array([float(v)]) for k, v in best.items()})[0]
    data = {"x": x * _UNITS[name],
            "measured": task.y * unit, "fitted": predicted * unit, "residual": found.residuals,
            "correlation": stats.correlation}
    axes = dict.fromkeys(("x", "measured", "fitted", "residual"), ("point",))
    axes["correlation"] = ("parameter", "other")
    if getattr(task, "temperature", None) is not None:
        data["temperature"], axes["temperature"] = task.temperature * kelvin, ("point",)
    attrs = provenance.collect(
        equations=device.equations if device is not None else type(task).__name__,
        seed=run["seed"], references=device.references if device is not None else (),
        dataset_sha256=table.digest, wall_time=run["wall_time"], kind="fit", protocol=kind,
        device=device.name if device is not None else "closed form",
        device_repr=repr(made) if made is not None else "", source=Path(table.source).name,
        x=name, quantity=task.quantity, logarithmic_x=task.logarithmic_x, points=len(task.y),
        free=list(best), status=list(status.values()),
        standard_errors=[float(e) for e in errors.values()],
        weights=f"relative far above {format_quantity(2 * task.floor * unit, 2)}, absolute below",
        noise_given=run["noise"], noise_estimated=stats.noise, evaluations=found.evaluations,
        interrupted=found.interrupted, out_of_time=found.late, seconds=run["seconds"],
        step_error=run["error"],
        options={k: str(v) for k, v in run["options"].items()})
    metrics = {"rms": rms, "chi2": stats.chi2, "degrees_of_freedom": stats.degrees,
               "noise": stats.noise, "points": len(task.y),
               "not_identifiable": ", ".join(k for k, s in status.items() if s.startswith("not")),
               **{k: float(v) for k, v in best.items()},
               **{f"{k}_error": float(v) for k, v in errors.items()}}
    return Result(data, axes, dict(best), attrs, metrics)


def _with_error(value, error):
    if get_dimensions(value) is joule.dim:  # an activation energy
        return f"{float(value) / _EV:.4g} eV +- {float(error) / _EV:.2g} eV"
    return f"{format_quantity(value)} +- {format_quantity(error, 2)}"


def _file_comment(fitted):
    lines = [f"{k} = {_with_error(v, fitted.errors[k])} ({fitted.status[k]})"
             for k, v in fitted.parameters.items()]
    return f"Root mean square residual {100 * fitted.rms:.3g} %. " + "; ".join(lines) + "."
