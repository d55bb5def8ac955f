"""Diode, level-1 MOSFET and smooth switch: currents as expressions of node voltages."""

from brianmem.circuits.cards import spelt_in
from brianmem.circuits.linear import closed
from brianmem.circuits.values import number, potential
from brianmem.errors import CircuitError, suggestion

#: kT/q at 27 degrees Celsius, the temperature of SPICE unless told otherwise.
_THERMAL = "0.025864186*volt"
_DIODE = {"is": ("1e-14", "amp"), "n": ("1", "1")}
_MOSFET = {"vto": ("0", "volt"), "kp": ("2e-5", "amp/volt**2"), "lambda": ("0", "1/volt"),
           "w": ("100u", "metre"), "l": ("100u", "metre")}
_SWITCH = {"ron": ("1", "ohm"), "roff": ("1meg", "ohm"), "vt": ("0", "volt"),
           "width": ("0.02", "volt"), "vh": ("0", "volt"), "delay": ("1n", "second")}
_POSITIVE = ("is", "n", "kp", "w", "l", "ron", "roff", "width", "delay")
#: What an S element may name, as in 'S1 a b c 0 gate' with '.model gate sw(vt=0.5 vh=0.1)'.
_SWITCHES = ("sw", "vswitch")


def diode(parts, element, models):
    """Shockley's law; beyond 80 thermal voltages the exponential is held."""
    options = _options(parts, element, models, _DIODE, ("d",))
    v = potential(*element.nodes)
    exponent = f"clip({v}/({options['n']}*{_THERMAL}), -80, 80)"
    return "current", f"{options['is']}*(exp({exponent}) - 1)"


def switch(parts, element, models):
    """A conductance whose logarithm goes from 1/roff to 1/ron within some `width` about `vt`.

    With a hysteresis `vh` it closes at vt + vh and opens at vt - vh, within `delay`.
    """
    given = {k.lower(): v for k, v in [*_model(element, models)[1].items(), *element.options.items()]}
    shift = number(given.get("vh", "0"), "volt", f"{element}: vh")
    has_memory = shift is None or float(shift) != 0
    known = _SWITCH | {"width": ("1m", "volt")} if has_memory else \
        {k: v for k, v in _SWITCH.items() if k not in ("vh", "delay")}
    options = _options(parts, element, models, known, _SWITCHES)
    control = potential(*element.nodes[2:])
    name, state, target = (f"{element.name}_{n}" for n in ("conductance", "closed", "target"))
    over = f"({control} - {options['vt']}"
    if has_memory:
        over += f" + {options['vh']}*(2*{state} - 1)"
        parts.rates[state] = (f"({target} - {state})/{options['delay']}", "1")
        parts.initial[state], parts.bounds[state] = 0.0, (0, 1)
    parts.lines[target if has_memory else state] = (
        f"1/(1 + exp(-clip({over})/{options['width']}, -80, 80)))", "1")
    on, off = options["ron"], options["roff"]
    parts.lines[name] = (f"1/{off}*exp({state}*log({off}/{on}))", "siemens")
    return "conductance", name


def transistor(parts, element, models):
    """Shichman and Hodges' level 1 without bulk effect: odd in exchange of drain and source."""
    options = _options(parts, element, models, _MOSFET, ("nmos", "pmos"))
    sign = "-" if _model(element, models)[0] == "pmos" else ""
    drain, gate, source = element.nodes[:3]
    name = element.name
    for side, end in (("s", source), ("d", drain)):
        over = f"{sign}({potential(gate, end)} - {options['vto']})"
        parts.lines[f"{name}_over_{side}"] = (over, "volt")
        parts.lines[f"{name}_half_{side}"] = (
            f"0.5*int({name}_over_{side} > 0*volt)*{name}_over_{side}**2", "volt**2")
    length = f"(1 + {options['lambda']}*abs({potential(drain, source)}))"
    gain = f"{options['kp']}*{options['w']}/{options['l']}"
    current = f"{sign}{gain}*({name}_half_s - {name}_half_d)*{length}"

    return "current", current


def _model(element, models):
    if not element.words:
        return None, {}
    if len(element.words) > 1:
        raise CircuitError(f"{element}: expected one name of a .model, got "
                           f"'{' '.join(element.words)}'.")
    name = spelt_in(models, element.words[0])
    if name not in models:
        raise CircuitError(f"{element}: no .model '{name}'{suggestion(name, models)}")
    return models[name][:2]


def _options(parts, element, models, known, kinds):
    """Return key to expression: the element's own, else its model's, else the default."""
    kind, given = _model(element, models)
    if kinds and kind not in kinds and (kind is not None or element.kind == "M"):
        raise CircuitError(f"{element}: needs a .model of the kind {' or '.join(kinds)}.")
    given = {k.lower(): v for k, v in [*given.items(), *element.options.items()]}
    if element.kind == "M" and given.pop("level", "1") not in ("1", "1.0"):
        raise CircuitError(f"{element}: a transistor has level=1 here. Write another law as B "
                           "elements with I={...}.")
    if element.kind == "S" and "vh" not in known:
        given.pop("vh", None)  # it is 0
    for key in given:
        if key not in known:
            raise CircuitError(f"{element}: '{key}=' is not known here{suggestion(key, known)} "
                               f"Known: {', '.join(known)}.")
    return {key: closed(parts.value(element, given.get(key, default), unit, key, key in _POSITIVE))
            for key, (default, unit) in known.items()}
