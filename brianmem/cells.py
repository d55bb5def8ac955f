"""Two-terminal cells: a device with what limits or selects it, which again is a `Device`.

A device whose current is linear in `v` at a given state divides the voltage in closed
form; any other gets lines that solve for its voltage (`brianmem.inner_voltage`). Brian2
cannot record `v_m` or `I` of such a group in reasonable time: record the states and call
``cell.evaluate``, as protocols do.
A series resistance that the device's ``operation`` states is dropped: the cell has its own.
"""

from dataclasses import replace

import numpy as np
from brian2 import amp, ohm, siemens, volt
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq
from brianmem import inner_voltage
from brianmem.cell import linear_conductance
from brianmem.device import Device
from brianmem.errors import DeviceError, UnitError
from brianmem.evidence import Evidence
from brianmem.ode import RESERVED
from brianmem.units import check_unit, is_number

# Passes in the polarity that nothing limits, and through a closed gate.
_OPEN, _CLOSED = "1e6*amp", "1e-15*amp"


def with_series_resistor(device, R):
    """Return `device` behind the resistance `R` (ohm)."""
    _positive(device, "R", R, ohm)
    inner, r = _free(device, "v_m"), _free(device, "R_series")
    linear = linear_conductance(device)
    lines = [f"{inner} = v/(1 + {r}*({linear})) : volt"] if linear is not None else \
        inner_voltage.divider(device, inner, lambda u: f"{u}/{r}")
    return _cell(device, "series", inner, lines, {r: R}, "A series resistance stands before it.")


def with_compliance(device, I_cc, polarity="both"):
    """Return `device` behind a source that limits the current through it to `I_cc` (amp).

    `polarity` is "both", or "set" to limit only the polarity that SETs.
    """
    _positive(device, "I_cc", I_cc, amp)
    name = _free(device, "I_cc")
    lines, inner = _limited(device, name, polarity)
    return _cell(device, "compliance", inner, lines, {name: I_cc}, "A current limit acts on it.")


def one_transistor(device, k, V_t, V_g, saturation="square", polarity="set"):
    """Return the 1T1R cell: the transistor limits the current as its gate ``V_g`` allows.

    The limit is k/2*(V_g - V_t)**2 with `k` in A/V^2, or, for ``saturation="velocity"``,
    k*(V_g - V_t) with `k` in siemens; nothing below saturation. ``V_g`` is an input of
    the cell: ``cell.with_parameters(V_g=1.2*volt)``. By default the gate is wide open
    in the polarity that RESETs.
    """
    units = {"square": amp/volt**2, "velocity": siemens}
    if saturation not in units:
        raise DeviceError(f"{device}: saturation must be square or velocity, got {saturation!r}.")
    _positive(device, "k", k, units[saturation])
    for name, value in (("V_t", V_t), ("V_g", V_g)):
        _number(device, name, value, volt)
    gain, threshold, limit = (_free(device, n) for n in ("k_T", "V_t", "I_dsat"))
    if "V_g" in (*device.model, *device.namespace):
        raise DeviceError(f"{device}: 'V_g' is the gate of the cell. Rename it in the device.")
    open_ = f"clip(V_g - {threshold}, 0*volt, 1e3*volt)"
    law = f"0.5*{gain}*{open_}**2" if saturation == "square" else f"{gain}*{open_}"
    lines, inner = _limited(device, limit, polarity)
    return _cell(device, "1t1r", inner, [f"{limit} = {law} + {_CLOSED} : amp", *lines],
                 {gain: k, threshold: V_t}, "A transistor limits its current.", {"V_g": V_g})


