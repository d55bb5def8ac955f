"""Where the traces of a rule live: in the neurons, or in a small group beside them.

A `NeuronGroup` that has `Rule.source_equations` and `Rule.source_reset` (or those of
targets) holds its traces itself. Sources that cannot, such as `PoissonGroup` and
`SpikeGeneratorGroup`, and groups that do not, get a group of traces that their spikes
drive. It belongs to the synapses, which carry it into the network.
"""

from brian2 import NeuronGroup, Subgroup
from brian2.groups.neurongroup import Resetter

from brianmem.errors import SynapseError

_INDEX = {"pre": "_presynaptic_idx", "post": "_postsynaptic_idx"}


def attach(synapses, rule):
    """Let the statements of `synapses` read the traces of `rule` on either side."""
    for side, group, wanted in (("pre", synapses.source, rule.source_traces),
                                ("post", synapses.target, rule.target_traces)):
        missing = [trace for trace in wanted if not _held(group, trace)]
        if missing:
            # Indices of synapses count in the whole group, not in a part of it.
            _companion(synapses, side, _whole(group), missing)


def _held(group, trace):
    """Tell whether a group holds a trace; refuse one of that name that behaves otherwise."""
    if trace.name not in group.variables:
        return False
    owner = _whole(group)
    reset = getattr(owner, "event_codes", {}).get("spike") or ""
    lines = [_bare(line) for line in reset.replace(";", "\n").splitlines()]
    if _bare(trace.statement) not in lines:
        raise SynapseError(f"'{owner.name}' has a variable '{trace.name}', but its reset lacks "
                           f"'{trace.statement}'. Add it, or rename the variable.")
    if trace.window is None:
        rate = owner.equations.diff_eq_expressions if hasattr(owner, "equations") else []
        rate = dict(rate).get(trace.name)
        if rate is None or _bare(rate.code) != _bare(trace.equation.split("=")[1].split(" : ")[0]):
            raise SynapseError(f"'{owner.name}' has a variable '{trace.name}' that does not obey "
                               f"'{trace.equation}'. Use that line, or rename the variable.")
    return True


def _whole(group):
    return group.source if isinstance(group, Subgroup) else group


def _bare(text):
    return "".join(text.split())


def _companion(synapses, side, group, traces):
    held = NeuronGroup(len(group), "\n".join(trace.equation for trace in traces), method="exact",
                       namespace={}, clock=group.clock, name=f"{synapses.name}_{side}_traces")
    # The group's spikes reset these: after every synapse has read, as resets are.
    held.variables.add_reference("_spikespace", group)
    held.event_codes["spike"] = "\n".join(trace.statement for trace in traces)
    resetter = Resetter(held)
    held.resetter["spike"] = resetter
    held.contained_objects.append(resetter)
    synapses.contained_objects.append(held)
    for trace in traces:
        synapses.variables.add_reference(f"{trace.name}_{side}", held, trace.name,
                                         index=_INDEX[side])
