"""The voltage of a device inside a cell, as equation lines that solve for it.

With top = |v| the device sees u in 0..top. The unknown is s: u = top/(1 + exp(-s))
in a divider, u = top*exp(s) with s <= 0 under a current limit. Then
``F(s) = s + log(conductance of the device/that of the rest)`` grows with s, with slope
1 for a resistor: secants inside a shrinking bracket find the root in few steps,
whatever decades the current spans.
"""

from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq

#: Steps that leave a relative residual of 1e-10 or less up to v = 50 times the voltage
#: in which a current grows e-fold (measured, over 18 decades of conductance).
STEPS = 12
# Beyond exp(60) nothing is left of the smaller part of a divided voltage.
_WIDEST = 60


def divider(device, name, other):
    """Return lines that define `name`, the share of `v` across `device`.

    `other(voltage)` is the text of the current's size through the rest of the
    cell, at a voltage given as text.
    """
    current = _size_of_current(device, name)
    return _solve(
        name, _WIDEST,
        lambda u, s: [f"{u} = {name}_top/(1 + exp(-{s})) : volt",
                      f"{u}_rest = {name}_top/(1 + exp({s})) : volt"],
        lambda u: f"({current(u)})/{u}*{u}_rest/({other(f'{u}_rest')})")


def limited(device, name, limit):
    """Return lines that define `name`: as much of `v` as lets the current reach `limit` (text)."""
    current = _size_of_current(device, name)
    return _solve(
        name, 0, lambda u, s: [f"{u} = {name}_top*exp({s}) : volt"],
        lambda u: f"({current(u)})/{u}*{name}_top/({limit})")


def _size_of_current(device, name):
    law = eq.flatten(device.model, "I")
    return lambda u: "abs(" + word_substitute(law, {"v": f"({name}_sign*{u})"}) + ")"


def _solve(name, highest, voltages, ratio):
    p = name
    lines = [f"{p}_sign = sign(v) : 1", f"{p}_top = clip(abs(v), 1e-15*volt, 1e15*volt) : volt",
             *_evaluate(p, 0, "0.0", voltages, ratio),
             f"{p}_lo0 = -{_WIDEST} + 0*{p}_F0 : 1", f"{p}_hi0 = {highest} + 0*{p}_F0 : 1",
             # The slope is at least 1 where conductance grows with voltage; 3 is a guess.
             f"{p}_s0 = 0*{p}_F0 : 1", f"{p}_s1 = clip(-{p}_F0/3, -{_WIDEST}, {highest}) : 1"]
    for k in range(1, STEPS + 1):
        lines += _step(p, k, voltages, ratio)
    last = f"{p}_u{STEPS + 1}"
    return [*lines, *voltages(last, f"{p}_s{STEPS + 1}"), f"{p} = {p}_sign*{last} : volt"]


def _evaluate(p, k, s, voltages, ratio):
    u = f"{p}_u{k}"
    return [*voltages(u, s), f"{p}_F{k} = {s} + log(clip({ratio(u)}, 1e-280, 1e280)) : 1"]


def _step(p, k, voltages, ratio):
    s, F, lo, hi = (f"{p}_{n}{k}" for n in ("s", "F", "lo", "hi"))
    s_, F_, lo_, hi_ = (f"{p}_{n}{k - 1}" for n in ("s", "F", "lo", "hi"))
    slope = f"clip(({F} - {F_})*({s} - {s_})/(({s} - {s_})**2 + 1e-300), 0.05, 1e4)"
    new = f"{p}_secant{k}"
    inside = f"int({new} >= {lo} and {new} <= {hi})"
    return [*_evaluate(p, k, s, voltages, ratio),
            f"{lo} = {lo_} + int({F} < 0)*({s} - {lo_}) : 1",
            f"{hi} = {hi_} + int({F} > 0)*({s} - {hi_}) : 1",
            f"{new} = {s} - {F}/{slope} : 1",
            f"{p}_s{k + 1} = {inside}*{new} + (1 - {inside})*0.5*({lo} + {hi}) : 1"]
