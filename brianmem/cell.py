"""The voltage across a device behind a series resistance and a current limit.

With source voltage V, series resistance R and compliance I_cc the cell sees the
root u in 0..|V| of ``max(u + R*I(u) - |V|, (I(u) - I_cc)*|V|/I_cc) = 0``, where
I(u) is the magnitude of the current at that polarity. The left side grows with u
for every passive device, so the root is unique.
"""

import hashlib

import numpy as np
import sympy
from brian2 import Function, amp, ohm, volt
from brian2.core.namespace import DEFAULT_UNITS
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.units.fundamentalunits import get_unit
from brian2.utils.stringtools import word_substitute

from brianmem import equations as eq
from brianmem.errors import InputError
from brianmem.rendering import CONSTANTS, SUPPORT, CppRenderer, cython_block

_ITERATIONS = 100


def cell_voltage_line(device, series_resistance=False, compliance=False):
    """Return the equation text that defines `v` from ``v_source``, and its namespace.

    The text refers to ``series_resistance`` (ohm) and ``compliance`` (amp) where
    the flags say so. A current that is linear in `v` gives a closed form, any other
    a call of a `Function`, so that a Runge-Kutta stage sees the root of that stage.
    """
    if not (series_resistance or compliance):
        return "v = v_source : volt", {}
    conductance = linear_conductance(device)
    if conductance is None:
        function = cell_voltage_function(device)
        r = "series_resistance" if series_resistance else "0*ohm"
        limit = "compliance" if compliance else "inf*amp"
        arguments = ", ".join(("v_source", r, limit, *_current_arguments(device)))
        return f"v = cell_voltage({arguments}) : volt", {"cell_voltage": function}
    divided = f"abs(v_source)/(1 + series_resistance*({conductance}))"
    share = divided if series_resistance else "abs(v_source)"
    if compliance:
        share = f"clip({share}, 0*volt, compliance/({conductance} + 1e-300*siemens))"
    return f"v = sign(v_source)*{share} : volt", {}


def linear_conductance(device, with_lines=False):
    """Return the text of G where ``I = G*v`` exactly, G free of `v`; None otherwise.

    `with_lines` lets G name lines of the device that do not rest on `v`.
    """
    try:
        current = str_to_sympy(eq.flatten(device.model, "I", through="v" if with_lines else None))
        v = next((s for s in current.free_symbols if s.name == "v"), None)
        conductance = sympy.diff(current, v) if v is not None else None
    except Exception:  # sympy cannot differentiate some of Brian2's functions
        return None
    if conductance is None or conductance.has(v, sympy.Derivative, sympy.Subs):
        return None
    if sympy.simplify(current.subs(v, 0)) != 0:
        return None
    return sympy_to_str(conductance)


def cell_voltage_function(device):
    """Make ``cell_voltage(v_source, R, I_cc, *states, *parameters)`` as a `Function`.

    It carries numpy, Cython and C++ implementations; every parameter is an
    argument, so that changed values need no new compilation.
    """
    arguments = _current_arguments(device)
    raw = cell_voltage_numpy(device)
    units = [volt, ohm, amp, *(get_unit(device.dimension(n)) for n in arguments)]
    function = Function(raw, arg_units=units, return_unit=volt, stateless=True,
                        arg_types=["float"] * len(units))
    # Not add_numpy_implementation, which would attach units to every argument.
    function.implementations.add_implementation("numpy", raw)
    text = _cpp_text(device, arguments)
    name = "_cell_voltage_" + hashlib.sha256(text.encode()).hexdigest()[:12]
    text = text.replace("CELL", name)
    function.implementations.add_implementation("cpp", text, name=name)
    function.differentiate = _slopes_of(device, arguments)
    function.implementations.add_implementation(
        "cython", cython_block(text, name, len(units)), name=name)
    return function


def _slopes_of(device, arguments):
    """Return how an implicit method differentiates the root: dv follows from I(v, x).

    Behind a resistance ``v + R*I(v, x) = V``, at the limit ``I(v, x) = I_cc``.
    """
    lines, _ = eq.needed_lines(device.model, "I")

    def differentiate(tape, call, pairs):
        value = tape.atom(call)
        if not tape.differentiate:
            return value, {}
        (_, source), (r, _), (limit, _), *given = pairs
        names = {n: (repr(float(u)), {}) for n, u in DEFAULT_UNITS.items()}
        names |= {n: (repr(c), {}) for n, c in CONSTANTS.items()} | {"inf": ("op_inf", {})}
        names |= {"v": (value, {"v": "1.0"})}
        names |= {n: (pair[0], {n: "1.0"}) for n, pair in zip(arguments, given, strict=True)}
        for name, code in lines:
            names[name] = tape.expression(code, names)
        current, slopes = names["I"]
        limited = tape.atom(f"op_gt(op_abs({current}), {limit}*0.999999999)")
        g = slopes.get("v", "0.0")
        share = tape.atom(f"(1.0 - {limited}) + ((1.0 - {limited})*{r} + {limited})*{g}")
        factor = tape.atom(f"op_divide(-(1.0 - {limited})*{r} - {limited}, {share})")
        terms = [(tape.atom(f"op_divide(1.0 - {limited}, {share})"), source)]
        terms += [(tape.atom(f"{factor}*{slopes[n]}"), pair[1])
                  for n, pair in zip(arguments, given, strict=True) if n in slopes and pair[1]]
        return value, tape.combine(*terms)

    return differentiate


