"""Run a network's Brian2 objects in Python: slower, for teaching and debugging.

The same objects, text and variables as in the compiled program, with Brian2's
numpy or Cython target; results agree statistically, not spike by spike.
"""

import contextlib

import brian2
import numpy as np
from brian2.devices.device import reset_device

from brianmem.errors import EngineError


class RuntimeEngine:
    """Offer `Program.run` without a C++ compiler.

    target : "numpy" or "cython"; the user's preference, device, seed and logging
    are as before after each run.
    """

    def __init__(self, structure, target="numpy"):
        self.structure, self.target = structure, target

    def run(self, inputs, outputs):
        """Run once; see `Program.run`."""
        inputs = dict(inputs)
        with _own_settings(self.target, inputs.get("schedule.seed", 0)):
            network = brian2.Network(self.structure.create())
            for name, value in inputs.items():
                _set(network, name, value)
            network.run(1e6 * brian2.second, namespace={})
            return {name: _get(network, name) for name in outputs}


@contextlib.contextmanager
def _own_settings(target, seed):
    state = np.random.get_state()
    before = brian2.prefs.codegen.target
    standalone = brian2.get_device().__class__.__name__ != "RuntimeDevice"
    if standalone:
        brian2.set_device("runtime")
    try:
        brian2.prefs.codegen.target = target
        brian2.seed(int(seed))
        yield
    finally:
        brian2.prefs.codegen.target = before
        brian2.seed()
        np.random.set_state(state)
        if standalone:
            reset_device()


def _tables(network):
    tables = {}
    for group in network.sorted_objects:
        for value in (getattr(group, "namespace", None) or {}).values():
            if isinstance(value, brian2.TimedArray):
                tables[value.name] = value
    return tables


def _set(network, name, value):
    group, _, variable = name.partition(".")
    if not variable:
        if name not in _tables(network):
            raise EngineError(f"the network has no table '{name}'.")
        table = _tables(network)[name]
        table.values[...] = np.reshape(value, table.values.shape)
        return
    owner = _owner(network, group, variable)
    array = np.asarray(value)
    owner.variables[variable].set_value(array if array.ndim else array.item())


def _get(network, name):
    group, _, variable = name.partition(".")
    return np.ravel(np.array(_owner(network, group, variable).variables[variable].get_value()))


def _owner(network, group, variable):
    # Compiled programs know the delays of a pathway by the name of its synapses.
    for name in (group, f"{group}_pre"):
        for candidate in network.sorted_objects:
            if candidate.name == name and variable in candidate.variables:
                return candidate
    raise EngineError(f"the network has no variable '{group}.{variable}'.")
