"""The waveforms of SPICE's independent sources as expressions of t."""

import itertools
import re

from brianmem.circuits.linear import closed
from brianmem.circuits.values import expression, number
from brianmem.errors import CircuitError
from brianmem.units import quantity_source

_FORM = re.compile(r"(sin|pulse|pwl)\s*\((.*)\)", re.IGNORECASE)
_ARGUMENTS = {"sin": (3, 5), "pulse": (2, 7)}


def waveform(element, unit):
    """Return the value of a V or I element: a quantity, or a text in t in `unit`."""
    words = element.words
    if words and words[0].lower() == "dc":
        words = words[1:]
    if len(words) != 1:
        raise CircuitError(f"{element}: needs one value such as 5, {{expression of t}}, sin(...), "
                           f"pulse(...) or pwl(...), got '{' '.join(element.words)}'.")
    form = _FORM.fullmatch(words[0])
    if form is None:
        value = number(words[0], unit, str(element))
        return expression(words[0], str(element)) if value is None else value
    kind, arguments = form[1].lower(), _split(form[2])
    if kind == "pwl":
        return _pwl(element, arguments, unit)
    few, many = _ARGUMENTS[kind]
    if not few <= len(arguments) <= many:
        raise CircuitError(f"{element}: {kind} takes {few} to {many} values, got {len(arguments)}.")
    return {"sin": _sin, "pulse": _pulse}[kind](element, arguments, unit)


def corners_of(element):
    """Return kind and SI numbers of a sin, pulse or pwl of numbers; None for any other value."""
    form = _FORM.fullmatch(element.words[-1]) if element.kind in "VI" and element.words else None
    if form is None:
        return None
    unit = {"V": "volt", "I": "amp"}[element.kind]
    kind, arguments = form[1].lower(), _split(form[2])
    units = {"sin": (unit, unit, "hertz", "second", "hertz"), "pulse": (unit, unit, *["second"] * 5),
             "pwl": ("second", unit) * (len(arguments) // 2)}[kind]
    values = [number(a, u, str(element)) for a, u in zip(arguments, units, strict=False)]
    return None if None in values else (kind, [float(v) for v in values])


def _split(text):
    return re.findall(r"\{[^}]*\}|[^\s,]+", text)


def _text(element, text, unit):
    value = number(text, unit, str(element))
    return closed(expression(text, str(element)) if value is None else quantity_source(value))


def _sin(element, arguments, unit):
    units = (unit, unit, "hertz", "second", "hertz")
    offset, amplitude, frequency, *rest = (
        _text(element, a, u) for a, u in zip(arguments, units, strict=False))
    since = f"(t - {rest[0]})" if rest else "t"
    wave = f"{amplitude}*sin(2*pi*{frequency}*{since})"
    if len(rest) > 1:
        wave += f"*exp(-{since}*{rest[1]})"
    return f"{offset} + {wave}*int({since} >= 0*second)" if rest else f"{offset} + {wave}"


def _pulse(element, arguments, unit):
    units = (unit, unit, *["second"] * 5)
    texts = [_text(element, a, u) for a, u in zip(arguments, units, strict=False)]
    low, high = texts[:2]
    delay, rise, fall, width, period = (texts[2:] + [None] * 5)[:5]
    if rise is None or width is None:
        raise CircuitError(f"{element}: write pulse(low high delay rise fall width [period]).")
    for name, given in (("rise", arguments[3]), ("fall", arguments[4])):
        value = number(given, "second", str(element))
        if value is not None and float(value) <= 0:
            raise CircuitError(f"{element}: the {name} of a pulse must be above 0 s: no voltage jumps. "
                               f"Write for instance a thousandth of its width.")
    since = f"(t - {delay})"
    if period is not None:
        # A picosecond early: t may lie on either side of the start of a period.
        began = f"int({since} >= 0*second)"
        since = f"({since} - {period}*floor(({since} + 1e-12*second)/{period}))*{began}"
    shape = f"clip({since}/{rise}, 0, 1) - clip(({since} - {rise} - {width})/{fall}, 0, 1)"
    return f"{low} + ({high} - {low})*({shape})"


def _pwl(element, arguments, unit):
    if len(arguments) < 4 or len(arguments) % 2:
        raise CircuitError(f"{element}: pwl takes pairs of time and value, at least two.")
    times = [number(a, "second", str(element)) for a in arguments[::2]]
    values = [number(a, unit, str(element)) for a in arguments[1::2]]
    if None in times or None in values:
        raise CircuitError(f"{element}: pwl takes numbers only. Use {{...}} with clip() for more.")
    seconds = [float(t) for t in times]
    if any(b <= a for a, b in itertools.pairwise(seconds)):
        raise CircuitError(f"{element}: the times of pwl must grow.")
    parts = [f"({quantity_source(values[0])})"]
    for k in range(1, len(times)):
        rise = f"({quantity_source(values[k])} - ({quantity_source(values[k - 1])}))"
        parts.append(f"{rise}*clip((t - {seconds[k - 1]!r}*second)/"
                     f"({seconds[k] - seconds[k - 1]!r}*second), 0, 1)")
    return " + ".join(parts)
