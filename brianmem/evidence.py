"""What stands behind a set of numbers."""

from dataclasses import dataclass

from brianmem import validation
from brianmem.errors import DeviceError

EVIDENCE_KINDS = ("published", "fitted", "proposed")


@dataclass(frozen=True)
class Evidence:
    """Say what stands behind a set of numbers.

    kind: ``published`` (with references), ``fitted`` (`note`: to what and how
    well) or ``proposed`` (no measurement behind it).
    """

    kind: str
    note: str = ""
    references: tuple = ()

    def __post_init__(self):
        if self.kind not in EVIDENCE_KINDS:
            raise DeviceError(f"Evidence: kind must be one of {', '.join(EVIDENCE_KINDS)}, "
                              f"got {self.kind!r}.")
        object.__setattr__(self, "references",
                           validation.reference_keys(self.references, "Evidence"))
