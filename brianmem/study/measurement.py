"""A protocol on a device as the run of a study: points may be copies in one group."""

import dataclasses
import inspect
from dataclasses import dataclass

from brian2.units.fundamentalunits import Quantity

from brianmem.errors import StudyError, suggestion
from brianmem.options import Option, from_dataclass
from brianmem.protocols.shared import run_together
from brianmem.study.identity import canonical

_RUN = (Option("n", int, 1, "number of instances"), Option("seed", int, None, "fixes noise"))


@dataclass(frozen=True)
class Measurement:
    """Run `protocol` (a class) on `device`; called with options of the protocol and of the run
    (n, seed), parameters of the device and initial states, all by name."""

    device: object
    protocol: type

    def __repr__(self):
        return f"Measurement({self.device!r}, {self.protocol.__name__})"

    @property
    def label(self):
        """The words of the command line."""
        return f"{self.device.name} {self.protocol.kind}"

    def options(self):
        """Return what may be given, as `Option`; an option of the protocol hides a parameter."""
        device = self.device
        known = {o.name: o for o in (*from_dataclass(self.protocol), *_RUN)}
        for name in (*device.namespace, *device.states):
            value = device.namespace.get(name, device.initial.get(name))
            known.setdefault(name, Option(name, Quantity, value, "of the device", (), value))
        return list(known.values())

    @property
    def __signature__(self):
        return inspect.Signature([inspect.Parameter(o.name, inspect.Parameter.KEYWORD_ONLY,
                                                    default=o.default) for o in self.options()])

    def __call__(self, **given):
        device, protocol, run = self._made(given)
        # As a copy among others, even where there are none: the same numbers to the last bit.
        result = None if self.alike(given) is None else self.together([given])[0]
        return protocol.run(device, **run) if result is None else result

    def _made(self, given):
        fields = {f.name for f in dataclasses.fields(self.protocol)}
        changes = {k: v for k, v in given.items() if k not in fields and k not in ("n", "seed")}
        for name in changes:
            if name not in self.device.namespace and name not in self.device.states:
                known = [o.name for o in self.options()]
                raise StudyError(f"{self.label} takes no '{name}'{suggestion(name, known)}")
        device = self.device.with_parameters(None, **changes) if changes else self.device
        protocol = self.protocol(**{k: v for k, v in given.items() if k in fields})
        return device, protocol, {k: given[k] for k in ("n", "seed") if k in given}

    def alike(self, given):
        """Return what points that can share one group have in common, None for a point alone."""
        device = self.device
        if given.get("n", 1) != 1 or device.is_stochastic or device.stiff or device.events:
            return None
        names = sorted(k for k in given if k in device.parameters)
        return str(names) + str(sorted((k, str(canonical(v))) for k, v in given.items()
                          if k not in device.parameters and k not in device.states))

    def together(self, points):
        """Run points as copies of one group; return a `Result`, or None, for each.

        A result is that of the point alone, bit for bit: each copy takes the step that it
        would take alone, and what cannot be shared is left to a run of its own.
        """
        made = [self._made(given) for given in points]
        # Also those that agree here: which points share a group must not matter.
        names = [n for n in self.device.parameters if n in points[0]]
        values = {n: Quantity([float(device.parameters[n]) for device, _, _ in made],
                              dim=self.device.dimension(n)) for n in names}
        return run_together(self.device, [(d, p, r.get("seed")) for d, p, r in made], values)
