"""Studies: named sets of runs that survive whatever stops them."""

from brianmem.study.study import Study

__all__ = ["Study"]
