"""The C++ of the implicit methods, generated for one `System`.

One text serves Cython and C++ standalone. Its names hold a digest of its content,
so that no cache can mistake one system for another; scratch memory is thread-local.
"""

import hashlib

from brianmem.integration import elimination
from brianmem.integration import rosenbrock as method
from brianmem.integration.constants import CONSTANT, NAME, Constants
from brianmem.integration.crossings import HALVINGS
from brianmem.integration.operations import CPP

#: Lines of the Jacobian up to which the compiler is told to inline and to unroll.
_SMALL = 400
#: Ends what the compiler optimises: the code of a function keeps what held where it began.
AFTER_MANY = """
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O0")
#endif
"""
_UNROLL = "\n#pragma GCC unroll 8\n"


def source(system, tolerance=None):
    """Return (name, text) of the C++ function of `system`.

    With a `tolerance` the function takes ``(t, dt, step, states, inputs)``, integrates
    over dt with error control and returns the next step. Without, it takes ``(t, dt,
    0, states, noises, inputs)`` and makes one linearly implicit Euler step. The new
    states are read back through ``NAME_get(k, anything)``; after them the time of the
    last crossing of what `system` watches, since t, or -1.
    """
    k, euler = len(system.states), tolerance is None
    lines, rates, entries, in_time = system.jacobian_code
    places, moving = sorted(entries), sorted(in_time)
    constants = Constants()
    slopes = constants.split(lines, [*rates, *(entries[e] for e in places),
                                     *(in_time[i] for i in moving)])
    body = [] if euler else [_function("rates", *constants.split(*system.rate_code), system)]
    looks = [] if euler or not system.watch else _watch(system, constants)
    body = [constants.text(system), *body, _function("slopes", *slopes, system), *looks,
            f"static thread_local double %NAME%_state[{k + 1}];",
            elimination.code(k, places, pivoting=euler), _rows(k, places, moving)]
    if euler:
        body += [_EULER]
    else:
        advance = _RODAS.replace("%MAX%", str(method.MAX_STEPS)).replace(
            "%ARRIVAL%", repr(method.ARRIVAL)).replace("%SMALLEST%", repr(method.SMALLEST)).replace(
            "%GROWTH%", repr(method.GROWTH))
        for key, piece in (("%BEGIN%", _BEGIN), ("%LOOK%", _LOOK), ("%END%", _END)):
            advance = advance.replace(key, piece if looks else "")
        body += [_arrays(tolerance), advance]
    body += [_entry(system, euler=euler)]
    text = "\n".join(body)
    if len(lines) <= _SMALL:
        # A loop over a few states becomes one straight line, which GCC does not do by itself.
        text = text.replace("        for (int i = 0;", f"{_UNROLL}        for (int i = 0;")
    text = text.replace("%INLINE%", "BRIANMEM_INLINE" if len(lines) <= _SMALL else "")
    for key, number in (("K", k), ("ENTRIES", len(places)), ("MOVING", len(moving)),
                        ("CONSTANTS", max(1, constants.count))):
        text = text.replace(f"%{key}%", str(number))
    name = f"brianmem_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    calls = {f"call_{n}": f.implementations["cpp"].name or n for n, f in system.functions.items()}
    for old, new in calls.items():
        text = text.replace(f"{old}(", f"{new}(")
    return name, CPP + text.replace("%NAME%", name)


def _function(kind, lines, outputs, system):
    used = set(NAME.findall(" ".join([*lines, *outputs])))
    body = [f"    const double y_{n} = y[{i}];" for i, n in enumerate(system.states)
            if f"y_{n}" in used]
    body += [f"    const double p_{n} = p[{i}];" for i, n in enumerate(system.inputs)
             if f"p_{n}" in used]
    body += [f"    const double {n} = c[{n[1:]}];" for n in sorted(used) if CONSTANT.fullmatch(n)]
    body += [f"    const double {line};" for line in lines]
    body += [f"    f[{i}] = {out};" for i, out in enumerate(outputs)]
    text = "\n".join([f"static %INLINE% void %NAME%_{kind}(const double t, const double* y,",
                      "    const double* p, const double* c, double* f)", "{", *body, "}"])
    return text.replace("op_inf", "INFINITY")


