"""Unsupervised learning of images in which spikes alone program the synapses.

The network is `memristive_digits`; what a postsynaptic spike does to a device follows
from the two waveforms that overlap there and from its equations (`brianmem.pairing`).
An input that fired shortly before meets the first part of its waveform and SETs, one
that fired longer ago the second and RESETs; an input whose waveform is over changes
nothing. Spike shapes are `proposed`.

Energy of writing is the integral of v*I over the waveforms, in the device's time, of which
`stretch` seconds of the network make one: `postsynaptic_energy` during postsynaptic waveforms, pair
by pair, and `presynaptic_energy` of each presynaptic waveform on all devices of its input, up
to the next spike of that input. The last spike of an input in a run counts in full. The latter
reads nominal states at the end of a run, as the read energy does, and how a cut divides
a waveform at the state in the middle: exact where the current is a function of the voltage times
one of the state. The presynaptic voltage during a postsynaptic waveform counts in both.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from brian2 import nsecond, psecond, second, usecond, volt

from brianmem import Evidence
from brianmem.errors import InputError
from brianmem.lookup import interpolate
from brianmem.models.devices.stanford_pku import stanford_pku
from brianmem.models.devices.vteam import vteam
from brianmem.models.devices.yakopcic import yakopcic
from brianmem.network.structure import Structure
from brianmem.pairing import PairMap, SpikePair, describe, waveform_energy
from brianmem.units import format_quantity

from . import competitive_layer
from .memristive_digits import MemristiveDigits

#: Points of the pair table along delay and state.
PAIR_POINTS = 96

#: Device and spike shape by the device's name. Stretched so that the postsynaptic
#: waveform fits into one step of 1 ms. Those of stanford_pku were chosen among twelve by training
#: digits held out (100 neurons, 8000 images: 6 to 85 % right; 400 neurons, 50 000 images: 89 %).
#: Half of 1.4 V lies below the field that moves its gap at all. Above it the rate is
#: exponential in the voltage, so that its presynaptic waveform sags less and fades later than
#: those of the others; its steps are short, since a gap of 0.28 nm moves ten times as far in
#: one pair as one of 0.95 nm, and longer steps let it run away.
SPIKES = {
    "yakopcic": (yakopcic, SpikePair(1*volt, 10*usecond, -1*volt, 8*usecond, stretch=50)),
    "stanford_pku": (stanford_pku, SpikePair(1.4*volt, 0.4*nsecond, -1.4*volt, 0.25*nsecond,
                                             stretch=1e6, past=4*second, sag=0.95)),
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

    @property
    def output_names(self):
        """Names of what a run gives back."""
        return (*super().output_names, "inputs.waves")

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
        waves = self.wave_shares if learning else np.zeros_like(self.wave_shares)
        return {**super().inputs(state, images, learning=learning, seed=seed,
                                 first_image=first_image, total_images=total_images),
                "wave_table": waves[:, None],
                "inputs.wave_time": float(self.spikes.recent + self.spikes.past),
                "pair_table": self.pair_map.table, "synapses.half_lag": float(self.pair_map.half),
                # No waveform is under way at the start of a run.
                "inputs.last_spike": np.full(self.n_inputs, -1e6)}

    @cached_property
    def wave_shares(self):
        """Energy of a presynaptic waveform by the share of its time, over that of all of it."""
        shares = np.linspace(0, 1, competitive_layer.WAVE_POINTS)
        spent = waveform_energy(self.device, self.scaled_spikes, shares, [0.5])[:, 0]
        return spent / spent[-1]

    @cached_property
    def wave_energy(self):
        """Energy in joule of a whole presynaptic waveform on the grid of states."""
        return waveform_energy(self.device, self.scaled_spikes, [1.0],
                               np.linspace(0, 1, PAIR_POINTS))[0]

    def totals(self, state, outputs):
        """Sum energy in joule, spikes and silent images over one run."""
        found = super().totals(state, outputs)
        each = interpolate(self.wave_energy, state["synapses.x"]).reshape(self.n_inputs, -1)
        before = float(outputs["inputs.waves"] @ each.sum(axis=1))
        return {**found, "postsynaptic_energy": found["write_energy"], "presynaptic_energy": before,
                "write_energy": found["write_energy"] + before}

    @property
    def operation_text(self):
        """The spikes in words, for figures and provenance."""
        return f"{self.device.name}: {describe(self.scaled_spikes)}"

    def _layer_text(self):
        return competitive_layer.text(pairs=True)
