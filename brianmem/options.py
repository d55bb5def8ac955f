"""Command-line options made from a signature, so that each is stated once.

An experiment's ``main`` and the fields of a protocol say name, type, default, unit
and choices; their docstring or metadata says what it is for.
"""

import argparse
import dataclasses
import inspect
import re
import types
import typing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brianmem.errors import InputError, suggestion
from brianmem.units import format_quantity, parse_quantity, si_unit_name

_TYPE = re.compile(r"(int|float|str|bool|Path|Quantity|dict|list|tuple|callable|array)\b|\{")
_TRUE, _FALSE = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True)
class Option:
    """One option: `kind` is int, float, bool, str, Path or Quantity; `like` carries the unit.

    `many`: several quantities, in any unit without `like`, as ``1V,2V`` or
    ``start:stop:number`` (``:log`` spaces them by equal factors).
    """

    name: str
    kind: type = str
    default: object = None
    help: str = ""
    choices: tuple = ()
    like: object = None
    required: bool = False
    many: bool = False

    @property
    def flag(self):
        return "--" + self.name.replace("_", "-")

    def read(self, text):
        """Turn the text of the command line into a value; `InputError` names the option."""
        if self.choices:
            by_text = {str(c): c for c in self.choices}
            if text not in by_text:
                raise InputError(f"{self.flag} must be one of {', '.join(by_text)}, got '{text}'.")
            return by_text[text]
        if text.lower() == "none" and self.default is None and not self.required:
            return None
        if self.many:
            return read_many(text, self.like, self.flag)
        if self.kind is Quantity:
            return parse_quantity(text, like=self.like, name=self.flag)
        return _READERS.get(self.kind, self.kind)(self, text)


def read_many(text, like, name):
    """Read ``1V,1.2V`` or ``1V:2V:11`` (or ``1us:1s:7:log``) as a tuple of quantities."""
    words = [word.strip() for word in text.split(":")]
    if len(words) == 1:
        return tuple(parse_quantity(word, like=like, name=name) for word in text.split(","))
    if len(words) not in (3, 4) or not re.fullmatch(r"\d{1,6}", words[2]) \
            or words[3:] not in ([], ["log"]) or int(words[2]) < 2:
        raise InputError(f"{name} must be values such as '1V,2V' or start:stop:number with at "
                         f"least 2 of them (':log' for equal factors), got '{text}'.")
    first = parse_quantity(words[0], like=like, name=name)
    last = parse_quantity(words[1], like=first if like is None else like, name=name)
    if words[3:] and not float(first) * float(last) > 0:
        raise InputError(f"{name}: equal factors need two values of one sign, got '{text}'.")
    space = np.geomspace if words[3:] else np.linspace
    return tuple(Quantity(v, dim=get_dimensions(first))
                 for v in space(float(first), float(last), int(words[2])))


def _read_int(option, text):
    try:
        number = float(text)
        if number != int(number):
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(f"{option.flag} must be a whole number, got '{text}'.") from None
    return int(text) if re.fullmatch(r"[-+]?[\d_]+", text) else int(number)


def _read_float(option, text):
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{option.flag} must be a plain number, got '{text}'.") from None


def _read_bool(option, text):
    if text.lower() not in _TRUE + _FALSE:
        raise InputError(f"{option.flag} must be yes or no, got '{text}'.")
    return text.lower() in _TRUE


_READERS = {int: _read_int, float: _read_float, bool: _read_bool,
            str: lambda _option, text: text, Path: lambda _option, text: Path(text)}


def from_signature(function, skip=()):
    """Return the options of a function's parameters, help from its docstring."""
    helps = parameter_help(inspect.getdoc(function) or "")
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    return [_option(p.name, p.annotation, p.default, helps.get(p.name, ""))
            for p in parameters if p.name not in skip and p.kind not in (p.VAR_KEYWORD,
                                                                         p.VAR_POSITIONAL)]


def from_dataclass(cls):
    """Return the options of a dataclass whose fields carry unit, type, choices and help."""
    return [_field_option(field) for field in dataclasses.fields(cls) if field.init]


def _field_option(field):
    made = field.default_factory is not dataclasses.MISSING
    default = field.default_factory() if made else field.default
    required = default is dataclasses.MISSING
    kind = field.metadata.get("type", Quantity if "unit" in field.metadata else str)
    return Option(field.name, kind, None if required else default,
                  field.metadata.get("help", ""), tuple(field.metadata.get("choices", ())),
                  field.metadata.get("unit"), required, field.metadata.get("many", False))