def cell_voltage_numpy(device):
    """Return the plain numpy function behind `cell_voltage_function` (SI numbers)."""
    arguments = _current_arguments(device)
    needed, line = eq.compile_line(device.model, "I", {"v", *arguments})

    def current(v, *values):
        given = dict(zip(("v", *arguments), (v, *values), strict=True))
        return line(**{n: given[n] for n in needed})

    def cell_voltage(v_source, r, limit, *values):
        size = np.broadcast_shapes(*(np.shape(a) for a in (v_source, r, limit, *values)))
        source = np.broadcast_to(np.asarray(v_source, dtype=float), size)
        sign, top = np.sign(source), np.abs(source)
        with np.errstate(all="ignore"):
            per_amp = np.where(np.isfinite(limit), top / limit, 0.0)

            def residual(u):
                i = np.abs(current(sign * u, *values))
                excess = np.where(per_amp > 0, i * per_amp - top, -np.inf)
                return np.maximum(u + r * i - top, excess)

            return sign * _root(residual, np.zeros(size), top.copy())

    return cell_voltage


def _current_arguments(device):
    """Return the states and parameters that the current depends on."""
    used = eq.needed_lines(device.model, "I")[1]
    if "t" in used or any(n == "xi" or n.startswith("xi_") for n in used):
        raise InputError(f"{device}: a series resistance or compliance needs a current without "
                         "'t' and noise. Move them into a state or leave the resistance out.")
    return tuple(n for n in (*device.states, *device.namespace) if n in used)


def _root(function, a, b):
    """Find the root in a..b by Chandrupatla's method (Adv. Eng. Softw. 28, 145, 1997)."""
    a, b = np.array(b), np.array(a)
    fa, fb = function(a), function(b)
    c, fc, t = a, fa, np.full(np.shape(a), 0.5)
    for _ in range(_ITERATIONS):
        x = a + t * (b - a)
        fx = function(x)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        limit = (4e-16 * np.abs(best) + 1e-30) / np.abs(b - a)
        done = (limit > 0.5) | (fa == 0) | (fb == 0) | (b == a) | np.isnan(fa)
        if np.all(done):
            break
        chi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        inverse = (fa / (fb - fa) * fc / (fb - fc)
                   + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb))
        t = np.where((phi**2 < chi) & ((1 - phi)**2 < 1 - chi), inverse, 0.5)
        t = np.where(done, 0.0, np.clip(t, limit, 1 - limit))
    best = np.where(np.abs(fa) < np.abs(fb), a, b)
    return np.where(np.isnan(fa), np.nan, best)


def _cpp_text(device, arguments):
    # A prefix keeps a device's names apart from those of the template.
    names = {n: f"arg_{n}" for n in arguments}
    lines, _ = eq.needed_lines(device.model, "I")
    names |= {n: f"line_{n}" for n, _ in lines}
    rendered = [(n, CppRenderer().render_expr(word_substitute(code, names))) for n, code in lines]
    body = "".join(f"const double line_{n} = {code}; " for n, code in rendered[:-1])
    names = {n: names[n] for n in arguments}
    declared = "".join(f", double {n}" for n in names.values())
    passed = "".join(f", {n}" for n in names.values())
    parts = {"LINES": body, "CURRENT": rendered[-1][1], "DECLARED": declared, "PASSED": passed,
             "ITERATIONS": str(_ITERATIONS)}
    text = SUPPORT + _CPP_TEMPLATE
    for name, part in parts.items():
        text = text.replace(f"%{name}%", part)
    return text


_CPP_TEMPLATE = """
static inline double CELL_current(double v%DECLARED%) { %LINES%return %CURRENT%; }
static inline double CELL_residual(double u, double sign, double top, double r,
                                   double per_amp%DECLARED%)
{
    const double i = std::fabs(CELL_current(sign*u%PASSED%));
    const double drop = u + r*i - top;
    const double excess = i*per_amp - top;
    return (per_amp > 0 && excess > drop) ? excess : drop;
}
static double CELL(double v_source, double r, double limit%DECLARED%)
{
    const double sign = CELL_sign(v_source), top = std::fabs(v_source);
    const double per_amp = std::isfinite(limit) ? top/limit : 0.0;
    double a = top, b = 0.0, t = 0.5, c, fc;
    double fa = CELL_residual(a, sign, top, r, per_amp%PASSED%);
    double fb = CELL_residual(b, sign, top, r, per_amp%PASSED%);
    for (int k = 0; k < %ITERATIONS%; k++) {
        const double x = a + t*(b - a);
        const double fx = CELL_residual(x, sign, top, r, per_amp%PASSED%);
        if (CELL_sign(fx) == CELL_sign(fa)) { c = a; fc = fa; }
        else { c = b; fc = fb; b = a; fb = fa; }
        a = x; fa = fx;
        const double best = std::fabs(fa) < std::fabs(fb) ? a : b;
        const double span = std::fabs(b - a);
        const double tolerance = 4e-16*std::fabs(best) + 1e-30;
        if (tolerance > 0.5*span || fa == 0 || fb == 0 || fa != fa) break;
        const double chi = (a - b)/(c - b), phi = (fa - fb)/(fc - fb);
        t = 0.5;
        if (phi*phi < chi && (1 - phi)*(1 - phi) < 1 - chi)
            t = fa/(fb - fa)*fc/(fb - fc) + (c - a)/(b - a)*fa/(fc - fa)*fb/(fc - fb);
        t = CELL_clip(t, tolerance/span, 1 - tolerance/span);
    }
    if (fa != fa) return NAN;
    return sign*(std::fabs(fa) < std::fabs(fb) ? a : b);
}
"""
