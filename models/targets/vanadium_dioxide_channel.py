"""Vanadium dioxide as a Mott channel: folds of the static curve."""

from brian2 import kohm, volt

from brianmem import Target, find
from brianmem.models.targets.niobium_dioxide import mott_folds

DEVICE = "vanadium_dioxide_channel"
_SOURCE = "own program; parameters reported for Yi2018"

TARGETS = (
    *(Target(DEVICE, f"{kind} voltage, {label}", value*volt,
             lambda s=s, kind=kind: mott_folds(DEVICE, s)[kind][0], "computed", rtol=5e-3,
             source=_SOURCE)
      for s, label, kind, value in (
          (None, "r = 36 nm", "threshold", 1.116), (None, "r = 36 nm", "holding", 0.251),
          ("radius_28nm", "r = 28 nm", "threshold", 1.435),
          ("radius_28nm", "r = 28 nm", "holding", 0.3225))),
    Target(DEVICE, "resistance at rest, r = 36 nm", 122.805*kohm,
           lambda: 1/find(DEVICE).conductance(), "closed form", rtol=1e-4,
           source="rho_ins*L/(pi*r_ch**2)"),
)
