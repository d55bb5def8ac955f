"""Unsupervised learning of images in which spikes alone program the synapses.

The network is `memristive_digits`; what a postsynaptic spike does to a device follows
from the two waveforms that overlap there and from its equations (`brianmem.pairing`).
An input that fired shortly before meets the first part of its waveform and SETs, one
that fired longer ago the second and RESETs; an input whose waveform is over changes
nothing. Spike shapes are `proposed`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from brian2 import nsecond, psecond, usecond, volt

from brianmem import Evidence
from brianmem.errors import InputError
from brianmem.models.devices.vteam import vteam
from brianmem.models.devices.yakopcic import yakopcic
from brianmem.network.structure import Structure
from brianmem.pairing import PairMap, SpikePair, describe
from brianmem.pulses import PAIR_MODEL, PAIR_WRITE
from brianmem.units import format_quantity

from .memristive_digits import MemristiveDigits

#: Points of the pair table along delay and state.
PAIR_POINTS = 96

#: Device and spike shape by the device's name. Stretched so that the postsynaptic
#: waveform fits into one step of 1 ms.
SPIKES = {
    "yakopcic": (yakopcic, SpikePair(1*volt, 10*usecond, -1*volt, 8*usecond, stretch=50)),
    "vteam": (vteam, SpikePair(-0.3*volt, 50*psecond, 0.036*volt, 150*nsecond, stretch=6e3)),
}


@dataclass(frozen=True)
class NativeDigits(MemristiveDigits):
    """Describe the network; `MemristiveDigits` with `spikes` in the place of pulses.

    Parameters
    ----------
    spikes : SpikePair
        Waveforms of both terminals; the device's own "set" and "reset" do not count.
    """

    spikes: SpikePair = None

    def __post_init__(self):
        if self.spikes is None:
            raise InputError("NativeDigits: spikes= is missing; give a SpikePair.")
        if float(self.spikes.duration) > float(self.dt) * (1 + 1e-9):
            raise InputError(
                f"NativeDigits: the postsynaptic spike lasts {format_quantity(self.spikes.duration)}, "
                f"longer than a step of {format_quantity(self.dt)}, so that later inputs would meet "
                "it. Lower stretch.")
        note = "The full overlaps of two spikes: " + describe(self.spikes) + "."
        object.__setattr__(self, "device", self.device.with_operation(
            Evidence("proposed", note), **self.spikes.operation(),
            read=self.device.operation["read"]))
        object.__setattr__(self, "window", self.spikes.recent)
        super().__post_init__()

    @classmethod
    def of(cls, name, **options):
        """Return the network of a device in `SPIKES`."""
        if name not in SPIKES:
            raise InputError(f"no spike shape is stated for '{name}'; known: {', '.join(SPIKES)}. "
                             "Give NativeDigits a device and a SpikePair of your own.")
        device, spikes = SPIKES[name]
        return cls(device, **{"spikes": spikes, **options})

    def structure(self, dense_read=True):
        """Return what has to be compiled; parameters, device and waveforms are not part of it."""
        found = super().structure(dense_read)
        return Structure(found.module, {**found.sizes, "pairs": PAIR_POINTS})

    @cached_property
    def pair_map(self):
        """The `PairMap` of device and waveforms."""
        return PairMap.from_device(self.device, self.scaled_spikes, PAIR_POINTS)

    @cached_property
    def scaled_spikes(self):
        """The waveforms with their programming times multiplied by `pulse_scale`."""
        from dataclasses import replace

        s = self.spikes
        return replace(s, set_time=self.pulse_scale * s.set_time,
                       reset_time=self.pulse_scale * s.reset_time)

    def inputs(self, state, images, *, learning, seed, first_image, total_images):
        """Return every variable and table of one run by name, in SI units."""
        return {**super().inputs(state, images, learning=learning, seed=seed,
                                 first_image=first_image, total_images=total_images),
                "pair_table": self.pair_map.table, "synapses.half_lag": float(self.pair_map.half),
                # No waveform is under way at the start of a run.
                "inputs.last_spike": np.full(self.n_inputs, -1e6)}

    @property
    def operation_text(self):
        """The spikes in words, for figures and provenance."""
        return f"{self.device.name}: {describe(self.scaled_spikes)}"

    @property
    def equations(self):
        """The resolved text of device, network and learning, for provenance."""
        return "\n".join([super().equations, PAIR_MODEL, PAIR_WRITE])