def _watch(system, constants):
    """Return the C++ of the watched value and its rate, and of where it passes zero."""
    lines, value, along, in_time = system.watch_code
    lines, outputs = constants.split(lines, [value, in_time, *along.values()])
    states = ", ".join(map(str, along)) or "0"
    return [_function("watch", lines, outputs, system),
            f"static const int %NAME%_along[] = {{{states}}};",
            _CROSSING.replace("%ALONG%", str(len(along))).replace("%HALVINGS%", str(HALVINGS))]


def _rows(k, places, moving):
    """Return where the rows and the diagonal of the Jacobian lie among its entries."""
    starts = [sum(i < row for i, _ in places) for row in range(k + 1)]
    diagonal = [places.index((i, i)) if (i, i) in places else -1 for i in range(k)]
    return "\n".join(f"static const int %NAME%_{name}[] = {{{', '.join(map(str, values or [0]))}}};"
                     for name, values in (("row", starts), ("diagonal", diagonal),
                                          ("moving", moving)))


def _arrays(tolerance):
    rows = {"low": tolerance.low, "high": tolerance.high, "absolute": tolerance.absolute,
            "loose": tolerance.loose}
    lines = [f"static const double %NAME%_{n}[] = {{{', '.join(map(_literal, v))}}};"
             for n, v in rows.items()]
    return "\n".join([*lines, f"static const double %NAME%_relative = {tolerance.relative!r};"])


def _literal(value):
    # What is compared with infinity the compiler leaves out.
    return repr(float(value)).replace("inf", "INFINITY")


def _entry(system, euler):
    k, names = len(system.states), [f"y{i}" for i in range(len(system.states))]
    noises = [f"n{i}" for i in range(k)] if euler else []
    inputs = [f"p{i}" for i in range(len(system.inputs))]
    declared = ", ".join(f"const double {n}" for n in ("t", "dt", "step", *names, *noises, *inputs))
    lines = [f"static double %NAME%({declared})", "{",
             f"    double* y = %NAME%_state; const double p[] = {{{', '.join(inputs) or '0.0'}}};"]
    lines += [f"    y[{i}] = {n};" for i, n in enumerate(names)]
    if euler:
        lines += [f"    const double noise[] = {{{', '.join(noises)}}};",
                  "    %NAME%_step(t, dt, y, noise, p);", "    return step;"]
    else:
        lines += ["    return %NAME%_advance(t, dt, step, y, p);"]
    lines += ["}", "static inline double %NAME%_get(const int k, const double)",
              "{ return %NAME%_state[k]; }"]
    return "\n".join(lines)


_EULER = """
static void %NAME%_step(double t, double dt, double* y, const double* noise, const double* p)
{
    double s[%K% + %ENTRIES% + %MOVING%], w[%NAME%_size], b[%K%], c[%CONSTANTS%]; int pivot[%K%];
    %NAME%_constants(p, c);
    %NAME%_slopes(t, y, p, c, s);
    // (1 - dt*J)*change = dt*(f + dt*df/dt) + noise, divided by dt.
    %NAME%_factor(1.0/dt, s + %K%, w, pivot);
    for (int i = 0; i < %K%; i++) b[i] = s[i] + noise[i]/dt;
    for (int m = 0; m < %MOVING%; m++) b[%NAME%_moving[m]] += dt*s[%K% + %ENTRIES% + m];
    %NAME%_solve(w, pivot, b);
    for (int i = 0; i < %K%; i++) y[i] += b[i];
}
"""