def one_selector(device, selector):
    """Return the 1S1R cell: `device` in series with the `selector`, another `Device`.

    Names of the selector get the prefix ``selector_``; its states are states of the cell.
    """
    for one in (device, selector):
        if not isinstance(one, Device):
            raise DeviceError(f"{device}: a 1S1R cell joins two Devices, got {one!r}.")
    inner, other = _free(device, "v_m"), selector.scoped("selector")
    linear, own = linear_conductance(device), linear_conductance(selector)
    names = {n: f"selector_{n}" for n in ("v", *selector.model, *selector.namespace)}
    if linear is not None and own is not None:
        g = word_substitute(own, names)
        lines = [f"{inner} = v*({g})/(({g}) + ({linear})) : volt"]
    else:
        law = word_substitute(eq.flatten(selector.model, "I"), names)
        lines = inner_voltage.divider(device, inner, lambda u: "abs(" + word_substitute(
            law, {"selector_v": f"({inner}_sign*{u})"}) + ")")
    lines += [f"selector_v = v - {inner} : volt",
              *eq.renamed_text(selector.model, names).splitlines()]
    made = _cell(device, "1s1r", inner, lines, other.namespace,
                 f"In series with the selector '{selector.name}'.",
                 initial=other.initial, bounds=other.bounds, events=other.events,
                 references=selector.references)
    return replace(made, stiff=device.stiff or selector.stiff)


def complementary_pair(device, weight=1):
    """Return the XNOR cell: a device that holds the weight and one that holds its complement.

    The input ``x`` (1 or 0; ``x_in`` where the device has an x) puts the voltage on the
    first or the second, and the other sees 0 V. So the cell conducts where it equals
    `weight`. Names of the two get the endings ``_w`` and ``_n``; they share parameters.
    """
    on, off = _switched(device)
    wanted = "x_in" if "x" in (*device.namespace, *device.model) else "x"
    texts, initial, bounds, events = [], {}, {}, ()
    for end, share, start in (("w", wanted, on if weight else off),
                              ("n", f"(1 - {wanted})", off if weight else on)):
        names = {n: f"{n}_{end}" for n in ("v", *device.model)}
        texts += [f"v_{end} = {share}*v : volt", eq.renamed_text(device.model, names)]
        initial |= {names[k]: q for k, q in start.items()}
        bounds |= {names[k]: b for k, b in device.bounds.items()}
        events += _events(device, names)
    evidence = {k: e for k, e in _evidence(device, "Two of them are complementary.").items()
                if k in ("parameters", "operation")}
    return replace(
        device, name=f"{device.name}_pair", equations="\n".join([*texts, "I = I_w + I_n : amp"]),
        inputs={**device.inputs, wanted: 1}, initial=initial, bounds=bounds, events=events,
        parameter_sets={}, evidence=evidence,
        description=f"{device.description} Two complementary devices as an XNOR cell.")


def xnor_column(device, weights, inputs, sigma=0.0, seed=None):
    """Return the current at the read voltage of a column of XNOR cells, and its threshold.

    `weights` and `inputs` hold 0 or 1 for each row (last axis). `sigma` is the relative
    spread (lognormal) of every device. The threshold is that of half the rows matching.
    """
    weights, inputs = np.broadcast_arrays(np.asarray(weights), np.asarray(inputs))
    if not np.all(np.isin([weights, inputs], (0, 1))):
        raise DeviceError(f"{device}: weights and inputs of an XNOR column are 0 or 1.")
    on, off = (float(device.evaluate("I", v=device.read_voltage, **s)) for s in _switched(device))
    rng, rows = np.random.default_rng(seed), weights.shape[-1]
    # Devices belong to rows, whatever inputs they see.
    high, low = np.exp(sigma * rng.standard_normal((2, rows)))
    current = np.where(weights == inputs, on * high, off * low).sum(axis=-1)
    return current * amp, rows / 2 * (on + off) * amp


def half_selected(scheme, rows, columns=None):
    """Return (cells, share of the write voltage) of all cells of an array, the selected first.

    ``V/2`` leaves most cells at 0 V; under ``V/3`` no cell sees more than a third, but all
    see that much.
    """
    columns = rows if columns is None else columns
    shares = {"V/2": (1 / 2, 0.0), "V/3": (1 / 3, -1 / 3)}
    if scheme not in shares:
        raise DeviceError(f"the write scheme must be V/2 or V/3, got {scheme!r}.")
    line, rest = shares[scheme]
    return ((1, 1.0), (rows + columns - 2, line), ((rows - 1) * (columns - 1), rest))


