"""What stands for a value in a netlist: numbers with a unit or a SPICE suffix, expressions."""

import re
from decimal import Decimal

from brian2.units.fundamentalunits import Quantity

from brianmem.circuits.netlist import GROUND, NUMBER, POWERS, ground
from brianmem.errors import CircuitError, UnitError
from brianmem.units import dimension_of, parse_quantity

_CALL = re.compile(r"\b([vViI])\(([^()]*)\)")


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
        return Quantity(value, dim=dimension_of(unit)) if unit != "1" else value
    try:
        return parse_quantity(text, dimension_of(unit), where)
    except UnitError as error:
        raise CircuitError(f"{error} A number without unit, such as 10k, is in {unit}."
                           if unit != "1" else str(error)) from None


def expression(text, where):
    """Return a Brian2 expression from ``{...}``, or a bare name; v(a, b) and i(V1) become names."""
    bare = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    if "?" in bare:
        raise CircuitError(f"{where}: '{text}' has no meaning here. Write 'int(a > b)*x + "
                           "(1 - int(a > b))*y' for 'a > b ? x : y'.")
    found = _CALL.sub(lambda match: _named(match, where), bare).replace("^", "**").strip()
    if not found:
        raise CircuitError(f"{where}: '{text}' is empty.")
    return found


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