_CROSSING = """
static inline void %NAME%_look(const double t, const double* y, const double* p, const double* c,
    const double* rate, double* seen)
{
    double w[2 + %ALONG%];
    %NAME%_watch(t, y, p, c, w);
    seen[0] = w[0]; seen[1] = w[1];
    for (int m = 0; m < %ALONG%; m++) seen[1] += w[2 + m]*rate[%NAME%_along[m]];
}
static double %NAME%_crossing(const double* a, const double* b, const double h)
{
    double low = 0, high = 1;
    for (int n = 0; n < %HALVINGS%; n++) {
        const double u = 0.5*(low + high), v = 1 - u;
        const double g = v*v*((1 + 2*u)*a[0] + u*h*a[1]) + u*u*((3 - 2*u)*b[0] - v*h*b[1]);
        if (g > 0) high = u; else low = u;
    }
    return 0.5*(low + high)*h;
}
"""

_BEGIN = """
    double since = 0, seen[2] = {INFINITY, 0}, now[2], &crossed = %NAME%_state[%K%];
    crossed = -1;"""

_LOOK = """
        %NAME%_look(t, y, p, c, s, now);
        if (seen[0] <= 0 && now[0] > 0) crossed = since + %NAME%_crossing(seen, now, gone - since);
        since = gone; seen[0] = now[0]; seen[1] = now[1];"""

_END = """
    %NAME%_look(t0 + dt, y, p, c, s, now);
    if (seen[0] <= 0 && now[0] > 0) {
        %NAME%_rates(t0 + dt, y, p, c, f);
        %NAME%_look(t0 + dt, y, p, c, f, now);
        crossed = since + %NAME%_crossing(seen, now, gone - since);
    }"""

