"""The waveforms of SPICE's independent sources as expressions of t."""

import itertools
import re

from brianmem.circuits.cards import NUMBER
from brianmem.circuits.linear import closed
from brianmem.circuits.values import number
from brianmem.errors import CircuitError
from brianmem.units import quantity_source

_FORM = re.compile(r"(sin|pulse|pwl|exp)(?:(?<=sin)e)?\s*\((.*)\)", re.IGNORECASE)
_ARGUMENTS = {"sin": (3, 6), "pulse": (2, 7), "exp": (6, 6)}


def waveform(parts, element, unit):
    """Return the value of a V or I element: a quantity, or a text in t in `unit`."""
    words = _without_ac(element)
    if len(words) != 1:
        raise CircuitError(f"{element}: needs one value such as 5, {{expression of t}}, sin(...), "
                           f"pulse(...) or pwl(...), got '{' '.join(element.words)}'.")
    form = _FORM.fullmatch(words[0])
    if form is None:
        value = number(words[0], unit, str(element))
        if value is None and re.match(r"\w+\s*\(.*\s", words[0]):
            raise CircuitError(f"{element}: '{words[0]}' is no waveform. Known are sin(...), "
                               "pulse(...), pwl(...) and exp(...); write {...} for an expression of t.")
        return parts.written(element, words[0], unit) if value is None else value
    kind, arguments = form[1].lower(), _split(form[2])
    if kind == "pwl":
        return _pwl(element, arguments, unit)
    few, many = _ARGUMENTS[kind]
    if not few <= len(arguments) <= many:
        count = f"{few} to {many}" if few < many else few
        raise CircuitError(f"{element}: {kind} takes {count} values, got {len(arguments)}.")
    return {"sin": _sin, "pulse": _pulse, "exp": _exp}[kind](parts, element, arguments, unit)


def _without_ac(element):
    """Return the words of a source without DC and without ``AC size phase``, which no run here uses."""
    words = element.words
    at = next((k for k, w in enumerate(words) if w.lower() == "ac"), len(words))
    end = at + 1
    while end < min(at + 3, len(words)) and number(words[end], "1", str(element)) is not None:
        end += 1
    words = words[:at] + words[end:]
    if element.words and not words:
        raise CircuitError(f"{element}: AC is for a small-signal analysis, which is not made here. "
                           f"Give the value in time too: '{element.name} a b 0 AC 1'.")
    words = words[1:] if words and words[0].lower() == "dc" else words
    # A value for the operating point before a waveform, which alone says what comes in time.
    is_wave = len(words) == 2 and _FORM.fullmatch(words[1]) is not None
    return words[1:] if is_wave and NUMBER.match(words[0]) else words


def corners_of(element):
    """Return kind and SI numbers of a sin, pulse or pwl of numbers; None for any other value."""
    words = _without_ac(element) if element.kind in "VI" else ()
    form = _FORM.fullmatch(words[-1]) if words else None
    if form is None:
        return None
    unit = {"V": "volt", "I": "amp"}[element.kind]
    kind, arguments = form[1].lower(), _split(form[2])
    units = {"sin": _sin_units(unit), "pulse": (unit, unit, *["second"] * 5),
             "exp": (unit, unit, *["second"] * 4),
             "pwl": ("second", unit) * (len(arguments) // 2)}[kind]
    values = [number(a, u, str(element)) for a, u in zip(arguments, units, strict=False)]
    return None if None in values else (kind, [float(v) for v in values])


def _split(text):
    return re.findall(r"\{[^}]*\}|[^\s,]+", text)


def _text(parts, element, text, unit, positive=False):
    value = number(text, unit, str(element))
    return closed(parts.written(element, text, unit, positive=positive) if value is None
                  else quantity_source(value))


def _sin_units(unit):
    return unit, unit, "hertz", "second", "hertz", "1"


def _exp(parts, element, arguments, unit):
    units = (unit, unit, *["second"] * 4)
    low, high, *times = (_text(parts, element, a, u, positive=u == "second" and k % 2)
                         for k, (a, u) in enumerate(zip(arguments, units, strict=True)))
    for text in arguments[3::2]:
        tau = number(text, "second", str(element))
        if tau is not None and not float(tau) > 0:
            raise CircuitError(f"{element}: the time constants of exp must be above 0 s, got '{text}'.")
    rise, fall = (f"({high} - {low})*(1 - exp(-clip(t - {begin}, 0*second, inf*second)/{tau}))"
                  for begin, tau in (times[:2], times[2:]))
    return f"{low} + {rise} - {fall}"


def _sin(parts, element, arguments, unit):
    offset, amplitude, frequency, *rest = (
        _text(parts, element, a, u) for a, u in zip(arguments, _sin_units(unit), strict=False))
    if len(rest) == 3:  # before the delay it stands at its phase
        since = f"clip(t - {rest[0]}, 0*second, inf*second)"
        return f"{offset} + {amplitude}*sin(2*pi*{frequency}*{since} + {rest[2]}*pi/180)" \
            f"*exp(-{since}*{rest[1]})"
    since = f"(t - {rest[0]})" if rest else "t"
    wave = f"{amplitude}*sin(2*pi*{frequency}*{since})"
    if len(rest) > 1:
        wave += f"*exp(-{since}*{rest[1]})"
    return f"{offset} + {wave}*int({since} >= 0*second)" if rest else f"{offset} + {wave}"


def _pulse(parts, element, arguments, unit):
    units = (unit, unit, *["second"] * 5)
    texts = [_text(parts, element, a, u) for a, u in zip(arguments, units, strict=False)]
    low, high = texts[:2]
    delay, rise, fall, width, period = (texts[2:] + [None] * 5)[:5]
    if rise is None or width is None:
        raise CircuitError(f"{element}: write pulse(low high delay rise fall width [period]).")
    _check_pulse(element, [number(a, u, str(element)) for a, u in zip(arguments, units, strict=False)])
    since = f"(t - {delay})"
    if period is not None:
        # A picosecond early: t may lie on either side of the start of a period.
        began = f"int({since} >= 0*second)"
        since = f"({since} - {period}*floor(({since} + 1e-12*second)/{period}))*{began}"
    shape = f"clip({since}/{rise}, 0, 1) - clip(({since} - {rise} - {width})/{fall}, 0, 1)"
    return f"{low} + ({high} - {low})*({shape})"


def _check_pulse(element, values):
    rise, fall, width, period = (*values[3:], None)[:4]
    for name, value in (("rise", rise), ("fall", fall), ("width", width)):
        if value is not None and float(value) <= 0:
            remedy = "no voltage jumps. Write for instance a thousandth of its width." \
                if name != "width" else "it is the time at the top."
            raise CircuitError(f"{element}: the {name} of a pulse must be above 0 s: {remedy}")
    times = (rise, fall, width)
    # To the last digits, so that 1n + 1n + 8n fills 10n.
    if (period is not None and None not in times and \
            float(period) < (1 - 1e-9) * sum(map(float, times))) or \
            (period is not None and float(period) <= 0):
        raise CircuitError(f"{element}: the period of a pulse must not be shorter than rise, width and "
                           "fall together.")


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
