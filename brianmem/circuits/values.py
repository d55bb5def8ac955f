"""What stands for a value in a netlist: numbers with a unit or a SPICE suffix, expressions."""

import ast
import re
from decimal import Decimal

import numpy as np
from brian2.core.namespace import DEFAULT_UNITS
from brian2.units.fundamentalunits import Quantity

from brianmem.circuits.netlist import GROUND, NUMBER, POWERS, ground
from brianmem.errors import CircuitError, UnitError
from brianmem.units import dimension_of, parse_quantity, quantity_source

#: Short names of the units of SPICE.
_SHORT = {"ohm": "ohm", "v": "volt", "volt": "volt", "a": "amp", "amp": "amp", "farad": "farad",
          "h": "henry", "henry": "henry", "hz": "hertz", "s": "second", "sec": "second"}
_CALL = re.compile(r"\b([vViI])\(([^()]*)\)")
#: A number with a suffix or unit right behind it, as SPICE has it and Python does not.
_SUFFIXED = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)([A-Za-z]+\d?)(?![\w(])",
                       re.ASCII)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.Mod)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_PARTS = (ast.Name, ast.Constant, ast.Load, ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.BoolOp,
          ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_DEEPEST = 60
#: The largest and smallest size of a number; products of several must stay numbers.
LARGEST, SMALLEST = 1e60, 1e-60


def number(text, unit, where):
    """Return `text` as a quantity in `unit` (a name), None if it is no number.

    ``10k``, ``2.2e-9`` and ``1meg`` are SPICE's; ``10kohm`` and ``5mV`` name the unit.
    """
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    digits, suffix = match.groups()
    if suffix == "M":
        raise CircuitError(f"{where}: '{text}' is milli in SPICE and mega elsewhere. Write "
                           f"'{digits}meg' or '{digits}m'.")
    if suffix == "F":
        raise CircuitError(f"{where}: '{text}' is femto in SPICE and farad elsewhere. Write "
                           f"'{digits}f' or '{digits}farad'.")
    if suffix.lower() in POWERS:
        # As one decimal number: 0.1*1e-9 is not 1e-10 to the last digit.
        value = float(Decimal(digits).scaleb(POWERS[suffix.lower()]))
        check_size(value, text, where)
        return Quantity(value, dim=dimension_of(unit)) if unit != "1" else value
    if re.fullmatch("M[AFHSV]", suffix):
        raise CircuitError(f"{where}: '{text}' is milli in SPICE and mega elsewhere. Write "
                           f"'{digits}m' or '{digits}meg'.")
    try:
        value = parse_quantity(digits + _spelt(suffix, unit), dimension_of(unit), where)
    except UnitError as error:
        raise CircuitError(f"{error} A number without unit, such as 10k, is in {unit}."
                           if unit != "1" else str(error)) from None
    check_size(value, text, where)
    return value


def _spelt(suffix, unit):
    """Return a unit in capitals or none, as SPICE has it, in Brian2's spelling: ``5v``, ``1MegOhm``."""
    match = re.fullmatch(r"(meg|[fpnumkgt]?)(ohms?|v|volts?|a|amps?|farads?|h|henry|hz|s|sec)", suffix,
                         re.IGNORECASE)
    if match is None or suffix in DEFAULT_UNITS:
        return suffix
    power, name = match[1].lower(), match[2].lower()
    if match[1] == "M" or _SHORT.get(name.removesuffix("s") or "s") != unit:
        return suffix
    return {"meg": "M", "g": "G", "t": "T"}.get(power, power) + unit


def check_size(value, text, where):
    """Raise `CircuitError` for a number with which nothing can be computed."""
    found = np.abs(np.asarray(value, dtype=float))
    if not np.all((found <= LARGEST) & ((found >= SMALLEST) | (found == 0))):
        raise CircuitError(f"{where}: '{text}' is not 0 nor between {SMALLEST:g} and {LARGEST:g} in SI "
                           "units.")


def expression(text, where):
    """Return a Brian2 expression from ``{...}``, or a bare name; v(a, b) and i(V1) become names."""
    bare = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    if "?" in bare:
        raise CircuitError(f"{where}: '{text}' has no meaning here. Write 'int(a > b)*x + "
                           "(1 - int(a > b))*y' for 'a > b ? x : y'.")
    if re.search(r"\bif\s*\(", bare):
        raise CircuitError(f"{where}: '{text}' has no meaning here. Write 'int(a > b)*x + "
                           "(1 - int(a > b))*y' for 'if(a > b, x, y)'.")
    found = _CALL.sub(lambda match: _named(match, where), bare).replace("^", "**").strip()
    found = _SUFFIXED.sub(lambda match: _literal(match, where), found)
    if not found:
        raise CircuitError(f"{where}: '{text}' is empty.")
    _check_grammar(found, text, where)
    return found


def _literal(match, where):
    """Return ``1k`` or ``5mV`` inside an expression as Python reads it."""
    digits, suffix = match.groups()
    if suffix.lower() in POWERS:
        return f"({number(match[0], '1', where)!r})"
    if re.fullmatch(r"[eEjJ]\d?", suffix):
        return match[0]
    try:
        return f"({quantity_source(parse_quantity(match[0]))})"
    except UnitError:
        raise CircuitError(f"{where}: '{suffix}' behind {digits} is no unit and no suffix of SPICE "
                           "(f p n u m k meg g t).") from None


def _check_grammar(code, text, where):
    """Raise `CircuitError` for what Brian2 does not read, or reads for hours."""
    try:
        tree = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CircuitError(f"{where}: '{text}' cannot be read. Write it as Python would read it, with "
                           "names and units.") from None
    level, depth = [tree], 0
    while level:
        depth += 1
        for node in level:
            fault = _fault(node)
            if fault:
                raise CircuitError(f"{where}: '{text}' {fault}")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if depth > _DEEPEST:
        raise CircuitError(f"{where}: '{text[:60]}...' is nested too deeply.")


def _fault(node):
    """Return what is wrong with one node of an expression, None if nothing is."""
    if not _is_known(node):
        return "has more than names, numbers, + - * / **, comparisons and calls of functions."
    if isinstance(node, ast.Constant) and not _is_number(node.value):
        return f"has {node.value!r:.40}, which is no number to compute with."
    if not isinstance(node, ast.BinOp):
        return None
    if any(map(_is_truth, (node.left, node.right))):
        return "computes with a comparison. Write int(a > b)."
    if isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)) and \
            isinstance(node.right, ast.Constant) and node.right.value == 0:
        return "divides by 0."
    return _power_fault(node) if isinstance(node.op, ast.Pow) else None