def _option(name, annotation, default, text):
    required = default is inspect.Parameter.empty
    default = None if required else default
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
    if typing.get_origin(annotation) is typing.Literal:
        return Option(name, str, default, text, typing.get_args(annotation), None, required)
    if isinstance(default, Quantity) or isinstance(annotation, Quantity):
        like = default if isinstance(default, Quantity) else annotation
        return Option(name, Quantity, default, text, (), like, required)
    if annotation is inspect.Parameter.empty:
        annotation = type(default) if default is not None else str
    return Option(name, annotation, default, text, (), None, required)


def parameter_help(docstring):
    """Return what a docstring says of each parameter.

    Reads ``name : type`` with the text below it, and ``name : text`` in one line or more.
    """
    helps, current, indent = {}, (), 0
    for line in docstring.splitlines():
        match = re.match(r"\s*(\w+(?:, \w+)*) ?:(?: (.*))?$", line)
        depth = len(line) - len(line.lstrip())
        if match and (not current or depth <= indent):
            current, indent = match[1].split(", "), depth
            text = match[2] or ""
            helps.update(dict.fromkeys(current, "" if _TYPE.match(text) else text))
        elif line.strip() and depth > indent:
            helps.update({n: f"{helps[n]} {line.strip()}".strip() for n in current})
        else:
            current = ()
    return helps


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one `InputError`, and whose options are `Option`."""

    def __init__(self, **settings):
        super().__init__(allow_abbrev=False, argument_default=argparse.SUPPRESS, **settings)
        self.made = {}

    def error(self, message):
        raise InputError(f"{self.prog}: {message}. See '{self.prog} --help'.")

    def add_option(self, option):
        """Add one `Option`; a bool becomes a switch."""
        self.made[option.name] = option
        if option.kind is bool:
            action = argparse.BooleanOptionalAction if option.default else "store_true"
            self.add_argument(option.flag, action=action, dest=option.name, help=_help(option))
            return
        self.add_argument(option.flag, dest=option.name, help=_help(option),
                          required=option.required, metavar=_metavar(option))

    def read(self, argv):
        """Return the given options as a dict, converted; options not given are left out."""
        given, unknown = self.parse_known_args(_tidy(argv))
        if unknown:
            raise InputError(f"{self.prog}: {self._unknown(unknown[0].split('=')[0])} See "
                             f"'{self.prog} --help'.")
        return {name: self.made[name].read(value) if name in self.made and isinstance(value, str)
                else value for name, value in vars(given).items()}

    def _unknown(self, word):
        if not word.startswith("-"):
            return f"unknown argument '{word}'."
        # Without the dashes, which would make everything look alike.
        flags = [flag[2:] for flag in self._option_string_actions]
        hint = suggestion(word[2:], flags).replace("'", "'--", 1)
        return f"unknown option '{word}'{hint}"


def _tidy(argv):
    # Names are typed as in Python, too; and argparse takes "-1V" for an option, but
    # understands "--amplitude=-1V".
    tidy = []
    for word in argv:
        if re.match(r"-\.?\d", word) and tidy and re.match(r"--[^=]+$", tidy[-1]):
            tidy[-1] += f"={word}"
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            tidy.append(name.replace("_", "-") + equals + value)
        else:
            tidy.append(word)
    return tidy


def _metavar(option):
    if option.choices:
        return "|".join(map(str, option.choices))
    if option.many and option.like is None:
        return "VALUE,..."
    if option.many:
        return f"{si_unit_name(get_dimensions(option.like)).upper()},..."
    if option.kind is Quantity and option.like is not None:
        return si_unit_name(get_dimensions(option.like)).upper()
    return option.kind.__name__.upper()


def _help(option):
    default = option.default
    if option.kind is bool or default is None:
        return option.help.replace("%", "%%")
    if isinstance(default, tuple):
        default = f"{len(default)} from {format_quantity(min(default))} to " \
                  f"{format_quantity(max(default))}"
    shown = format_quantity(default) if isinstance(default, Quantity) else default
    return f"{option.help} (default: {shown})".strip().replace("%", "%%")
