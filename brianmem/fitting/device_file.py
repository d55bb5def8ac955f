"""A device as a Python file like those written by hand."""

import re
import textwrap
from dataclasses import fields

import brian2
from brian2.units.fundamentalunits import DIMENSIONLESS, Quantity, get_dimensions

from brianmem.evidence import Evidence
from brianmem.frozen import source
from brianmem.units import quantity_source, si_unit_name

_WIDTH = 100
_INDENT = "    "
_PREFIXES = ("", "m", "u", "n", "p", "f", "k", "M", "G", "T")


def rounded(value, digits=6):
    """Return a scalar rounded to `digits` significant ones, so that it reads well."""
    number = float(f"{float(value):.{digits}g}")
    dim = get_dimensions(value)
    return Quantity(number, dim=dim) if dim is not DIMENSIONLESS else number


def number_source(value):
    """Write a quantity with a readable prefix where that restores it exactly."""
    if get_dimensions(value) is DIMENSIONLESS or not isinstance(value, Quantity):
        return quantity_source(value)
    name, found = si_unit_name(value.dim), []
    for unit in filter(None, (getattr(brian2, p + name, None) for p in _PREFIXES)):
        for digits in range(1, 13):
            text = f"{float(value) / float(unit):.{digits}g}"
            if float(text) * float(unit) == float(value):
                found.append((_plain(text), unit.name))
                break
    # As one would write it: 0.88*volt, neither 884618*uvolt nor 0.0009*second.
    found.sort(key=lambda f: (not 0.1 <= abs(float(f[0])) < 1000, len(f[0])))
    return "*".join(found[0]) if found else quantity_source(value)


def _plain(text):
    """Write 1e+02 as 100."""
    return repr(int(float(text))) if "e+" in text and abs(float(text)) < 1e4 else text


def device_source(device, headline, comment):
    """Return the text of a Python file that defines `device`.

    `headline` is the first line of its docstring, `comment` the rest.
    """
    body = [f"{device.name} = Device("]
    for field in fields(device):
        value = getattr(device, field.name)
        if value or field.name == "parameters":
            body.append(_field(field.name, value))
    body[-1] = body[-1].rstrip(",") + ")"
    code = "\n".join(body)
    names = sorted(n for n in set(re.findall(r"[A-Za-z_]\w*", _without_texts(code)))
                   if isinstance(getattr(brian2, n, None), brian2.Unit))
    ours = "Device, Evidence" if device.evidence else "Device"
    imports = textwrap.fill(", ".join(names), _WIDTH - 4, initial_indent=_INDENT,
                            subsequent_indent=_INDENT)
    units = f"from brian2 import {', '.join(names)}" if len(names) < 9 else \
        f"from brian2 import (\n{imports},\n)"
    comment = textwrap.fill(comment, 90)
    units = f"{units}\n\n" if names else ""
    return f'"""{_escaped(headline)}\n\n{_escaped(comment)}\n"""\n\n{units}' \
           f"from brianmem import {ours}\n\n{code}\n"


def _escaped(text):
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _without_texts(code):
    return re.sub(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', "", code)


def _field(name, value):
    lead = f"{_INDENT}{name}="
    if name == "equations":
        return f"{lead}{_block(value)},"
    if name == "description":
        return f"{lead}{_wrapped_text(value, len(lead))},"
    if name == "evidence":
        rows = [f'{2 * _INDENT}"{key}": {_evidence(e)}' for key, e in value.items()]
        return f"{lead}{{\n" + ",\n".join(rows) + "},"
    if name == "events":
        column = len(lead) + 2
        rows = f",\n{' ' * (column - 1)}".join(
            f"({_wrapped_text(condition, column)},\n{' ' * column}{_wrapped_text(text, column)})"
            for condition, text in value)
        return f"{lead}({rows},),"
    if name == "parameter_sets":
        column = len(lead) + 1
        rows = [_items(f"{' ' * column}\"{key}\": ", [f"{k!r}: {number_source(v)}"
                                                    for k, v in values.items()])
                for key, values in value.items()]
        return f"{lead}{{\n" + "\n".join(rows).rstrip(",") + "},"
    if name in ("parameters", "inputs"):
        return _items(lead, [f"{k!r}: {number_source(v)}" for k, v in value.items()])
    if name in ("initial", "bounds", "operation"):
        return _items(lead, [f"{k!r}: {_numbers(v)}" for k, v in value.items()])
    if name == "suggested_dt":
        return f"{lead}{number_source(value)},"
    if name == "references":
        return f"{lead}{_texts(value)},"
    return f"{lead}{_double(source(value))},"


def _numbers(value):
    if isinstance(value, tuple):
        return "(" + ", ".join(map(number_source, value)) + ")"
    return number_source(value)


def _items(lead, items):
    text = textwrap.fill(_double(", ".join(i.replace(" ", "\0") for i in items)), _WIDTH,
                         initial_indent=lead + "{", subsequent_indent=" " * (len(lead) + 1),
                         break_long_words=False, break_on_hyphens=False)
    return text.replace("\0", " ") + "},"


def _double(text):
    return re.sub(r"'(\w*)'", r'"\1"', text)


def _block(text):
    if '"""' in text or "\\" in text or text != text.strip("\r"):
        return repr(text)
    return f'"""{text}"""'


def _wrapped_text(text, column):
    """Write a long text as adjacent literals, restored exactly."""
    words = re.findall(r"\S*\s*", text)
    lines, line = [], ""
    for word in words:
        if line and len(repr(line + word)) > _WIDTH - column - 1:
            lines.append(line)
            line = ""
        line += word
    lines.append(line)
    return ("\n" + " " * column).join(_literal(part) for part in lines)


def _literal(text):
    shown = repr(text)
    if shown.startswith("'") and '"' not in text and "\\" not in shown:
        return f'"{text}"'
    return shown


def _evidence(evidence: Evidence):
    column = 3 * len(_INDENT)
    short = f"Evidence({_literal(evidence.kind)}, {_literal(evidence.note)})"
    if evidence.note and not evidence.references and len(short) < _WIDTH - 30:
        return short
    parts = [_literal(evidence.kind)]
    if evidence.note:
        parts.append(f"\n{' ' * column}{_wrapped_text(evidence.note, column)}")
    if evidence.references:
        lead = f"\n{' ' * column}" if evidence.note else " references="
        parts.append(f"{lead}{_texts(evidence.references)}")
    return f"Evidence({','.join(parts)})"


def _texts(values):
    return "(" + ", ".join(map(_literal, values)) + ("," if len(values) == 1 else "") + ")"
