"""Runge-Kutta methods as Brian2 state updaters that evaluate each line once per stage.

Brian2's own explicit methods insert every subexpression into every use of it,
which repeats a costly line (a root solve, an exponential) dozens of times a step.
Inside the bounds the numbers are the same.
"""

from brian2.equations.codestrings import Expression
from brian2.equations.equations import DIFFERENTIAL_EQUATION, SUBEXPRESSION
from brian2.utils.stringtools import word_substitute

# Butcher tableaus: (time of the stage, weights of earlier stages), and final weights.
_RK4 = ((("0", ()), ("1/2.0", ("1/2.0",)), ("1/2.0", ("0", "1/2.0")), ("1", ("0", "0", "1"))),
        ("1/6.0", "1/3.0", "1/3.0", "1/6.0"))
_MIDPOINT = ((("0", ()), ("1/2.0", ("1/2.0",))), ("0", "1"))
TABLEAUS = {"rk4": _RK4, "rk2": _MIDPOINT}


def runge_kutta(name, bounds=None):
    """Return Brian2's `method=` callable for "rk4" or "rk2".

    `bounds` maps states to (low, high) as expressions: the states that the stages
    try are held inside, where the laws of a device need not make sense beyond.
    The step's result is not held; that is left to whoever counts the hits.
    """
    stages, final = TABLEAUS[name]

    def method(equations, variables=None, method_options=None):
        states = [n for n in equations if equations[n].type == DIFFERENTIAL_EQUATION]
        lines = []
        for k, (when, weights) in enumerate(stages):
            lines += _stage(equations, states, k, when, weights, bounds or {})
        lines += [f"{n} = {n}{_sum(n, final)}" for n in states]
        return "\n".join(lines)

    method.lines_apart = True
    return method


def _stage(equations, states, k, when, weights, bounds):
    lines, renamed = [], {} if when == "0" else {"t": f"(t + {when}*dt)"}
    if weights:
        for name in states:
            trial = f"{name}{_sum(name, weights)}"
            if name in bounds:
                trial = f"clip({trial}, {bounds[name][0]}, {bounds[name][1]})"
            lines.append(f"_s{k}_{name} = {trial}")
        renamed.update({n: f"_s{k}_{n}" for n in states})
    # `ordered` lists each subexpression after those it needs.
    for line in equations.ordered:
        if line.type == SUBEXPRESSION:
            lines.append(f"_s{k}_{line.varname} = {word_substitute(line.expr.code, renamed)}")
            renamed[line.varname] = f"_s{k}_{line.varname}"
    for name in states:
        rate = word_substitute(equations[name].expr.code, renamed)
        lines.append(f"_k{k}_{name} = dt*({rate})")
    return lines


def _sum(name, weights):
    return "".join(f" + {w}*_k{k}_{name}" for k, w in enumerate(weights) if w != "0")


def keep_out_of_rates(equations):
    """Stop Brian2 from inserting every subexpression of `equations` into the rates.

    It does so before each run to tell whose names the user wrote, and the text doubles
    with each line of an iteration. Not for Brian2's own methods, which need the rates.
    """
    states = [n for n in equations if equations[n].type == DIFFERENTIAL_EQUATION]
    equations._substituted_expressions = [(n, Expression(n)) for n in states]
