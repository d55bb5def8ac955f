"""Which integration method suits a device."""

from brianmem import equations as eq
from brianmem.errors import InputError
from brianmem.stages import TABLEAUS

#: The methods of `stages`, and Brian2's own that may be named.
METHODS = ("rk4", "euler", "milstein", "exponential_euler", "rk2", "adaptive",
           "linear_implicit_euler")
#: Of these, the ones that evaluate each line once.
APART = (*TABLEAUS, "adaptive", "linear_implicit_euler")


def choose(device, model, method):
    """Return the method for `model`, the driven equations of `device`; None asks for the usual.

    Raises `InputError` for one that is unknown, does not suit the noise, or needs all
    lines inserted where that has no end.
    """
    stochastic = noise_kind(device.model)
    if stochastic is None:
        method = method or ("adaptive" if device.stiff else "rk4")
    elif method is None:
        method = "euler" if stochastic == "additive" else "milstein"
    elif method not in ("euler", "milstein", "linear_implicit_euler"):
        raise InputError(f"{device}: its noise is read as Ito, which method '{method}' does not "
                         "integrate. Use method='euler' (additive noise), 'milstein' or "
                         "'linear_implicit_euler'.")
    if method not in METHODS:
        raise InputError(f"{device}: unknown method '{method}'. Use one of {', '.join(METHODS)}.")
    _check_length(device, model, method)
    return method


def _check_length(device, model, method):
    """Refuse a method of Brian2 that would insert lines without end; it would never return."""
    if method in APART:
        return
    for state in eq.states(model):
        if eq.is_endless(model, state):
            remedy = "'linear_implicit_euler'" if eq.noise(model) else "'adaptive' or 'rk4'"
            raise InputError(f"{device}: method '{method}' of Brian2 inserts all lines into each "
                             f"rate, and that for '{state}' becomes too long. "
                             f"Use method={remedy}.")


def noise_kind(model):
    """Return "additive", "multiplicative" or None, read from the text alone.

    Brian2's own property inserts every line into every other first.
    """
    if not eq.noise(model):
        return None
    used = set()
    for state in eq.states(model):
        for factor in (model[state].expr.split_stochastic()[1] or {}).values():
            used |= factor.identifiers
    return "multiplicative" if used & {*model, "v", "t"} else "additive"
