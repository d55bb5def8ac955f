"""What every experiment says of its claim."""

from brianmem.errors import BrianmemError


def judged(quick, **conditions):
    """Return {"claim_holds": bool}; a quick run, whose options are ours, raises where it does not."""
    failed = [name.replace("_", " ") for name, holds in conditions.items() if not holds]
    if failed and quick:
        raise BrianmemError(f"The claim does not hold: not {'; not '.join(failed)}.")
    return {"claim_holds": not failed}