_RODAS = """
static inline double %NAME%_inside(double x, int i)
{ return x < %NAME%_low[i] ? %NAME%_low[i] : (x > %NAME%_high[i] ? %NAME%_high[i] : x); }
static double %NAME%_advance(double t0, double dt, double step, double* y, const double* p)
{
    double s[%K% + %ENTRIES% + %MOVING%], w[%NAME%_size], c[%CONSTANTS%], f[%K%], ft[%K%] = {0};
    double trial[%K%], k1[%K%], k2[%K%], k3[%K%], k4[%K%];
    int pivot[%K%]; bool held[%K%];
    %NAME%_constants(p, c);
    double gone = 0, last_h = 0; float last_log = 0;%BEGIN%
    if (!(step > 0) || step > dt) step = dt;
    for (int count = 0; gone < dt*(1 - 1e-12); ) {
        const double t = t0 + gone;
        %NAME%_slopes(t, y, p, c, s);
        for (int m = 0; m < %MOVING%; m++) ft[%NAME%_moving[m]] = s[%K% + %ENTRIES% + m];
        double growth = 0;
        for (int i = 0; i < %K%; i++) {
            held[i] = (y[i] >= %NAME%_high[i] && s[i] > 0) || (y[i] <= %NAME%_low[i] && s[i] < 0);
            if (held[i]) {
                s[i] = ft[i] = 0;
                for (int n = %NAME%_row[i]; n < %NAME%_row[i + 1]; n++) s[%K% + n] = 0;
            }
            if (%NAME%_diagonal[i] >= 0 && s[%K% + %NAME%_diagonal[i]] > growth)
                growth = s[%K% + %NAME%_diagonal[i]];
        }%LOOK%
        for (;;) {
            if (++count > %MAX% || step < 1e-16*dt) {
                for (int i = 0; i < %K%; i++) y[i] = NAN;
                return 0;
            }
            if (growth*(step < dt - gone ? step : dt - gone) > %GROWTH%) step = %GROWTH%/growth;
            const double h = step < dt - gone ? step : dt - gone, over = 1.0/h;
            %NAME%_factor(2.0*over, s + %K%, w, pivot);
            for (int i = 0; i < %K%; i++) k1[i] = s[i] + 0.5*h*ft[i];
            %NAME%_solve(w, pivot, k1);
            for (int i = 0; i < %K%; i++) k2[i] = s[i] + 4.0*over*k1[i] + 1.5*h*ft[i];
            %NAME%_solve(w, pivot, k2);
            for (int i = 0; i < %K%; i++) trial[i] = %NAME%_inside(y[i] + 2.0*k1[i], i);
            %NAME%_rates(t + h, trial, p, c, f);
            for (int i = 0; i < %K%; i++) k3[i] = (held[i] ? 0.0 : f[i]) + over*(k1[i] - k2[i]);
            %NAME%_solve(w, pivot, k3);
            for (int i = 0; i < %K%; i++) trial[i] = %NAME%_inside(y[i] + 2.0*k1[i] + k3[i], i);
            %NAME%_rates(t + h, trial, p, c, f);
            for (int i = 0; i < %K%; i++)
                k4[i] = (held[i] ? 0.0 : f[i]) + over*(k1[i] - k2[i] - 8.0/3.0*k3[i]);
            %NAME%_solve(w, pivot, k4);
            double worst = 0, shrink = 1; bool sound = true;
            for (int i = 0; i < %K%; i++) {
                trial[i] = y[i] + 2.0*k1[i] + k3[i] + k4[i];
                if (!std::isfinite(trial[i])) { sound = false; break; }
                // What lies beyond a bound may be an artefact of a long step.
                const double moved = std::fabs(trial[i] - y[i]);
                const double beyond = std::fabs(trial[i] - %NAME%_inside(trial[i], i));
                if (beyond > %ARRIVAL%*moved + %NAME%_absolute[i]) {
                    const double share = 1 - beyond/moved;
                    if (share < shrink) shrink = share;
                    shrink = shrink < 0.1 ? 0.1 : (shrink > 0.95 ? 0.95 : shrink);
                }
                trial[i] = %NAME%_inside(trial[i], i);
                // A bound that lets go within the step: what was missed of the way back counts.
                const double missed = y[i] >= %NAME%_high[i] ? -f[i] : f[i];
                const double estimate = held[i] ? h*(missed > 0 ? missed : 0) : std::fabs(k4[i]);
                const double a = std::fabs(y[i]), b = std::fabs(trial[i]);
                double size = (a > b ? a : b) + std::fabs(trial[i] - y[i]);
                // What an energy may be wrong by is measured on the power over the clock step.
                if (%NAME%_loose[i] > 1)
                    size += dt*(std::fabs(s[i]) > std::fabs(f[i]) ? std::fabs(s[i]) : std::fabs(f[i]));
                const double scale = (%NAME%_relative*size + %NAME%_absolute[i])*%NAME%_loose[i];
                const double e = estimate/(scale + 1e-300);
                if (!(e <= worst)) worst = e;
            }
            double factor = 0.1; float worst_log = 0;
            if (sound && std::isfinite(worst)) {
                const float log = logf((float)(worst > 1e-10 ? worst : 1e-10));
                factor = 0.9*expf(-log/3);
                worst_log = log > %SMALLEST%f ? log : %SMALLEST%f;
                // Where the error grows from step to step, the next is foreseen to have more.
                if (worst <= 1 && last_h > 0) {
                    const double grown = 0.9*h/last_h*expf((last_log - 2*worst_log)/3);
                    if (grown < factor) factor = grown;
                }
                factor = factor < 0.2 ? 0.2 : (factor > 5 ? 5 : factor);
            }
            if (shrink < factor) factor = shrink < 1 ? shrink : factor;
            const bool good = sound && worst <= 1 && shrink == 1;
            // A step cut short by the end of the clock step says little about the next.
            if (!(good && h < step && h*factor < step)) step = h*factor;
            if (good) {
                for (int i = 0; i < %K%; i++) y[i] = trial[i];
                gone += h; last_h = h; last_log = worst_log;
                break;
            }
        }
    }%END%
    return step;
}
"""