def _is_known(node):
    if isinstance(node, ast.Compare):
        return len(node.ops) == 1 and isinstance(node.ops[0], _COMPARISONS)
    if isinstance(node, ast.Call):
        return not node.keywords and isinstance(node.func, ast.Name)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _ARITHMETIC)
    return isinstance(node, _PARTS) and not isinstance(node, ast.Invert)


def _power_fault(node):
    exponent = list(ast.walk(node.right))
    if any(isinstance(n, ast.Pow) for n in exponent):
        return "raises to a power of a power. Write brackets, (a**b)**c, or the number."
    if any(isinstance(n, ast.Constant) and abs(n.value) > 100 for n in exponent):
        return "has an exponent above 100."
    leaves = [n for n in ast.walk(node) if isinstance(n, (ast.Constant, ast.Name))]
    if all(isinstance(n, ast.Constant) and isinstance(n.value, int) for n in leaves) and \
            any(isinstance(n, (ast.USub, ast.Sub)) for n in exponent):
        return "raises an integer to a negative integer, which is 0 in Brian2. Write 10.0**-9 or 1e-9."
    return None


def _is_number(value):
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63) or \
        (isinstance(value, float) and np.isfinite(value))


def _is_truth(node):
    return isinstance(node, (ast.Compare, ast.BoolOp)) or \
        (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _named(match, where):
    arguments = [a.strip() for a in match[2].split(",")]
    if not all(re.fullmatch(r"\w+", a) for a in arguments) or len(arguments) > 2:
        raise CircuitError(f"{where}: '{match[0]}' is not v(node), v(node, node) or i(element).")
    if match[1] in "iI":
        if len(arguments) != 1:
            raise CircuitError(f"{where}: '{match[0]}' is not i(element).")
        return f"i_{arguments[0]}"
    return potential(*map(ground, arguments))


def potential(a, b=GROUND):
    """Return the expression of the voltage from node `b` to node `a`."""
    first, second = ("0*volt" if n == GROUND else f"v_{n}" for n in (a, b))
    if b == GROUND:
        return first
    return f"(-{second})" if a == GROUND else f"({first} - {second})"