def _switched(device):
    """Return the states of highest and lowest conductance at the read voltage."""
    if len(device.states) != 1 or device.states[0] not in device.bounds:
        raise DeviceError(f"{device}: a complementary pair needs a device with one bounded state.")
    (state,) = device.states
    ends = [{state: like} for like in _ends(device, state)]
    return tuple(sorted(ends, key=lambda s: -abs(float(device.conductance(**s)))))


def _ends(device, state):
    return [Quantity(float(b), dim=device.dimension(state)) for b in device.bounds[state]]


def _limited(device, limit, polarity):
    """Return lines for the inner voltage under the current named `limit`, and its name."""
    if polarity not in ("both", "set"):
        raise DeviceError(f"{device}: polarity must be both or set, got {polarity!r}.")
    inner, linear = _free(device, "v_m"), linear_conductance(device)
    lines = []
    if polarity == "set":
        if "set" not in device.operation:
            raise DeviceError(f"{device}: polarity='set' needs operation={{'set': ...}}. Add it or "
                              "use polarity='both'.")
        forward = "<" if float(device.operation["set"][0]) > 0 else ">"
        lines = [f"{inner}_limit = {limit} + int(v {forward} 0*volt)*{_OPEN} : amp"]
        limit = f"{inner}_limit"
    if linear is None:
        return lines + inner_voltage.limited(device, inner, limit), inner
    share = f"clip(abs(v), 0*volt, {limit}/({linear} + 1e-300*siemens))"
    return [*lines, f"{inner} = sign(v)*{share} : volt"], inner


def _cell(device, suffix, inner, lines, parameters, note, inputs=None, initial=None, bounds=None,
          events=(), references=()):
    own = eq.renamed_text(device.model, {"v": inner})
    return replace(
        device, name=f"{device.name}_{suffix}", equations="\n".join([*lines, own]),
        parameters={**device.parameters, **parameters},
        inputs={**device.inputs, **(inputs or {})},
        initial={**device.initial, **(initial or {})},
        bounds={**device.bounds, **(bounds or {})},
        events=(*_events(device, {"v": inner}), *events),
        references=tuple(dict.fromkeys((*device.references, *references))),
        operation={kind: tuple(pulse)[:2] for kind, pulse in device.operation.items()},
        evidence=_evidence(device, note), description=f"{device.description} {note}".strip())


def _events(device, names):
    return tuple(tuple(word_substitute(text, names) for text in event) for event in device.events)


def _evidence(device, note):
    """The cell's own elements are chosen, whatever stands behind the device."""
    found = dict(device.evidence)
    for key in ("parameters", "operation"):
        old = found.get(key, Evidence("proposed"))
        found[key] = Evidence("proposed", f"Device: {old.kind}. {old.note} {note}", old.references)
    return found if device.operation else {k: v for k, v in found.items() if k != "operation"}


def _free(device, wanted):
    """Return `wanted`, or a longer name, such that no name of the device begins with it."""
    taken = {*device.model, *device.namespace, *RESERVED}
    while any(name == wanted or name.startswith(f"{wanted}_") for name in taken):
        wanted = f"{wanted}_cell"
    return wanted


def _number(device, name, value, unit):
    try:
        check_unit(value, unit, f"{device}: {name}")
    except UnitError as error:
        raise DeviceError(str(error)) from None
    if not (is_number(value) and np.isfinite(float(value))):
        raise DeviceError(f"{device}: {name} must be one finite value, got {value!r}.")


def _positive(device, name, value, unit):
    if not isinstance(device, Device):
        raise DeviceError(f"A cell is made from a Device, got {device!r}.")
    _number(device, name, value, unit)
    if not float(value) > 0:
        raise DeviceError(f"{device}: {name} must be positive, got {value!s}.")


__all__ = ["complementary_pair", "half_selected", "one_selector", "one_transistor",
           "with_compliance", "with_series_resistor", "xnor_column"]
