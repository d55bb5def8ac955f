"""What is integrated in one piece, for which copies of a device, and what comes of it."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Segment:
    """One stretch of a protocol that is integrated with one step.

    `units` is the number of equal pieces on whose borders all corners lie, `stride`
    how many of them lie between two recorded points, `mark` (units) the distance of
    marks, where the states are kept exactly; 0 for none. `cycle` (units) is how long
    parameters that are redrawn stay, and `index` tells segments of one run apart.
    """

    waveform: object
    duration: float
    units: int
    stride: int = 1
    mark: int = 0
    cycle: int = 0
    index: int = 0


@dataclass(eq=False)
class Setup:
    """What all segments of a run share: `n` copies and how they differ."""

    device: object
    n: int = 1
    series_resistance: object = None
    compliance: object = None
    parameters: dict = field(default_factory=dict)
    cycle_parameters: object = None
    stuck: tuple = None
    seed: int = None
    #: Whether each copy must be computed as if it were alone.
    alone: bool = False


@dataclass(eq=False)
class Trace:
    """States (n, points) and energy over one segment, SI numbers, and how it was made."""

    t: np.ndarray
    states: dict
    energy: np.ndarray
    marks: dict
    mark_energy: np.ndarray
    dt: float
    error: float
    hits: dict
    cycle: dict = field(default_factory=dict)
    mark_cycle: dict = field(default_factory=dict)
    v_source: np.ndarray = None
    v: np.ndarray = None
    current: np.ndarray = None

    @property
    def final(self):
        """The states at the end, name to array (n,)."""
        return {k: v[:, -1] for k, v in self.states.items()}
